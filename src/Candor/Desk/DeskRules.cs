using Candor.Gate;
using Candor.Kernel;
using Candor.Staff;

namespace Candor.Desk;

/// <summary>Who may sit at the desk, and what may stand in its forms. Pure.</summary>
public static class DeskRules
{
    /// <summary>The role that the desk is for.</summary>
    public const string Role = "agent";

    /// <summary>The role that looks into emergencies.</summary>
    public const string Officer = "privacy-officer";

    /// <summary>Characters of a case.</summary>
    public const int MaxCase = 64;

    /// <summary>Why this actor may not; null when they may. The same grounds as at the gate, which asks again for each customer and purpose.</summary>
    public static ReasonCode? WhyNot(ActorState actor, string role, DateTimeOffset now) => actor switch
    {
        _ when actor.IsRevoked || actor.ExpiresAt <= now => ReasonCode.SessionEnded,
        { Kind: not ActorKind.Staff } => ReasonCode.RoleNotAllowed,
        _ when !actor.HasRole(role) => ReasonCode.RoleNotAllowed,
        { MfaAt: null } => ReasonCode.MfaRequired,
        _ when actor.TrainingUntil is not { } until || until <= now => ReasonCode.TrainingLapsed,
        { IsOverReadBudget: true } => ReasonCode.OverReadBudget,
        _ => null,
    };

    /// <summary>A case as it was typed; null where none was.</summary>
    /// <exception cref="Fault">Invalid <c>desk/bad-case</c>.</exception>
    public static string? CheckCase(string? text) => text?.Trim() switch
    {
        null or "" => null,
        { Length: <= MaxCase } good when !good.Any(char.IsControl) => good,
        var bad => throw new Fault(FaultKind.Invalid, "desk/bad-case", $"A case has 1 to {MaxCase} characters and no control characters; got `{bad.Length}`."),
    };

    /// <summary>A text of several lines as it was typed.</summary>
    /// <param name="what">Name of the fault.</param>
    /// <exception cref="Fault">Invalid <c>desk/WHAT</c>.</exception>
    internal static string CheckText(string text, int least, int most, string what)
    {
        var clean = text.ReplaceLineEndings("\n").Trim();
        return clean.Length >= least && clean.Length <= most && !clean.Any(c => char.IsControl(c) && c is not '\n' and not '\t')
            ? clean
            : throw new Fault(FaultKind.Invalid, "desk/" + what, $"This text has {least} to {most} characters and no control characters; got `{clean.Length}`.");
    }
}
