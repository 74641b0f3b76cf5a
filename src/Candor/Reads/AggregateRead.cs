using System.Runtime.InteropServices;
using System.Text.Json;
using Candor.Audit;
using Candor.Catalog;
using Candor.Gate;
using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Reads;

/// <summary>What is counted of one customer.</summary>
/// <param name="Outcomes">Each once: what it is about, such as a use, and whether it came out as yes.</param>
public sealed record CountedCase(CustomerId Customer, IReadOnlyList<(string About, bool IsYes)> Outcomes);

/// <summary>How something came out for one group.</summary>
/// <param name="Group">One of the values that the catalog declares; null: everybody who did not agree or gave none, and the groups that are too small.</param>
/// <param name="Whole">Customers of the group of whom it was counted; 0 where there are too few.</param>
/// <param name="Part">Those for whom it came out as yes.</param>
/// <param name="IsTooFew">The group has fewer than <see cref="AggregateRead.MinimumGroup"/> customers, though at least one; they are counted with those who gave none.</param>
public sealed record GroupCount(string About, DataPointId Attribute, string? Group, long Whole, long Part, bool IsTooFew);

/// <summary>The only way to what customers give for the bias audit: numbers of all customers that were looked at together, never a row.</summary>
/// <remarks>Each customer who agreed has an entry in the log for each count, like any other read. Of all others nothing is asked, read or logged.</remarks>
public sealed class AggregateRead(Database database, CatalogRegister catalogs, SystemRead standings, AuditLog log, PersonalVault vault)
{
    /// <summary>Smallest group of customers that is told of.</summary>
    public const int MinimumGroup = 10;

    /// <summary>As the log, and the customer's own page, names it.</summary>
    public const string Subject = "bias-audit";

    private readonly record struct Evaluated(CountedCase Case, Permit? Permit, SealedCustomer? Sealed);

    /// <summary>Counts outcomes by each attribute of the catalog's bias audit. Nothing comes out before all pages are counted.</summary>
    /// <param name="job">Who, as the log names it: <c>system:JOB</c>.</param>
    /// <param name="pages">All customers that belong together, some at a time, nobody twice.</param>
    /// <returns>By what it is about, attribute and declared value, those without a group last; empty where the catalog has no bias audit.</returns>
    public async Task<IReadOnlyList<GroupCount>> CountAsync(string job, IAsyncEnumerable<IReadOnlyList<CountedCase>> pages, CancellationToken ct)
    {
        var catalog = await database.ReadAsync(tx => catalogs.GetActiveAsync(tx, ct), ct);
        if (catalog.Catalog.BiasAudit is not { } audit)
        {
            return [];
        }

        DataPoint[] attributes = [.. catalog.Catalog.DataPointsOf(audit)];
        var counts = new Dictionary<(string About, DataPointId Attribute, string? Group), Counted>();
        await foreach (var page in pages.WithCancellation(ct))
        {
            var evaluated = await database.WriteAsync(tx => EvaluateAsync(tx, job, audit.Id, page, ct), ct);
            foreach (var one in evaluated)
            {
                Add(counts, one, attributes);
            }
        }

        return [.. counts.Keys.Select(k => k.About).Distinct().Order(StringComparer.Ordinal).SelectMany(about => attributes.SelectMany(a => Shown(counts, about, a)))];
    }

    /// <summary>Decides, loads and logs, customer by customer; nothing is in clear.</summary>
    private async ValueTask<List<Evaluated>> EvaluateAsync(Transaction tx, string job, PurposeId purpose, IReadOnlyList<CountedCase> page, CancellationToken ct)
    {
        var list = new List<Evaluated>();
        // Looked at anew for each page: a narrower catalog counts at once.
        var (catalog, approval) = (await catalogs.GetActiveAsync(tx, ct), await PurposeApprovals.FindAsync(tx, purpose, ct));
        await tx.LockCustomersAsync(page.Select(c => c.Customer), exclusive: false, ct);
        foreach (var (one, standing) in page.Zip(await standings.FindStandingsAsync(tx, [.. page.Select(c => c.Customer)], catalog, ct)))
        {
            if (standing.Key is null)
            {
                continue;
            }

            var decision = Decide(tx, job, purpose, catalog, standing, approval);
            if (decision is not Decision.Allowed { Permit: var permit })
            {
                // Nobody asked for anything, so a log does not fill with refusals nobody caused.
                list.Add(new Evaluated(one, null, null));
                continue;
            }

            await log.AppendAsync(tx, new AuditEvent
            {
                Kind = AuditKind.Read, Actor = "system:" + job, Purpose = purpose.Value, CatalogVersion = catalog.Version, CustomerRef = standing.Key.AuditRef,
                ConsentVersion = standing.Choices.First(c => c.Purpose == purpose).Version, DataPoints = [.. permit.DataPoints.Select(d => d.Value)], Subject = Subject,
            }, ct);
            list.Add(new Evaluated(one, permit, await vault.LoadAsync(tx, standing.Key, permit.DataPoints, 0, ct)));
        }

        return list;
    }

    private static Decision Decide(Transaction tx, string job, PurposeId id, ActiveCatalog catalog, SystemRead.Standing standing, Approval approval)
    {
        var purpose = catalog.Catalog.Purposes.GetValueOrDefault(id);
        var customer = new CustomerState(standing.Customer, standing.Choices.FirstOrDefault(c => c.Purpose == id), catalog.ConsentSince.GetValueOrDefault(id), standing.IsRestricted);
        DataPointId[] asked = purpose is null ? [] : [.. catalog.Catalog.DataPointsOf(purpose).Select(d => d.Id)];
        return Permit.DecideAggregate(new ReadQuestion(new ActorState { Kind = ActorKind.System, Ref = job }, purpose, approval, customer, asked, null, tx.Now, tx.Id));
    }

    /// <summary>Opens one customer's groups, counts, and forgets them.</summary>
    private void Add(Dictionary<(string About, DataPointId Attribute, string? Group), Counted> counts, Evaluated one, DataPoint[] attributes)
    {
        var opened = one.Permit is null ? [] : vault.Open(one.Permit, one.Sealed!).Values;
        foreach (var attribute in attributes)
        {
            var group = opened.Where(v => v.DataPoint == attribute.Id).Select(v => GroupOf(v.Json, attribute)).FirstOrDefault();
            foreach (var (about, isYes) in one.Case.Outcomes)
            {
                ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, (about, attribute.Id, group), out _);
                count = count.With(isYes);
            }
        }
    }

    /// <summary>Null for what the catalog does not declare any more.</summary>
    private static string? GroupOf(ReadOnlyMemory<byte> json, DataPoint attribute)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind == JsonValueKind.String ? attribute.Values.FirstOrDefault(v => v.Value == document.RootElement.GetString())?.Value : null;
    }

    private static IEnumerable<GroupCount> Shown(Dictionary<(string About, DataPointId Attribute, string? Group), Counted> counts, string about, DataPoint attribute) =>
        SmallGroups.Shown([.. attribute.Values.Select(v => (v.Value, counts.GetValueOrDefault((about, attribute.Id, v.Value))))], counts.GetValueOrDefault((about, attribute.Id, null)))
            .Select(g => new GroupCount(about, attribute.Id, g.Group, g.Count.Whole, g.Count.Part, g.IsTooFew));
}
