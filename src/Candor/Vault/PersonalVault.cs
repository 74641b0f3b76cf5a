using System.Security.Cryptography;
using System.Text;
using Candor.Gate;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Vault;

/// <summary>Holds what is known about people, sealed under a key for each, and opens it for a permit.</summary>
public sealed class PersonalVault(KeyRing ring, BlindIndex index)
{
    internal const int AuditRefBytes = 16;

    /// <summary>For what must be said when a customer's key is no more.</summary>
    public PartingSeal Partings { get; } = new(ring);

    /// <summary>Who is in which comparison group.</summary>
    public CustomerLots Lots { get; } = new(ring);

    /// <summary>Digest under which a value is found; see <see cref="BlindIndex.Of"/>.</summary>
    public byte[] DigestOf(string kind, string value) => index.Of(kind, value);

    /// <summary>Makes a customer: a key of their own and a way to find them.</summary>
    /// <exception cref="Fault">Conflict when the reference is taken.</exception>
    public async ValueTask<CustomerKey> CreateCustomerAsync(Transaction tx, string reference, CancellationToken ct)
    {
        var id = CustomerId.New();
        var plain = RandomNumberGenerator.GetBytes(Sealing.KeyBytes);
        var commitment = new byte[Sealing.KeyBytes];
        OpenKey.Commit(plain, commitment);
        var (wrapped, version) = await ring.WrapCustomerAsync(tx, id, plain, ct);
        var key = new CustomerKey(id, RandomNumberGenerator.GetBytes(AuditRefBytes), wrapped, version, commitment, tx.NowUs);
        // Wipes the plain key.
        using var open = new OpenKey(key, plain);
        await SetLookupAsync(tx, id, BlindIndex.Reference, reference, ct);
        await tx.Prepared(
            """
            INSERT INTO customer_key (customer_id, audit_ref, wrapped, kek_version, commitment, created_at_us, reference)
            VALUES (@id, @ref, @wrapped, @kek, @commitment, @now, @reference)
            """).Set("@id", id.Value).Set("@ref", key.AuditRef).Set("@wrapped", wrapped).Set("@kek", version).Set("@commitment", commitment)
            .Set("@now", tx.NowUs).Set("@reference", CustomerNote.Seal(open, CustomerNote.Reference, "", Encoding.UTF8.GetBytes(reference))).ExecuteNonQueryAsync(ct);
        return key;
    }

    /// <summary>Keeps the reference of a customer who was made before references were kept.</summary>
    public async ValueTask KeepReferenceAsync(Transaction tx, CustomerKey key, string reference, CancellationToken ct)
    {
        if (await FindSealedReferenceAsync(tx, key.Id, ct) is null)
        {
            await tx.RunAsync("UPDATE customer_key SET reference = @Sealed WHERE customer_id = @Value",
                new { key.Id.Value, Sealed = SealNote(key, CustomerNote.Reference, "", Encoding.UTF8.GetBytes(reference)) }, ct);
        }
    }

    /// <summary>Finds a customer by reference, e-mail or phone; null when nobody is known by it.</summary>
    public ValueTask<CustomerKey?> FindCustomerAsync(Transaction tx, string kind, string value, CancellationToken ct) => FindByDigestAsync(tx, kind, index.Of(kind, value), ct);

    /// <summary>Finds a customer by the digest of <see cref="BlindIndex.Of"/>; null when nobody is known by it.</summary>
    public async ValueTask<CustomerKey?> FindByDigestAsync(Transaction tx, string kind, byte[] digest, CancellationToken ct)
    {
        var command = tx.Prepared("SELECT " + CustomerKey.Columns +
            " FROM customer_lookup l JOIN customer_key k ON k.customer_id = l.customer_id WHERE l.kind = @kind AND l.digest = @digest");
        await using var row = await command.Set("@kind", kind).Set("@digest", digest).ExecuteReaderAsync(ct);
        return await row.ReadAsync(ct) ? CustomerKey.FromRow(row) : null;
    }

    public async ValueTask<CustomerKey?> FindCustomerAsync(Transaction tx, CustomerId id, CancellationToken ct)
    {
        await using var row = await tx.Prepared("SELECT " + CustomerKey.Columns + " FROM customer_key k WHERE k.customer_id = @id").Set("@id", id.Value).ExecuteReaderAsync(ct);
        return await row.ReadAsync(ct) ? CustomerKey.FromRow(row) : null;
    }

