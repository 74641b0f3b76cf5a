using Candor.Audit;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Backup;

/// <summary>Puts a backup into an empty data folder. What is there afterwards is closed until <see cref="RestoreEnd"/> has run.</summary>
public static class BackupRestore
{
    private const string WorkName = "restore-work";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>What may lie in the folder before: a root key that was put there first, and what an interrupted run has left.</summary>
    private static readonly string[] Expected = ["root.key", WorkName];

    /// <param name="dataFolder">Made when it is not there.</param>
    /// <param name="database">Name of the database file in it, for SQLite.</param>
    /// <param name="place">An empty PostgreSQL database; null for SQLite.</param>
    /// <exception cref="Fault">Conflict when something is there already; Invalid or Unavailable when the backup is not whole. Nothing usable is left then.</exception>
    public static async Task<CheckedBackup> RunAsync(
        string file, BackupIdentity identity, string dataFolder, string database, PostgresPlace? place, TimeProvider clock, IProgress<long>? progress, CancellationToken ct)
    {
        RefuseUsed(dataFolder);
        await using var backup = await BackupReader.OpenAsync(file, identity, ct);
        var engine = place?.Engine ?? SqliteDatabase.EngineName;
        if (backup.Manifest.Engine != engine)
        {
            throw new Fault(FaultKind.Conflict, "backup/other-engine", $"This backup is of a `{backup.Manifest.Engine}` database and would be put into `{engine}`; {(place is null ? "name an empty one with `--postgres`" : "leave `--postgres` out")}.");
        }

        if (place is not null)
        {
            await place.RefuseUsedAsync(ct);
        }

        MakeFolder(dataFolder);
        using var work = WorkFolder.Make(Path.Combine(dataFolder, WorkName));
        var (settings, made) = (await TakeSettingsAsync(backup, ct), Path.Combine(work.Path, database));
        CopyPlace target = place is null ? new SqlitePlace(made) : place;
        await target.PutBackAsync(backup.Content(), ct);
        await backup.FinishAsync(ct);
        var report = await LookAsync(target, backup, clock, progress, ct);
        WriteSettings(dataFolder, settings);
        if (place is null)
        {
            File.Move(made, Path.Combine(dataFolder, database));
        }

        return new CheckedBackup(backup.Manifest, report.Size, report.Findings);
    }

    /// <summary>Marks the database as one from a backup before anything else, then verifies it.</summary>
    private static async Task<LogReport> LookAsync(CopyPlace target, BackupReader backup, TimeProvider clock, IProgress<long>? progress, CancellationToken ct)
    {
        await using var restored = await target.OpenAsync(clock, ct);
        var manifest = backup.Manifest;
        var inside = backup.OpenCheckpoint();
        await restored.WriteAsync(tx => RestoredMode.MarkAsync(tx, new RestoredMark(BackupMaker.IdOf(manifest.MadeAt), Micros.From(manifest.MadeAt), inside.Size, inside.Root), ct), ct);
        var report = await BackupCheck.VerifyAsync(restored, NoteKey.Parse(manifest.LogKey), inside, null, progress, ct);
        return report.IsSound ? report
            : throw new Fault(FaultKind.Unavailable, "backup/log-not-whole", $"The log in this backup does not verify: {report.Findings[0].Sentence} Take an older backup.");
    }

    private static void RefuseUsed(string folder)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).FirstOrDefault(e => !Expected.Contains(Path.GetFileName(e))) is { } other)
        {
            throw new Fault(FaultKind.Conflict, "backup/folder-in-use", $"`{folder}` is not empty: it holds `{Path.GetFileName(other)}`; a backup is put back into an empty folder alone.");
        }
    }

    private static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnerOnly);
        }
    }

    private static async Task<IReadOnlyList<(string Path, byte[] Content)>> TakeSettingsAsync(BackupReader backup, CancellationToken ct)
    {
        var settings = new List<(string, byte[])>();
        await foreach (var file in backup.FilesAsync(ct))
        {
            settings.Add(file);
        }

        return settings;
    }

    private static void WriteSettings(string folder, IReadOnlyList<(string Path, byte[] Content)> settings)
    {
        foreach (var (path, content) in settings)
        {
            var target = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllBytes(target, content);
        }
    }
}
