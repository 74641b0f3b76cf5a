using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Reads;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Governance;

/// <summary>What else goes when values of a customer are removed because their time is over, such as what a model learned from them. In the same transaction; if it fails, nothing is removed.</summary>
public delegate ValueTask RetentionStep(Transaction tx, CustomerKey customer, IReadOnlyList<DataPointId> dataPoints, CancellationToken ct);

/// <summary>How far a run is.</summary>
/// <param name="Customers">Looked at.</param>
/// <param name="Values">Removed, or found by a dry run.</param>
public sealed record RetentionProgress(long Customers, long All, long Values);

/// <summary>Removes what is older than its retention: once a day, customer by customer, each in one step with its look-ups, what models learned from it, and one log entry.</summary>
/// <remarks>What the law makes the business keep is sealed again under a key of its own, as at an erasure: the members that the catalog names, for its time, for nothing else. Where a customer
/// has every use held still, their data stays until they let go. May be interrupted: it goes on behind the last customers that are done.</remarks>
public sealed class DataRetention(Database database, CatalogRegister catalogs, ConsentLedger ledger, AuditLog log, PersonalVault vault, HeldVault held)
{
    public const string Actor = "system:retention";
    /// <summary>A run begins so long after the one before began.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromDays(1);

    /// <summary>Customers to one transaction; bounds how long a writer waits behind it.</summary>
    private const int PerWrite = 20;

    private readonly List<RetentionStep> steps = [];

    /// <summary>Customers who are looked at in one reading.</summary>
    internal int PerPage { get; init; } = 500;

    /// <summary>Adds a step that every removal takes from now on. At start only.</summary>
    public void AlsoDo(RetentionStep step) => steps.Add(step);

    /// <summary>Runs when a day has gone by since the last run began, or one was interrupted. On a new installation, or the first with this version, it counts and waits a day.</summary>
    /// <returns>The run; null when none was due.</returns>
    public async Task<RetentionState?> RunDueAsync(CancellationToken ct)
    {
        if (await database.ReadAsync(tx => RetentionWalk.FindAsync(tx, ct), ct) is not { } last)
        {
            await database.WriteAsync(async tx => { await RetentionWalk.BeginAsync(tx, ct); return 0; }, ct);
            await CountAsync(null, ct);
            return null;
        }

        return last.FinishedAt is null || last.StartedAt + Every <= database.Clock.GetUtcNow() ? await RunAsync(null, ct) : null;
    }

    /// <summary>Goes through all customers; goes on where a run that was interrupted stopped. Then counts what is left.</summary>
    public async Task<RetentionState> RunAsync(IProgress<RetentionProgress>? progress, CancellationToken ct)
    {
        var last = await database.ReadAsync(tx => RetentionWalk.FindAsync(tx, ct), ct);
        var run = await database.WriteAsync(tx => RetentionWalk.StartAsync(tx, last, ct), ct);
        var (removed, seen, after) = (0L, 0L, run.After);
        var all = await database.ReadAsync(tx => vault.CountAsync(tx, ct), ct);
        while (await PageAsync(after, ct) is { Customers: > 0 } page)
        {
            var (gone, failed) = (0L, 0L);
            foreach (var some in page.Due.Select(v => v.Customer).Distinct().Chunk(PerWrite))
            {
                ct.ThrowIfCancellationRequested();
                var done = await RemoveAsync(some, ct);
                (gone, failed) = (gone + done.Removed, failed + done.Failed);
            }

            (after, removed, seen) = (page.Last, removed + gone, seen + page.Customers);
            await database.WriteAsync(async tx => { await RetentionWalk.AdvanceAsync(tx, run, page.Last, gone, failed, ct); return 0; }, ct);
            progress?.Report(new RetentionProgress(seen, all, removed));
        }

        var end = await database.WriteAsync(async tx =>
        {
            await RetentionWalk.FinishAsync(tx, run, ct);
            return (await RetentionWalk.FindAsync(tx, ct))!;
        }, ct);
        if (removed > 0)
        {
            // What cannot leave the files at once leaves them with the next erasure or checkpoint.
            await database.ForgetDeletedAsync(ct);
        }

        await CountAsync(null, ct);
        return end;
    }

    /// <summary>Counts what a run would find, and removes nothing. What is found is written down for the page.</summary>
    public async Task<IReadOnlyList<RetentionCount>> CountAsync(IProgress<RetentionProgress>? progress, CancellationToken ct)
    {
        var counts = new Dictionary<DataPointId, RetentionCount>();
        var all = await database.ReadAsync(tx => vault.CountAsync(tx, ct), ct);
        var (after, seen) = ("", 0L);
        while (await PageAsync(after, ct) is { Customers: > 0 } page)
        {
            ct.ThrowIfCancellationRequested();
            foreach (var group in page.Due.GroupBy(v => (v.Customer, v.DataPoint)))
            {
                var (values, waiting) = (group.LongCount(), page.Restricted.Contains(group.Key.Customer) ? group.LongCount() : 0);
                var known = counts.GetValueOrDefault(group.Key.DataPoint) ?? new RetentionCount(group.Key.DataPoint, 0, 0, 0, DateTimeOffset.MaxValue);
                var oldest = group.Min(v => v.Time);
                counts[group.Key.DataPoint] = known with
                {
                    Values = known.Values + values, Customers = known.Customers + 1, Waiting = known.Waiting + waiting, Oldest = oldest < known.Oldest ? oldest : known.Oldest,
                };
            }

            (after, seen) = (page.Last, seen + page.Customers);
            progress?.Report(new RetentionProgress(seen, all, counts.Values.Sum(c => c.Values)));
        }

        IReadOnlyList<RetentionCount> found = [.. counts.Values.OrderBy(c => c.DataPoint.Value, StringComparer.Ordinal)];
        await database.WriteAsync(async tx => { await RetentionWalk.KeepCountsAsync(tx, found, ct); return 0; }, ct);
        return found;
    }

