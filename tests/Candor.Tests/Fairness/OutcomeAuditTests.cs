using System.Globalization;
using Candor.Fairness;
using CsCheck;

namespace Candor.Tests.Fairness;

/// <summary>What an audit says of few people, of one kind of people, and of very many groups; and laws that hold for all numbers.</summary>
public sealed class OutcomeAuditTests
{
    private static readonly Gen<OutcomeCounts> Counts = Gen.Select(Gen.Int[0, 60], Gen.Int[0, 60], Gen.Int[0, 60], Gen.Int[0, 60])
        .Select((tp, fp, tn, fn) => new OutcomeCounts(tp + fp + tn + fn, tp + fp, tp, fp, tn, fn));

    [Fact]
    public void No_figure_is_ever_NaN_or_outside_its_range() => Counts.List[0, 6].Sample(groups =>
    {
        var audit = Audit(groups);
        foreach (var share in audit.Groups.SelectMany(g => Rates.All.Select(g.Counts.Of)))
        {
            Assert.Equal(share.Whole == 0, share.Value is null);
            Assert.True(share.Value is null or (>= 0 and <= 1));
            foreach (var interval in (Interval?[])[share.Wilson(), share.ClopperPearson()])
            {
                Assert.Equal(share.Value is null, interval is null);
                Assert.True(interval is not { } i || (i.Low >= 0 && i.Low <= share.Value && i.High >= share.Value && i.High <= 1), $"{share} {interval}");
            }
        }

        foreach (var compared in audit.Comparisons.Values.SelectMany(c => c))
        {
            var difference = compared.Shares.DifferenceInterval();
            Assert.True(difference.Low >= -1 && difference.High <= 1 && difference.Contains(compared.Shares.Difference), $"{compared}");
            Assert.InRange(compared.FisherP, 0, 1);
            Assert.InRange(compared.HolmP, compared.FisherP, 1);
        }
    });

    [Fact]
    public void Fishers_test_adds_up_all_tables_that_are_at_most_as_likely() =>
        Gen.Select(Gen.Int[1, 30], Gen.Int[1, 30]).SelectMany((n, m) => Gen.Select(Gen.Const(n), Gen.Const(m), Gen.Int[0, n], Gen.Int[0, m])).Sample((n, m, x, y) =>
        {
            var tables = Enumerable.Range(0, n + 1).Where(a => x + y - a >= 0 && x + y - a <= m).Select(a => (a, P: Choose(n, a) * Choose(m, x + y - a) / Choose(n + m, x + y))).ToList();
            var own = tables.Single(t => t.a == x).P;
            Assert.Equal(tables.Where(t => t.P <= own * (1 + 1e-7)).Sum(t => t.P), new TwoGroups(new(x, n), new(y, m)).FisherTest(), 1e-10);
        });

    [Fact]
    public void Four_fifths_warns_only_where_the_interval_of_the_difference_excludes_0()
    {
        var few = Audit([new(20, 10, 10, 0, 10, 0), new(20, 14, 14, 0, 6, 0)]).Crossed.Single();
        Assert.True(few.Value < 0.8 && few.DifferenceInterval.Contains(0) && !few.IsBroken);
        var many = Audit([new(2000, 1000, 1000, 0, 1000, 0), new(2000, 1400, 1400, 0, 600, 0)]).Crossed.Single();
        Assert.True(many.Value == few.Value && many.IsBroken && many.StandsAmongAll);
        Assert.Empty(Audit([new(2000, 1200, 1200, 0, 800, 0), new(2000, 1400, 1400, 0, 600, 0)]).Crossed);
    }

