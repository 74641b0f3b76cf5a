using Candor.Kernel;

namespace Candor.Fairness;

/// <summary>The audit of one way to divide people.</summary>
public sealed class GroupingAudit
{
    private readonly Dictionary<Rate, Gap?> gaps;

    private GroupingAudit(Grouping grouping, IReadOnlyList<GroupAudit> groups, double? medianScore, int scoreBits, AuditPlan plan)
    {
        (Grouping, Groups, MedianScore, ScoreBits) = (grouping, groups, medianScore, scoreBits);
        Compared = [.. groups.Where(g => !g.IsTooFew)];
        Overall = groups.Aggregate(default(OutcomeCounts), (sum, g) => sum + g.Counts);
        var counts = Compared.Select(g => g.Counts).ToArray();
        gaps = Rates.All.ToDictionary(r => r, r => Gap.Of(r, counts));
        Named = NamedReference(plan);
        Comparisons = Rates.Compared.ToDictionary(r => r, Compare);
        if (plan.Resamples > 0 && counts.Length > 1 && (long)counts.Length * plan.Resamples <= Bootstrap.MaxDraws)
        {
            Bootstrap = Bootstrap.Of(counts.Length, Bootstrap.Stratified(counts, plan.Resamples, plan.Seed));
        }

        Crossed = [.. plan.Limits.InUse().SelectMany(CrossedBy)];
    }

    public Grouping Grouping { get; }

    /// <summary>All groups, sorted by their values; "not given" comes last.</summary>
    public IReadOnlyList<GroupAudit> Groups { get; }

    /// <summary>The groups that are large enough. Positions in gaps and comparisons are positions here.</summary>
    public IReadOnlyList<GroupAudit> Compared { get; }

    /// <summary>Everybody, also those in groups that are too small.</summary>
    public OutcomeCounts Overall { get; }

    /// <summary>The median score of everybody; null without scores.</summary>
    public double? MedianScore { get; }

    /// <summary>Significant bits of the scores behind the score figures; 52 is exact.</summary>
    public int ScoreBits { get; }

    public bool AreScoresRounded => ScoreBits < ScoreTally.AllBits;

    /// <summary>Position of the reference group that the plan names; null when it names none for this grouping.</summary>
    public int? Named { get; }

    /// <summary>Each group against the reference group, by rate: the named one, or the one with the highest rate, for false positives the lowest.</summary>
    public IReadOnlyDictionary<Rate, IReadOnlyList<GroupComparison>> Comparisons { get; }

    /// <summary>Null where there are too many groups for it, or fewer than two.</summary>
    public Bootstrap? Bootstrap { get; }

    public IReadOnlyList<LimitCrossed> Crossed { get; }

    public EqualizedOdds? EqualizedOdds => EqualizedOdds.Of(GapOf(Rate.TruePositive), GapOf(Rate.FalsePositive));

    public Gap? GapOf(Rate rate) => gaps[rate];

    public DistanceToOverall? ToOverall(Rate rate) => DistanceToOverall.Of(rate, [.. Compared.Select(g => g.Counts)], Overall);

    public OmnibusTest? Omnibus(Rate rate) => ManyGroups.Omnibus(Compared.Select(g => g.Counts.Of(rate)));

    /// <summary>Each group in which the rate is defined against everybody else; those of whom nobody else is left are not there.</summary>
    public IReadOnlyList<GroupAgainstRest> AgainstRest(Rate rate)
    {
        var pairs = Compared.Select((g, i) => (Group: i, Shares: new TwoGroups(g.Counts.Of(rate), (Overall - g.Counts).Of(rate))))
            .Where(p => p.Shares is { Group.Whole: > 0, Reference.Whole: > 0 }).ToList();
        var p = pairs.ConvertAll(s => s.Shares.FisherTest());
        return [.. pairs.Zip(p, ManyGroups.Holm(p)).Select(s => new GroupAgainstRest(s.First.Group, s.First.Shares, s.Second, s.Third))];
    }

