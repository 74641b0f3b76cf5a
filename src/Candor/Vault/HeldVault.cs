using System.Buffers;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text.Json;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Vault;

/// <summary>What the law makes the business keep of one data point.</summary>
/// <param name="For">How long, counted from the record's own time.</param>
/// <param name="Keeps">Members of the record that are kept; the rest is not.</param>
public sealed record HoldRule(DataPointId DataPoint, Period For, FrozenSet<string> Keeps);

/// <summary>What is kept of one data point of an erased customer.</summary>
/// <param name="LastUntil">When the last of the records goes.</param>
public sealed record HeldCount(DataPointId DataPoint, long Records, DateTimeOffset LastUntil);

/// <summary>What the law makes the business keep of erased customers, and of records whose retention is over: the members that the catalog names, sealed under a fresh key, with no link to who they were here.</summary>
/// <remarks>Found by a keyed digest of the reference alone, which need not be unique. The key is wrapped, rotated and destroyed like a customer's.</remarks>
public sealed class HeldVault(KeyRing ring, BlindIndex index)
{
    private const string Columns = "k.held_id, k.audit_ref, k.wrapped, k.kek_version, k.commitment";

    private sealed record KeyRow(string HeldId, byte[] AuditRef, byte[] Wrapped, long KekVersion, byte[] Commitment)
    {
        // When it was made is not kept: the time of the erasure would lead back to the customer's entries in the log.
        public CustomerKey AsKey() => new(CustomerId.Parse(HeldId), AuditRef, Wrapped, KekVersion, Commitment, 0);
    }

    private sealed record ValueRow(string DataPoint, string RecordId, long TimeUs, byte[] Sealed);

    private sealed record DueRow(string HeldId, string DataPoint, string RecordId);

    private readonly record struct Kept(DataPointId DataPoint, long TimeUs, DateTimeOffset Until, byte[] Sealed);

    /// <summary>Seals again, under a fresh key, what the rules name of values that are about to be removed. Nothing else of the old records is carried over.</summary>
    /// <remarks>INVARIANT: what is opened here leaves this method only sealed again, so it is no disclosure and needs no permit.</remarks>
    /// <param name="referenceDigest">Look-up digest of the customer's reference.</param>
    /// <param name="isOver">Which values, by data point and time; null: all.</param>
    public async ValueTask<IReadOnlyList<HeldCount>> HoldAsync(
        Transaction tx, CustomerKey customer, byte[] referenceDigest, IReadOnlyCollection<HoldRule> rules, CancellationToken ct, Func<DataPointId, DateTimeOffset, bool>? isOver = null)
    {
        var values = new List<SealedValue>();
        foreach (var rule in rules)
        {
            await CustomerValues.LoadAllAsync(tx, customer.Id, rule.DataPoint, values, ct);
        }

        values.RemoveAll(v => isOver?.Invoke(v.DataPoint, Micros.ToInstant(v.TimeUs)) == false);
        if (values.Count == 0)
        {
            return [];
        }

        var plain = RandomNumberGenerator.GetBytes(Sealing.KeyBytes);
        var commitment = new byte[Sealing.KeyBytes];
        OpenKey.Commit(plain, commitment);
        var id = CustomerId.New();
        var (wrapped, version) = await ring.WrapCustomerAsync(tx, id, plain, ct);
        using var fresh = new OpenKey(new CustomerKey(id, RandomNumberGenerator.GetBytes(PersonalVault.AuditRefBytes), wrapped, version, commitment, 0), plain);
        using var old = ring.Open(customer);
        var kept = Reseal(old, fresh, values, rules.ToDictionary(r => r.DataPoint), tx.Now);
        if (kept.Count > 0)
        {
            await StoreAsync(tx, fresh.Customer, index.OfHeld(referenceDigest), kept, ct);
        }

        return [.. kept.GroupBy(k => k.DataPoint).Select(g => new HeldCount(g.Key, g.LongCount(), g.Max(k => k.Until)))];
    }

    /// <summary>What is held under a reference, still sealed; one for each customer who had it.</summary>
    internal async ValueTask<IReadOnlyList<SealedCustomer>> LoadAsync(Transaction tx, string reference, CancellationToken ct)
    {
        var found = new List<SealedCustomer>();
        foreach (var row in await tx.QueryAsync<KeyRow>("SELECT " + Columns + " FROM held_key k WHERE k.digest = @digest ORDER BY k.held_id",
            new { digest = index.OfHeld(index.Of(BlindIndex.Reference, reference)) }, ct))
        {
            var values = await tx.QueryAsync<ValueRow>(
                "SELECT data_point, record_id, time_us, sealed FROM held_record WHERE held_id = @HeldId AND until_us > @NowUs ORDER BY data_point, time_us DESC", new { row.HeldId, tx.NowUs }, ct);
            found.Add(new SealedCustomer(tx, row.AsKey(), [.. values.Select(v => new SealedValue(DataPointId.Parse(v.DataPoint), v.RecordId, 1, v.Sealed, "", v.TimeUs))]));
        }

        return found;
    }