    [Fact]
    public void Groups_below_the_minimum_are_not_compared_and_are_merged_only_on_request()
    {
        var tally = Tally([new(9, 0, 0, 0, 9, 0), new(10, 5, 5, 0, 5, 0), new(9, 9, 9, 0, 0, 0)]);
        var apart = AuditReport.Of(tally, new AuditPlan(new AuditLimits())).Groupings.Single();
        Assert.Equal([true, false, true], apart.Groups.Select(g => g.IsTooFew));
        Assert.Empty(apart.Crossed);
        Assert.Equal(28, apart.Overall.Count);
        var merged = AuditReport.Of(tally, new AuditPlan(new AuditLimits(), MergeSmall: true)).Groupings.Single();
        Assert.Equal((2, 18L, 9L), (merged.Groups[^1].Merged, merged.Groups[^1].Counts.Count, merged.Groups[^1].Counts.Selected));
        Assert.Equal(2, merged.Compared.Count);
    }

    [Fact]
    public void People_of_one_kind_or_no_people_at_all_are_not_defined_and_not_zero()
    {
        var audit = Audit([new(50, 50, 50, 0, 0, 0), new(50, 0, 0, 0, 50, 0)]);
        Assert.Null(audit.Groups[0].Counts.Of(Rate.FalsePositive).Value);
        Assert.Null(audit.Groups[1].Counts.Of(Rate.Precision).Value);
        Assert.Equal(0, audit.GapOf(Rate.Selection)!.Ratio);
        var nobody = AuditReport.Of(new OutcomeTally([new Grouping(["x"])], true), new AuditPlan(new AuditLimits()));
        Assert.Null(nobody.Groupings.Single().GapOf(Rate.Selection));
        Assert.False(nobody.IsBroken);
        var nevers = Audit([new(50, 0, 0, 0, 50, 0), new(50, 0, 0, 0, 50, 0)]);
        Assert.Null(nevers.GapOf(Rate.Selection)!.Ratio);
        Assert.Empty(nevers.Crossed);
    }

    [Fact]
    public void Who_did_not_give_a_group_is_a_group_and_spelling_of_accents_makes_none()
    {
        var tally = new OutcomeTally([new Grouping(["ort", "x"])], false);
        foreach (var (place, x) in new[] { ("Köln", "1"), ("Ko\u0308ln", "1"), (" Köln ", "1"), ("", "1"), ("監査", "1") })
        {
            tally.Add([tally.NumberOf(0, place), tally.NumberOf(1, x)], true, null);
        }

        var groups = AuditReport.Of(tally, new AuditPlan(new AuditLimits(), 1)).Groupings.Single().Groups;
        Assert.Equal([("Köln", 3L), ("監査", 1L), (null, 1L)], groups.Select(g => (g.Values[0], g.Counts.Count)));
    }

    [Fact]
    public void A_hundred_thousand_groups_are_audited()
    {
        var tally = new OutcomeTally([new Grouping(["shop"])], false);
        for (var i = 0; i < 1_200_000; i++)
        {
            tally.Add([tally.NumberOf(0, (i % 100_000).ToString(CultureInfo.InvariantCulture))], i % 7 < 3, i % 5 < 2);
        }

        var report = AuditReport.Of(tally, new AuditPlan(new AuditLimits()));
        Assert.Equal(100_000, report.Groupings.Single().Compared.Count);
        Assert.Null(report.Groupings.Single().Bootstrap);
    }

    [Fact]
    public void Limits_on_gaps_hold_for_true_and_false_positives()
    {
        var groups = new OutcomeCounts[] { new(2000, 1000, 900, 100, 900, 100), new(2000, 1000, 600, 400, 600, 400) };
        var report = AuditReport.Of(Tally(groups), new AuditPlan(new AuditLimits(0, MaxTruePositiveGap: 0.1, MaxFalsePositiveGap: 0.29)));
        Assert.Equal([(Rate.TruePositive, 0.3), (Rate.FalsePositive, 0.3)], report.Crossed.Select(c => (c.Rate, Math.Round(c.Value, 9))));
        Assert.Throws<Kernel.Fault>(() => AuditReport.Of(Tally(groups), new AuditPlan(new AuditLimits(1.1))));
        Assert.Throws<Kernel.Fault>(() => AuditReport.Of(Tally(groups), new AuditPlan(new AuditLimits(double.NaN))));
    }

