using Candor.Kernel;
using Candor.Storage;

namespace Candor.Vault;

/// <summary>How much there is of a data point.</summary>
public sealed record ValueCount(string DataPoint, long Total, long NewestUs);

/// <summary>What the vault holds of a customer, counted, gathered and removed without being opened.</summary>
public static class CustomerValues
{
    /// <summary>Loads every value of one data point: the field, or all records of the history.</summary>
    internal static async ValueTask LoadAllAsync(Transaction tx, CustomerId id, DataPointId dataPoint, List<SealedValue> values, CancellationToken ct)
    {
        await using (var row = await tx.Prepared("SELECT " + SealedValue.FieldColumns + " FROM sealed_field f WHERE f.customer_id = @id AND f.data_point = @point")
            .Set("@id", id.Value).Set("@point", dataPoint.Value).ExecuteReaderAsync(ct))
        {
            while (await row.ReadAsync(ct))
            {
                values.Add(SealedValue.FieldFromRow(row));
            }
        }

        await using var record = await tx.Prepared("SELECT record_id, sealed, source, time_us FROM sealed_record WHERE customer_id = @id AND data_point = @point")
            .Set("@id", id.Value).Set("@point", dataPoint.Value).ExecuteReaderAsync(ct);
        while (await record.ReadAsync(ct))
        {
            values.Add(SealedValue.RecordFromRow(dataPoint, record));
        }
    }

    /// <summary>Look-up digest of the customer's reference; null for a customer without one.</summary>
    public static async ValueTask<byte[]?> FindReferenceDigestAsync(Transaction tx, CustomerId id, CancellationToken ct) =>
        await tx.FindAsync<byte[]>("SELECT digest FROM customer_lookup WHERE customer_id = @Value AND kind = 'reference'", new { id.Value }, ct);

    /// <summary>How many values there are of each data point, and the time of the newest. Nothing is opened.</summary>
    public static async ValueTask<IReadOnlyList<ValueCount>> CountAsync(Transaction tx, CustomerId id, CancellationToken ct)
    {
        var counts = new List<ValueCount>();
        // Read by hand: SQLite gives computed columns no type while there is no row.
        await using var row = await tx.Prepared(
            """
            SELECT data_point, count(*), max(time_us) FROM sealed_record WHERE customer_id = @id GROUP BY data_point
            UNION ALL SELECT data_point, count(*), max(changed_at_us) FROM sealed_field WHERE customer_id = @id GROUP BY data_point
            """).Set("@id", id.Value).ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
        {
            counts.Add(new ValueCount(row.GetString(0), row.GetInt64(1), row.GetInt64(2)));
        }

        return counts;
    }

    /// <summary>True when there is a record of a history in a span of time, its first instant inclusive and its last exclusive. Nothing is opened.</summary>
    internal static async ValueTask<bool> HasRecordAsync(Transaction tx, CustomerId id, DataPointId dataPoint, DateTimeOffset from, DateTimeOffset until, CancellationToken ct) => await tx.FindAsync<long>(
        "SELECT count(*) FROM (SELECT time_us FROM sealed_record WHERE customer_id = @Id AND data_point = @Point AND time_us >= @From AND time_us < @Until LIMIT 1) one",
        new { Id = id.Value, Point = dataPoint.Value, From = Micros.From(from), Until = Micros.From(until) }, ct) > 0;

    /// <summary>When each record of a history was, or a field was last changed.</summary>
    internal static async ValueTask<IReadOnlyList<DateTimeOffset>> TimesAsync(Transaction tx, CustomerId id, DataPointId dataPoint, CancellationToken ct) =>
        [.. (await tx.QueryAsync<long>(
            """
            SELECT time_us FROM sealed_record WHERE customer_id = @Id AND data_point = @Point
            UNION ALL SELECT changed_at_us FROM sealed_field WHERE customer_id = @Id AND data_point = @Point
            """, new { Id = id.Value, Point = dataPoint.Value }, ct)).Select(Micros.ToInstant)];

    /// <summary>When each record of a history was, customer by customer. Nothing is opened, and nobody is named.</summary>
    internal static async ValueTask EachTimesAsync(Transaction tx, DataPointId dataPoint, Action<IReadOnlyList<DateTimeOffset>> take, CancellationToken ct)
    {
        var (customer, times) = ("", new List<DateTimeOffset>());
        await using var row = await tx.Prepared("SELECT customer_id, time_us FROM sealed_record WHERE data_point = @point ORDER BY customer_id").Set("@point", dataPoint.Value).ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
        {
            if (row.GetString(0) != customer && times.Count > 0)
            {
                take(times);
                times.Clear();
            }

            customer = row.GetString(0);
            times.Add(Micros.ToInstant(row.GetInt64(1)));
        }

        if (times.Count > 0)
        {
            take(times);
        }
    }

    /// <summary>Removes every value of one data point, and its look-up if it has one.</summary>
    /// <returns>How many values there were.</returns>
    public static async ValueTask<long> RemoveAllAsync(Transaction tx, CustomerId id, DataPointId dataPoint, string? lookupKind, CancellationToken ct)
    {
        var args = new { Id = id.Value, DataPoint = dataPoint.Value };
        var removed = await tx.RunAsync("DELETE FROM sealed_record WHERE customer_id = @Id AND data_point = @DataPoint", args, ct);
        removed += await tx.RunAsync("DELETE FROM sealed_field WHERE customer_id = @Id AND data_point = @DataPoint", args, ct);
        if (lookupKind is not null)
        {
            await tx.RunAsync("DELETE FROM customer_lookup WHERE customer_id = @Id AND kind = @lookupKind", new { Id = id.Value, lookupKind }, ct);
        }

        return removed;
    }
}
