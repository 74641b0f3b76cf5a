using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Reads;

/// <summary>What else happens in the same step as a changed choice: queued messages go, models forget, other systems are told.</summary>
/// <remarks>Runs in the transaction of the choice, with the customer's lock held; if it fails, the choice is not changed either.</remarks>
public delegate ValueTask ChoiceStep(Transaction tx, CustomerKey customer, ConsentRecord record, ActiveCatalog catalog, CancellationToken ct);

/// <summary>A customer's choices, changed: the ledger and the log in one transaction, with the customer's lock held.</summary>
/// <remarks>When a withdrawal returns, no read that began under the old choice is still running, and none that begins later succeeds.</remarks>
public sealed class CustomerChoices(Database database, CatalogRegister catalogs, ConsentLedger ledger, AuditLog log, PersonalVault vault, AccessRegister access)
{
    private readonly List<ChoiceStep> steps = [];

    /// <summary>Adds a step that every changed choice takes from now on, the runs of expiry included. At start only.</summary>
    public void AlsoDo(ChoiceStep step) => steps.Add(step);

    /// <summary>What a customer decided, and where it stands in the log.</summary>
    /// <param name="Record">The consent record.</param>
    /// <param name="Entry">Id of the log entry.</param>
    /// <param name="Purpose">The purpose as the catalog declared it then.</param>
    public sealed record Changed(ConsentRecord Record, string Entry, Purpose Purpose);

    /// <summary>Why a change was not made.</summary>
    public sealed record Refusal(ReasonCode Reason, string Entry);

    /// <summary>A change, or why not. Both null: the token belongs to nobody.</summary>
    public readonly record struct Outcome(Changed? Changed, Refusal? Refused);

    /// <summary>Gives or renews consent to one purpose, under the notice that the customer was shown.</summary>
    public Task<Outcome> GiveAsync(CallerToken token, string? reference, PurposeId purpose, NoticeRef notice, string method, CancellationToken ct) =>
        ChangeAsync(token, reference, purpose, (tx, customer, declared, catalog) => ledger.GiveAsync(tx, customer, declared, catalog, notice, method, ct), ct);

    /// <summary>Takes consent back. As easy as giving it: no notice, no reason.</summary>
    public Task<Outcome> WithdrawAsync(CallerToken token, string? reference, PurposeId purpose, string method, string language, CancellationToken ct) =>
        ChangeAsync(token, reference, purpose, (tx, customer, _, _) => ledger.WithdrawAsync(tx, customer, purpose, method, language, ct), ct);

    /// <summary>Says no when asked, so that the question is not asked again soon.</summary>
    public Task<Outcome> RefuseAsync(CallerToken token, string? reference, PurposeId purpose, NoticeRef notice, string method, CancellationToken ct) =>
        ChangeAsync(token, reference, purpose, (tx, customer, declared, catalog) => ledger.RefuseAsync(tx, customer, declared, catalog, notice, method, ct), ct);

    /// <summary>Objects to a use that rests on legitimate interest.</summary>
    public Task<Outcome> ObjectAsync(CallerToken token, string? reference, PurposeId purpose, string method, string language, CancellationToken ct) =>
        ChangeAsync(token, reference, purpose, (tx, customer, declared, catalog) => ledger.ObjectAsync(tx, customer, declared, catalog, method, language, ct), ct);

    /// <summary>Takes an objection back.</summary>
    public Task<Outcome> LiftObjectionAsync(CallerToken token, string? reference, PurposeId purpose, string method, string language, CancellationToken ct) =>
        ChangeAsync(token, reference, purpose, (tx, customer, _, _) => ledger.LiftObjectionAsync(tx, customer, purpose, method, language, ct), ct);

