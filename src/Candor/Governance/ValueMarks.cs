using Candor.Kernel;
using Candor.Storage;

namespace Candor.Governance;

/// <summary>How often something was found in a data point that was not declared for it.</summary>
/// <param name="Values">In how many values: the field, or records of the history.</param>
/// <param name="Oldest">When the oldest of them was, or was last changed.</param>
public sealed record FoundCount(DataPointId DataPoint, FoundKind Kind, long Values, long Customers, DateTimeOffset Oldest);

/// <summary>A place where something was found: no more than is needed to find it again.</summary>
/// <param name="RecordId">Empty for a field.</param>
internal sealed record ValueMark(string CustomerId, string DataPoint, string RecordId, FoundKind Kind, long TimeUs);

/// <summary>Where something was found, kept until it is gone or the customer is.</summary>
public static class ValueMarks
{
    /// <summary>Kind of the mark of somebody who could not be looked at: every use of theirs is held still, or something cannot be opened.</summary>
    private const string Waiting = "waiting";

    /// <summary>What was found, by data point and kind.</summary>
    public static async ValueTask<IReadOnlyList<FoundCount>> CountAsync(Transaction tx, CancellationToken ct)
    {
        var found = new List<FoundCount>();
        // Read by hand: SQLite gives computed columns no type while there is no row.
        await using var row = await tx.Prepared(
            "SELECT data_point, kind, COUNT(*), COUNT(DISTINCT customer_id), MIN(time_us) FROM value_mark WHERE data_point <> '' GROUP BY data_point, kind ORDER BY data_point, kind").ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
        {
            found.Add(new FoundCount(DataPointId.Parse(row.GetString(0)), Enum.Parse<FoundKind>(row.GetString(1)), row.GetInt64(2), row.GetInt64(3), Micros.ToInstant(row.GetInt64(4))));
        }

        return found;
    }

    /// <summary>How many customers could not be looked at.</summary>
    public static async ValueTask<long> WaitingAsync(Transaction tx, CancellationToken ct) =>
        await tx.FindAsync<long>("SELECT COUNT(*) FROM value_mark WHERE data_point = '' AND kind = @Waiting", new { Waiting }, ct);

    /// <summary>Some customers with a kind in a data point, in order.</summary>
    /// <param name="after">Exclusive; empty: from the first.</param>
    internal static async ValueTask<IReadOnlyList<CustomerId>> CustomersAsync(Transaction tx, DataPointId point, FoundKind kind, string after, int most, CancellationToken ct) =>
    [
        .. (await tx.QueryAsync<string>(
                "SELECT DISTINCT customer_id FROM value_mark WHERE data_point = @Point AND kind = @Kind AND customer_id > @after ORDER BY customer_id LIMIT @Most",
                new { Point = point.Value, Kind = kind.ToString(), after, Most = (long)most }, ct)).Select(CustomerId.Parse),
    ];

    /// <summary>Who of some customers has a mark.</summary>
    /// <param name="after">Exclusive.</param>
    /// <param name="last">Inclusive.</param>
    internal static async ValueTask<IReadOnlySet<CustomerId>> MarkedAsync(Transaction tx, string after, string last, CancellationToken ct) =>
        (await tx.QueryAsync<string>("SELECT DISTINCT customer_id FROM value_mark WHERE customer_id > @after AND customer_id <= @last", new { after, last }, ct)).Select(CustomerId.Parse).ToHashSet();

    /// <summary>Puts a customer's marks in place of those before. INVARIANT: the caller holds the customer's lock and has seen that they are there.</summary>
    internal static async ValueTask PutAsync(Transaction tx, CustomerId customer, IEnumerable<ValueMark> marks, CancellationToken ct)
    {
        await EraseAsync(tx, customer, ct);
        foreach (var mark in marks)
        {
            await InsertAsync(tx, mark.CustomerId, mark.DataPoint, mark.RecordId, mark.Kind.ToString(), mark.TimeUs, ct);
        }
    }

    /// <summary>Marks that a customer has to be looked at another time; what is known of them stays.</summary>
    internal static ValueTask WaitAsync(Transaction tx, CustomerId customer, CancellationToken ct) => InsertAsync(tx, customer.Value, "", "", Waiting, tx.NowUs, ct);

    internal static async ValueTask RemoveAsync(Transaction tx, CustomerId customer, DataPointId point, string recordId, FoundKind kind, CancellationToken ct) => await tx.RunAsync(
        "DELETE FROM value_mark WHERE customer_id = @Customer AND data_point = @Point AND record_id = @recordId AND kind = @Kind",
        new { Customer = customer.Value, Point = point.Value, recordId, Kind = kind.ToString() }, ct);

    /// <summary>Forgets a customer.</summary>
    public static async ValueTask EraseAsync(Transaction tx, CustomerId customer, CancellationToken ct) => await tx.RunAsync("DELETE FROM value_mark WHERE customer_id = @Value", new { customer.Value }, ct);

    private static async ValueTask InsertAsync(Transaction tx, string customer, string point, string record, string kind, long timeUs, CancellationToken ct) => await tx.RunAsync(
        """
        INSERT INTO value_mark (customer_id, data_point, record_id, kind, time_us) VALUES (@customer, @point, @record, @kind, @timeUs)
        ON CONFLICT (customer_id, data_point, record_id, kind) DO UPDATE SET time_us = excluded.time_us
        """, new { customer, point, record, kind, timeUs }, ct);
}
