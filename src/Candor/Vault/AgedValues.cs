using Candor.Kernel;
using Candor.Storage;

namespace Candor.Vault;

/// <summary>One value of a customer, named and not opened.</summary>
/// <param name="RecordId">Of a record of a history; null for a field.</param>
/// <param name="Time">When the record was, or the field was last changed.</param>
public sealed record AgedValue(CustomerId Customer, DataPointId DataPoint, string? RecordId, DateTimeOffset Time);

/// <summary>Finds old values without opening them, customer by customer, and removes them.</summary>
/// <remarks>There is no index by time: each event that comes in would pay for it. What is old is looked for once a day, beside everything else.</remarks>
public static class AgedValues
{
    private const string Records = "SELECT customer_id, data_point, record_id, time_us FROM sealed_record WHERE customer_id > @after AND customer_id <= @last AND time_us <= @until";
    private const string Fields = "SELECT customer_id, data_point, changed_at_us FROM sealed_field WHERE customer_id > @after AND customer_id <= @last AND changed_at_us <= @until";

    /// <summary>Old values of the customers after one, in the order of customers.</summary>
    /// <param name="after">The last customer of the page before; empty for the first page.</param>
    /// <param name="until">Values of this instant and of before it.</param>
    /// <returns>With how many customers were looked at, and the last of them; none: that was all.</returns>
    internal static async ValueTask<(IReadOnlyList<AgedValue> Values, int Customers, string Last)> PageAsync(
        Transaction tx, string after, int customers, DateTimeOffset until, CancellationToken ct)
    {
        var ids = await tx.QueryAsync<string>("SELECT customer_id FROM customer_key WHERE customer_id > @after ORDER BY customer_id LIMIT @count", new { after, count = (long)customers }, ct);
        return ids.Count == 0 ? ([], 0, after) : (await LoadAsync(tx, after, ids[^1], until, ct), ids.Count, ids[^1]);
    }

    /// <summary>Old values of one customer.</summary>
    internal static ValueTask<IReadOnlyList<AgedValue>> OfAsync(Transaction tx, CustomerId customer, DateTimeOffset until, CancellationToken ct) =>
        // Ids have one length, so the one before is the same text without its end.
        LoadAsync(tx, customer.Value[..^1], customer.Value, until, ct, customer.Value);

    /// <summary>Removes one value, and the look-up of a field.</summary>
    /// <param name="lookupKind">Null where the field has none.</param>
    internal static async ValueTask RemoveAsync(Transaction tx, AgedValue value, string? lookupKind, CancellationToken ct)
    {
        var args = new { Id = value.Customer.Value, Point = value.DataPoint.Value, value.RecordId, lookupKind };
        if (value.RecordId is not null)
        {
            await tx.RunAsync("DELETE FROM sealed_record WHERE customer_id = @Id AND data_point = @Point AND record_id = @RecordId", args, ct);
            return;
        }

        await tx.RunAsync("DELETE FROM sealed_field WHERE customer_id = @Id AND data_point = @Point", args, ct);
        if (lookupKind is not null)
        {
            await tx.RunAsync("DELETE FROM customer_lookup WHERE customer_id = @Id AND kind = @lookupKind", args, ct);
        }
    }

    private static async ValueTask<IReadOnlyList<AgedValue>> LoadAsync(Transaction tx, string after, string last, DateTimeOffset until, CancellationToken ct, string? only = null)
    {
        var values = new List<AgedValue>();
        await using (var row = await tx.Prepared(Records).Set("@after", after).Set("@last", last).Set("@until", Micros.From(until)).ExecuteReaderAsync(ct))
        {
            while (await row.ReadAsync(ct))
            {
                values.Add(new AgedValue(CustomerId.Parse(row.GetString(0)), DataPointId.Parse(row.GetString(1)), row.GetString(2), Micros.ToInstant(row.GetInt64(3))));
            }
        }

        await using (var row = await tx.Prepared(Fields).Set("@after", after).Set("@last", last).Set("@until", Micros.From(until)).ExecuteReaderAsync(ct))
        {
            while (await row.ReadAsync(ct))
            {
                values.Add(new AgedValue(CustomerId.Parse(row.GetString(0)), DataPointId.Parse(row.GetString(1)), null, Micros.ToInstant(row.GetInt64(2))));
            }
        }

        return [.. values.Where(v => only is null || v.Customer.Value == only).OrderBy(v => v.Customer.Value, StringComparer.Ordinal)];
    }
}
