using Candor.Kernel;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Governance;

/// <summary>How much is stored of each data point, counted once a day a page of customers at a time, so that nothing waits for it.</summary>
public sealed class StockBook(Database database, PersonalVault vault)
{
    private const int Page = 2_000;
    private static readonly TimeSpan Every = TimeSpan.FromDays(1);

    private sealed record Row(string DataPoint, long Records, long Customers, long OldestUs, long NewestUs, long SameInstant);

    /// <summary>Counts when the last count is a day old, or there is none.</summary>
    /// <returns>1 when it counted.</returns>
    public async Task<int> CountDueAsync(CancellationToken ct)
    {
        var (counted, now) = await database.ReadAsync(async tx => (await CountedAtAsync(tx, ct), tx.Now), ct);
        if (counted > now - Every)
        {
            return 0;
        }

        await CountAsync(ct);
        return 1;
    }

    /// <summary>Counts everything that is stored.</summary>
    public async Task CountAsync(CancellationToken ct)
    {
        var stock = new Dictionary<DataPointId, Stock>();
        for (var after = ""; await CountPageAsync(after, ct) is var (last, found) && last.Length > 0; after = last)
        {
            foreach (var part in found)
            {
                stock[part.DataPoint] = stock.TryGetValue(part.DataPoint, out var so) ? so.With(part) : part;
            }
        }

        await database.WriteAsync(tx => KeepAsync(tx, stock.Values, ct), ct);
    }

    /// <summary>What was last counted.</summary>
    public static async ValueTask<IReadOnlyDictionary<DataPointId, Stock>> ReadAsync(Transaction tx, CancellationToken ct) =>
        (await tx.QueryAsync<Row>("SELECT data_point, records, customers, oldest_us, newest_us, same_instant FROM stock_count WHERE records > 0", null, ct))
            .Select(r => new Stock(DataPointId.Parse(r.DataPoint), r.Records, r.Customers, Micros.ToInstant(r.OldestUs), Micros.ToInstant(r.NewestUs), r.SameInstant)).ToDictionary(s => s.DataPoint);

    /// <summary>When it was last counted; null: never.</summary>
    public static async ValueTask<DateTimeOffset?> CountedAtAsync(Transaction tx, CancellationToken ct) =>
        Micros.ToInstant(await tx.FindAsync<long?>("SELECT MAX(counted_at_us) FROM stock_count", null, ct));

    /// <summary>The last customer of a page, empty when there is none, and what is stored of all of it.</summary>
    private Task<(string Last, IReadOnlyList<Stock> Found)> CountPageAsync(string after, CancellationToken ct) => database.ReadAsync(async tx =>
    {
        var ids = await vault.IdsAsync(tx, after, Page, ct);
        return ids.Count == 0 ? ("", (IReadOnlyList<Stock>)[]) : (ids[^1].Value, await VaultStock.CountAsync(tx, after, ids[^1].Value, ct));
    }, ct);

    private static async ValueTask KeepAsync(Transaction tx, IEnumerable<Stock> stock, CancellationToken ct)
    {
        await tx.LockJobAsync("stock", ct);
        await tx.RunAsync("DELETE FROM stock_count", null, ct);
        // One row that is always there tells when it was counted, even when nothing is stored.
        await InsertAsync(tx, new Row("", 0, 0, tx.NowUs, tx.NowUs, 0), ct);
        foreach (var s in stock)
        {
            await InsertAsync(tx, new Row(s.DataPoint.Value, s.Records, s.Customers, Micros.From(s.Oldest), Micros.From(s.Newest), s.SameInstant), ct);
        }
    }

    private static async ValueTask InsertAsync(Transaction tx, Row row, CancellationToken ct) => await tx.RunAsync(
        """
        INSERT INTO stock_count (data_point, records, customers, oldest_us, newest_us, same_instant, counted_at_us)
        VALUES (@DataPoint, @Records, @Customers, @OldestUs, @NewestUs, @SameInstant, @NowUs)
        """, new { row.DataPoint, row.Records, row.Customers, row.OldestUs, row.NewestUs, row.SameInstant, tx.NowUs }, ct);
}
