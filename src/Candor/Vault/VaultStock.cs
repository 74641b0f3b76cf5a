using Candor.Kernel;
using Candor.Storage;

namespace Candor.Vault;

/// <summary>How much is stored of one data point. Nothing is opened to tell.</summary>
/// <param name="Records">Values of a field, or records of a history.</param>
/// <param name="Customers">Whose they are.</param>
/// <param name="Oldest">Time of the oldest record, or when the field that is longest unchanged last changed.</param>
/// <param name="SameInstant">Records of a customer beyond the first of the same instant: lines of one order, or what came twice under two ids.</param>
public sealed record Stock(DataPointId DataPoint, long Records, long Customers, DateTimeOffset Oldest, DateTimeOffset Newest, long SameInstant)
{
    /// <summary>Of two different sets of customers together.</summary>
    internal Stock With(Stock other) => new(
        DataPoint, Records + other.Records, Customers + other.Customers, Oldest < other.Oldest ? Oldest : other.Oldest, Newest > other.Newest ? Newest : other.Newest, SameInstant + other.SameInstant);
}

/// <summary>Counts what is stored.</summary>
public static class VaultStock
{
    private sealed record Row(string DataPoint, long Records, long Customers, long OldestUs, long NewestUs, long SameInstant);

    /// <summary>Counts what is stored of some customers.</summary>
    /// <param name="after">Exclusive; empty: from the first.</param>
    /// <param name="last">Inclusive.</param>
    public static async ValueTask<IReadOnlyList<Stock>> CountAsync(Transaction tx, string after, string last, CancellationToken ct) =>
    [
        .. (await tx.QueryAsync<Row>(
                """
                SELECT data_point, COUNT(*) AS records, COUNT(*) AS customers, MIN(changed_at_us) AS oldest_us, MAX(changed_at_us) AS newest_us, 0 AS same_instant
                    FROM sealed_field WHERE customer_id > @after AND customer_id <= @last GROUP BY data_point
                UNION ALL SELECT data_point, COUNT(*), COUNT(DISTINCT customer_id), MIN(time_us), MAX(time_us), COUNT(*) - COUNT(DISTINCT customer_id || '/' || time_us)
                    FROM sealed_record WHERE customer_id > @after AND customer_id <= @last GROUP BY data_point
                """, new { after, last }, ct))
            .Select(r => new Stock(DataPointId.Parse(r.DataPoint), r.Records, r.Customers, Micros.ToInstant(r.OldestUs), Micros.ToInstant(r.NewestUs), r.SameInstant)),
    ];

    /// <summary>When something was last stored of each of some customers; who has nothing is left out.</summary>
    /// <param name="after">Exclusive; empty: from the first.</param>
    /// <param name="last">Inclusive.</param>
    public static async ValueTask<IReadOnlyDictionary<CustomerId, DateTimeOffset>> LastStoredAsync(Transaction tx, string after, string last, CancellationToken ct)
    {
        var found = new Dictionary<CustomerId, DateTimeOffset>();
        // Read by hand: SQLite gives computed columns no type while there is no row.
        await using var row = await tx.Prepared(
            """
            SELECT customer_id, MAX(changed_at_us) FROM sealed_field WHERE customer_id > @after AND customer_id <= @last GROUP BY customer_id
            UNION ALL SELECT customer_id, MAX(stored_at_us) FROM sealed_record WHERE customer_id > @after AND customer_id <= @last GROUP BY customer_id
            """).Set("@after", after).Set("@last", last).ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
        {
            var (customer, at) = (CustomerId.Parse(row.GetString(0)), Micros.ToInstant(row.GetInt64(1)));
            found[customer] = found.TryGetValue(customer, out var so) && so > at ? so : at;
        }

        return found;
    }
}
