using Candor.Catalog;
using Candor.Kernel;
using Candor.Reads;

namespace Candor.Fairness;

/// <summary>Why a group is told of.</summary>
public enum FindingKind
{
    /// <summary>Its share is too far below the largest one.</summary>
    Limit,
    /// <summary>It fell behind everybody else since the week before.</summary>
    Drift,
}

/// <summary>Something that an audit found.</summary>
/// <param name="Group">A value that the catalog declares.</param>
/// <param name="Value">Of a limit: share of the group / largest share. Of a drift: by how much the group's distance to all others changed; below 0.</param>
/// <param name="Bound">What the value should not be below: the limit of the catalog; 0 for a drift.</param>
/// <param name="Interval">95 % interval of the difference to the largest share, or of the change. It excludes 0, or nothing is found.</param>
/// <param name="IsSure">It also stands when all comparisons of the week are taken together (Holm 1979), so that many uses and groups make no chance finding likelier.</param>
public sealed record UseFinding(long Week, PurposeId Purpose, string Outcome, DataPointId Attribute, string Group, FindingKind Kind, double Value, double Bound, Interval Interval, bool IsSure);

/// <summary>What was counted of one outcome of one use, by one attribute, in one week.</summary>
/// <param name="Groups">By the catalog's order; those without a group last.</param>
public sealed record UseCounts(PurposeId Purpose, string Outcome, DataPointId Attribute, IReadOnlyList<GroupCount> Groups)
{
    /// <summary>How often an emergency opened what the customer had closed; of all customers.</summary>
    public const string Emergency = "emergency";

    private const char Between = '|';

    /// <summary>What <see cref="AggregateRead"/> counts of: a purpose and an outcome of it.</summary>
    public static string AboutOf(PurposeId purpose, string outcome) => $"{purpose}{Between}{outcome}";

    internal static IReadOnlyList<UseCounts> Of(IEnumerable<GroupCount> counts) =>
    [
        .. counts.GroupBy(c => (c.About, c.Attribute)).Select(g => g.Key.About.Split(Between) is [var purpose, var outcome]
            ? new UseCounts(PurposeId.Parse(purpose), outcome, g.Key.Attribute, [.. g]) : throw new InvalidOperationException("Counted of no use.")),
    ];
}

/// <summary>How a group stands.</summary>
public enum GroupStanding
{
    /// <summary>Fewer people than are told of.</summary>
    TooFew,
    /// <summary>There is nobody to compare with, or nothing is known of what these people share.</summary>
    NotCompared,
    /// <summary>Has the largest share.</summary>
    Largest,
    Alike,
    /// <summary>Below the limit, as chance may do.</summary>
    MayBeChance,
    /// <summary>Below the limit by more than chance does, were it the only comparison; among all of the week it may be chance.</summary>
    Below,
    /// <summary>Below the limit by more than chance does among all comparisons of the week.</summary>
    FarBelow,
}

/// <summary>The audit of one outcome of one use by one attribute.</summary>
/// <param name="Audit">Of the groups that are large enough. Whoever gave none is in no comparison: nothing is known of what they share.</param>
public sealed record UseAudit(UseCounts Counts, FairnessRule Rule, GroupingAudit Audit, IReadOnlyList<UseFinding> Findings)
{
    private const double Level = 0.05;

    /// <summary>The group with the largest share, and how the others compare; null for it, and for whoever is not compared.</summary>
    public GroupComparison? ComparisonOf(GroupCount group) => Position(group) is var at && at >= 0 ? Audit.Comparisons[Rate.Selection].FirstOrDefault(c => c.Group == at) : null;

    public GroupStanding StandingOf(GroupCount group) => (group, Findings.FirstOrDefault(f => f.Group == group.Group && f.Kind == FindingKind.Limit), ComparisonOf(group)) switch
    {
        ({ IsTooFew: true }, _, _) => GroupStanding.TooFew,
        ({ Group: null }, _, _) => GroupStanding.NotCompared,
        (_, { } finding, _) => finding.IsSure ? GroupStanding.FarBelow : GroupStanding.Below,
        (_, _, null) when Audit.Compared.Count > 1 && Audit.GapOf(Rate.Selection)?.Max == 0 => GroupStanding.Alike,
        (_, _, null) => Audit.Compared.Count < 2 || Audit.GapOf(Rate.Selection)?.Most != Position(group) ? GroupStanding.NotCompared : GroupStanding.Largest,
        (_, _, var compared) => compared.Shares.Ratio < Rule.MinImpactRatio ? GroupStanding.MayBeChance : GroupStanding.Alike,
    };