    /// <summary>Switches off everything that the customer can switch off, in one step: each purpose gets its own record, log entry and steps, or none does.</summary>
    /// <returns>What was switched off; null when the token is no live session of a customer.</returns>
    public Task<IReadOnlyList<Changed>?> AllOffAsync(CallerToken token, string method, string language, CancellationToken ct) =>
        database.WriteAsync<IReadOnlyList<Changed>?>(async tx =>
        {
            if (await access.FindActorAsync(tx, token, ct) is not { Kind: ActorKind.Customer } actor
                || await FindLockedAsync(tx, vault, actor, null, ct) is not { } key || WhyNot(actor, key, tx.Now) is not null)
            {
                return null;
            }

            var catalog = await catalogs.GetActiveAsync(tx, ct);
            var state = (await ledger.StateAsync(tx, key.Id, ct)).ToDictionary(c => c.Purpose, c => c.State);
            var changed = new List<Changed>();
            foreach (var purpose in catalog.Catalog.Purposes.Values.Where(p => p.Active).OrderBy(p => p.Id.Value, StringComparer.Ordinal))
            {
                if (await SwitchOffAsync(tx, key.Id, purpose, state.TryGetValue(purpose.Id, out var known) ? known : null, catalog, method, language, ct) is { } record)
                {
                    changed.Add(await LogAsync(tx, actor, key, purpose, catalog, record, ct));
                }
            }

            return changed;
        }, ct);

