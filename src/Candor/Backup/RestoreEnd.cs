using System.Globalization;
using Candor.Audit;
using Candor.Kernel;
using Candor.Rights;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Backup;

/// <summary>What bringing a restored database up to date came to.</summary>
/// <param name="LostEntries">Entries that the log had after the backup and that are gone with the database.</param>
/// <param name="Sessions">Sessions ended: nobody can tell which had been ended since the backup.</param>
public sealed record RestoreReport(ReplayReport Replay, long LostEntries, int Sessions);

/// <summary>Does again in a restored database what the ledger knows and the backup does not, and opens it. There is no way around the ledger.</summary>
public static class RestoreEnd
{
    /// <summary>First step, with the database alone: gives it the key-encryption keys that the ledger carries. Without them nothing in it can be opened.</summary>
    /// <exception cref="Fault">NotFound <c>backup/not-restored</c>; Invalid when the text is no ledger; Unavailable when the root key is another one.</exception>
    public static async Task PutKeysBackAsync(Database database, string ledger, RootKey root, CancellationToken ct)
    {
        var keks = LedgerFile.KeksOf(ledger);
        await database.WriteAsync(async tx =>
        {
            if (await RestoredMode.FindAsync(tx, ct) is null)
            {
                throw new Fault(FaultKind.NotFound, "backup/not-restored", "This database does not come from a backup, or was brought up to date already; there is nothing to finish.");
            }

            if (!keks.Any(k => k.State == "active" && k.Wrapped is not null))
            {
                throw new Fault(FaultKind.Invalid, "backup/not-a-ledger", $"This file is no erasure ledger with the keys; it is the `{LedgerKeeper.FileName}` beside the backups, or what `candor erase ledger` writes.");
            }

            await KekRows.PutBackAsync(tx, keks, root, ct);
        }, ct);
    }

    /// <summary>Second step: checks the ledger, does again what it knows, ends all sessions, and opens the database.</summary>
    /// <param name="checkpoint">The newest checkpoint that was kept outside, a signed note; null when there is none.</param>
    public static async Task<RestoreReport> RunAsync(Database database, AuditLog log, CheckpointSigner checkpoints, LedgerReplay replay, string ledger, string? checkpoint, CancellationToken ct)
    {
        var file = LedgerFile.Parse(ledger, replay.Key);
        var known = checkpoint is null ? null : Audit.Checkpoint.Parse(SignedNote.Open(checkpoint, checkpoints.Key));
        var mark = await database.ReadAsync(async tx => await RestoredMode.FindAsync(tx, ct) ?? throw new InvalidOperationException("The first step found a mark."), ct);
        RefuseOther(file.Log, log.Origin);
        await RefuseOldAsync(database, file, known, mark, ct);
        var report = await replay.DoAgainAsync(file, ct);
        return await database.WriteAsync(async tx =>
        {
            var lost = Math.Max(file.Log.Size, known?.Size ?? 0) - mark.LogSize;
            var sessions = await SessionEnd.EndAllAsync(tx, ct);
            await log.AppendAsync(tx, new AuditEvent
            {
                Kind = AuditKind.System, Actor = "system:restore", Reason = "restored",
                Subject = string.Create(CultureInfo.InvariantCulture, $"backup:{mark.LogSize} known:{mark.LogSize + lost} erased:{report.Erased} stopped:{report.Stopped}"),
            }, ct);
            // The one that this database comes from was being made when it was copied.
            await BackupRows.GiveUpAsync(tx, tx.Now, ct);
            await RestoredMode.FinishAsync(tx, file.Log.Size, ct);
            return new RestoreReport(report, lost, sessions);
        }, ct);
    }

    private static void RefuseOther(Audit.Checkpoint ledger, string origin)
    {
        if (ledger.Origin != origin)
        {
            throw new Fault(FaultKind.Conflict, "backup/other-log", $"The ledger goes with the log `{Name.Shown(ledger.Origin)}`, and this database has `{origin}`.");
        }
    }

    /// <summary>The ledger must know at least as much as the backup and as the checkpoint from outside; and where they overlap, they must be of one log.</summary>
    private static Task RefuseOldAsync(Database database, LedgerFile file, Audit.Checkpoint? known, RestoredMark mark, CancellationToken ct) => database.ReadAsync(async tx =>
    {
        var ledger = file.Log;
        if ((await RestoredMode.FinishedAsync(tx, ct)).Except(file.Restores).Any())
        {
            throw new Fault(FaultKind.Conflict, "backup/old-ledger", "The ledger is from before a restore that this backup already knows: an erasure after it would be missing. Take the newest ledger.");
        }

        var newest = Math.Max(mark.LogSize, known?.Size ?? 0);
        if (ledger.Size < newest)
        {
            throw new Fault(FaultKind.Conflict, "backup/old-ledger",
                $"The ledger goes with a log of `{ledger.Size}` entries, and one of `{newest}` is known: an erasure after it would be missing. Take the newest ledger.");
        }

        foreach (var head in new[] { ledger, known }.OfType<Audit.Checkpoint>().Where(h => h.Size <= mark.LogSize))
        {
            if (!(await LogTree.RootAsync(tx, head.Size, ct)).AsSpan().SequenceEqual(head.Root))
            {
                throw new Fault(FaultKind.Conflict, "backup/other-log", $"The log in this backup does not begin with the `{head.Size}` entries that the ledger or the checkpoint goes with.");
            }
        }

        return known is null || known.Size != ledger.Size || known.Root.AsSpan().SequenceEqual(ledger.Root)
            ? true
            : throw new Fault(FaultKind.Conflict, "backup/other-log", $"The ledger and the checkpoint speak of two different logs of `{known.Size}` entries.");
    }, ct);
}