    /// <summary>Ids of customers in their order, a page at a time.</summary>
    /// <param name="after">The last id of the page before; empty for the first page.</param>
    public async ValueTask<IReadOnlyList<CustomerId>> IdsAsync(Transaction tx, string after, int count, CancellationToken ct)
    {
        var ids = await tx.QueryAsync<string>("SELECT customer_id FROM customer_key WHERE customer_id > @after ORDER BY customer_id LIMIT @Count", new { after, Count = (long)count }, ct);
        return [.. ids.Select(CustomerId.Parse)];
    }

    /// <summary>How many customers there are.</summary>
    public async ValueTask<long> CountAsync(Transaction tx, CancellationToken ct) => await tx.FindAsync<long>("SELECT count(*) FROM customer_key", null, ct);

    /// <summary>Some customers' keys as they are stored, to check that they are whole.</summary>
    public async ValueTask<IReadOnlyList<CustomerKey>> SampleAsync(Transaction tx, int count, CancellationToken ct)
    {
        var keys = new List<CustomerKey>(count);
        await using var row = await tx.Prepared("SELECT " + CustomerKey.Columns + " FROM customer_key k ORDER BY k.customer_id LIMIT @count").Set("@count", (long)count).ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
        {
            keys.Add(CustomerKey.FromRow(row));
        }

        return keys;
    }

    /// <summary>Unwraps a customer's key to seal many values. Off the writer's thread where it can be.</summary>
    public OpenKey BeginSeal(CustomerKey key) => ring.Open(key);

    /// <summary>Seals one record of a history.</summary>
    public static byte[] SealRecord(OpenKey key, DataPointId dataPoint, string recordId, ReadOnlySpan<byte> json) =>
        Sealing.Seal(key.Cipher(dataPoint.Value), 1, new Sealing.Place(key.Customer.Id.Value, recordId, dataPoint.Value, 1), json);

    /// <summary>Puts a field's value in place of the one before, and its look-up if it has one.</summary>
    /// <param name="lookup">Kind and text of the look-up that this field takes part in; null when none.</param>
    /// <returns>The record version, 1 for the first value.</returns>
    public async ValueTask<long> PutFieldAsync(
        Transaction tx, CustomerKey key, DataPointId dataPoint, ReadOnlyMemory<byte> json, string source, CancellationToken ct, (string Kind, string Value)? lookup = null)
    {
        var version = (await tx.FindAsync<long?>("SELECT record_version FROM sealed_field WHERE customer_id = @Id AND data_point = @DataPoint",
            new { Id = key.Id.Value, DataPoint = dataPoint.Value }, ct) ?? 0) + 1;
        if (version >= OpenKey.MaxSeals)
        {
            throw new Fault(FaultKind.Unavailable, "vault/key-used-up", $"The field `{dataPoint}` of this customer was changed `{version}` times; its key seals no more.");
        }

        using var open = ring.Open(key);
        var sealed_ = Sealing.Seal(open.Cipher(dataPoint.Value), 1, new Sealing.Place(key.Id.Value, "", dataPoint.Value, version), json.Span);
        var stored = await tx.Prepared(
            """
            INSERT INTO sealed_field (customer_id, data_point, record_version, sealed, source, changed_at_us) VALUES (@id, @point, @version, @sealed, @source, @now)
            ON CONFLICT (customer_id, data_point) DO UPDATE SET record_version = excluded.record_version, sealed = excluded.sealed,
                source = excluded.source, changed_at_us = excluded.changed_at_us
            WHERE sealed_field.record_version < excluded.record_version
            """).Set("@id", key.Id.Value).Set("@point", dataPoint.Value).Set("@version", version).Set("@sealed", sealed_).Set("@source", source)
            .Set("@now", tx.NowUs).ExecuteNonQueryAsync(ct);
        if (stored == 0)
        {
            throw new Fault(FaultKind.Conflict, "vault/changed-meanwhile", $"The field `{dataPoint}` was changed by somebody else at the same moment; try again.");
        }

        if (lookup is { } l)
        {
            await tx.RunAsync("DELETE FROM customer_lookup WHERE customer_id = @Id AND kind = @Kind", new { Id = key.Id.Value, l.Kind }, ct);
            await SetLookupAsync(tx, key.Id, l.Kind, l.Value, ct);
        }

        return version;
    }

    /// <summary>Drops a field's value and its look-up.</summary>
    public async ValueTask RemoveFieldAsync(Transaction tx, CustomerId id, DataPointId dataPoint, string? lookupKind, CancellationToken ct)
    {
        await tx.RunAsync("DELETE FROM sealed_field WHERE customer_id = @Id AND data_point = @DataPoint", new { Id = id.Value, DataPoint = dataPoint.Value }, ct);
        if (lookupKind is not null)
        {
            await tx.RunAsync("DELETE FROM customer_lookup WHERE customer_id = @Id AND kind = @lookupKind", new { Id = id.Value, lookupKind }, ct);
        }
    }

