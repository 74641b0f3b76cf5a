using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Reads;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Collection;

/// <summary>How far an import is.</summary>
public sealed record ImportProgress(long Rows, long BytesRead, long BytesTotal);

/// <summary>What came of an import. Every row of the file is counted in exactly one place.</summary>
/// <param name="Duplicates">Rows that were there already, from an earlier run of the same or another file.</param>
/// <param name="Rejected">Rows refused, by reason.</param>
public sealed record ImportReport(
    long Rows, long Stored, long Duplicates, long NotNeeded, IReadOnlyDictionary<string, long> Rejected, long CustomersCreated, TimeSpan Took);

/// <summary>Imports a shop's orders from a file. It may be interrupted and run again: rows and position are committed together, and nothing is stored twice.</summary>
/// <remarks>One log entry a customer and batch. What no active purpose of a customer needs is not stored, as with every collection.</remarks>
public sealed class OrderImport(Database database, CatalogRegister catalogs, ConsentLedger ledger, AuditLog log, PersonalVault vault)
{
    /// <summary>Rows to one transaction.</summary>
    private const int Batch = 4000;

    private const string Actor = "system:import";

    private readonly record struct Sealed(string RecordId, DateTimeOffset Time, byte[] Bytes, byte[]? Found);

    private sealed record Position(long RowsDone, long NotNeeded);

    private sealed class Tally
    {
        public long Rows, Stored, Duplicates, NotNeeded, Created;
        public readonly Dictionary<string, long> Rejected = [];
    }

    /// <param name="rejectsFile">Written anew; not made when no row is refused.</param>
    /// <exception cref="Fault">Invalid when the file, or the mapping for it, cannot be read.</exception>
    public async Task<ImportReport> RunAsync(string file, OrderMap map, string rejectsFile, IProgress<ImportProgress>? progress, CancellationToken ct)
    {
        if (Path.GetFullPath(file) == Path.GetFullPath(rejectsFile))
        {
            throw new Fault(FaultKind.Invalid, "collection/rejects-over-orders", "The rejects would overwrite the orders; give another file for the rejects.");
        }

        var (watch, tally, digest) = (Stopwatch.StartNew(), new Tally(), await DigestAsync(file, ct));
        var dataPoint = await database.ReadAsync(async tx => ProfileCollection.Declared(map.DataPoint.Value, (await catalogs.GetActiveAsync(tx, ct)).Catalog), ct);
        if (dataPoint.Kind == DataPointKind.Field)
        {
            throw new Fault(FaultKind.Invalid, "collection/is-a-field", $"`{dataPoint.Id}` is a field; `dataPoint` of a mapping names a history.");
        }

        var done = await database.ReadAsync(async tx => await tx.FindAsync<Position>(
            "SELECT rows_done, not_needed FROM import_state WHERE file_digest = @digest AND map_digest = @Digest2", new { digest, Digest2 = map.Digest }, ct), ct);
        (tally.NotNeeded, tally.Duplicates) = (done?.NotNeeded ?? 0, -(done?.NotNeeded ?? 0));
        using var orders = new OrderFile(file, map);
        using var rejects = new RejectsFile(rejectsFile, orders.Header);
        var keys = new Dictionary<string, CustomerKey>();
        for (List<OrderRow> rows; (rows = orders.Read(Batch)).Count > 0;)
        {
            ct.ThrowIfCancellationRequested();
            var good = Sort(rows, map, dataPoint, tally, rejects);
            tally.Rows += rows.Count;
            if (tally.Rows <= done?.RowsDone)
            {
                tally.Duplicates += good.Count;
            }
            else
            {
                await StoreAsync(good, map, dataPoint, digest, keys, tally, ct);
            }

            progress?.Report(new ImportProgress(tally.Rows, orders.BytesRead, orders.BytesTotal));
        }

        // The position is for imports that were interrupted. A whole file that comes again is gone through: what was not needed then may be now.
        await database.WriteAsync(async tx => { await tx.RunAsync("DELETE FROM import_state WHERE file_digest = @digest AND map_digest = @Digest2", new { digest, Digest2 = map.Digest }, ct); }, ct);
        return new ImportReport(tally.Rows, tally.Stored, tally.Duplicates, tally.NotNeeded, tally.Rejected, tally.Created, watch.Elapsed);
    }

    /// <summary>Parts the rows that can be taken from those that cannot.</summary>
    private List<OrderRow> Sort(List<OrderRow> rows, OrderMap map, DataPoint dataPoint, Tally tally, RejectsFile rejects)
    {
        var now = database.Clock.GetUtcNow();
        var oldest = map.KeepOld ? null : dataPoint.Retention.Period?.Before(now);
        var good = new List<OrderRow>(rows.Count);
        foreach (var row in rows)
        {
            var reason = row.Reason ?? (row.Time < oldest ? $"older than the retention of `{dataPoint.Id}`" : row.Time > now + EventCollection.MaxAhead ? "its time lies in the future" : null);
            if (reason is null)
            {
                good.Add(row);
            }
            else
            {
                rejects.Add(row with { Reason = reason });
                tally.Rejected[reason] = tally.Rejected.GetValueOrDefault(reason) + 1;
            }
        }

        return good;
    }

