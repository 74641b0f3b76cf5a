using System.Data.Common;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Vault;

/// <summary>One stored value, sealed.</summary>
/// <param name="RecordId">Empty for a field.</param>
/// <param name="RecordVersion">1 for the first value of a field, rising; 1 for records.</param>
/// <param name="TimeUs">When it happened (records) or last changed (fields).</param>
public sealed record SealedValue(DataPointId DataPoint, string RecordId, long RecordVersion, byte[] Sealed, string Source, long TimeUs)
{
    internal const string FieldColumns = "f.data_point, f.record_version, f.sealed, f.source, f.changed_at_us";

    internal static SealedValue FieldFromRow(DbDataReader row) =>
        new(DataPointId.Parse(row.GetString(0)), "", row.GetInt64(1), (byte[])row.GetValue(2), row.GetString(3), row.GetInt64(4));

    /// <param name="row">Its first columns: <c>record_id, sealed, source, time_us</c>.</param>
    internal static SealedValue RecordFromRow(DataPointId history, DbDataReader row) => new(history, row.GetString(0), 1, (byte[])row.GetValue(1), row.GetString(2), row.GetInt64(3));
}

/// <summary>What there is of one data point.</summary>
/// <param name="Records">1 for a field.</param>
/// <param name="First">Time of the oldest record, or when the field last changed.</param>
/// <param name="Last">Time of the newest record, or when the field last changed.</param>
public sealed record Held(DataPointId DataPoint, long Records, DateTimeOffset First, DateTimeOffset Last);

internal sealed record HeldRow(string DataPoint, long Records, long FirstUs, long LastUs);

/// <summary>What a transaction loaded of one customer: still sealed, and bound to that transaction.</summary>
public sealed class SealedCustomer
{
    internal SealedCustomer(Transaction tx, CustomerKey key, IReadOnlyList<SealedValue> values) => (Transaction, Key, Values) = (tx, key, values);

    internal Transaction Transaction { get; }

    internal CustomerKey Key { get; }

    internal IReadOnlyList<SealedValue> Values { get; }

    internal byte[]? Reference { get; init; }
}

/// <summary>One value in clear.</summary>
/// <param name="Json">The value as JSON in UTF-8.</param>
public sealed record OpenedValue(DataPointId DataPoint, string RecordId, ReadOnlyMemory<byte> Json, string Source, DateTimeOffset Time);

/// <summary>What a permit opened.</summary>
/// <param name="Values">Fields, and the records of histories newest first.</param>
public sealed record OpenedCustomer(CustomerId Customer, IReadOnlyList<OpenedValue> Values)
{
    /// <summary>The business's own id of the customer; null where it was not loaded or was never kept.</summary>
    public string? Reference { get; init; }

    public IEnumerable<DataPointId> DataPoints => Values.Select(v => v.DataPoint).Distinct();
}