    /// <summary>Adds a record to a history.</summary>
    /// <returns>False when a record of this id is there already; nothing is changed then.</returns>
    public async ValueTask<bool> AppendHistoryAsync(
        Transaction tx, CustomerKey key, DataPointId dataPoint, string recordId, DateTimeOffset time, ReadOnlyMemory<byte> json, string source, CancellationToken ct)
    {
        using var open = ring.Open(key);
        return await InsertRecordAsync(tx, key.Id, dataPoint, recordId, time, SealRecord(open, dataPoint, recordId, json.Span), source, ct);
    }

    /// <summary>Stores a record that <see cref="SealRecord"/> has sealed; false when it is there already.</summary>
    public static async ValueTask<bool> InsertRecordAsync(
        Transaction tx, CustomerId id, DataPointId dataPoint, string recordId, DateTimeOffset time, byte[] sealed_, string source, CancellationToken ct) =>
        await tx.Prepared(
            """
            INSERT INTO sealed_record (customer_id, data_point, record_id, time_us, sealed, source, stored_at_us) VALUES (@id, @point, @record, @time, @sealed, @source, @now)
            ON CONFLICT (customer_id, data_point, record_id) DO NOTHING
            """).Set("@id", id.Value).Set("@point", dataPoint.Value).Set("@record", recordId).Set("@time", Micros.From(time)).Set("@sealed", sealed_)
            .Set("@source", source).Set("@now", tx.NowUs).ExecuteNonQueryAsync(ct) == 1;

    /// <summary>Puts another content in place of one record's, at its place and time.</summary>
    /// <param name="before">As it was loaded; the record is left alone when it is not so any more.</param>
    /// <returns>False when it was changed or removed meanwhile.</returns>
    internal async ValueTask<bool> ReplaceRecordAsync(Transaction tx, CustomerKey key, SealedValue before, ReadOnlyMemory<byte> json, CancellationToken ct)
    {
        using var open = ring.Open(key);
        return await tx.RunAsync(
            "UPDATE sealed_record SET sealed = @Sealed WHERE customer_id = @Customer AND data_point = @Point AND record_id = @RecordId AND sealed = @Before",
            new { Sealed = SealRecord(open, before.DataPoint, before.RecordId, json.Span), Customer = key.Id.Value, Point = before.DataPoint.Value, before.RecordId, Before = before.Sealed }, ct) == 1;
    }

    /// <summary>Seals the detail of a log entry, readable as long as the customer's key lives.</summary>
    public byte[] SealDetail(CustomerKey key, ReadOnlySpan<byte> detail)
    {
        using var open = ring.Open(key);
        return Sealing.Seal(open.Cipher(OpenKey.AuditClass), 1, DetailPlace(key.Id), detail);
    }

    /// <summary>Loads the sealed values of some data points.</summary>
    /// <param name="skip">Newest records of each history to leave out.</param>
    public async ValueTask<SealedCustomer> LoadAsync(
        Transaction tx, CustomerKey key, IReadOnlyCollection<DataPointId> dataPoints, int historyLimit, CancellationToken ct, int skip = 0)
    {
        var values = new List<SealedValue>();
        await using (var row = await tx.Prepared("SELECT " + SealedValue.FieldColumns + " FROM sealed_field f WHERE f.customer_id = @id")
            .Set("@id", key.Id.Value).ExecuteReaderAsync(ct))
        {
            while (await row.ReadAsync(ct))
            {
                values.Add(SealedValue.FieldFromRow(row));
            }
        }

        values.RemoveAll(v => !dataPoints.Contains(v.DataPoint));
        foreach (var dataPoint in dataPoints)
        {
            await LoadHistoryAsync(tx, key.Id, dataPoint, historyLimit, values, ct, skip);
        }

        return new SealedCustomer(tx, key, values) { Reference = await FindSealedReferenceAsync(tx, key.Id, ct) };
    }

    /// <summary>The keys of some customers, each once; who has none is left out. For jobs that walk through many.</summary>
    public async ValueTask<IReadOnlyDictionary<CustomerId, CustomerKey>> FindCustomersAsync(Transaction tx, IEnumerable<CustomerId> ids, CancellationToken ct)
    {
        var keys = new Dictionary<CustomerId, CustomerKey>();
        await using var row = await tx.Prepared("SELECT " + CustomerKey.Columns + " FROM customer_key k WHERE " + tx.IsAmong("k.customer_id", "@ids"))
            .SetMany("@ids", ids.Select(i => i.Value)).ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
        {
            var key = CustomerKey.FromRow(row);
            keys.Add(key.Id, key);
        }

        return keys;
    }

