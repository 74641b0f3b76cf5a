namespace Candor.Personalization;

/// <summary>What audits found of the settings of an evaluation, before anybody is served by them.</summary>
/// <param name="Text">Numbers by group, as Fairness wrote them; there is no customer in it.</param>
/// <param name="IsBroken">The settings found break a limit of the catalog beyond doubt.</param>
/// <param name="IsRareBroken">They do with the part for rarer items that was measured too.</param>
public sealed record EvaluationAudit(string Text, bool IsBroken, bool IsRareBroken);

/// <summary>What became of settings that waited.</summary>
public enum HoldDecision
{
    /// <summary>Somebody answers for using them all the same.</summary>
    Applied,
    /// <summary>They are not used.</summary>
    Dropped,
    /// <summary>Others were chosen meanwhile.</summary>
    Replaced,
}

/// <summary>Settings that were to be used, broke a limit of the catalog in their audit, and wait for a decision, or waited.</summary>
/// <param name="DecidedAt">Null while they wait, as are the members after it.</param>
/// <param name="DecidedBy">Staff id; null also where they were replaced, as is <paramref name="Reason"/>.</param>
public sealed record SettingsHold(DateTimeOffset Since, DateTimeOffset? DecidedAt, HoldDecision? Decision, string? DecidedBy, string? Reason);
