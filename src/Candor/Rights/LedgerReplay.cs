using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Reads;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Rights;

/// <summary>What a replay did.</summary>
/// <param name="Erased">Customers who were there again and are erased now.</param>
/// <param name="Gone">Customers who were not there any more.</param>
/// <param name="Stopped">Uses that the backup still allowed and that are stopped now.</param>
public sealed record ReplayReport(int Erased, int Gone, int Stopped);

/// <summary>Writes the erasure ledger to a file, and after a backup was put back does again what the ledger knows and the backup does not.</summary>
public sealed class LedgerReplay(Database database, CatalogRegister catalogs, ConsentLedger ledger, AuditLog log, CheckpointSigner checkpoints, NoteSigner signer, Erasure erasure, CustomerChoices choices)
{
    private Func<Transaction, CancellationToken, ValueTask<IReadOnlyList<string>>>? restores;

    /// <summary>Where the restores are known that this database has been through. At start only.</summary>
    public void RestoresFrom(Func<Transaction, CancellationToken, ValueTask<IReadOnlyList<string>>> list) => restores = list;

    /// <summary>The key that checks ledgers.</summary>
    public NoteKey Key => signer.Key;

    /// <summary>The ledger as of now, signed, with the state of the log that it goes with.</summary>
    public async Task<string> ExportAsync(CancellationToken ct)
    {
        // The head first, and the lines after it, where no writer waits: the lines may know more than the head, never less.
        var head = Audit.Checkpoint.Parse(SignedNote.Open(await database.WriteAsync(tx => checkpoints.SignAsync(tx, ct), ct), checkpoints.Key));
        return await database.ReadAsync(async tx =>
        {
            var kept = (await catalogs.GetActiveAsync(tx, ct)).Catalog.Organisation.BackupsKept;
            return new LedgerFile(head, await ErasureLedger.ListAsync(tx, ct), await ledger.StoppedSinceAsync(tx, kept.Before(tx.Now), ct), await KekRows.ListAsync(tx, ct))
            {
                Restores = restores is null ? [] : await restores(tx, ct),
            }.ToText(signer);
        }, ct);
    }

    /// <summary>Erases again who is in the ledger and still here, and stops again what was stopped after the backup. Doing it twice changes nothing.</summary>
    /// <param name="known">The newest checkpoint that was kept outside; null when there is none.</param>
    /// <param name="allowOlder">Take a ledger although the log is known to have gone on after it.</param>
    /// <exception cref="Fault">Conflict <c>rights/old-ledger</c> or <c>rights/other-log</c>; nothing is done then.</exception>
    public async Task<ReplayReport> RunAsync(LedgerFile file, Audit.Checkpoint? known, bool allowOlder, CancellationToken ct)
    {
        await CheckAsync(file.Log, known, allowOlder, ct);
        return await DoAgainAsync(file, ct);
    }

    /// <summary>The same for a ledger that was checked before.</summary>
    public async Task<ReplayReport> DoAgainAsync(LedgerFile file, CancellationToken ct)
    {
        var (erased, gone, stopped) = (0, 0, 0);
        foreach (var row in file.Erased)
        {
            var wasHere = await database.WriteAsync(tx => EraseAsync(tx, row, ct), ct);
            (erased, gone) = wasHere ? (erased + 1, gone) : (erased, gone + 1);
        }

        foreach (var use in file.Stopped)
        {
            stopped += await database.WriteAsync(tx => choices.StopAgainAsync(tx, use, "system:replay", ct), ct) ? 1 : 0;
        }

        await erasure.FinishAsync(ct);
        return new ReplayReport(erased, gone, stopped);
    }

    private async ValueTask<bool> EraseAsync(Transaction tx, ErasedRow row, CancellationToken ct)
    {
        var customer = CustomerId.Parse(row.ErasedId);
        var wasHere = await erasure.EraseIfHereAsync(tx, customer, "system:replay", ct) is not null;
        await ErasureLedger.SetAsync(tx, row, ct);
        return wasHere;
    }

    private Task<bool> CheckAsync(Audit.Checkpoint ledgerLog, Audit.Checkpoint? known, bool allowOlder, CancellationToken ct) => database.ReadAsync(async tx =>
    {
        if (ledgerLog.Origin != log.Origin || (known is not null && known.Origin != log.Origin))
        {
            throw new Fault(FaultKind.Conflict, "rights/other-log", $"The ledger goes with the log `{Name.Shown(ledgerLog.Origin)}`, and this installation has `{log.Origin}`.");
        }

        var (size, _) = await log.HeadAsync(tx, ct);
        if (size >= ledgerLog.Size && !(await LogTree.RootAsync(tx, ledgerLog.Size, ct)).AsSpan().SequenceEqual(ledgerLog.Root))
        {
            throw new Fault(FaultKind.Conflict, "rights/other-log", $"This log does not begin with the `{ledgerLog.Size}` entries that the ledger goes with; it is of another installation, or the log was changed.");
        }

        var newest = Math.Max(size, known?.Size ?? 0);
        return newest <= ledgerLog.Size || allowOlder
            ? true
            : throw new Fault(FaultKind.Conflict, "rights/old-ledger",
                $"The ledger goes with a log of `{ledgerLog.Size}` entries, and one of `{newest}` is known: an erasure after it may be missing. Take the newest ledger, or add `--older` if there is none.");
    }, ct);
}
