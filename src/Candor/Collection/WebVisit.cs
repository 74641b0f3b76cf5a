using System.Security.Cryptography;
using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Collection;

/// <summary>What a visitor said on the business's own site.</summary>
/// <param name="Wanted">For each purpose: true allows it, false does not.</param>
/// <param name="Notices">For each purpose that is asked about, the hash of the notice that was shown.</param>
/// <param name="Signal">The browser sends Global Privacy Control.</param>
public sealed record VisitChoices(
    IReadOnlyDictionary<PurposeId, bool> Wanted, IReadOnlyDictionary<PurposeId, string> Notices, string Language, string Method, bool Signal);

/// <summary>A visitor on the business's own site: nobody until they allow something, and from then on a customer with a random reference.</summary>
/// <remarks>INVARIANT: who only says no gets no number. What is not stored here is not allowed, so a no of somebody unknown needs no record of who said it.</remarks>
public sealed class WebVisit(
    Database database, CatalogRegister catalogs, ConsentLedger ledger, AuditLog log, PersonalVault vault, AccessRegister access, CustomerChoices choices)
{
    private const int ReferenceBytes = 16;
    private readonly OptOutSignal signals = new(ledger, choices);

    /// <summary>What came of a call.</summary>
    /// <param name="Session">Token of the session that was made, told this one time; null when none was.</param>
    /// <param name="Standings">Where the visitor stands now; empty while they are nobody.</param>
    /// <param name="Refused">Why nothing was done; null when it was.</param>
    public sealed record Outcome(ActiveCatalog Catalog, string? Session, IReadOnlyList<VisitStanding> Standings, CustomerChoices.Refusal? Refused);

    private sealed record Visitor(ActorState Actor, CustomerKey Key);

    /// <summary>Where the visitor of a session stands. A signal of their browser is honoured on the way.</summary>
    /// <returns>Null when the token belongs to nobody.</returns>
    public Task<Outcome?> LookAsync(CallerToken token, bool signal, string language, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var catalog = await catalogs.GetActiveAsync(tx, ct);
        var (visitor, refused) = await FindAsync(tx, token, signal, ct);
        if (visitor is null)
        {
            return refused is null ? null : new Outcome(catalog, null, [], refused);
        }

        if (signal)
        {
            await signals.HonourAsync(tx, visitor.Actor, visitor.Key, catalog, LanguageIn(catalog, language), ct);
        }

        return new Outcome(catalog, null, await StandAsync(tx, visitor.Key, catalog, ct), null);
    }, ct);

    /// <summary>Takes a visitor's choices, all or none. Who has no session yet and allows something becomes a customer and gets one.</summary>
    /// <returns>Null when the token belongs to nobody.</returns>
    public Task<Outcome?> ChooseAsync(CallerToken? token, VisitChoices said, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var catalog = await catalogs.GetActiveAsync(tx, ct);
        var offered = VisitStanding.Offered(catalog.Catalog);
        foreach (var unknown in said.Wanted.Keys.Except(offered.Select(p => p.Id)))
        {
            throw new Fault(FaultKind.Invalid, "collection/no-such-choice", $"`{unknown}` is no purpose that customers choose; `GET /v1/web/notice` lists those that are.");
        }

        // Not to object to something is no yes.
        if (token is null && !offered.Any(p => p.Basis == LegalBasis.Consent && said.Wanted.GetValueOrDefault(p.Id)))
        {
            await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.ConsentOther, Actor = "visitor", CatalogVersion = catalog.Version, Reason = "refused", Subject = "web-visit" }, ct);
            return new Outcome(catalog, null, [], null);
        }

        var (session, visitor, refused) = (default(string), default(Visitor), default(CustomerChoices.Refusal));
        if (token is null)
        {
            (session, visitor) = await WelcomeAsync(tx, catalog, ct);
        }
        else
        {
            (visitor, refused) = await FindAsync(tx, token, exclusive: true, ct);
        }

        if (visitor is null)
        {
            return refused is null ? null : new Outcome(catalog, null, [], refused);
        }

        await TakeAsync(tx, visitor, catalog, said with { Language = LanguageIn(catalog, said.Language) }, ct);
        return new Outcome(catalog, session, await StandAsync(tx, visitor.Key, catalog, ct), null);
    }, ct);

    private async ValueTask TakeAsync(Transaction tx, Visitor visitor, ActiveCatalog catalog, VisitChoices said, CancellationToken ct)
    {
        if (said.Signal)
        {
            // First, so that what is allowed now counts as said afterwards.
            await signals.HonourAsync(tx, visitor.Actor, visitor.Key, catalog, said.Language, ct);
        }

        foreach (var standing in await StandAsync(tx, visitor.Key, catalog, ct))
        {
            if (said.Wanted.TryGetValue(standing.Purpose.Id, out var isWanted) && await RecordAsync(tx, visitor.Key.Id, standing, catalog, isWanted, said, ct) is { } record)
            {
                await choices.LogAsync(tx, visitor.Actor, visitor.Key, standing.Purpose, catalog, record, ct);
            }
        }
    }

    /// <summary>The record of one answer; null when it says what counts already.</summary>
    private async ValueTask<ConsentRecord?> RecordAsync(
        Transaction tx, CustomerId customer, VisitStanding standing, ActiveCatalog catalog, bool isWanted, VisitChoices said, CancellationToken ct)
    {
        var (purpose, state) = (standing.Purpose, standing.Choice?.State);
        if (purpose.Basis == LegalBasis.LegitimateInterest)
        {
            return (isWanted, state == ConsentState.Objected) switch
            {
                (true, true) => await ledger.LiftObjectionAsync(tx, customer, purpose.Id, said.Method, said.Language, ct),
                (false, false) => await ledger.ObjectAsync(tx, customer, purpose, catalog, said.Method, said.Language, ct),
                _ => null,
            };
        }

        var isRunning = state == ConsentState.Given;
        if (isWanted ? isRunning && !standing.IsAsked : state is ConsentState.Refused or ConsentState.Withdrawn && !standing.IsAsked)
        {
            return null;
        }

        if (!isWanted && isRunning)
        {
            return await ledger.WithdrawAsync(tx, customer, purpose.Id, said.Method, said.Language, ct);
        }

        var notice = said.Notices.TryGetValue(purpose.Id, out var hash) ? new NoticeRef(hash, said.Language)
            : throw new Fault(FaultKind.Invalid, "consent/no-notice", $"`notices` names, for `{purpose.Id}`, the version of the notice that was shown; `GET /v1/web/notice` has it.");
        return isWanted
            ? await ledger.GiveAsync(tx, customer, purpose, catalog, notice, said.Method, ct)
            : await ledger.RefuseAsync(tx, customer, purpose, catalog, notice, said.Method, ct);
    }

    /// <summary>Makes a customer of a visitor.</summary>
    private async ValueTask<(string Session, Visitor Visitor)> WelcomeAsync(Transaction tx, ActiveCatalog catalog, CancellationToken ct)
    {
        var key = await vault.CreateCustomerAsync(tx, "web-" + RandomNumberGenerator.GetHexString(ReferenceBytes * 2, lowercase: true), ct);
        await tx.LockCustomerAsync(key.Id, exclusive: true, ct);
        var session = await access.OpenVisitAsync(tx, key.Id, ct);
        var actor = await access.FindActorAsync(tx, CallerToken.Parse(session), ct) ?? throw new InvalidOperationException("A session that was just made is not there.");
        await log.AppendAsync(tx, new AuditEvent
        {
            Kind = AuditKind.Login, Actor = actor.LogName, Session = actor.Session, CatalogVersion = catalog.Version, CustomerRef = key.AuditRef, Subject = "web-visit",
        }, ct);
        return (session, new Visitor(actor, key));
    }

    /// <summary>The customer of a session, with their lock held; or why not; or neither, when the token belongs to nobody.</summary>
    private async ValueTask<(Visitor? Visitor, CustomerChoices.Refusal? Refused)> FindAsync(Transaction tx, CallerToken token, bool exclusive, CancellationToken ct)
    {
        if (await access.FindActorAsync(tx, token, ct) is not { } actor)
        {
            return default;
        }

        var id = actor.Kind == ActorKind.Customer ? CustomerId.Parse(actor.Ref) : null;
        var reason = actor.IsRevoked || actor.ExpiresAt <= tx.Now ? ReasonCode.SessionEnded : id is null ? ReasonCode.RoleNotAllowed : (ReasonCode?)null;
        if (reason is { } no)
        {
            var denied = new AuditEvent { Kind = AuditKind.Deny, Actor = actor.LogName, Session = actor.Session, Reason = no.Code(), Subject = "web-visit" };
            return (null, new CustomerChoices.Refusal(no, await log.AppendAsync(tx, denied, ct)));
        }

        await tx.LockCustomerAsync(id!, exclusive, ct);
        return await vault.FindCustomerAsync(tx, id!, ct) is { } key ? (new Visitor(actor, key), null) : default;
    }

    private async ValueTask<IReadOnlyList<VisitStanding>> StandAsync(Transaction tx, CustomerKey key, ActiveCatalog catalog, CancellationToken ct)
    {
        var said = await ledger.StateAsync(tx, key.Id, ct);
        var isRestricted = await ledger.RestrictedSinceAsync(tx, key.Id, ct) is not null;
        return [.. VisitStanding.Offered(catalog.Catalog).Select(p => VisitStanding.Of(p, key.Id, catalog, said, isRestricted, tx.Now))];
    }

    private static string LanguageIn(ActiveCatalog catalog, string language) =>
        catalog.Catalog.Organisation.Languages.Contains(language) ? language : catalog.Catalog.Organisation.Languages[0];
}
