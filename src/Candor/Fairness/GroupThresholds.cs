using Candor.Kernel;

namespace Candor.Fairness;

/// <summary>What a cut-off for each group is to make equal.</summary>
public enum ThresholdGoal
{
    /// <summary>The share of yes.</summary>
    SelectionRate,
    /// <summary>The share of yes among those for whom yes is right.</summary>
    TruePositiveRate,
}

/// <summary>A group with its cut-off.</summary>
/// <param name="Values">Its value in each column of the grouping; null where it was not given.</param>
/// <param name="HasOwn">False where the cut-off for everybody counts: too few people, nobody for whom yes is right, or a value that was not given.</param>
/// <param name="Threshold">The lowest score that gets a yes; null when nobody does.</param>
/// <param name="Counts">How the decisions come out with it.</param>
public sealed record GroupThreshold(IReadOnlyList<string?> Values, bool HasOwn, double? Threshold, OutcomeCounts Counts);

/// <summary>A way to decide by score, and how it comes out.</summary>
/// <param name="Accuracy">Over everybody whose truth is known.</param>
/// <param name="Gap">Largest less smallest rate of the goal among the groups that can have a cut-off of their own, 0 to 1.</param>
public sealed record ThresholdOutcome(IReadOnlyList<GroupThreshold> Groups, Proportion Accuracy, double Gap);

/// <summary>A cut-off for each group that makes a rate equal, beside the best one for everybody.</summary>
/// <param name="Goal">What was made equal.</param>
/// <param name="Common">One cut-off for everybody: the one with the most right decisions.</param>
/// <param name="ByGroup">A cut-off a group.</param>
public sealed record GroupThresholds(ThresholdGoal Goal, ThresholdOutcome Common, ThresholdOutcome ByGroup)
{
    /// <summary>Right decisions that the equality costs, as a part of all whose truth is known; below 0 where cut-offs by group decide more rightly.</summary>
    public double Cost => Common.Accuracy.Value!.Value - ByGroup.Accuracy.Value!.Value;

    /// <summary>Finds, of all ways to give each group one cut-off so that the rates differ by at most <paramref name="maxGap"/>, the one with the most right decisions. Nothing is drawn by lot: two people of a group with the same score get the same answer.</summary>
    /// <param name="maxGap">0 to 1.</param>
    /// <param name="minimum">Smaller groups get the cut-off for everybody.</param>
    /// <exception cref="Fault">Invalid <c>fairness/no-thresholds</c>.</exception>
    public static GroupThresholds Find(OutcomeTally tally, ThresholdGoal goal, double maxGap, int minimum)
    {
        if (maxGap is not (>= 0 and <= 1))
        {
            throw Wrong($"The largest difference is 0 to 1; got `{maxGap}`.");
        }

        var scores = tally.ScoresOf(0) ?? throw Wrong("A cut-off needs the scores; name their column with `--score`.");
        if (scores.Bits < ScoreTally.AllBits)
        {
            throw Wrong($"The file has more than `{ScoreTally.DefaultMaxCells}` different pairs of group and score; round the scores in it.");
        }

        var values = tally.GroupsOf(0).Select(g => g.Values).ToList();
        var groups = scores.ByGroup(values.Count).Select((s, i) => ScoredGroup.Of(values[i], s, goal, minimum)).ToList();
        var eligible = groups.Where(g => g.IsEligible).ToList();
        if (groups.Sum(g => g.Known) == 0 || eligible.Count < 2)
        {
            throw Wrong($"Two groups of at least `{minimum}` people with a score and a truth are needed{(goal == ThresholdGoal.TruePositiveRate ? ", each with somebody for whom yes is right" : "")}; the file has `{eligible.Count}`.");
        }

        var common = CommonThreshold(groups);
        var all = groups.Select(g => g.CutAt(common)).ToList();
        var own = ThresholdSearch.Find([.. eligible.Select(g => g.Rates)], [.. eligible.Select(g => g.Right)], maxGap);
        var cuts = groups.Select((g, i) => g.IsEligible ? own[eligible.IndexOf(g)] : all[i]).ToList();
        return new GroupThresholds(goal, Outcome(groups, all, common, _ => false), Outcome(groups, cuts, common, g => g.IsEligible));
    }