    [Fact]
    public void The_bootstrap_of_counts_spreads_as_drawing_people_again_does()
    {
        var groups = new OutcomeCounts[] { new(800, 300, 200, 100, 400, 100), new(60, 30, 20, 10, 20, 10) };
        var spread = Bootstrap.Of(2, Bootstrap.Stratified(groups, 20_000, 7));
        // The normal approximation of the difference of two shares; resampling noise is far below the tolerance.
        Assert.InRange(spread.Groups[0][0].Low!.Value, 0.375 - 1.96 * 0.0171 - 0.003, 0.375 - 1.96 * 0.0171 + 0.003);
        Assert.InRange(spread.Groups[1][0].High!.Value, 0.5 + 1.96 * 0.0645 - 0.015, 0.5 + 1.96 * 0.0645 + 0.015);
        Assert.Equal(spread.Differences, Bootstrap.Of(2, Bootstrap.Stratified(groups, 20_000, 7)).Differences);
    }

    [Theory]
    [InlineData(5, 0.3)]
    [InlineData(40, 0.02)]
    [InlineData(100, 0.4)]
    [InlineData(300, 0.9)]
    public void Binomial_draws_have_their_distribution(long n, double p)
    {
        const int Draws = 100_000;
        var (random, seen) = (new SplitMix64(11), new int[n + 1]);
        for (var i = 0; i < Draws; i++)
        {
            seen[random.NextBinomial(n, p)]++;
        }

        // Pearson's test over the values that are expected at least 5 times.
        var cells = Enumerable.Range(0, (int)n + 1).Select(k => (Seen: seen[k], Expected: Draws * Distributions.Binomial(k, n, p, 1 - p))).Where(c => c.Expected >= 5).ToList();
        var chi = cells.Sum(c => Math.Pow(c.Seen - c.Expected, 2) / c.Expected);
        Assert.True(Distributions.ChiSquareTail(chi, cells.Count - 1) > 1e-4, $"chi-square {chi} with {cells.Count - 1} degrees");
    }

    [Fact]
    public void Too_many_different_scores_are_rounded_and_order_is_kept()
    {
        var tally = new ScoreTally(1000);
        for (var i = 0; i < 100_000; i++)
        {
            tally.Add(i % 3, i / 100_000.0, i % 2 == 0);
        }

        var groups = tally.ByGroup(3);
        Assert.True(tally.Bits < ScoreTally.AllBits && groups.Sum(g => g.Count) <= 1000);
        Assert.Equal(100_000, groups.Sum(g => g.Sum(s => s.Cell.Count)));
        Assert.InRange(GroupScores.MedianOf(groups)!.Value, 0.49, 0.51);
    }

    private static GroupingAudit Audit(IReadOnlyList<OutcomeCounts> groups) => AuditReport.Of(Tally(groups), new AuditPlan(new AuditLimits(), 1, Resamples: 20)).Groupings.Single();

    private static OutcomeTally Tally(IReadOnlyList<OutcomeCounts> groups)
    {
        var tally = new OutcomeTally([new Grouping(["group"])], false);
        for (var g = 0; g < groups.Count; g++)
        {
            int[] value = [tally.NumberOf(0, ((char)('A' + g)).ToString())];
            foreach (var (count, decision, truth) in new[] { (groups[g].TruePositives, true, true), (groups[g].FalsePositives, true, false), (groups[g].TrueNegatives, false, false), (groups[g].FalseNegatives, false, true) })
            {
                for (var i = 0L; i < count; i++)
                {
                    tally.Add(value, decision, truth);
                }
            }
        }

        return tally;
    }

    private static double Choose(int n, int k) => Enumerable.Range(1, k).Aggregate(1.0, (c, i) => c * (n - k + i) / i);
}