    private async Task StoreAsync(List<OrderRow> rows, OrderMap map, DataPoint dataPoint, string digest, Dictionary<string, CustomerKey> keys, Tally tally, CancellationToken ct)
    {
        var groups = rows.GroupBy(r => r.Customer).ToList();
        var unknown = groups.Select(g => g.Key).Where(r => !keys.ContainsKey(r)).ToList();
        if (unknown.Count > 0)
        {
            tally.Created += await database.WriteAsync(tx => FindOrCreateAsync(tx, unknown, keys, ct), ct);
        }

        var sealed_ = groups.Select(g => (Key: keys[g.Key], Records: Seal(keys[g.Key], dataPoint, g)))
            .OrderBy(g => g.Key.Id.Value, StringComparer.Ordinal).ToList();
        var counted = await database.WriteAsync(async tx =>
        {
            var (catalog, stored, notNeeded) = (await catalogs.GetActiveAsync(tx, ct), 0L, 0L);
            foreach (var (key, records) in sealed_)
            {
                var kept = await InsertAsync(tx, catalog, key, dataPoint, records, map.Source, ct);
                (stored, notNeeded) = (stored + (kept ?? 0), notNeeded + (kept is null ? records.Count : 0));
            }

            await tx.RunAsync(
                """
                INSERT INTO import_state (file_digest, map_digest, rows_done, not_needed, updated_at_us) VALUES (@digest, @Digest2, @Rows, @NotNeeded, @NowUs)
                ON CONFLICT (file_digest, map_digest) DO UPDATE SET rows_done = excluded.rows_done, not_needed = excluded.not_needed, updated_at_us = excluded.updated_at_us
                """, new { digest, Digest2 = map.Digest, tally.Rows, NotNeeded = tally.NotNeeded + notNeeded, tx.NowUs }, ct);
            return (stored, notNeeded);
        }, ct);
        tally.Stored += counted.stored;
        tally.NotNeeded += counted.notNeeded;
        tally.Duplicates += rows.Count - counted.stored - counted.notNeeded;
    }

    /// <summary>Records stored; null when no active purpose of this customer needs them.</summary>
    private async ValueTask<int?> InsertAsync(
        Transaction tx, ActiveCatalog catalog, CustomerKey key, DataPoint dataPoint, List<Sealed> records, string source, CancellationToken ct)
    {
        await tx.LockCustomerAsync(key.Id, exclusive: false, ct);
        var isRestricted = await ledger.RestrictedSinceAsync(tx, key.Id, ct) is not null;
        if (await vault.FindCustomerAsync(tx, key.Id, ct) is null
            || Need.WhyNot(dataPoint, catalog, key.Id, await ledger.StateAsync(tx, key.Id, ct), isRestricted, tx.Now) is not null)
        {
            return null;
        }

        var stored = 0;
        foreach (var record in records)
        {
            stored += await PersonalVault.InsertRecordAsync(tx, key.Id, dataPoint.Id, record.RecordId, record.Time, record.Bytes, source, ct) ? 1 : 0;
            await OrderIndex.AddAsync(tx, key.Id, dataPoint.Id, record.RecordId, record.Found, ct);
        }

        if (stored > 0)
        {
            await log.AppendAsync(tx, new AuditEvent
            {
                Kind = AuditKind.Import, Actor = Actor, CatalogVersion = catalog.Version, CustomerRef = key.AuditRef, DataPoints = [dataPoint.Id.Value], Subject = $"records:{stored}",
            }, ct);
        }

        return stored;
    }

    private async ValueTask<long> FindOrCreateAsync(Transaction tx, List<string> references, Dictionary<string, CustomerKey> keys, CancellationToken ct)
    {
        var created = 0L;
        foreach (var reference in references)
        {
            var known = await vault.FindCustomerAsync(tx, BlindIndex.Reference, reference, ct);
            created += known is null ? 1 : 0;
            keys[reference] = known ?? await vault.CreateCustomerAsync(tx, reference, ct);
        }

        return created;
    }

    private List<Sealed> Seal(CustomerKey key, DataPoint dataPoint, IEnumerable<OrderRow> rows)
    {
        using var open = vault.BeginSeal(key);
        return [.. rows.Select(r => new Sealed(
            r.RecordId, r.Time, PersonalVault.SealRecord(open, dataPoint.Id, r.RecordId, r.Json), dataPoint.FindBy is null ? null : OrderIndex.DigestOf(vault, dataPoint, JsonElement.Parse(r.Json))))];
    }

    private static async Task<string> DigestAsync(string file, CancellationToken ct)
    {
        await using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, ct));
    }
}