    internal static GroupingAudit Of(OutcomeTally tally, int grouping, AuditPlan plan)
    {
        var found = tally.GroupsOf(grouping);
        var scores = tally.ScoresOf(grouping)?.ByGroup(found.Count);
        var median = scores is null ? null : GroupScores.MedianOf(scores);
        var areProbabilities = tally.ScoresOf(grouping) is { Lowest: >= 0, Highest: <= 1 };
        var isSmall = found.Select(g => g.Counts.Count < plan.MinimumGroupSize).ToList();
        var groups = new List<GroupAudit>();
        for (var i = 0; i < found.Count; i++)
        {
            if (!isSmall[i] || !plan.MergeSmall)
            {
                groups.Add(Audited(found[i].Values, 0, found[i].Counts, scores?[i]));
            }
        }

        groups.Sort((a, b) => Compare(a.Values, b.Values));
        var small = plan.MergeSmall ? Enumerable.Range(0, found.Count).Where(i => isSmall[i]).ToList() : [];
        if (small.Count > 0)
        {
            var together = small.Aggregate(default(OutcomeCounts), (sum, i) => sum + found[i].Counts);
            groups.Add(Audited([], small.Count, together, scores is null ? null : [.. small.SelectMany(i => scores[i]).OrderBy(s => s.Score)]));
        }

        return new GroupingAudit(tally.Groupings[grouping], groups, median, tally.ScoresOf(grouping)?.Bits ?? ScoreTally.AllBits, plan);

        GroupAudit Audited(IReadOnlyList<string?> values, int merged, OutcomeCounts counts, List<(double, ScoreTally.Cell)>? own) =>
            new(values, merged, counts, tally.Count == 0 ? 0 : (double)counts.Count / tally.Count, counts.Count < plan.MinimumGroupSize)
            {
                Scores = own is { Count: > 0 } && median is { } m ? GroupScores.Of(own, m, areProbabilities) : null,
            };
    }

    /// <summary>The audit of groups that are counted already, each large enough.</summary>
    internal static GroupingAudit Of(Grouping grouping, IReadOnlyList<(string Group, OutcomeCounts Counts)> counted, AuditPlan plan)
    {
        var all = counted.Sum(c => c.Counts.Count);
        return new GroupingAudit(
            grouping, [.. counted.Select(c => new GroupAudit([c.Group], 0, c.Counts, all == 0 ? 0 : (double)c.Counts.Count / all, IsTooFew: false))], null, ScoreTally.AllBits, plan);
    }

    private static int Compare(IReadOnlyList<string?> a, IReadOnlyList<string?> b)
    {
        for (var i = 0; i < a.Count; i++)
        {
            var order = (a[i], b[i]) switch { (null, null) => 0, (null, _) => 1, (_, null) => -1, var (x, y) => string.CompareOrdinal(x, y) };
            if (order != 0)
            {
                return order;
            }
        }

        return 0;
    }

    private int? NamedReference(AuditPlan plan)
    {
        if (plan.Reference is not { Count: > 0 } named || !Grouping.Columns.All(named.ContainsKey))
        {
            return null;
        }

        var wanted = Grouping.Columns.Select(c => named[c]).ToList();
        var at = Compared.ToList().FindIndex(g => g.Values.SequenceEqual(wanted));
        return at >= 0 ? at : throw new Fault(FaultKind.Invalid, "fairness/no-such-reference",
            $"`{Grouping.Name}` has no group `{Name.Shown(string.Join(" × ", wanted))}` of at least {plan.MinimumGroupSize} people; name one of its groups as the reference.");
    }

    private IReadOnlyList<GroupComparison> Compare(Rate rate)
    {
        if ((Named ?? (rate == Rate.FalsePositive ? GapOf(rate)?.Least : GapOf(rate)?.Most)) is not { } reference || Compared[reference].Counts.Of(rate).Whole == 0)
        {
            return [];
        }

        var pairs = Enumerable.Range(0, Compared.Count).Where(g => g != reference && Compared[g].Counts.Of(rate).Whole > 0)
            .Select(g => (Group: g, Shares: new TwoGroups(Compared[g].Counts.Of(rate), Compared[reference].Counts.Of(rate)))).ToList();
        var p = pairs.ConvertAll(s => s.Shares.FisherTest());
        return [.. pairs.Zip(p, ManyGroups.Holm(p)).Select(s => new GroupComparison(s.First.Group, reference, s.First.Shares, s.Second, s.Third))];
    }

    private IEnumerable<LimitCrossed> CrossedBy((Rate Rate, bool IsRatio, double Limit) limit) =>
        from compared in Comparisons[limit.Rate]
        let value = limit.IsRatio ? compared.Shares.Ratio : Math.Abs(compared.Shares.Difference)
        where limit.IsRatio ? value < limit.Limit : value > limit.Limit
        select new LimitCrossed(this, limit.Rate, limit.IsRatio, limit.Limit, Compared[compared.Group], Compared[compared.Reference], value!.Value,
            compared.Shares.DifferenceInterval(), compared.HolmP);
}
