using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Reads;

/// <summary>A customer's choices, changed: the ledger and the log in one transaction, with the customer's lock held.</summary>
/// <remarks>When a withdrawal returns, no read that began under the old choice is still running, and none that begins later succeeds.</remarks>
public sealed class CustomerChoices(Database database, CatalogRegister catalogs, ConsentLedger ledger, AuditLog log, PersonalVault vault, AccessRegister access)
{
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
    public Task<Outcome> GiveAsync(CallerToken token, string reference, PurposeId purpose, NoticeRef notice, string method, CancellationToken ct) =>
        ChangeAsync(token, reference, purpose, (tx, customer, declared, catalog) => ledger.GiveAsync(tx, customer, declared, catalog, notice, method, ct), ct);

    /// <summary>Takes consent back. As easy as giving it: no notice, no reason.</summary>
    public Task<Outcome> WithdrawAsync(CallerToken token, string reference, PurposeId purpose, string method, string language, CancellationToken ct) =>
        ChangeAsync(token, reference, purpose, (tx, customer, _, _) => ledger.WithdrawAsync(tx, customer, purpose, method, language, ct), ct);

    /// <summary>Says no when asked, so that the question is not asked again soon.</summary>
    public Task<Outcome> RefuseAsync(CallerToken token, string reference, PurposeId purpose, NoticeRef notice, string method, CancellationToken ct) =>
        ChangeAsync(token, reference, purpose, (tx, customer, declared, catalog) => ledger.RefuseAsync(tx, customer, declared, catalog, notice, method, ct), ct);

    /// <summary>Objects to a use that rests on legitimate interest.</summary>
    public Task<Outcome> ObjectAsync(CallerToken token, string reference, PurposeId purpose, string method, string language, CancellationToken ct) =>
        ChangeAsync(token, reference, purpose, (tx, customer, declared, catalog) => ledger.ObjectAsync(tx, customer, declared, catalog, method, language, ct), ct);

    /// <summary>Takes an objection back.</summary>
    public Task<Outcome> LiftObjectionAsync(CallerToken token, string reference, PurposeId purpose, string method, string language, CancellationToken ct) =>
        ChangeAsync(token, reference, purpose, (tx, customer, _, _) => ledger.LiftObjectionAsync(tx, customer, purpose, method, language, ct), ct);

    private Task<Outcome> ChangeAsync(
        CallerToken token, string reference, PurposeId purposeId,
        Func<Transaction, CustomerId, Purpose, ActiveCatalog, ValueTask<ConsentRecord>> change, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        if (await access.FindActorAsync(tx, token, ct) is not { } actor)
        {
            return default;
        }

        var catalog = await catalogs.GetActiveAsync(tx, ct);
        var key = await FindLockedAsync(tx, reference, ct);
        var purpose = catalog.Catalog.Purposes.GetValueOrDefault(purposeId);
        if (WhyNot(actor, key, purpose, tx.Now) is { } no)
        {
            var denied = Event(AuditKind.Deny, actor, key, purposeId, catalog) with { Reason = no.Code() };
            return new Outcome(null, new Refusal(no, await log.AppendAsync(tx, denied, ct)));
        }

        var record = await change(tx, key!.Id, purpose!, catalog);
        var entry = Event(KindOf(record.Event), actor, key, purposeId, catalog) with { ConsentVersion = record.Version, Subject = record.Id };
        return new Outcome(new Changed(record, await log.AppendAsync(tx, entry, ct), purpose!), null);
    }, ct);

    /// <summary>Finds the customer, waits for the lock, and looks again: the first look may be older than the wait.</summary>
    private async ValueTask<CustomerKey?> FindLockedAsync(Transaction tx, string reference, CancellationToken ct)
    {
        if (await vault.FindCustomerAsync(tx, BlindIndex.Reference, reference, ct) is not { } found)
        {
            return null;
        }

        await tx.LockCustomerAsync(found.Id, exclusive: true, ct);
        return await vault.FindCustomerAsync(tx, found.Id, ct);
    }

    /// <summary>The customer decides: in a session of their own, or through a service that carries their choices. Staff never do.</summary>
    private static ReasonCode? WhyNot(ActorState actor, CustomerKey? key, Purpose? purpose, DateTimeOffset now) => (actor, key) switch
    {
        _ when actor.IsRevoked || actor.ExpiresAt <= now => ReasonCode.SessionEnded,
        ({ Kind: ActorKind.Customer }, { } k) when k.Id.Value != actor.Ref => ReasonCode.RoleNotAllowed,
        ({ Kind: ActorKind.Service }, _) when !actor.MayDo("consents") => ReasonCode.RoleNotAllowed,
        ({ Kind: ActorKind.Staff or ActorKind.System }, _) => ReasonCode.RoleNotAllowed,
        (_, null) => ReasonCode.NoSuchCustomer,
        _ when purpose is null => ReasonCode.UnknownPurpose,
        _ when !purpose.Active => ReasonCode.PurposeNotActive,
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