    /// <summary>The lowest score of the cut-off with the most right decisions; of several the highest. Null: nobody gets a yes.</summary>
    private static double? CommonThreshold(IReadOnlyList<ScoredGroup> groups)
    {
        var (best, most, right) = ((double?)null, groups.Sum(g => g.Known - g.Positive), groups.Sum(g => g.Known - g.Positive));
        foreach (var at in groups.SelectMany(g => g.Scores).GroupBy(s => s.Score).OrderByDescending(s => s.Key))
        {
            right += at.Sum(s => 2 * s.Cell.Positive - s.Cell.Known);
            if (right > most)
            {
                (best, most) = (at.Key, right);
            }
        }

        return best;
    }

    private static ThresholdOutcome Outcome(IReadOnlyList<ScoredGroup> groups, IReadOnlyList<int> cuts, double? common, Func<ScoredGroup, bool> hasOwn)
    {
        var found = groups.Select((g, i) => new GroupThreshold(g.Values, hasOwn(g), hasOwn(g) ? g.ThresholdOf(cuts[i]) : common, g.CountsOf(cuts[i]))).ToList();
        var sum = found.Aggregate(default(OutcomeCounts), (s, g) => s + g.Counts);
        var rates = groups.Select((g, i) => (g.IsEligible, Rate: g.Rates[cuts[i]])).Where(r => r.IsEligible).Select(r => r.Rate).ToList();
        return new ThresholdOutcome(found, sum.Of(Rate.Accuracy), rates.Max() - rates.Min());
    }

    private static Fault Wrong(string sentence) => new(FaultKind.Invalid, "fairness/no-thresholds", sentence);
}

/// <summary>A group and every cut-off that it can have. Cut 0 gives nobody a yes, cut i the people with the i highest scores.</summary>
/// <param name="Scores">From high to low, each once.</param>
/// <param name="Rates">The rate of the goal at each cut, never falling; empty where it is not defined.</param>
/// <param name="Right">Right decisions at each cut.</param>
internal sealed record ScoredGroup(
    IReadOnlyList<string?> Values, IReadOnlyList<(double Score, ScoreTally.Cell Cell)> Scores, IReadOnlyList<double> Rates, IReadOnlyList<long> Right, bool IsEligible)
{
    public long People => Scores.Sum(s => s.Cell.Count);

    public long Known => Scores.Sum(s => s.Cell.Known);

    public long Positive => Scores.Sum(s => s.Cell.Positive);

    public static ScoredGroup Of(IReadOnlyList<string?> values, List<(double Score, ScoreTally.Cell Cell)> rising, ThresholdGoal goal, int minimum)
    {
        var scores = Enumerable.Reverse(rising).ToList();
        var (people, known, positive) = (scores.Sum(s => s.Cell.Count), scores.Sum(s => s.Cell.Known), scores.Sum(s => s.Cell.Positive));
        var all = goal == ThresholdGoal.SelectionRate ? people : positive;
        var (rates, right, yes, correct) = (new List<double> { 0 }, new List<long> { known - positive }, 0L, known - positive);
        foreach (var (_, cell) in scores)
        {
            yes += goal == ThresholdGoal.SelectionRate ? cell.Count : cell.Positive;
            correct += 2 * cell.Positive - cell.Known;
            rates.Add(all == 0 ? 0 : (double)yes / all);
            right.Add(correct);
        }

        return new ScoredGroup(values, scores, rates, right, people >= minimum && known > 0 && all > 0 && values.All(v => v is not null));
    }

    /// <summary>The cut that gives a yes from this score on.</summary>
    public int CutAt(double? threshold) => threshold is { } t ? Scores.Count(s => s.Score >= t) : 0;

    public double? ThresholdOf(int cut) => cut == 0 ? null : Scores[cut - 1].Score;

    public OutcomeCounts CountsOf(int cut)
    {
        var (above, below) = (Scores.Take(cut).ToList(), Scores.Skip(cut).ToList());
        long Truly(List<(double Score, ScoreTally.Cell Cell)> part) => part.Sum(s => s.Cell.Positive);
        long Falsely(List<(double Score, ScoreTally.Cell Cell)> part) => part.Sum(s => s.Cell.Known - s.Cell.Positive);
        return new OutcomeCounts(People, above.Sum(s => s.Cell.Count), Truly(above), Falsely(above), Falsely(below), Truly(below));
    }
}