    /// <summary>Removes records whose time is over, and the keys that nothing needs any more.</summary>
    /// <returns>How many records of which key; call again while they are as many as <paramref name="most"/>.</returns>
    public async ValueTask<IReadOnlyList<(CustomerKey Key, int Records, bool IsLast)>> RemoveDueAsync(Transaction tx, int most, CancellationToken ct)
    {
        var removed = new List<(CustomerKey, int, bool)>();
        var due = await tx.QueryAsync<DueRow>("SELECT held_id, data_point, record_id FROM held_record WHERE until_us <= @NowUs ORDER BY until_us LIMIT @most", new { tx.NowUs, most = (long)most }, ct);
        foreach (var group in due.GroupBy(d => d.HeldId).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            await tx.LockCustomerAsync(CustomerId.Parse(group.Key), exclusive: true, ct);
            var key = await tx.FindAsync<KeyRow>("SELECT " + Columns + " FROM held_key k WHERE k.held_id = @Key", new { group.Key }, ct);
            var records = 0;
            foreach (var row in group)
            {
                records += await tx.RunAsync("DELETE FROM held_record WHERE held_id = @HeldId AND data_point = @DataPoint AND record_id = @RecordId", row, ct);
            }

            var isLast = await tx.RunAsync("DELETE FROM held_key WHERE held_id = @Key AND NOT EXISTS (SELECT 1 FROM held_record r WHERE r.held_id = @Key)", new { group.Key }, ct) > 0;
            if (key is not null && records > 0)
            {
                removed.Add((key.AsKey(), records, isLast));
            }
        }

        return removed;
    }

    private static List<Kept> Reseal(OpenKey old, OpenKey fresh, List<SealedValue> values, Dictionary<DataPointId, HoldRule> rules, DateTimeOffset now)
    {
        var kept = new List<Kept>();
        var buffer = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
        foreach (var value in values)
        {
            var rule = rules[value.DataPoint];
            var until = rule.For.After(Micros.ToInstant(value.TimeUs));
            if (until <= now)
            {
                continue;
            }

            buffer.Clear();
            json.Reset();
            var place = new Sealing.Place(old.Customer.Id.Value, value.RecordId, value.DataPoint.Value, value.RecordVersion);
            if (!Pick(Sealing.Open(old.Cipher(value.DataPoint.Value), place, value.Sealed), rule.Keeps, json))
            {
                continue;
            }

            json.Flush();
            // The record's own id may be anything, so it is not carried over.
            kept.Add(new Kept(value.DataPoint, value.TimeUs, until, Sealing.Seal(fresh.Cipher(value.DataPoint.Value), 1,
                new Sealing.Place(fresh.Customer.Id.Value, RecordId(kept.Count), value.DataPoint.Value, 1), buffer.WrittenSpan)));
        }

        CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsMemory(buffer.WrittenMemory).Span);
        return kept;
    }

    /// <summary>Writes the named members of a record that is a JSON object; false when it has none of them.</summary>
    private static bool Pick(ReadOnlyMemory<byte> record, FrozenSet<string> keeps, Utf8JsonWriter json)
    {
        using var document = JsonDocument.Parse(record);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        var any = false;
        json.WriteStartObject();
        foreach (var member in document.RootElement.EnumerateObject())
        {
            if (keeps.Contains(member.Name))
            {
                member.WriteTo(json);
                any = true;
            }
        }

        json.WriteEndObject();
        return any;
    }

    private static async ValueTask StoreAsync(Transaction tx, CustomerKey key, byte[] digest, List<Kept> kept, CancellationToken ct)
    {
        await tx.RunAsync("INSERT INTO held_key (held_id, digest, audit_ref, wrapped, kek_version, commitment) VALUES (@Value, @digest, @AuditRef, @Wrapped, @KekVersion, @Commitment)",
            new { key.Id.Value, digest, key.AuditRef, key.Wrapped, key.KekVersion, key.Commitment }, ct);
        var insert = tx.Prepared("INSERT INTO held_record (held_id, data_point, record_id, time_us, until_us, sealed) VALUES (@held, @point, @record, @time, @until, @sealed)");
        insert.Set("@held", key.Id.Value);
        for (var i = 0; i < kept.Count; i++)
        {
            await insert.Set("@point", kept[i].DataPoint.Value).Set("@record", RecordId(i)).Set("@time", kept[i].TimeUs)
                .Set("@until", Micros.From(kept[i].Until)).Set("@sealed", kept[i].Sealed).ExecuteNonQueryAsync(ct);
        }
    }

    /// <summary>In one order for sorting as a text, so that rows go in where the last one went.</summary>
    private static string RecordId(int number) => number.ToString("D8", System.Globalization.CultureInfo.InvariantCulture);
}