    /// <summary>Ends a purpose for whoever holds the link that only this customer was sent: consent is withdrawn, or a use that rests on legitimate interest objected to.</summary>
    /// <returns>Null when there is nothing to end: it is off already, or the customer or the purpose is no more.</returns>
    public Task<Changed?> EndByLinkAsync(CustomerId customer, PurposeId purposeId, string method, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var catalog = await catalogs.GetActiveAsync(tx, ct);
        await tx.LockCustomerAsync(customer, exclusive: true, ct);
        if (await vault.FindCustomerAsync(tx, customer, ct) is not { } key || catalog.Catalog.Purposes.GetValueOrDefault(purposeId) is not { } purpose)
        {
            return null;
        }

        var state = (await ledger.StateAsync(tx, customer, ct)).FirstOrDefault(c => c.Purpose == purposeId)?.State;
        return await SwitchOffAsync(tx, customer, purpose, state, catalog, method, catalog.Catalog.Organisation.Languages[0], ct) is { } record
            ? await LogAsync(tx, new ActorState { Kind = ActorKind.Customer, Ref = customer.Value }, key, purpose, catalog, record, ct)
            : null;
    }, ct);

    /// <summary>A customer's current choices, for whoever may change them.</summary>
    public Task<(IReadOnlyList<Choice>? Listed, Refusal? Refused)> ListAsync(CallerToken token, string reference, CancellationToken ct) =>
        database.WriteAsync<(IReadOnlyList<Choice>?, Refusal?)>(async tx =>
        {
            if (await access.FindActorAsync(tx, token, ct) is not { } actor)
            {
                return (null, null);
            }

            var key = await vault.FindCustomerAsync(tx, BlindIndex.Reference, reference, ct);
            if ((WhyNot(actor, key, tx.Now) ?? (key is null ? ReasonCode.NoSuchCustomer : null)) is not { } no)
            {
                return (await ledger.StateAsync(tx, key!.Id, ct), null);
            }

            var denied = new AuditEvent { Kind = AuditKind.Deny, Actor = actor.LogName, Session = actor.Session, CustomerRef = key?.AuditRef, Reason = no.Code(), Subject = "consents" };
            return (null, new Refusal(no, await log.AppendAsync(tx, denied, ct)));
        }, ct);

    /// <summary>Writes the expired record, and its log entry, of consents whose time is over. Reads do not wait for it: the gate looks at the time itself.</summary>
    /// <returns>How many; call again while it is as many as <paramref name="most"/>.</returns>
    public Task<int> ExpireDueAsync(int most, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var expired = await ledger.ExpireDueAsync(tx, most, ct);
        var catalog = expired.Count > 0 ? await catalogs.GetActiveAsync(tx, ct) : null;
        foreach (var record in expired)
        {
            var key = await vault.FindCustomerAsync(tx, record.Customer, ct);
            var by = new AuditEvent { Kind = AuditKind.ConsentOther, Actor = "system:expiry", CatalogVersion = record.CatalogVersion, Reason = record.Event.Code() };
            await KeepAsync(tx, by, key, record, catalog!, ct);
        }

        return expired.Count;
    }, ct);

    /// <summary>Records, in the caller's transaction, what a rights request changed: log entry and further steps included. Nothing of that when nothing changed.</summary>
    public async ValueTask<ConsentRecord> RecordAsync(
        Transaction tx, CustomerKey key, ActorState actor, ActiveCatalog catalog, Func<ValueTask<ConsentRecord>> change, CancellationToken ct)
    {
        var record = await change();
        if (record.At == tx.Now)
        {
            await KeepAsync(tx, By(actor.LogName, record, catalog) with { Session = actor.Session }, key, record, catalog, ct);
        }

        return record;
    }

    /// <summary>Stops a use again that a restored backup still allows, with all that follows from a withdrawal.</summary>
    /// <returns>False when there was nothing to do: the customer is not here, or what is here is newer.</returns>
    public async ValueTask<bool> StopAgainAsync(Transaction tx, StoppedUse use, string by, CancellationToken ct)
    {
        var id = CustomerId.Parse(use.CustomerId);
        await tx.LockCustomerAsync(id, exclusive: true, ct);
        var catalog = await catalogs.GetActiveAsync(tx, ct);
        if (await vault.FindCustomerAsync(tx, id, ct) is not { } key || await ledger.StopAgainAsync(tx, id, use, catalog, ct) is not { } record)
        {
            return false;
        }

        await KeepAsync(tx, By(by, record, catalog) with { Reason = "replay" }, key, record, catalog, ct);
        return true;
    }

    private Task<Outcome> ChangeAsync(
        CallerToken token, string? reference, PurposeId purposeId,
        Func<Transaction, CustomerId, Purpose, ActiveCatalog, ValueTask<ConsentRecord>> change, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        if (await access.FindActorAsync(tx, token, ct) is not { } actor)
        {
            return default;
        }

        var catalog = await catalogs.GetActiveAsync(tx, ct);
        var key = await FindLockedAsync(tx, vault, actor, reference, ct);
        var purpose = catalog.Catalog.Purposes.GetValueOrDefault(purposeId);
        if (WhyNot(actor, key, purpose, tx.Now) is { } no)
        {
            var denied = Event(AuditKind.Deny, actor, key, purposeId, catalog) with { Reason = no.Code() };
            return new Outcome(null, new Refusal(no, await log.AppendAsync(tx, denied, ct)));
        }

        return new Outcome(await LogAsync(tx, actor, key!, purpose!, catalog, await change(tx, key!.Id, purpose!, catalog), ct), null);
    }, ct);

    /// <summary>Logs a record that the ledger has just made in this transaction, and takes the steps that go with it. Who may make it was decided by the caller.</summary>
    internal async ValueTask<Changed> LogAsync(
        Transaction tx, ActorState actor, CustomerKey key, Purpose purpose, ActiveCatalog catalog, ConsentRecord record, CancellationToken ct)
    {
        var by = By(actor.LogName, record, catalog) with { Session = actor.Session };
        return new Changed(record, await KeepAsync(tx, by, key, record, catalog, ct), purpose);
    }

    /// <summary>Gives a record of the ledger its log entry, and takes the steps that go with every changed choice.</summary>
    /// <param name="by">Who made it and under which catalog; what the record itself says is filled in here.</param>
    /// <returns>Id of the log entry.</returns>
    private async ValueTask<string> KeepAsync(Transaction tx, AuditEvent by, CustomerKey? key, ConsentRecord record, ActiveCatalog catalog, CancellationToken ct)
    {
        var entry = await log.AppendAsync(tx, by with { Purpose = record.Purpose?.Value, ConsentVersion = record.Version, CustomerRef = key?.AuditRef, Subject = record.Id }, ct);
        foreach (var step in key is null ? [] : steps)
        {
            await step(tx, key!, record, catalog, ct);
        }

        return entry;
    }

    private static AuditEvent By(string actor, ConsentRecord record, ActiveCatalog catalog) => new() { Kind = KindOf(record.Event), Actor = actor, CatalogVersion = catalog.Version };

    /// <summary>Ends a use that is on and that the customer may end; null when there is nothing to end.</summary>
    private async ValueTask<ConsentRecord?> SwitchOffAsync(
        Transaction tx, CustomerId customer, Purpose purpose, ConsentState? state, ActiveCatalog catalog, string method, string language, CancellationToken ct) => (purpose.Basis, state) switch
    {
        (LegalBasis.Consent, ConsentState.Given) => await ledger.WithdrawAsync(tx, customer, purpose.Id, method, language, ct),
        (LegalBasis.LegitimateInterest, not ConsentState.Objected) => await ledger.ObjectAsync(tx, customer, purpose, catalog, method, language, ct),
        _ => null,
    };

    /// <summary>Finds the customer, waits for the lock, and looks again: the first look may be older than the wait.</summary>
    internal static async ValueTask<CustomerKey?> FindLockedAsync(Transaction tx, PersonalVault vault, ActorState actor, string? reference, CancellationToken ct)
    {
        var id = reference is not null ? (await vault.FindCustomerAsync(tx, BlindIndex.Reference, reference, ct))?.Id
            : actor.Kind == ActorKind.Customer ? CustomerId.Parse(actor.Ref) : null;
        if (id is null)
        {
            return null;
        }

        await tx.LockCustomerAsync(id, exclusive: true, ct);
        return await vault.FindCustomerAsync(tx, id, ct);
    }

    /// <summary>The customer decides: in a session of their own, or through a service that carries their choices. Staff never do.</summary>
    private static ReasonCode? WhyNot(ActorState actor, CustomerKey? key, Purpose? purpose, DateTimeOffset now) => WhyNot(actor, key, now) ?? (key, purpose) switch
    {
        (null, _) => ReasonCode.NoSuchCustomer,
        (_, null) => ReasonCode.UnknownPurpose,
        (_, { Active: false }) => ReasonCode.PurposeNotActive,
        _ => null,
    };

    /// <summary>Who may carry this customer's choices at all, whatever they are about; null when the actor may, or nobody was found.</summary>
    internal static ReasonCode? WhyNot(ActorState actor, CustomerKey? key, DateTimeOffset now) => (actor, key) switch
    {
        _ when actor.IsRevoked || actor.ExpiresAt <= now => ReasonCode.SessionEnded,
        ({ Kind: ActorKind.Customer }, { } k) when k.Id.Value != actor.Ref => ReasonCode.RoleNotAllowed,
        ({ Kind: ActorKind.Service }, _) when !actor.MayDo("consents") => ReasonCode.RoleNotAllowed,
        ({ Kind: ActorKind.Staff or ActorKind.System }, _) => ReasonCode.RoleNotAllowed,
        _ => null,
    };

    private static AuditEvent Event(AuditKind kind, ActorState actor, CustomerKey? key, PurposeId purpose, ActiveCatalog catalog) => new()
    {
        Kind = kind,
        Actor = actor.LogName,
        Session = actor.Session,
        Purpose = purpose.Value,
        CatalogVersion = catalog.Version,
        CustomerRef = key?.AuditRef,
    };

    private static AuditKind KindOf(ConsentEvent happened) => happened switch
    {
        ConsentEvent.Given or ConsentEvent.Renewed => AuditKind.ConsentGiven,
        ConsentEvent.Withdrawn => AuditKind.ConsentWithdrawn,
        _ => AuditKind.ConsentOther,
    };
}