    private sealed record Page(int Customers, string Last, IReadOnlyList<AgedValue> Due, IReadOnlySet<CustomerId> Restricted);

    /// <summary>The next customers with what is over of theirs; nobody when that was all.</summary>
    private Task<Page> PageAsync(string after, CancellationToken ct) => database.ReadAsync(async tx =>
    {
        var rules = new RetentionRules((await catalogs.GetActiveAsync(tx, ct)).Catalog);
        if (rules.Earliest(tx.Now) is not { } earliest)
        {
            return new Page(0, after, [], new HashSet<CustomerId>());
        }

        var ids = await vault.IdsAsync(tx, after, PerPage, ct);
        if (ids.Count == 0)
        {
            return new Page(0, after, [], new HashSet<CustomerId>());
        }

        IReadOnlyList<AgedValue> due = [.. (await AgedValues.BetweenAsync(tx, after, ids[^1].Value, earliest, ct)).Where(v => rules.IsOver(v.DataPoint, v.Time, tx.Now))];
        var restricted = (await ledger.StandingsAsync(tx, due.Select(v => v.Customer).Distinct(), ct)).Where(s => s.Value.IsRestricted).Select(s => s.Key).ToHashSet();
        return new Page(ids.Count, ids[^1].Value, due, restricted);
    }, ct);

    /// <summary>Removes what is over of some customers; where one of them fails, of each alone, so that one does not hold up the others.</summary>
    private async Task<(long Removed, long Failed)> RemoveAsync(IReadOnlyList<CustomerId> customers, CancellationToken ct)
    {
        try
        {
            return (await database.WriteAsync(async tx =>
            {
                var removed = 0L;
                foreach (var customer in customers)
                {
                    removed += await RemoveAsync(tx, customer, ct);
                }

                return removed;
            }, ct), 0);
        }
        catch (Fault) when (customers.Count == 1)
        {
            // Something of this customer cannot be opened. The run says of how many that is so; the doctor and every read of them say more.
            return (0, 1);
        }
        catch (Fault)
        {
            var (removed, failed) = (0L, 0L);
            foreach (var customer in customers)
            {
                var one = await RemoveAsync([customer], ct);
                (removed, failed) = (removed + one.Removed, failed + one.Failed);
            }

            return (removed, failed);
        }
    }

    private async ValueTask<long> RemoveAsync(Transaction tx, CustomerId customer, CancellationToken ct)
    {
        await tx.LockCustomerAsync(customer, exclusive: true, ct);
        var catalog = await catalogs.GetActiveAsync(tx, ct);
        var rules = new RetentionRules(catalog.Catalog);
        if (await vault.FindCustomerAsync(tx, customer, ct) is not { } key || rules.Earliest(tx.Now) is not { } earliest || await ledger.RestrictedSinceAsync(tx, customer, ct) is not null)
        {
            return 0;
        }

        // Looked for again: between the reading and the lock the customer may have changed a field.
        var over = (await AgedValues.OfAsync(tx, customer, earliest, ct)).Where(v => rules.IsOver(v.DataPoint, v.Time, tx.Now)).ToList();
        if (over.Count == 0)
        {
            return 0;
        }

        IReadOnlyList<DataPointId> points = [.. over.Select(v => v.DataPoint).Distinct().OrderBy(p => p.Value, StringComparer.Ordinal)];
        var kept = rules.HoldsOf(points) is { Count: > 0 } holds && await CustomerValues.FindReferenceDigestAsync(tx, customer, ct) is { } digest
            ? await held.HoldAsync(tx, key, digest, holds, ct, (point, time) => rules.IsOver(point, time, tx.Now)) : [];
        foreach (var step in steps)
        {
            await step(tx, key, points, ct);
        }

        foreach (var value in over)
        {
            await RemoveAsync(tx, value, rules, ct);
        }

        await log.AppendAsync(tx, new AuditEvent
        {
            Kind = AuditKind.Erase, Actor = Actor, CatalogVersion = catalog.Version, CustomerRef = key.AuditRef, DataPoints = [.. points.Select(p => p.Value)],
            Reason = OwnData.RetentionOver, Subject = kept.Count > 0 ? $"values:{over.Count} held:{kept.Sum(k => k.Records)}" : $"values:{over.Count}",
        }, ct);
        return over.Count;
    }

    /// <summary>Removes one value, and what it is found by.</summary>
    private async ValueTask RemoveAsync(Transaction tx, AgedValue value, RetentionRules rules, CancellationToken ct)
    {
        if (value.RecordId is { } record)
        {
            await AgedValues.RemoveRecordAsync(tx, value.Customer, value.DataPoint, record, ct);
            await OrderIndex.RemoveAsync(tx, value.Customer, value.DataPoint, record, ct);
        }
        else
        {
            await vault.RemoveFieldAsync(tx, value.Customer, value.DataPoint, rules.LookupOf(value.DataPoint), ct);
        }
    }
}
