namespace Candor.Catalog;

/// <summary>What follows when a use treats groups too differently.</summary>
public enum OnBreach
{
    /// <summary>Whoever watches is told.</summary>
    Alert,

    /// <summary>The use is paused as well, until a privacy officer ends that.</summary>
    Pause,
}

/// <summary>When groups are treated too differently by a use, and what follows.</summary>
/// <param name="MinImpactRatio">Share of a group / share of the group with the largest one, below which it is too different; above 0, at most 1. 0.8, the four-fifths rule, unless set.</param>
public sealed record FairnessRule(double MinImpactRatio = FairnessRule.FourFifths, OnBreach OnBreach = OnBreach.Alert)
{
    /// <summary>29 CFR 1607.4 D.</summary>
    public const double FourFifths = 0.8;
}
