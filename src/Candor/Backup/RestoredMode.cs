using Candor.Kernel;
using Candor.Storage;

namespace Candor.Backup;

/// <summary>What a database says that comes from a backup and was not brought up to date yet.</summary>
/// <param name="MadeAtUs">When the backup was made.</param>
/// <param name="LogSize">Entries that its log had then.</param>
public sealed record RestoredMark(string RestoredId, long MadeAtUs, long LogSize, byte[] LogRoot);

/// <summary>Fail-closed: a database that comes from a backup is not opened for anything until the ledger was replayed.</summary>
/// <remarks>The mark is made in the copy itself, before it is sealed, and again when it is put back; so that it also stands in a database that somebody took out of a backup by hand.</remarks>
public static class RestoredMode
{
    public static async ValueTask MarkAsync(Transaction tx, RestoredMark mark, CancellationToken ct) => await tx.RunAsync(
        """
        INSERT INTO restored (restored_id, made_at_us, log_size, log_root) VALUES (@RestoredId, @MadeAtUs, @LogSize, @LogRoot)
        ON CONFLICT (restored_id) DO NOTHING
        """, mark, ct);

    /// <summary>The mark; null when this database may be used.</summary>
    public static async ValueTask<RestoredMark?> FindAsync(Transaction tx, CancellationToken ct) => await tx.FindAsync<RestoredMark>(
        "SELECT restored_id, made_at_us, log_size, log_root FROM restored WHERE finished_at_us IS NULL ORDER BY made_at_us DESC", null, ct);

    /// <param name="ledgerSize">Size of the log that the ledger went with.</param>
    public static async ValueTask FinishAsync(Transaction tx, long ledgerSize, CancellationToken ct) =>
        await tx.RunAsync("UPDATE restored SET finished_at_us = @NowUs, ledger_size = @ledgerSize WHERE finished_at_us IS NULL", new { tx.NowUs, ledgerSize }, ct);

    /// <summary>The restores that this database has been through. A ledger names them all, so that one from before a restore is not taken for a newer one.</summary>
    public static async ValueTask<IReadOnlyList<string>> FinishedAsync(Transaction tx, CancellationToken ct) =>
        await tx.QueryAsync<string>("SELECT restored_id FROM restored WHERE finished_at_us IS NOT NULL ORDER BY finished_at_us, restored_id", null, ct);

    /// <summary>Size of the largest log whose ledger was taken; 0 for a database that was never restored.</summary>
    public static async ValueTask<long> TakenLedgerSizeAsync(Transaction tx, CancellationToken ct) =>
        await tx.FindAsync<long>("SELECT coalesce(max(ledger_size), 0) FROM restored", null, ct);

    /// <exception cref="Fault">Unavailable <c>backup/restored</c> while the database is not brought up to date.</exception>
    public static async Task RefuseAsync(Database database, CancellationToken ct)
    {
        if (await database.ReadAsync(tx => FindAsync(tx, ct), ct) is { } mark)
        {
            throw Closed(mark);
        }
    }

    internal static Fault Closed(RestoredMark mark) => new(FaultKind.Unavailable, What, string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"This database comes from a backup of {Micros.ToInstant(mark.MadeAtUs):yyyy-MM-dd HH:mm} UTC, and who was erased or withdrew a consent since is not known to it yet; nothing is read until `candor restore finish --ledger FILE` has done that again."));

    /// <summary>Name of the fault.</summary>
    public const string What = "backup/restored";
}