    /// <summary>Loads the newest records of one history of some customers, and nothing else. For jobs that walk through many.</summary>
    /// <remarks>Sorted here: the database would carry the sealed values through its sort.</remarks>
    /// <param name="limit">Records of each customer.</param>
    /// <returns>One for each key, in their order.</returns>
    public async ValueTask<IReadOnlyList<SealedCustomer>> LoadHistoryAsync(
        Transaction tx, IReadOnlyList<CustomerKey> keys, DataPointId history, int limit, CancellationToken ct)
    {
        var found = keys.ToDictionary(k => k.Id.Value, _ => new List<SealedValue>(), StringComparer.Ordinal);
        await using (var row = await tx.Prepared("SELECT record_id, sealed, source, time_us, customer_id FROM sealed_record WHERE " + tx.IsAmong("customer_id", "@ids") + " AND data_point = @point")
            .SetMany("@ids", found.Keys).Set("@point", history.Value).ExecuteReaderAsync(ct))
        {
            while (await row.ReadAsync(ct))
            {
                found[row.GetString(4)].Add(SealedValue.RecordFromRow(history, row));
            }
        }

        return [.. keys.Select(k => new SealedCustomer(tx, k, Newest(found[k.Id.Value], limit)))];
    }

    private static List<SealedValue> Newest(List<SealedValue> records, int limit)
    {
        records.Sort((a, b) => a.TimeUs != b.TimeUs ? b.TimeUs.CompareTo(a.TimeUs) : string.CompareOrdinal(a.RecordId, b.RecordId));
        return records.Count <= limit ? records : records[..limit];
    }

    /// <summary>What is held of a customer, without opening any of it.</summary>
    public async ValueTask<IReadOnlyList<Held>> HeldAsync(Transaction tx, CustomerId id, CancellationToken ct) =>
        [.. (await tx.QueryAsync<HeldRow>(
            """
            SELECT data_point, 1 AS records, changed_at_us AS first_us, changed_at_us AS last_us FROM sealed_field WHERE customer_id = @Value
            UNION ALL SELECT data_point, COUNT(*), MIN(time_us), MAX(time_us) FROM sealed_record WHERE customer_id = @Value GROUP BY data_point
            """, new { id.Value }, ct)).Select(r => new Held(DataPointId.Parse(r.DataPoint), r.Records, Micros.ToInstant(r.FirstUs), Micros.ToInstant(r.LastUs)))];

    /// <summary>A field as it is stored; null when the customer has none.</summary>
    internal async ValueTask<SealedValue?> FindFieldAsync(Transaction tx, CustomerId id, DataPointId dataPoint, CancellationToken ct)
    {
        await using var row = await tx.Prepared("SELECT " + SealedValue.FieldColumns + " FROM sealed_field f WHERE f.customer_id = @id AND f.data_point = @point")
            .Set("@id", id.Value).Set("@point", dataPoint.Value).ExecuteReaderAsync(ct);
        return await row.ReadAsync(ct) ? SealedValue.FieldFromRow(row) : null;
    }

    private static async ValueTask<byte[]?> FindSealedReferenceAsync(Transaction tx, CustomerId id, CancellationToken ct) =>
        await tx.FindAsync<byte[]>("SELECT reference FROM customer_key WHERE customer_id = @Value", new { id.Value }, ct);

    /// <summary>Loads the newest records of one history.</summary>
    internal async ValueTask LoadHistoryAsync(
        Transaction tx, CustomerId id, DataPointId dataPoint, int limit, List<SealedValue> values, CancellationToken ct, int skip = 0)
    {
        var command = tx.Prepared(
            "SELECT record_id, sealed, source, time_us FROM sealed_record WHERE customer_id = @id AND data_point = @point ORDER BY time_us DESC, record_id LIMIT @limit OFFSET @skip");
        await using var row = await command.Set("@id", id.Value).Set("@point", dataPoint.Value).Set("@limit", (long)limit).Set("@skip", (long)skip).ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
        {
            values.Add(SealedValue.RecordFromRow(dataPoint, row));
        }
    }

