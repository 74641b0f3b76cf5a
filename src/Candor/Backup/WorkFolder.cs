namespace Candor.Backup;

/// <summary>A folder in which a copy of the database lies for a moment. Its owner's alone, and empty again afterwards: after a kill, at the next start.</summary>
public sealed class WorkFolder : IDisposable
{
    private const int ZeroBytes = 1 << 20;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private WorkFolder(string path) => Path = path;

    public string Path { get; }

    /// <summary>Makes the folder, and takes away what an earlier one has left.</summary>
    public static WorkFolder Make(string path)
    {
        Clean(path);
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerOnly);
        }

        return new WorkFolder(path);
    }

    /// <summary>Overwrites and removes what lies there; the copy holds wrapped keys of customers who may be erased by now.</summary>
    public static void Clean(string path)
    {
        if (!Directory.Exists(path))
        {
            return;
        }

        foreach (var file in Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories))
        {
            Overwrite(file);
        }

        Directory.Delete(path, recursive: true);
    }

    public void Dispose() => Clean(Path);

    private static void Overwrite(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        var zeros = new byte[ZeroBytes];
        for (var left = file.Length; left > 0; left -= zeros.Length)
        {
            file.Write(zeros, 0, (int)Math.Min(left, zeros.Length));
        }

        file.Flush(flushToDisk: true);
    }
}
