using Candor.Fairness;
using Candor.Kernel;
using CsCheck;

namespace Candor.Tests.Fairness;

/// <summary>Cut-offs by group: worked by hand, and against every combination there is.</summary>
public sealed class GroupThresholdsTests
{
    private static readonly (string? Group, double Score, bool Truth)[] ByHand =
    [
        ("a", 0.9, true), ("a", 0.8, true), ("a", 0.4, false), ("a", 0.3, false),
        ("b", 0.7, true), ("b", 0.5, false), ("b", 0.35, false), ("b", 0.2, false),
    ];

    private static readonly Gen<(string? Group, double Score, bool Truth)[]> People =
        (from groups in Gen.Int[2, 4]
         from people in (from g in Gen.Int[0, groups - 1] from s in Gen.Int[0, 6] from t in Gen.Bool select ((string?)$"g{g}", s / 4.0, t)).Array[4, 28]
         select people);

    [Fact]
    public void Equal_shares_of_yes_worked_by_hand()
    {
        var found = Find(ByHand, ThresholdGoal.SelectionRate, 0, 1);
        // One cut-off at 0.7 decides all eight rightly; it gives a yes to half of a, and to a quarter of b.
        Assert.Equal((1, 0.25), (found.Common.Accuracy.Value, found.Common.Gap));
        Assert.All(found.Common.Groups, g => Assert.Equal(0.7, g.Threshold));
        // A quarter of each: a loses the one with 0.8. Half of each would cost one too; the smaller share is taken.
        Assert.Equal([0.9, 0.7], found.ByGroup.Groups.Select(g => g.Threshold!.Value));
        Assert.Equal((7 / 8.0, 0.0, 1 / 8.0), (found.ByGroup.Accuracy.Value, found.ByGroup.Gap, found.Cost));
        Assert.Equal(new OutcomeCounts(4, 1, 1, 0, 2, 1), found.ByGroup.Groups[0].Counts);
    }

    [Fact]
    public void Equal_chances_of_those_who_are_right_worked_by_hand()
    {
        var found = Find(ByHand, ThresholdGoal.TruePositiveRate, 0, 1);
        Assert.Equal([0.8, 0.7], found.ByGroup.Groups.Select(g => g.Threshold!.Value));
        Assert.Equal((1.0, 0.0, 0.0), (found.ByGroup.Accuracy.Value, found.ByGroup.Gap, found.Cost));
    }

    [Theory]
    [InlineData(ThresholdGoal.SelectionRate)]
    [InlineData(ThresholdGoal.TruePositiveRate)]
    public void No_combination_of_cut_offs_is_as_equal_and_more_often_right(ThresholdGoal goal) => People.Select(Gen.Int[0, 3]).Sample((people, gapIndex) =>
    {
        var maxGap = new[] { 0, 0.05, 0.25, 1 }[gapIndex];
        if (Try(people, goal, maxGap) is not { } found)
        {
            return true;
        }

        var cuts = Enumerable.Range(0, 8).Select(i => i / 4.0).ToList();
        var tables = people.GroupBy(p => p.Group).ToDictionary(g => g.Key!, g => cuts.ConvertAll(cut => (
            Rate: goal == ThresholdGoal.SelectionRate ? g.Count(p => p.Score >= cut) / (double)g.Count() : g.Count(p => p.Truth && p.Score >= cut) / (double)Math.Max(1, g.Count(p => p.Truth)),
            Right: g.Count(p => p.Truth == p.Score >= cut))));
        var own = found.ByGroup.Groups.Where(g => g.HasOwn).ToList();
        var most = own.Select(g => tables[g.Values[0]!]).Aggregate(
            (IEnumerable<(double Low, double High, int Right)>)[(1.0, 0.0, 0)],
            (all, table) => all.SelectMany(c => table.Select(cut => (Math.Min(c.Low, cut.Rate), Math.Max(c.High, cut.Rate), c.Right + cut.Right))))
            .Where(c => c.High - c.Low <= maxGap + 1e-9).Max(c => c.Right);
        return found.ByGroup.Gap <= maxGap + 1e-9 && own.Sum(g => g.Counts.TruePositives + g.Counts.TrueNegatives) == most
            && found.Common.Accuracy.Part == Enumerable.Range(0, 8).Max(i => tables.Values.Sum(t => t[i].Right)) && (maxGap < 1 || found.Cost <= 1e-12);
    }, iter: 1_000);

    [Fact]
    public void Who_is_in_too_small_a_group_or_in_none_gets_the_cut_off_for_everybody()
    {
        (string? Group, double Score, bool Truth)[] people = [.. ByHand, .. ByHand, ("c", 0.1, true), (null, 0.95, true), (null, 0.05, false)];
        var found = Find(people, ThresholdGoal.SelectionRate, 0, 8);
        Assert.Equal([true, true, false, false], found.ByGroup.Groups.Select(g => g.HasOwn));
        Assert.All(found.ByGroup.Groups.Skip(2), g => Assert.Equal(found.Common.Groups[0].Threshold, g.Threshold));
    }

    [Fact]
    public void Without_scores_truth_or_two_groups_it_says_what_is_missing()
    {
        Assert.Contains("`1`", Assert.Throws<Fault>(() => Find([.. ByHand.Take(4)], ThresholdGoal.SelectionRate, 0, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("`2`", Assert.Throws<Fault>(() => Find(ByHand, ThresholdGoal.SelectionRate, 2, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("`--score`", Assert.Throws<Fault>(() => GroupThresholds.Find(new OutcomeTally([new Grouping(["g"])], hasScores: false), ThresholdGoal.SelectionRate, 0, 1)).Message, StringComparison.Ordinal);
        Assert.Equal("fairness/no-thresholds", Assert.Throws<Fault>(() => Find([.. ByHand.Select(p => p with { Truth = false })], ThresholdGoal.TruePositiveRate, 0, 1)).What);
    }

    private static GroupThresholds? Try((string?, double, bool)[] people, ThresholdGoal goal, double maxGap)
    {
        try
        {
            return Find(people, goal, maxGap, 1);
        }
        catch (Fault)
        {
            return null;
        }
    }

    private static GroupThresholds Find((string? Group, double Score, bool Truth)[] people, ThresholdGoal goal, double maxGap, int minimum)
    {
        var tally = new OutcomeTally([new Grouping(["g"])], hasScores: true);
        foreach (var (group, score, truth) in people)
        {
            tally.Add([tally.NumberOf(0, group ?? "")], decision: false, truth, score);
        }

        return GroupThresholds.Find(tally, goal, maxGap, minimum);
    }
}
