using System.Runtime.InteropServices;

namespace Candor.Kernel;

/// <summary>A small file that is replaced as a whole, and is on disk when the call returns.</summary>
public static class DurableFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes the content beside the file, on disk, and renames it into its place. Readable by its owner alone.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var beside = path + ".new";
        File.Delete(beside);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using (var stream = new FileStream(beside, options))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: true);
        if (!OperatingSystem.IsWindows())
        {
            SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
    }

    /// <summary>The rename itself is durable only when its folder is. The framework opens no folders, so the system is asked.</summary>
    private static void SyncFolder(string folder)
    {
        var handle = Open(folder, 0);
        if (handle < 0)
        {
            throw new IOException($"The folder `{folder}` cannot be opened ({Marshal.GetLastPInvokeErrorMessage()}).");
        }

        var failed = Sync(handle) != 0 ? Marshal.GetLastPInvokeErrorMessage() : null;
        _ = Close(handle);
        if (failed is not null)
        {
            throw new IOException($"The folder `{folder}` cannot be written to disk ({failed}).");
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true, BestFitMapping = false, ThrowOnUnmappableChar = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Sync(int handle);

    [DllImport("libc", EntryPoint = "close", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int handle);
}
