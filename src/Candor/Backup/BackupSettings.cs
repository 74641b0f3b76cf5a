using Candor.Kernel;

namespace Candor.Backup;

/// <summary>Where backups go by themselves, and how many stay.</summary>
/// <param name="Folder">Best on another machine or volume.</param>
/// <param name="Every">How often one is made; a day at least.</param>
/// <param name="Kept">How many stay; older ones are removed. 1 to 10,000.</param>
public sealed record BackupSettings(string Folder, Period Every, int Kept)
{
    public const int MostKept = 10_000;
}

/// <summary>How far a backup is.</summary>
/// <param name="Step"><c>copying</c>, <c>checking</c> or <c>sealing</c>.</param>
/// <param name="Share">Of all, 0 to 1.</param>
public sealed record BackupProgress(string Step, double Share);