    /// <summary>Whether a group fell behind since the week before, and surely so.</summary>
    public bool FellBehind(GroupCount group) => Findings.Any(f => f.Group == group.Group && f is { Kind: FindingKind.Drift, IsSure: true });

    private int Position(GroupCount group) => group.Group is null || group.IsTooFew ? -1 : Audit.Compared.ToList().FindIndex(g => g.Values[0] == group.Group);

    private sealed record Candidate(UseFinding Finding, double P, bool IsFinding);

    /// <summary>Audits a week.</summary>
    /// <param name="before">The week before; empty where there was none.</param>
    /// <param name="ruleOf">The limits of a purpose.</param>
    internal static IReadOnlyList<UseAudit> Of(long week, IReadOnlyList<UseCounts> now, IReadOnlyList<UseCounts> before, Func<PurposeId, FairnessRule> ruleOf)
    {
        var audits = now.Select(c => (Counts: c, Rule: ruleOf(c.Purpose), Audit: AuditOf(c, ruleOf(c.Purpose)))).ToList();
        var candidates = audits.ConvertAll(a =>
            (List<Candidate>)[.. Limits(week, a.Counts, a.Rule, a.Audit), .. Drifts(week, a.Counts, before.FirstOrDefault(b => (b.Purpose, b.Outcome, b.Attribute) == (a.Counts.Purpose, a.Counts.Outcome, a.Counts.Attribute)))]);
        var all = candidates.SelectMany(c => c).ToList();
        var sure = all.Zip(ManyGroups.Holm(all.ConvertAll(c => c.P))).Where(c => c.Second < Level).Select(c => c.First).ToHashSet(ReferenceEqualityComparer.Instance);
        return [.. audits.Zip(candidates).Select(a => new UseAudit(
            a.First.Counts, a.First.Rule, a.First.Audit, [.. a.Second.Where(c => c.IsFinding).Select(c => c.Finding with { IsSure = sure.Contains(c) })]))];
    }

    private static GroupingAudit AuditOf(UseCounts counts, FairnessRule rule) => GroupingAudit.Of(
        new Grouping([counts.Attribute.Value]),
        [.. Large(counts).Select(g => (g.Group!, new OutcomeCounts(g.Whole, g.Part, 0, 0, 0, 0)))],
        new AuditPlan(new AuditLimits(rule.MinImpactRatio), AggregateRead.MinimumGroup, Resamples: 0));

    private static IEnumerable<GroupCount> Large(UseCounts counts) => counts.Groups.Where(g => g is { Group: not null, IsTooFew: false });

    private static IEnumerable<Candidate> Limits(long week, UseCounts counts, FairnessRule rule, GroupingAudit audit) => audit.Comparisons[Rate.Selection].Select(c =>
    {
        var (ratio, interval) = (c.Shares.Ratio, c.Shares.DifferenceInterval());
        var finding = new UseFinding(
            week, counts.Purpose, counts.Outcome, counts.Attribute, audit.Compared[c.Group].Values[0]!, FindingKind.Limit, ratio ?? 1, rule.MinImpactRatio, interval, IsSure: false);
        return new Candidate(finding, c.FisherP, ratio < rule.MinImpactRatio && !interval.Contains(0));
    });

    /// <summary>Each group's distance to all others, now less before. A drift is one that is behind now and was less so before.</summary>
    private static IEnumerable<Candidate> Drifts(long week, UseCounts counts, UseCounts? before)
    {
        foreach (var group in before is null ? [] : Large(counts))
        {
            if (Large(before!).FirstOrDefault(b => b.Group == group.Group) is { } then && Against(group, counts) is { } now && Against(then, before!) is { } earlier)
            {
                var (change, interval, p) = now.ChangeSince(earlier);
                yield return new Candidate(
                    new UseFinding(week, counts.Purpose, counts.Outcome, counts.Attribute, group.Group!, FindingKind.Drift, change, 0, interval, IsSure: false),
                    p, now.Difference < 0 && interval.High < 0);
            }
        }
    }

    private static TwoGroups? Against(GroupCount group, UseCounts counts)
    {
        var others = Large(counts).Where(g => g.Group != group.Group).Aggregate(default(Proportion), (sum, g) => new Proportion(sum.Part + g.Part, sum.Whole + g.Whole));
        return others.Whole == 0 ? null : new TwoGroups(new Proportion(group.Part, group.Whole), others);
    }
}