    /// <summary>Opens what a permit allows. INVARIANT: only after the transaction that logged the read is committed.</summary>
    /// <exception cref="InvalidOperationException">The permit is of another transaction or customer, or does not cover a value, or nothing is committed: a bug.</exception>
    /// <exception cref="Fault">Unavailable when a value was changed or moved; Erased when its key-encryption key was destroyed.</exception>
    public OpenedCustomer Open(Permit permit, SealedCustomer sealed_)
    {
        Check(permit, sealed_);
        using var key = ring.Open(sealed_.Key);
        var values = new OpenedValue[sealed_.Values.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var value = sealed_.Values[i];
            var place = new Sealing.Place(permit.Customer.Value, value.RecordId, value.DataPoint.Value, value.RecordVersion);
            values[i] = new OpenedValue(value.DataPoint, value.RecordId, Sealing.Open(key.Cipher(value.DataPoint.Value), place, value.Sealed), value.Source, Micros.ToInstant(value.TimeUs));
        }

        return new OpenedCustomer(permit.Customer, values)
        {
            Reference = sealed_.Reference is { } reference ? Encoding.UTF8.GetString(CustomerNote.Open(key, CustomerNote.Reference, "", reference).Span) : null,
        };
    }

    /// <summary>Seals a note of ours about a customer, such as a message that waits; readable as long as the customer's key lives.</summary>
    /// <param name="kind">What it is, such as <c>message</c>; with <paramref name="id"/> it binds the note to its place.</param>
    public byte[] SealNote(CustomerKey key, string kind, string id, ReadOnlySpan<byte> note)
    {
        using var open = ring.Open(key);
        return CustomerNote.Seal(open, kind, id, note);
    }

    /// <summary>Opens notes about the customer of a permit, under the same conditions as <see cref="Open"/>.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> OpenNotes(Permit permit, SealedCustomer sealed_, string kind, IEnumerable<(string Id, byte[] Sealed)> notes)
    {
        Check(permit, sealed_);
        using var key = ring.Open(sealed_.Key);
        return [.. notes.Select(note => CustomerNote.Open(key, kind, note.Id, note.Sealed))];
    }

    /// <summary>Opens the details of log entries about the customer of a permit, under the same conditions as <see cref="Open"/>.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> OpenDetails(Permit permit, SealedCustomer sealed_, IEnumerable<byte[]> details)
    {
        Check(permit, sealed_);
        using var key = ring.Open(sealed_.Key);
        return [.. details.Select(detail => Sealing.Open(key.Cipher(OpenKey.AuditClass), DetailPlace(sealed_.Key.Id), detail))];
    }

    private static void Check(Permit permit, SealedCustomer sealed_)
    {
        if (permit.TransactionId != sealed_.Transaction.Id || permit.Customer != sealed_.Key.Id)
        {
            throw new InvalidOperationException("A permit opens only what its own transaction loaded of its own customer.");
        }

        if (!sealed_.Transaction.IsCommitted)
        {
            throw new InvalidOperationException("Nothing is opened before the log entry is durable.");
        }

        foreach (var value in sealed_.Values)
        {
            if (!permit.Covers(value.DataPoint))
            {
                throw new InvalidOperationException("A permit opens only the data points that it names.");
            }
        }
    }

    private static Sealing.Place DetailPlace(CustomerId id) => new(id.Value, "", OpenKey.AuditClass, 1);

    /// <summary>Destroys a customer's key, look-ups, fields and records. What a backup still holds of them is unreadable once its key-encryption key is gone.</summary>
    public async ValueTask ShredAsync(Transaction tx, CustomerId id, CancellationToken ct)
    {
        var args = new { id.Value };
        await tx.LockCustomerAsync(id, exclusive: true, ct);
        await tx.RunAsync("DELETE FROM customer_key WHERE customer_id = @Value", args, ct);
        await tx.RunAsync("DELETE FROM customer_lookup WHERE customer_id = @Value", args, ct);
        await tx.RunAsync("DELETE FROM sealed_field WHERE customer_id = @Value", args, ct);
        await tx.RunAsync("DELETE FROM sealed_record WHERE customer_id = @Value", args, ct);
    }

    private async ValueTask SetLookupAsync(Transaction tx, CustomerId id, string kind, string value, CancellationToken ct)
    {
        var stored = await tx.Prepared("INSERT INTO customer_lookup (kind, digest, customer_id) VALUES (@kind, @digest, @id) ON CONFLICT (kind, digest) DO NOTHING")
            .Set("@kind", kind).Set("@digest", index.Of(kind, value)).Set("@id", id.Value).ExecuteNonQueryAsync(ct);
        if (stored == 0)
        {
            throw new Fault(FaultKind.Conflict, "vault/taken", $"Another customer already has this {kind}.");
        }
    }
}
