using Candor.Audit;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Backup;

/// <summary>What a verification found.</summary>
/// <param name="LogSize">Entries of the log that were recomputed; null for a PostgreSQL dump, whose log is verified when it is put back.</param>
/// <param name="Findings">What is wrong with the log; empty when it is whole.</param>
public sealed record CheckedBackup(BackupManifest Manifest, long? LogSize, IReadOnlyList<LogFinding> Findings);

/// <summary>Opens a backup and looks it over, without putting it anywhere.</summary>
public static class BackupCheck
{
    /// <param name="outside">A checkpoint kept elsewhere, a signed note; null for none. The log in the backup must begin with it, or end before it.</param>
    /// <param name="logKey">The log's key as its owner knows it; null to take the one in the backup at its word.</param>
    /// <param name="workFolder">A folder for the opened copy, made for this and gone afterwards.</param>
    public static async Task<CheckedBackup> RunAsync(
        string file, BackupIdentity identity, string? outside, string? logKey, string workFolder, TimeProvider clock, IProgress<long>? progress, CancellationToken ct)
    {
        await using var backup = await BackupReader.OpenAsync(file, identity, ct);
        RefuseOtherKey(backup.Manifest, logKey);
        var key = NoteKey.Parse(backup.Manifest.LogKey);
        var inside = backup.OpenCheckpoint();
        var kept = outside is null ? null : Audit.Checkpoint.Parse(SignedNote.Open(outside, key));
        await foreach (var _ in backup.FilesAsync(ct))
        {
        }

        if (backup.Manifest.Engine == PostgresDatabase.EngineName)
        {
            await PostgresPlace.ReadThroughAsync(backup.Content(), ct);
            await backup.FinishAsync(ct);
            return new CheckedBackup(backup.Manifest, null, []);
        }

        using var work = WorkFolder.Make(workFolder);
        var place = new SqlitePlace(Path.Combine(work.Path, "check.db"));
        await place.PutBackAsync(backup.Content(), ct);
        await backup.FinishAsync(ct);
        await using var database = await place.OpenAsync(clock, ct);
        var report = await VerifyAsync(database, key, inside, kept, progress, ct);
        return new CheckedBackup(backup.Manifest, report.Size, report.Findings);
    }

    /// <summary>The log against the checkpoint inside, and against the one kept outside if that is not newer than the backup.</summary>
    internal static async Task<LogReport> VerifyAsync(Database database, NoteKey key, Audit.Checkpoint inside, Audit.Checkpoint? kept, IProgress<long>? progress, CancellationToken ct)
    {
        var report = await new LogVerifier(database, key).VerifyAsync(inside, progress, ct);
        return report.IsSound && kept is not null && kept.Size <= report.Size ? await new LogVerifier(database, key).VerifyAsync(kept, null, ct) : report;
    }

    internal static void RefuseOtherKey(BackupManifest manifest, string? logKey)
    {
        if (logKey is not null && NoteKey.Parse(logKey).ToString() != manifest.LogKey)
        {
            throw new Fault(FaultKind.Conflict, "backup/other-log", $"The log in this backup is checked by `{manifest.LogKey}`, which is not the key given.");
        }
    }
}
