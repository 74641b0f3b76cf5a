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

namespace Candor.Desk;

/// <summary>An agent who may act for a customer in a visit, as one transaction found both.</summary>
internal sealed record DeskAct(ActorState Agent, DeskVisit Visit, CustomerKey Key, ActiveCatalog Catalog, IReadOnlyList<Choice> Choices, bool IsRestricted)
{
    /// <summary>Why a data point may not come in; null when it may.</summary>
    public ReasonCode? WhyNotNeeded(DataPoint dataPoint, DateTimeOffset now) => Need.WhyNot(dataPoint, Catalog, Key.Id, Choices, IsRestricted, now);

    public AuditEvent Event(AuditKind kind) => new()
    {
        Kind = kind, Actor = Agent.LogName, Session = Agent.Session, Purpose = Visit.Purpose.Value, CatalogVersion = Catalog.Version, CustomerRef = Key.AuditRef,
    };
}

/// <summary>Asks the gate before anything is written at the desk: whoever may not read a data point for the visit's purpose may not write it either.</summary>
internal sealed class DeskGate(CatalogRegister catalogs, ConsentLedger ledger, AuditLog log, PersonalVault vault, AccessRegister access, DeskVisits visits)
{
    /// <summary>The act, or why not. Both null: the token belongs to nobody.</summary>
    /// <param name="asked">The data points that it is about; may be none.</param>
    /// <param name="what">What is wanted, for the log of a refusal.</param>
    /// <exception cref="Fault">NotFound <c>desk/no-such-visit</c>.</exception>
    public async ValueTask<(DeskAct? Act, CustomerChoices.Refusal? Refused)> FindAsync(
        Transaction tx, CallerToken token, string visitId, Func<PurposeCatalog, IReadOnlyList<DataPointId>> asked, string what, CancellationToken ct)
    {
        if (await access.FindActorAsync(tx, token, ct) is not { } agent)
        {
            return (null, null);
        }

        var (visit, key) = await FindVisitAsync(tx, agent, visitId, exclusive: true, ct);
        var catalog = await catalogs.GetActiveAsync(tx, ct);
        var choices = await ledger.StateAsync(tx, visit.Customer, ct);
        var isRestricted = await ledger.RestrictedSinceAsync(tx, visit.Customer, ct) is not null;
        var customer = new CustomerState(
            visit.Customer, choices.FirstOrDefault(c => c.Purpose == visit.Purpose), catalog.ConsentSince.GetValueOrDefault(visit.Purpose), isRestricted);
        var question = new ReadQuestion(
            agent, catalog.Catalog.Purposes.GetValueOrDefault(visit.Purpose), await PurposeApprovals.FindAsync(tx, visit.Purpose, ct), customer, asked(catalog.Catalog), visit.Case, tx.Now, tx.Id);
        var decision = visit.Emergency is null ? Permit.DecideRead(question) : Permit.DecideEmergency(question);
        var reason = DeskRules.WhyNot(agent, DeskRules.Role, tx.Now) ?? (decision as Decision.Denied)?.Reason;
        var act = new DeskAct(agent, visit, key, catalog, choices, isRestricted);
        return reason is { } no
            ? (null, new CustomerChoices.Refusal(no, await log.AppendAsync(tx, act.Event(AuditKind.Deny) with { Reason = no.Code(), Subject = what }, ct)))
            : (act, null);
    }

    /// <summary>A visit of this agent and its customer, with the customer's lock held.</summary>
    /// <exception cref="Fault">NotFound <c>desk/no-such-visit</c>: there is none, it is over, or the customer is no more.</exception>
    public async ValueTask<(DeskVisit Visit, CustomerKey Key)> FindVisitAsync(Transaction tx, ActorState agent, string visitId, bool exclusive, CancellationToken ct)
    {
        var visit = agent.Kind == ActorKind.Staff ? await visits.FindAsync(tx, visitId, agent.Ref, ct) : null;
        if (visit is not null)
        {
            await tx.LockCustomerAsync(visit.Customer, exclusive, ct);
        }

        return visit is not null && await vault.FindCustomerAsync(tx, visit.Customer, ct) is { } key
            ? (visit, key)
            : throw new Fault(FaultKind.NotFound, "desk/no-such-visit", $"There is no customer's page `{Name.Shown(visitId)}` of yours; find the customer again.");
    }
}
