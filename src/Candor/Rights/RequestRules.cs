using Candor.Gate;
using Candor.Kernel;
using Candor.Staff;

namespace Candor.Rights;

/// <summary>What somebody wants to do with a request.</summary>
public enum RequestAct
{
    File,
    List,
    Show,
    /// <summary>All open requests, of everybody.</summary>
    Work,
    Withdraw,
    Acknowledge,
    AskIdentity,
    Prove,
    Extend,
    Refuse,
    Fulfil,
    LiftRestriction,
}

/// <summary>Who may do what with rights requests. Pure, and read like a table.</summary>
public static class RequestRules
{
    /// <summary>What an API key needs to file requests.</summary>
    public const string Ability = "requests";

    private const string Officer = "privacy-officer";

    /// <summary>Why this actor may not; null when they may.</summary>
    /// <param name="customer">Whose request it is; null when nobody is known.</param>
    public static ReasonCode? WhyNot(ActorState actor, RequestAct act, CustomerId? customer, DateTimeOffset now) => actor.Kind switch
    {
        _ when actor.IsRevoked || actor.ExpiresAt <= now => ReasonCode.SessionEnded,
        ActorKind.System => null,
        ActorKind.Customer => customer?.Value == actor.Ref
            && act is RequestAct.File or RequestAct.List or RequestAct.Show or RequestAct.Withdraw or RequestAct.Prove or RequestAct.LiftRestriction ? null : ReasonCode.RoleNotAllowed,
        ActorKind.Service => actor.MayDo(Ability) && act is RequestAct.File or RequestAct.List or RequestAct.Show or RequestAct.Withdraw
            ? null : ReasonCode.RoleNotAllowed,
        _ when !MayStaff(actor, act) => ReasonCode.RoleNotAllowed,
        _ when actor.MfaAt is null => ReasonCode.MfaRequired,
        _ when actor.TrainingUntil is not { } until || until <= now => ReasonCode.TrainingLapsed,
        _ => null,
    };

    /// <summary>Whether this actor is shown what was written in a request. A program and an agent see its dates and state.</summary>
    public static bool MayReadNotes(ActorState actor) => actor.Kind is ActorKind.Customer or ActorKind.System || (actor.Kind == ActorKind.Staff && actor.HasRole(Officer));

    /// <summary>Requests that a program may see are those that came through its own key; others look as if they were not there.</summary>
    public static bool IsVisible(ActorState actor, string filedBy) => actor.Kind != ActorKind.Service || actor.LogName == filedBy;

    /// <summary>An objection to marketing needs no proof of who objects (11 CCR 7026(d) for the opt-out); everything else does, unless it came in the customer's own session.</summary>
    public static bool NeedsProof(RequestType type) => type != RequestType.Objection;

    public static RequestChannel ChannelOf(ActorState actor) => actor.Kind switch
    {
        ActorKind.Customer => RequestChannel.Page,
        ActorKind.Service => RequestChannel.Api,
        _ => RequestChannel.Staff,
    };

    private static bool MayStaff(ActorState actor, RequestAct act) => actor.HasRole(Officer)
        ? act is not RequestAct.Withdraw
        : actor.HasRole("agent") && act is RequestAct.File or RequestAct.List or RequestAct.Show;
}
