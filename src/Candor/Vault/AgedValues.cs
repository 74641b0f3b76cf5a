using Candor.Kernel;
using Candor.Storage;

namespace Candor.Vault;

/// <summary>One value of a customer, named and not opened.</summary>
/// <param name="RecordId">Of a record of a history; null for a field.</param>
/// <param name="Time">When the record was, or the field was last changed.</param>
public sealed record AgedValue(CustomerId Customer, DataPointId DataPoint, string? RecordId, DateTimeOffset Time);

/// <summary>Finds old values without opening them, customer by customer.</summary>
/// <remarks>There is no index by time: each event that comes in would pay for it. What is old is looked for once a day, beside everything else.</remarks>
public static class AgedValues
{
    private const string Records = "SELECT customer_id, data_point, record_id, time_us FROM sealed_record WHERE customer_id > @after AND customer_id <= @last AND time_us <= @until";
    private const string Fields = "SELECT customer_id, data_point, changed_at_us FROM sealed_field WHERE customer_id > @after AND customer_id <= @last AND changed_at_us <= @until";

    /// <summary>Old values of some customers, in the order of customers.</summary>
    /// <param name="after">Exclusive; empty: from the first.</param>
    /// <param name="last">Inclusive.</param>
    /// <param name="until">Values of this instant and of before it.</param>
    internal static ValueTask<IReadOnlyList<AgedValue>> BetweenAsync(Transaction tx, string after, string last, DateTimeOffset until, CancellationToken ct) => LoadAsync(tx, after, last, until, ct);

    /// <summary>Old values of one customer.</summary>
    internal static ValueTask<IReadOnlyList<AgedValue>> OfAsync(Transaction tx, CustomerId customer, DateTimeOffset until, CancellationToken ct) =>
        // Ids have one length, so the one before is the same text without its end.
        LoadAsync(tx, customer.Value[..^1], customer.Value, until, ct, customer.Value);

    /// <summary>Removes one record of a history.</summary>
    internal static async ValueTask RemoveRecordAsync(Transaction tx, CustomerId customer, DataPointId history, string recordId, CancellationToken ct) => await tx.RunAsync(
        "DELETE FROM sealed_record WHERE customer_id = @Id AND data_point = @Point AND record_id = @recordId", new { Id = customer.Value, Point = history.Value, recordId }, ct);

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
