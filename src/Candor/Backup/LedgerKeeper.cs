using System.Text;
using Candor.Audit;
using Candor.Kernel;
using Candor.Rights;
using Candor.Storage;

namespace Candor.Backup;

/// <summary>Keeps the newest erasure ledger beside the backups: without it none of them can be used.</summary>
public sealed class LedgerKeeper(Database database, AuditLog log, LedgerReplay replay)
{
    /// <summary>The one file, which each newer ledger replaces: an older one would still hold a key that is destroyed by now.</summary>
    public const string FileName = "erasure-ledger.txt";

    private const int SequenceBatch = 2_000;
    private (string Folder, long Size)? written;

    /// <summary>Writes the ledger if anything was logged since the last time.</summary>
    /// <returns>True when it wrote.</returns>
    public async Task<bool> KeepAsync(string folder, CancellationToken ct)
    {
        await PlaceEntriesAsync(ct);
        var (size, _) = await database.ReadAsync(tx => log.HeadAsync(tx, ct), ct);
        if (written == (folder, size) && File.Exists(PathIn(folder)))
        {
            return false;
        }

        await WriteAsync(folder, ct);
        return true;
    }

    /// <summary>Writes the ledger as of now. A reader sees the old one or the new one, whole.</summary>
    public async Task WriteAsync(string folder, CancellationToken ct)
    {
        await PlaceEntriesAsync(ct);
        var text = await replay.ExportAsync(ct);
        await ReplacedFile.WriteAsync(PathIn(folder), Encoding.UTF8.GetBytes(text), ct);
        written = (folder, LedgerFile.Parse(text, replay.Key).Log.Size);
    }

    /// <summary>A database that is older than the ledger beside its backups was put back to an earlier state by other means; it is closed until that is done again.</summary>
    /// <exception cref="Fault">Unavailable <c>backup/restored</c>, or Invalid when the ledger is of another installation.</exception>
    public async Task RefuseOlderAsync(string folder, CancellationToken ct)
    {
        if (!File.Exists(PathIn(folder)))
        {
            return;
        }

        var ledger = LedgerFile.Parse(await File.ReadAllTextAsync(PathIn(folder), ct), replay.Key);
        var mark = await database.WriteAsync(async tx =>
        {
            var (size, root) = await log.HeadAsync(tx, ct);
            if (size >= ledger.Log.Size || ledger.Log.Size <= await RestoredMode.TakenLedgerSizeAsync(tx, ct))
            {
                return null;
            }

            var found = new RestoredMark($"older-than-ledger-{ledger.Log.Size}", tx.NowUs, size, root);
            await RestoredMode.MarkAsync(tx, found, ct);
            return await RestoredMode.FindAsync(tx, ct);
        }, ct);
        if (mark is not null)
        {
            throw new Fault(FaultKind.Unavailable, RestoredMode.What,
                $"The log has `{mark.LogSize}` entries and the ledger in `{folder}` goes with one of `{ledger.Log.Size}`: this database was put back to an earlier state; nothing is read until `candor restore finish --ledger FILE` has done again what happened since.");
        }
    }

    public static string PathIn(string folder) => Path.Combine(folder, FileName);

    /// <summary>PostgreSQL: gives all waiting entries their place, so that the checkpoint covers what was done until now.</summary>
    internal async Task PlaceEntriesAsync(CancellationToken ct)
    {
        while (database.IsClustered && await log.SequenceAsync(SequenceBatch, ct) == SequenceBatch)
        {
        }
    }
}
