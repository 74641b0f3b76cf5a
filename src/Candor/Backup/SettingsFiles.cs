namespace Candor.Backup;

/// <summary>The files of a data folder that a backup takes along: the catalog as it was written, changed texts, the recipient. Never the root key, never mail.</summary>
public static class SettingsFiles
{
    /// <summary>Public half of the backup key.</summary>
    public const string Recipient = "backup-recipient.txt";

    private const int MaxDepth = 3;
    private static readonly string[] Files = ["candor.yaml", "candor.schema.json", Recipient];
    private static readonly string[] Folders = ["texts", "training"];

    /// <summary>Paths below the folder, with <c>/</c>, in a fixed order.</summary>
    public static IReadOnlyList<string> In(string folder) =>
    [
        .. Files.Where(f => File.Exists(Path.Combine(folder, f))),
        .. Folders.Select(f => Path.Combine(folder, f)).Where(Directory.Exists)
            .SelectMany(f => Directory.EnumerateFiles(f, "*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = MaxDepth - 2, AttributesToSkip = FileAttributes.ReparsePoint }))
            .Select(f => Path.GetRelativePath(folder, f).Replace(Path.DirectorySeparatorChar, '/')).Where(IsOne).Order(StringComparer.Ordinal),
    ];

    /// <summary>True for a path that a backup may put into a data folder.</summary>
    public static bool IsOne(string path)
    {
        var parts = path.Split('/');
        return Files.Contains(path) || (parts.Length is > 1 and <= MaxDepth && Folders.Contains(parts[0]) && parts.All(IsPlain));
    }

    private static bool IsPlain(string part) =>
        part.Length is > 0 and <= 100 && part.Trim('.').Length > 0 && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
}
