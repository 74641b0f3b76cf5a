using Candor.Audit;
using Candor.Catalog;
using Candor.Collection;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Rights;

/// <summary>What else goes with the data of one purpose, such as what a model learned from it. Runs in the same transaction; if it fails, nothing is removed.</summary>
public delegate ValueTask PurposeDataStep(Transaction tx, CustomerKey customer, PurposeId purpose, IReadOnlyList<DataPointId> dataPoints, CancellationToken ct);

/// <summary>What was collected for a purpose that is now off and that nothing else of this customer needs: how much it is, and its removal when the customer asks.</summary>
public sealed class PurposeData(Database database, CatalogRegister catalogs, ConsentLedger ledger, AuditLog log, PersonalVault vault, AccessRegister access)
{
    private readonly List<PurposeDataStep> steps = [];

    /// <summary>How much there is of a data point that nothing needs any more.</summary>
    public sealed record Unneeded(DataPoint DataPoint, long Values);

    /// <summary>What was found or removed, or why not.</summary>
    /// <param name="Entry">Id of the log entry; null when there was nothing to remove, and for a look.</param>
    public sealed record Outcome(ReasonCode? Refused, IReadOnlyList<Unneeded> Data, string? Entry);

    /// <summary>Adds a step that every removal takes from now on. At start only.</summary>
    public void AlsoDo(PurposeDataStep step) => steps.Add(step);

    /// <summary>What could go now; empty while the purpose is on.</summary>
    public async ValueTask<IReadOnlyList<Unneeded>> FindAsync(Transaction tx, CustomerId customer, PurposeId purpose, CancellationToken ct)
    {
        var catalog = await catalogs.GetActiveAsync(tx, ct);
        var choices = await ledger.StateAsync(tx, customer, ct);
        // A restriction holds the data still; it does not make it needless.
        var isOn = !catalog.Catalog.Purposes.TryGetValue(purpose, out var declared) || (declared.Active && Permit.WhyNotThisCustomer(
            declared, new CustomerState(customer, choices.FirstOrDefault(c => c.Purpose == purpose), catalog.ConsentSince.GetValueOrDefault(purpose), IsRestricted: false), tx.Now) is null);
        if (isOn)
        {
            return [];
        }

        var counts = (await CustomerValues.CountAsync(tx, customer, ct)).ToDictionary(c => c.DataPoint, c => c.Total);
        return
        [
            .. catalog.Catalog.DataPoints.Values
                .Where(d => (d.CollectedWith == purpose || declared!.Uses.ContainsKey(d.Id)) && d.LegalHold is null && counts.ContainsKey(d.Id.Value)
                    && Need.WhyNot(d, catalog, customer, choices, isRestricted: false, tx.Now) is not null)
                .OrderBy(d => d.Id.Value, StringComparer.Ordinal).Select(d => new Unneeded(d, counts[d.Id.Value])),
        ];
    }

    /// <summary>The same for whoever may change the customer's choices; null when the token belongs to nobody.</summary>
    /// <param name="reference">Null for the customer of the session.</param>
    public Task<Outcome?> LookAsync(CallerToken token, string? reference, PurposeId purpose, CancellationToken ct) => RunAsync(token, reference, purpose, remove: false, ct);

    /// <summary>Removes it, with what models learned from it, in one step.</summary>
    public async Task<Outcome?> RemoveAsync(CallerToken token, string? reference, PurposeId purpose, CancellationToken ct)
    {
        var outcome = await RunAsync(token, reference, purpose, remove: true, ct);
        if (outcome is { Data.Count: > 0 })
        {
            // What cannot leave the files at once leaves them with the next erasure or checkpoint.
            await database.ForgetDeletedAsync(ct);
        }

        return outcome;
    }

    private Task<Outcome?> RunAsync(CallerToken token, string? reference, PurposeId purpose, bool remove, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        if (await access.FindActorAsync(tx, token, ct) is not { } actor)
        {
            return null;
        }

        var key = await CustomerChoices.FindLockedAsync(tx, vault, actor, reference, ct);
        if ((CustomerChoices.WhyNot(actor, key, tx.Now) ?? (key is null ? ReasonCode.NoSuchCustomer : null)) is { } no)
        {
            var denied = new AuditEvent { Kind = AuditKind.Deny, Actor = actor.LogName, Session = actor.Session, Purpose = purpose.Value, CustomerRef = key?.AuditRef, Reason = no.Code(), Subject = "purpose-data" };
            return new Outcome(no, [], await log.AppendAsync(tx, denied, ct));
        }

        var found = await FindAsync(tx, key!.Id, purpose, ct);
        return new Outcome(null, found, remove && found.Count > 0 ? await RemoveAsync(tx, actor, key, purpose, found, ct) : null);
    }, ct);

    private async ValueTask<string> RemoveAsync(Transaction tx, ActorState actor, CustomerKey key, PurposeId purpose, IReadOnlyList<Unneeded> found, CancellationToken ct)
    {
        IReadOnlyList<DataPointId> points = [.. found.Select(f => f.DataPoint.Id)];
        foreach (var step in steps)
        {
            await step(tx, key, purpose, points, ct);
        }

        var removed = 0L;
        foreach (var one in found)
        {
            await OrderIndex.EraseAsync(tx, key.Id, one.DataPoint.Id, ct);
            removed += await CustomerValues.RemoveAllAsync(tx, key.Id, one.DataPoint.Id, BlindIndex.KindOf(one.DataPoint.Category), ct);
        }

        return await log.AppendAsync(tx, new AuditEvent
        {
            Kind = AuditKind.Erase, Actor = actor.LogName, Session = actor.Session, Purpose = purpose.Value, CustomerRef = key.AuditRef,
            DataPoints = [.. points.Select(p => p.Value)], Reason = "purpose-off", Subject = $"values:{removed}",
        }, ct);
    }
}
