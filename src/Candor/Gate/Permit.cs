using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Staff;

namespace Candor.Gate;

/// <summary>The right to open named data points of one customer, in one transaction. Only the rules below make one.</summary>
/// <remarks>Pure: no clock, no storage. Whoever calls has loaded everything in the transaction that also writes the log entry.</remarks>
public sealed partial class Permit
{
    private readonly DataPointId[] dataPoints;

    private Permit(CustomerId customer, PurposeId? purpose, DataPointId[] dataPoints, long transactionId) =>
        (Customer, Purpose, this.dataPoints, TransactionId) = (customer, purpose, dataPoints, transactionId);

    public CustomerId Customer { get; }

    /// <summary>Null when the customer reads what is theirs, or is answered about it.</summary>
    public PurposeId? Purpose { get; }

    public IReadOnlyList<DataPointId> DataPoints => dataPoints;

    /// <summary>The transaction that made it; the vault takes it in no other.</summary>
    public long TransactionId { get; }

    public bool Covers(DataPointId dataPoint) => Array.IndexOf(dataPoints, dataPoint) >= 0;

    /// <summary>May this actor read these data points of this customer for this purpose now? Legal ground: the purpose's basis.</summary>
    public static Decision DecideRead(ReadQuestion question)
    {
        var reason = WhyNotThisActor(question.Actor, question.Now)
            ?? WhyNotThisPurpose(question)
            ?? (question.Customer is null ? ReasonCode.NoSuchCustomer : WhyNotThisCustomer(question.Purpose!, question.Customer, question.Now))
            ?? Assistance.WhyNotThisCustomer(question);
        return reason is { } no ? new Decision.Denied(no) : Allow(question, question.Customer!, question.Purpose!);
    }

    /// <summary>May this person read everything that is held about them? Legal ground: their own request.</summary>
    public static Decision DecideOwnRequest(ActorState actor, CustomerState? customer, IReadOnlyList<DataPointId> asked, DateTimeOffset now, long transactionId) =>
        (actor, customer) switch
        {
            _ when !IsLive(actor, now) => new Decision.Denied(ReasonCode.SessionEnded),
            (_, null) => new Decision.Denied(ReasonCode.NoSuchCustomer),
            _ when actor.Kind != ActorKind.Customer || actor.Ref != customer.Id.Value => new Decision.Denied(ReasonCode.RoleNotAllowed),
            _ => new Decision.Allowed(new Permit(customer.Id, null, [.. asked], transactionId), []),
        };

    /// <summary>May this actor read for a duty that the law sets? A restriction does not stop it; nothing else is waived.</summary>
    public static Decision DecideLegalDuty(ReadQuestion question)
    {
        var reason = WhyNotThisActor(question.Actor, question.Now)
            ?? WhyNotThisPurpose(question)
            ?? (question.Purpose!.Basis != LegalBasis.LegalObligation ? ReasonCode.NotForThisPurpose : (ReasonCode?)null)
            ?? (question.Customer is null ? ReasonCode.NoSuchCustomer : (ReasonCode?)null)
            ?? Assistance.WhyNotThisCustomer(question);
        return reason is { } no ? new Decision.Denied(no) : Allow(question, question.Customer!, question.Purpose!);
    }

    /// <summary>May this member of staff read because somebody is in danger? Legal ground: vital interests (GDPR article 6(1)(d)). Waives the customer's own choices,
    /// for purposes that the catalog marks with <c>emergency</c>, and nothing else; for other purposes and for programs it is <see cref="DecideRead"/>.</summary>
    public static Decision DecideEmergency(ReadQuestion question)
    {
        var reason = WhyNotThisActor(question.Actor, question.Now)
            ?? WhyNotThisPurpose(question)
            ?? (question.Customer is null ? ReasonCode.NoSuchCustomer
                : question is { Purpose.Emergency: true, Actor.Kind: ActorKind.Staff } ? null : WhyNotThisCustomer(question.Purpose!, question.Customer, question.Now))
            ?? Assistance.WhyNotThisCustomer(question);
        return reason is { } no ? new Decision.Denied(no) : Allow(question, question.Customer!, question.Purpose!);
    }

