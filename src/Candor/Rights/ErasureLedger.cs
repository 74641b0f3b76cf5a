using Candor.Kernel;
using Candor.Storage;

namespace Candor.Rights;

/// <summary>One line of the erasure ledger.</summary>
/// <param name="ErasedId">The customer's id while there was one: ours and random, so it leads to nobody but in a backup that still holds them.</param>
/// <param name="KeepUntilUs">When the last such backup is gone, and this line with it.</param>
/// <param name="EntryId">The log entry of the erasure.</param>
public sealed record ErasedRow(string ErasedId, long ErasedAtUs, long KeepUntilUs, string EntryId);

/// <summary>Who was erased, so that a restored backup cannot bring them back. Kept until the last backup that may hold them is gone.</summary>
public static class ErasureLedger
{
    private const string Columns = "erased_id, erased_at_us, keep_until_us, entry_id";

    /// <summary>Adds a line; one that is there stays as it is.</summary>
    internal static async ValueTask AddAsync(Transaction tx, ErasedRow row, CancellationToken ct) => await tx.RunAsync(
        "INSERT INTO erasure (erased_id, erased_at_us, keep_until_us, entry_id) VALUES (@ErasedId, @ErasedAtUs, @KeepUntilUs, @EntryId) ON CONFLICT (erased_id) DO NOTHING", row, ct);

    /// <summary>Adds a line, or puts it in place of the one that is there: the first erasure counts, because the backups' time began then.</summary>
    internal static async ValueTask SetAsync(Transaction tx, ErasedRow row, CancellationToken ct)
    {
        await tx.RunAsync("DELETE FROM erasure WHERE erased_id = @ErasedId AND erased_at_us > @ErasedAtUs", row, ct);
        await AddAsync(tx, row, ct);
    }

    /// <summary>The line of a customer; null when they were not erased, or so long ago that it is gone.</summary>
    public static async ValueTask<ErasedRow?> FindAsync(Transaction tx, CustomerId customer, CancellationToken ct) =>
        await tx.FindAsync<ErasedRow>("SELECT " + Columns + " FROM erasure WHERE erased_id = @Value", new { customer.Value }, ct);

    /// <summary>All lines, the oldest first.</summary>
    public static async ValueTask<IReadOnlyList<ErasedRow>> ListAsync(Transaction tx, CancellationToken ct) =>
        await tx.QueryAsync<ErasedRow>("SELECT " + Columns + " FROM erasure ORDER BY erased_at_us, erased_id", null, ct);

    /// <summary>Drops the lines whose last backup is gone.</summary>
    /// <returns>How many.</returns>
    public static async ValueTask<int> ForgetAsync(Transaction tx, CancellationToken ct) =>
        await tx.RunAsync("DELETE FROM erasure WHERE keep_until_us <= @NowUs", new { tx.NowUs }, ct);
}
