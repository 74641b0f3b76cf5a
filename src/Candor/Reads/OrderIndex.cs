using System.Text.Json;
using Candor.Catalog;
using Candor.Kernel;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Reads;

/// <summary>Keyed digests of order numbers, or of whatever member a history's <c>findBy</c> names, kept up by whoever stores a record.</summary>
/// <remarks>A record that comes again is a duplicate and is entered here all the same: that is how records from before the catalog named a member get in.</remarks>
public static class OrderIndex
{
    /// <summary>The digest of a record's number; null where the catalog names no member, or the record has no usable number.</summary>
    public static byte[]? DigestOf(PersonalVault vault, DataPoint dataPoint, JsonElement record)
    {
        if (dataPoint.FindBy is not { } member || record.ValueKind != JsonValueKind.Object || !record.TryGetProperty(member, out var value))
        {
            return null;
        }

        var number = value.ValueKind switch { JsonValueKind.String => value.GetString()!, JsonValueKind.Number => value.GetRawText(), _ => "" };
        return number.Trim().Length is >= 1 and <= BlindIndex.MaxOrderLength && !number.Any(char.IsControl) ? vault.DigestOf(BlindIndex.Order, number) : null;
    }

    /// <summary>Enters a record; doing it twice changes nothing.</summary>
    public static async ValueTask AddAsync(Transaction tx, CustomerId customer, DataPointId dataPoint, string recordId, byte[]? digest, CancellationToken ct)
    {
        if (digest is not null)
        {
            await tx.Prepared(
                """
                INSERT INTO order_look_up (customer_id, data_point, record_id, digest) VALUES (@id, @point, @record, @digest)
                ON CONFLICT (customer_id, data_point, record_id) DO NOTHING
                """).Set("@id", customer.Value).Set("@point", dataPoint.Value).Set("@record", recordId).Set("@digest", digest).ExecuteNonQueryAsync(ct);
        }
    }

    /// <summary>The one customer with an order of this number; null when there is none, or more than one.</summary>
    public static async ValueTask<CustomerId?> FindAsync(Transaction tx, byte[] digest, CancellationToken ct) =>
        await tx.QueryAsync<string>("SELECT DISTINCT customer_id FROM order_look_up WHERE digest = @digest LIMIT 2", new { digest }, ct) is [var only] ? CustomerId.Parse(only) : null;

    /// <summary>Removes what a customer is found by for one record.</summary>
    public static async ValueTask RemoveAsync(Transaction tx, CustomerId customer, DataPointId dataPoint, string recordId, CancellationToken ct) => await tx.RunAsync(
        "DELETE FROM order_look_up WHERE customer_id = @Id AND data_point = @Point AND record_id = @recordId", new { Id = customer.Value, Point = dataPoint.Value, recordId }, ct);

    /// <summary>Removes what a customer is found by; all of it, or that of one history.</summary>
    public static async ValueTask EraseAsync(Transaction tx, CustomerId customer, DataPointId? dataPoint, CancellationToken ct) => await tx.RunAsync(
        "DELETE FROM order_look_up WHERE customer_id = @Id AND (data_point = @Point OR @Point = '')", new { Id = customer.Value, Point = dataPoint?.Value ?? "" }, ct);
}