    /// <summary>What the customer's own choices say about a purpose: null when they allow it.</summary>
    public static ReasonCode? WhyNotThisCustomer(Purpose purpose, CustomerState customer, DateTimeOffset now) => (purpose.Basis, customer.Choice) switch
    {
        _ when customer.IsRestricted => ReasonCode.Restricted,
        (LegalBasis.Contract or LegalBasis.LegalObligation, _) => null,
        (LegalBasis.LegitimateInterest, { State: ConsentState.Objected }) => ReasonCode.Objected,
        (LegalBasis.LegitimateInterest, _) => null,
        (_, null or { State: ConsentState.Refused }) => ReasonCode.NoConsent,
        (_, { State: ConsentState.Withdrawn }) => ReasonCode.ConsentWithdrawn,
        (_, { State: ConsentState.Expired }) => ReasonCode.ConsentExpired,
        (_, { State: not ConsentState.Given }) => ReasonCode.NoConsent,
        (_, { ExpiresAtUs: { } end }) when end <= Micros.From(now) => ReasonCode.ConsentExpired,
        _ when customer.Choice.CatalogVersion < customer.ConsentSince => ReasonCode.ConsentOutdated,
        _ => null,
    };

    private static ReasonCode? WhyNotThisActor(ActorState actor, DateTimeOffset now) => actor switch
    {
        _ when !IsLive(actor, now) => ReasonCode.SessionEnded,
        { Kind: ActorKind.Staff, MfaAt: null } => ReasonCode.MfaRequired,
        { Kind: ActorKind.Staff } when actor.TrainingUntil is not { } until || until <= now => ReasonCode.TrainingLapsed,
        _ => null,
    };

    private static ReasonCode? WhyNotThisPurpose(ReadQuestion q) => q.Purpose switch
    {
        null => ReasonCode.UnknownPurpose,
        { Active: false } => ReasonCode.PurposeNotActive,
        _ when !q.Approval.IsLive(q.Now) => ReasonCode.PurposeNotActive,
        _ when !IsFor(q.Purpose, q.Actor) => ReasonCode.RoleNotAllowed,
        _ when Assistance.WhyNotAnybody(q) is { } no => no,
        { NeedsCase: true } when q.Case is null => ReasonCode.NoCase,
        _ when q.Actor.IsOverReadBudget => ReasonCode.OverReadBudget,
        _ => null,
    };

    private static bool IsLive(ActorState actor, DateTimeOffset now) => !actor.IsRevoked && (actor.ExpiresAt is not { } end || end > now);

    internal static bool IsFor(Purpose purpose, ActorState actor) => actor.Kind switch
    {
        // Not Candor itself either: there is no purpose for which the values of one person are needed.
        _ when purpose.BiasAudit => false,
        ActorKind.Staff => actor.HasAnyRole(purpose.Roles),
        ActorKind.Service => actor.Service is { } service && purpose.Services.Contains(service) && actor.IsScopedTo(purpose.Id),
        ActorKind.System => true,
        _ => false,
    };

    private static Decision Allow(ReadQuestion q, CustomerState customer, Purpose purpose)
    {
        List<Withheld>? withheld = null;
        foreach (var dataPoint in q.Asked)
        {
            if (!q.Covers(dataPoint))
            {
                (withheld ??= []).Add(new Withheld(dataPoint, ReasonCode.NotForThisPurpose));
            }
        }

        if (withheld is null)
        {
            return new Decision.Allowed(new Permit(customer.Id, purpose.Id, q.Asked as DataPointId[] ?? [.. q.Asked], q.TransactionId), []);
        }

        return withheld.Count == q.Asked.Count
            ? new Decision.Denied(ReasonCode.NotForThisPurpose)
            : new Decision.Allowed(new Permit(customer.Id, purpose.Id, [.. q.Asked.Where(q.Covers)], q.TransactionId), withheld);
    }
}
