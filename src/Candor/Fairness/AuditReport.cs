namespace Candor.Fairness;

/// <summary>The result of an audit of decisions by group.</summary>
/// <param name="People">Rows that have a decision; the audit is about them.</param>
public sealed record AuditReport(AuditPlan Plan, long People, IReadOnlyList<GroupingAudit> Groupings)
{
    /// <summary>Every limit that is crossed, also where chance may be the reason.</summary>
    public IEnumerable<LimitCrossed> Crossed => Groupings.SelectMany(g => g.Crossed);

    /// <summary>Whether a limit is broken together with its interval.</summary>
    public bool IsBroken => Crossed.Any(c => c.IsBroken);

    /// <exception cref="Kernel.Fault">Invalid <c>fairness/bad-limit</c> or <c>fairness/no-such-reference</c>.</exception>
    public static AuditReport Of(OutcomeTally tally, AuditPlan plan)
    {
        plan.Check();
        return new AuditReport(plan, tally.Count, [.. tally.Groupings.Select((_, i) => GroupingAudit.Of(tally, i, plan))]);
    }
}

/// <summary>A group and how its decisions came out.</summary>
/// <param name="Values">One a column; null is "not given".</param>
/// <param name="Merged">How many groups that were too small are in it; 0 unless they were put together.</param>
/// <param name="Share">Of all people of the grouping.</param>
/// <param name="IsTooFew">Its figures are not to be shown, and it is not compared.</param>
public sealed record GroupAudit(IReadOnlyList<string?> Values, int Merged, OutcomeCounts Counts, double Share, bool IsTooFew)
{
    /// <summary>New York City's Local Law 144 lets an auditor leave out groups below this share of the people.</summary>
    public const double MayBeLeftOut = 0.02;

    public GroupScores? Scores { get; init; }
}

/// <summary>A group compared with the reference group in one rate.</summary>
/// <param name="Group">Position among the compared groups, as is <paramref name="Reference"/>.</param>
/// <param name="HolmP">Fisher's p-value corrected for all comparisons of this rate and grouping (Holm 1979).</param>
public sealed record GroupComparison(int Group, int Reference, TwoGroups Shares, double FisherP, double HolmP)
{
    /// <summary>Whether the rule would still be broken if one person of the group had got a yes instead of one of the reference group.</summary>
    public bool IsUnderEvenIfOneMoved(double limit) =>
        Shares.Ratio < limit && (Shares.Group.Part + 1.0) / Shares.Group.Whole < limit * (Shares.Reference.Part - 1.0) / Shares.Reference.Whole;
}

/// <summary>A group compared with everybody else.</summary>
public sealed record GroupAgainstRest(int Group, TwoGroups Shares, double FisherP, double HolmP);

/// <summary>A limit that a group crosses.</summary>
/// <param name="Value">The ratio or the difference that was found.</param>
/// <param name="DifferenceInterval">Of the group's rate less the reference group's.</param>
public sealed record LimitCrossed(
    GroupingAudit Grouping, Rate Rate, bool IsRatio, double Limit, GroupAudit Group, GroupAudit Reference, double Value, Interval DifferenceInterval, double HolmP)
{
    /// <summary>The interval of the difference excludes 0: it is not chance alone, at the 95 % level.</summary>
    public bool IsBroken => !DifferenceInterval.Contains(0);

    /// <summary>It also stands when all comparisons of the grouping are taken together.</summary>
    public bool StandsAmongAll => HolmP < 0.05;
}
