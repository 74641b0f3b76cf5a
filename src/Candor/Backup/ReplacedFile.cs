namespace Candor.Backup;

/// <summary>Files that are there whole or not at all: written beside, brought to disk, then given their name.</summary>
internal static class ReplacedFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Ending of a file that is not finished; one that is left over is of no use.</summary>
    public const string Unfinished = ".part";

    public static Task WriteAsync(string path, byte[] content, CancellationToken ct) => WriteAsync(path, async file => await file.WriteAsync(content, ct));

    /// <summary>Writes by <paramref name="write"/>; when that fails, nothing is left and an older file stays as it was.</summary>
    public static async Task WriteAsync(string path, Func<FileStream, Task> write)
    {
        var part = path + Unfinished;
        File.Delete(part);
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 1 << 18 };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = OwnerOnly;
            }

            await using (var file = new FileStream(part, options))
            {
                await write(file);
                file.Flush(flushToDisk: true);
            }

            File.Move(part, path, overwrite: true);
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }
}
