using System.Collections.Frozen;
using Candor.Kernel;
using Candor.Staff;

namespace Candor.Gate;

/// <summary>The rules for what is owed to customers themselves: an answer about their rights, a look at whether groups of them are treated alike, and care for what their values hold.</summary>
public sealed partial class Permit
{
    /// <summary>May Candor itself, or a privacy officer, read in order to inform or answer a customer about the customer's own rights? Legal ground: the
    /// duty to inform and to answer (GDPR articles 12 to 22). No choice of the customer's stops it, and it gives no other use of the data.</summary>
    /// <param name="aggregateOnly">Data points that are only counted: Candor hands them to their customer, and no member of staff sees them on the way.</param>
    public static Decision DecideAnswer(
        ActorState actor, CustomerState? customer, IReadOnlyList<DataPointId> asked, FrozenSet<DataPointId> aggregateOnly, DateTimeOffset now, long transactionId)
    {
        var reason = WhyNotThisActor(actor, now)
            ?? (actor.Kind == ActorKind.System || (actor.Kind == ActorKind.Staff && actor.HasRole("privacy-officer")) ? (ReasonCode?)null : ReasonCode.RoleNotAllowed)
            ?? (customer is null ? ReasonCode.NoSuchCustomer : null);
        if (reason is { } no)
        {
            return new Decision.Denied(no);
        }

        Withheld[] withheld = actor.Kind == ActorKind.System ? [] : [.. asked.Where(aggregateOnly.Contains).Select(d => new Withheld(d, ReasonCode.NotForThisPurpose))];
        return asked.Count > 0 && withheld.Length == asked.Count
            ? new Decision.Denied(ReasonCode.NotForThisPurpose)
            : new Decision.Allowed(new Permit(customer!.Id, null, withheld.Length == 0 ? [.. asked] : [.. asked.Where(d => !aggregateOnly.Contains(d))], transactionId), withheld);
    }

    /// <summary>May Candor itself count this customer among others, to see whether groups of people are treated alike? Legal ground: consent to the bias audit, which no other rule gives
    /// anything for. INVARIANT: its one caller, <c>AggregateRead</c>, gives numbers of many customers and never a row.</summary>
    public static Decision DecideAggregate(ReadQuestion question)
    {
        var reason = question switch
        {
            _ when !IsLive(question.Actor, question.Now) => ReasonCode.SessionEnded,
            { Purpose: null } => ReasonCode.UnknownPurpose,
            { Purpose.Active: false } => ReasonCode.PurposeNotActive,
            _ when !question.Approval.IsLive(question.Now) => ReasonCode.PurposeNotActive,
            { Actor.Kind: not ActorKind.System } => ReasonCode.RoleNotAllowed,
            { Purpose.BiasAudit: false } => ReasonCode.NotForThisPurpose,
            { Customer: null } => ReasonCode.NoSuchCustomer,
            _ => WhyNotThisCustomer(question.Purpose, question.Customer, question.Now),
        };
        return reason is { } no ? new Decision.Denied(no) : Allow(question, question.Customer!, question.Purpose!);
    }

    /// <summary>May Candor itself open these values to look for what should not be in them, such as card numbers in free text? Legal ground: what the business owes for the data that it holds
    /// (GDPR articles 5(1)(c) to (f), 25 and 32). A restriction stops it, since that leaves nothing but storing. INVARIANT: its one caller, <c>InspectionRead</c>, serves the search and the cleaning, and no value
    /// leaves them.</summary>
    /// <param name="aggregateOnly">Data points that are only counted; they are never looked into.</param>
    public static Decision DecideInspection(
        ActorState actor, CustomerState? customer, IReadOnlyList<DataPointId> asked, FrozenSet<DataPointId> aggregateOnly, DateTimeOffset now, long transactionId)
    {
        var reason = WhyNotThisActor(actor, now)
            ?? (actor.Kind == ActorKind.System ? (ReasonCode?)null : ReasonCode.RoleNotAllowed)
            ?? (customer is null ? ReasonCode.NoSuchCustomer : (ReasonCode?)null)
            ?? (customer!.IsRestricted ? ReasonCode.Restricted : (ReasonCode?)null)
            ?? (asked.All(aggregateOnly.Contains) ? ReasonCode.NotForThisPurpose : null);
        return reason is { } no ? new Decision.Denied(no) : new Decision.Allowed(
            new Permit(customer!.Id, null, [.. asked.Where(d => !aggregateOnly.Contains(d))], transactionId),
            [.. asked.Where(aggregateOnly.Contains).Select(d => new Withheld(d, ReasonCode.NotForThisPurpose))]);
    }
}
