using Candor.Audit;
using Candor.Catalog;
using Candor.Gate;
using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Reads;

/// <summary>A look by Candor itself into values, for what should not be in them. Counts and places come out of it, never a value.</summary>
/// <remarks>Each customer who is looked at has an entry in the log for each look, like any other read.</remarks>
public sealed class InspectionRead(Database database, CatalogRegister catalogs, SystemRead standings, AuditLog log, PersonalVault vault)
{
    /// <summary>As the log, and the customer's own page, names it.</summary>
    public const string Subject = "value-check";

    /// <summary>One value in clear beside the same as it is stored.</summary>
    internal readonly record struct Pair(OpenedValue Opened, SealedValue Sealed);

    /// <summary>What was opened of one customer.</summary>
    /// <param name="Values">Null: not allowed, because every use of theirs is held still.</param>
    /// <param name="Failed">Something of theirs cannot be opened.</param>
    internal sealed record Seen(CustomerKey Key, IReadOnlyList<Pair>? Values, bool Failed);

    private readonly record struct Evaluated(CustomerKey Key, Permit? Permit, SealedCustomer? Sealed);

    /// <summary>Opens data points of some customers, all of their records. Who is gone is left out.</summary>
    /// <param name="job">Who, as the log names it: <c>system:JOB</c>.</param>
    internal async Task<IReadOnlyList<Seen>> LookAsync(string job, IReadOnlyList<CustomerId> customers, IReadOnlyList<DataPointId> points, CancellationToken ct)
    {
        var evaluated = await database.WriteAsync(tx => EvaluateAsync(tx, job, customers, points, ct), ct);
        return [.. evaluated.Select(Open)];
    }

    /// <summary>Decides, loads and logs, customer by customer; nothing is in clear.</summary>
    private async ValueTask<List<Evaluated>> EvaluateAsync(Transaction tx, string job, IReadOnlyList<CustomerId> customers, IReadOnlyList<DataPointId> points, CancellationToken ct)
    {
        var ordered = await tx.LockCustomersAsync(customers, exclusive: false, ct);
        var list = new List<Evaluated>();
        var catalog = await catalogs.GetActiveAsync(tx, ct);
        foreach (var standing in (await standings.FindStandingsAsync(tx, ordered, catalog, ct)).Where(s => s.IsThere))
        {
            var key = standing.Key!;
            var decision = Permit.DecideInspection(
                new ActorState { Kind = ActorKind.System, Ref = job }, new CustomerState(key.Id, null, 0, standing.IsRestricted), points, catalog.Catalog.AggregateOnly, tx.Now, tx.Id);
            var values = new List<SealedValue>();
            if (decision is Decision.Allowed { Permit: var permit })
            {
                foreach (var point in permit.DataPoints)
                {
                    await CustomerValues.LoadAllAsync(tx, key.Id, point, values, ct);
                }
            }

            // Nobody asked for anything, so a log does not fill with refusals nobody caused, nor with looks at nothing.
            if (values.Count > 0)
            {
                await log.AppendAsync(tx, new AuditEvent
                {
                    Kind = AuditKind.Read, Actor = "system:" + job, CatalogVersion = catalog.Version, CustomerRef = key.AuditRef,
                    DataPoints = [.. values.Select(v => v.DataPoint.Value).Distinct()], Subject = Subject,
                }, ct);
            }

            list.Add(new Evaluated(key, (decision as Decision.Allowed)?.Permit, new SealedCustomer(tx, key, values)));
        }

        return list;
    }

    private Seen Open(Evaluated one)
    {
        if (one.Permit is null)
        {
            return new Seen(one.Key, null, Failed: false);
        }

        try
        {
            return new Seen(one.Key, [.. vault.Open(one.Permit, one.Sealed!).Values.Zip(one.Sealed!.Values, (o, s) => new Pair(o, s))], Failed: false);
        }
        catch (Fault)
        {
            // Something of this customer cannot be opened. The run says of how many that is so; the doctor and every read of them say more.
            return new Seen(one.Key, [], Failed: true);
        }
    }
}
