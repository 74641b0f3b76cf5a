using System.Text.Json;
using Candor.Fairness;
using static Candor.Tests.Fairness.FairnessOracle;

namespace Candor.Tests.Fairness;

/// <summary>Every figure of the oracle files, which fairlearn, AIF360, Aequitas and independent scripts made.</summary>
public sealed class AuditOracleTests
{
    private static readonly Dictionary<string, FairnessOracle> Loaded = Cases.ToDictionary(c => c, Load);

    private static readonly (string Name, Rate Rate)[] FairlearnNames =
    [
        ("selection_rate", Rate.Selection), ("true_positive_rate", Rate.TruePositive), ("false_positive_rate", Rate.FalsePositive), ("false_negative_rate", Rate.FalseNegative),
        ("true_negative_rate", Rate.TrueNegative), ("accuracy", Rate.Accuracy), ("precision", Rate.Precision),
    ];

    public static TheoryData<string, string> Groupings =>
        [.. Cases.SelectMany(c => Load(c).Groupings.Select(g => (c, g.Name)))];

    [Theory]
    [MemberData(nameof(Groupings))]
    public void Counts_rates_and_intervals_of_each_group(string name, string grouping)
    {
        var (audit, figures) = Of(name, grouping);
        Assert.Equal(audit.Groups.Count, figures.GetProperty("groups").EnumerateObject().Count());
        foreach (var group in audit.Groups)
        {
            var expected = figures.GetProperty("groups").GetProperty(NameOf(group));
            Assert.Equal(
                (expected.GetProperty("n").GetInt64(), expected.GetProperty("tp").GetInt64(), expected.GetProperty("fp").GetInt64(), expected.GetProperty("tn").GetInt64(), expected.GetProperty("fn").GetInt64()),
                (group.Counts.Count, group.Counts.TruePositives, group.Counts.FalsePositives, group.Counts.TrueNegatives, group.Counts.FalseNegatives));
            Same(expected.GetProperty("share"), group.Share, NameOf(group));
            SameRates(expected, group.Counts, NameOf(group));
            foreach (var rate in Rates.Compared)
            {
                var counted = group.Counts.Of(rate);
                Same(expected.GetProperty(OracleName(rate) + "_wilson95"), counted.Wilson(), $"{NameOf(group)} {rate} Wilson");
                Same(expected.GetProperty(OracleName(rate) + "_clopper95"), counted.ClopperPearson(), $"{NameOf(group)} {rate} Clopper-Pearson");
            }
        }

        SameRates(figures.GetProperty("overall"), audit.Overall, "overall");
    }

    [Theory]
    [MemberData(nameof(Groupings))]
    public void Gaps_between_groups_over_those_that_are_defined(string name, string grouping)
    {
        var (audit, figures) = Of(name, grouping);
        foreach (var expected in figures.GetProperty("aggregates_defined_only").EnumerateObject())
        {
            var rate = Rates.All.Single(r => OracleName(r) == expected.Name);
            var gap = audit.GapOf(rate)!;
            Same(expected.Value.GetProperty("min"), gap.Min, $"{rate} min");
            Same(expected.Value.GetProperty("max"), gap.Max, $"{rate} max");
            Same(expected.Value.GetProperty("difference"), gap.Difference, $"{rate} difference");
            Same(expected.Value.GetProperty("ratio"), gap.Ratio, $"{rate} ratio");
            Assert.Equal(expected.Value.GetProperty("undefined_groups").EnumerateArray().Select(g => g.GetString()), audit.Compared.Where(g => g.Counts.Of(rate).Value is null).Select(NameOf));
        }
    }

    [Theory]
    [MemberData(nameof(Groupings))]
    public void Impact_ratios_with_every_test_and_interval(string name, string grouping)
    {
        var (audit, figures) = Of(name, grouping);
        var impact = figures.GetProperty("impact_ratio");
        Assert.Equal(impact.GetProperty("reference_group_highest_rate").GetString(), NameOf(audit.Compared[audit.GapOf(Rate.Selection)!.Most]));
        foreach (var compared in audit.Comparisons[Rate.Selection])
        {
            var group = audit.Compared[compared.Group];
            var (what, expected) = (NameOf(group), impact.GetProperty("groups").GetProperty(NameOf(group)));
            Same(expected.GetProperty("impact_ratio"), compared.Shares.Ratio, what);
            Assert.Equal(expected.GetProperty("four_fifths_violation").GetBoolean(), compared.Shares.Ratio < 0.8);
            Assert.Equal(expected.GetProperty("ll141_may_exclude_under_2pct").GetBoolean(), group.Share < GroupAudit.MayBeLeftOut);
            Assert.Equal(expected.GetProperty("four_fifths_violation_if_one_person_moved").GetBoolean(), compared.IsUnderEvenIfOneMoved(0.8));
            expected = expected.GetProperty("vs_reference");
            Same(expected.GetProperty("diff"), compared.Shares.Difference, what + " difference");
            Same(expected.GetProperty("ratio"), compared.Shares.Ratio, what + " ratio");
            Same(expected.GetProperty("z_pooled"), compared.Shares.PooledZ(), what + " z");
            SameP(expected.GetProperty("p_z"), compared.Shares.ZTest(), what + " p of z");
            SameP(expected.GetProperty("p_fisher"), compared.FisherP, what + " Fisher");
            Same(expected.GetProperty("newcombe95"), compared.Shares.DifferenceInterval(), what + " Newcombe");
            Same(expected.GetProperty("katz_ratio95"), compared.Shares.RatioInterval(), what + " Katz");
            Same(expected.GetProperty("walter_ratio95"), compared.Shares.AdjustedRatioInterval(), what + " Walter");
        }
    }

    [Theory]
    [MemberData(nameof(Groupings))]
    public void Tests_over_all_groups_with_their_corrections(string name, string grouping)
    {
        var (audit, figures) = Of(name, grouping);
        foreach (var rate in Rates.Compared)
        {
            var expected = figures.GetProperty("tests").GetProperty(OracleName(rate));
            var (omnibus, all) = (audit.Omnibus(rate)!, expected.GetProperty("omnibus_chi2"));
            Same(all.GetProperty("chi2"), omnibus.ChiSquare, "chi2");
            Assert.Equal(all.GetProperty("dof").GetInt32(), omnibus.Degrees);
            SameP(all.GetProperty("p"), omnibus.P, "p of chi2");
            Same(all.GetProperty("min_expected"), omnibus.LeastExpected, "least expected");
            var rest = audit.AgainstRest(rate);
            var p = rest.Select(r => r.FisherP).ToList();
            var (hochberg, bonferroni, at) = (ManyGroups.BenjaminiHochberg(p), ManyGroups.Bonferroni(p), 0);
            Assert.Equal(expected.GetProperty("group_vs_rest").GetArrayLength(), rest.Count);
            foreach (var (one, wanted) in rest.Zip(expected.GetProperty("group_vs_rest").EnumerateArray()))
            {
                var what = $"{rate} {wanted.GetProperty("group")}";
                Assert.Equal(wanted.GetProperty("group").GetString(), NameOf(audit.Compared[one.Group]));
                Assert.Equal((wanted.GetProperty("x").GetInt64(), wanted.GetProperty("n").GetInt64(), wanted.GetProperty("x_rest").GetInt64(), wanted.GetProperty("n_rest").GetInt64()),
                    (one.Shares.Group.Part, one.Shares.Group.Whole, one.Shares.Reference.Part, one.Shares.Reference.Whole));
                Same(wanted.GetProperty("diff"), one.Shares.Difference, what);
                SameP(wanted.GetProperty("p_fisher"), one.FisherP, what + " Fisher");
                SameP(wanted.GetProperty("p_holm"), one.HolmP, what + " Holm");
                SameP(wanted.GetProperty("p_bh"), hochberg[at], what + " Benjamini-Hochberg");
                SameP(wanted.GetProperty("p_bonferroni"), bonferroni[at++], what + " Bonferroni");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Groupings))]
    public void Scores_by_group(string name, string grouping)
    {
        var (audit, figures) = Of(name, grouping);
        if (!figures.TryGetProperty("ll141_scoring", out var median))
        {
            Assert.Equal("degenerate", name);
            return;
        }

        Same(median.GetProperty("median"), audit.MedianScore, "median");
        var highest = audit.Groups.Max(g => g.Scores!.AboveMedian.Value);
        foreach (var group in audit.Groups)
        {
            var (what, scores, expected) = (NameOf(group), group.Scores!, figures.GetProperty("score_by_group").GetProperty(NameOf(group)));
            Same(median.GetProperty("scoring_rate").GetProperty(what), scores.AboveMedian.Value, what);
            Same(median.GetProperty("impact_ratio").GetProperty(what), scores.AboveMedian.Value / highest, what);
            Same(expected.GetProperty("auc"), scores.Auc, what + " AUC");
            Same(expected.GetProperty("brier"), scores.Brier, what + " Brier");
            Same(expected.GetProperty("mean_score"), scores.Mean, what + " mean");
            Same(expected.GetProperty("calibration_in_the_large"), scores.CalibrationInTheLarge, what + " in the large");
            Same(expected.GetProperty("ece10"), scores.CalibrationError, what + " ECE");
        }
    }

    [Theory]
    [MemberData(nameof(Groupings))]
    public void What_fairlearn_says_between_groups_and_to_the_overall(string name, string grouping)
    {
        var (audit, figures) = Of(name, grouping, "fairlearn");
        foreach (var (fairlearn, rate) in FairlearnNames)
        {
            // fairlearn calls a rate of nobody 0. We call it not defined, so where that happens the two differ on purpose.
            if (audit.Compared.Any(g => g.Counts.Of(rate).Whole == 0))
            {
                continue;
            }

            var (gap, distance) = (audit.GapOf(rate)!, audit.ToOverall(rate)!);
            Same(figures.GetProperty("difference_between_groups").GetProperty(fairlearn), gap.Difference, fairlearn);
            Same(figures.GetProperty("ratio_between_groups").GetProperty(fairlearn), gap.Ratio, fairlearn);
            Same(figures.GetProperty("difference_to_overall").GetProperty(fairlearn), distance.Difference, fairlearn + " to overall");
            Same(figures.GetProperty("ratio_to_overall").GetProperty(fairlearn), distance.Ratio, fairlearn + " to overall");
            Assert.All(audit.Groups, g => Same(figures.GetProperty("by_group").GetProperty(NameOf(g)).GetProperty(fairlearn), g.Counts.Of(rate).Value, fairlearn));
        }

        Same(figures.GetProperty("demographic_parity_difference_between_groups"), audit.GapOf(Rate.Selection)!.Difference, "parity");
        if (audit.Compared.All(g => g.Counts.Of(Rate.TruePositive).Whole > 0 && g.Counts.Of(Rate.FalsePositive).Whole > 0))
        {
            var odds = audit.EqualizedOdds!;
            Same(figures.GetProperty("equalized_odds_difference_between_groups_worst_case"), odds.Difference, "odds");
            Same(figures.GetProperty("equalized_odds_ratio_between_groups_worst_case"), odds.Ratio, "odds ratio");
            Same(figures.GetProperty("equalized_odds_difference_between_groups_mean"), odds.MeanDifference, "mean odds");
            Same(figures.GetProperty("equalized_odds_ratio_between_groups_mean"), odds.MeanRatio, "mean odds ratio");
            var overall = EqualizedOdds.Of(ToGap(audit, Rate.TruePositive), ToGap(audit, Rate.FalsePositive))!;
            Same(figures.GetProperty("equalized_odds_difference_to_overall_worst_case"), overall.Difference, "odds to overall");
            Same(figures.GetProperty("equalized_odds_ratio_to_overall_worst_case"), overall.Ratio, "odds ratio to overall");
            Same(figures.GetProperty("equalized_odds_difference_to_overall_mean"), overall.MeanDifference, "mean odds to overall");
            Same(figures.GetProperty("equalized_odds_ratio_to_overall_mean"), overall.MeanRatio, "mean odds ratio to overall");
        }
    }

    [Theory]
    [MemberData(nameof(Groupings))]
    public void What_Aequitas_and_AIF360_say_against_a_named_group(string name, string grouping)
    {
        var (audit, figures) = Of(name, grouping, "aequitas");
        if (figures.ValueKind == JsonValueKind.Undefined)
        {
            return;
        }

        (string Name, Rate Rate)[] names = [("pprev", Rate.Selection), ("precision", Rate.Precision), ("fdr", Rate.FalseDiscovery), ("for", Rate.FalseOmission), ("fpr", Rate.FalsePositive),
            ("fnr", Rate.FalseNegative), ("tpr", Rate.TruePositive), ("tnr", Rate.TrueNegative), ("npv", Rate.NegativePredictive), ("prev", Rate.Base)];
        var reference = audit.Compared.Single(g => NameOf(g) == figures.GetProperty("reference").GetString());
        foreach (var group in audit.Groups)
        {
            var expected = figures.GetProperty("groups").GetProperty(NameOf(group));
            foreach (var (aequitas, rate) in names)
            {
                Same(expected.GetProperty(aequitas), group.Counts.Of(rate).Value, $"{NameOf(group)} {aequitas}");
                if (expected.TryGetProperty(aequitas + "_disparity", out var disparity) && disparity.ValueKind == JsonValueKind.Number && reference.Counts.Of(rate).Part > 0)
                {
                    Same(disparity, new TwoGroups(group.Counts.Of(rate), reference.Counts.Of(rate)).Ratio, $"{NameOf(group)} {aequitas} disparity");
                }
            }
        }

        var aif = Loaded[name].Groupings.Single(g => g.Name == grouping).Figures.GetProperty("aif360");
        var rest = audit.Overall - reference.Counts;
        Same(aif.GetProperty("statistical_parity_difference"), Against(Rate.Selection).Difference, "parity");
        Same(aif.GetProperty("disparate_impact_ratio"), Against(Rate.Selection).Ratio, "impact");
        Same(aif.GetProperty("equal_opportunity_difference"), Against(Rate.TruePositive).Difference, "opportunity");
        Same(aif.GetProperty("average_odds_difference"), (Against(Rate.TruePositive).Difference + Against(Rate.FalsePositive).Difference) / 2, "odds");
        Same(aif.GetProperty("average_odds_error"), (Math.Abs(Against(Rate.TruePositive).Difference) + Math.Abs(Against(Rate.FalsePositive).Difference)) / 2, "odds error");
        Same(aif.GetProperty("average_predictive_value_difference"), (Against(Rate.Precision).Difference + Against(Rate.FalseOmission).Difference) / 2, "predictive value");

        TwoGroups Against(Rate rate) => new(rest.Of(rate), reference.Counts.Of(rate));
    }

    [Theory]
    [MemberData(nameof(Groupings))]
    public void Bootstrap_of_people_in_file_order(string name, string grouping)
    {
        var (audit, figures) = Of(name, grouping);
        var expected = figures.GetProperty("portable_bootstrap");
        var oracle = Loaded[name];
        var groups = audit.Compared.Select(NameOf).ToList();
        var columns = oracle.Json.GetProperty("groupings").GetProperty(grouping).GetProperty("attributes").EnumerateArray().Select(a => Array.IndexOf(oracle.Header, a.GetString())).ToList();
        var rows = oracle.Rows.Select(r => (Group: groups.IndexOf(string.Join('|', columns.Select(c => r[c]))), Cell: (r[2] == "1" ? 1 : 0) + (r[1] == "1" ? 2 : 0))).ToArray();
        // Rows are drawn here, in the oracle's own way; quantiles, gaps and what is not defined are the product's.
        var bootstrap = Bootstrap.Of(groups.Count, Resamples());
        for (var r = 0; r < Rates.Compared.Count; r++)
        {
            for (var g = 0; g < groups.Count; g++)
            {
                SameSpread(expected.GetProperty("by_group").GetProperty(groups[g]).GetProperty(OracleName(Rates.Compared[r])), bootstrap.Groups[g][r]);
            }

            SameSpread(expected.GetProperty("aggregates").GetProperty(OracleName(Rates.Compared[r]) + "_difference"), bootstrap.Differences[r]);
            SameSpread(expected.GetProperty("aggregates").GetProperty(OracleName(Rates.Compared[r]) + "_ratio"), bootstrap.Ratios[r]);
        }

        IEnumerable<OutcomeCounts[]> Resamples()
        {
            var random = new SplitMix64(20240607);
            var cells = new int[groups.Count * 4];
            for (var b = 0; b < expected.GetProperty("replicates").GetInt32(); b++)
            {
                Array.Clear(cells);
                for (var i = 0; i < rows.Length; i++)
                {
                    var (group, cell) = rows[random.NextBelow(rows.Length)];
                    cells[group * 4 + cell]++;
                }

                yield return [.. cells.Chunk(4).Select(c => new OutcomeCounts(c.Sum(), c[1] + c[3], c[3], c[1], c[0], c[2]))];
            }
        }

        static void SameSpread(JsonElement expected, Spread spread)
        {
            Assert.Equal(expected.GetProperty("defined_replicates").GetInt32(), spread.Defined);
            double?[] quantiles = [spread.Low, spread.Median, spread.High];
            for (var i = 0; i < quantiles.Length; i++)
            {
                Same(expected.GetProperty("quantiles") is { ValueKind: JsonValueKind.Array } wanted ? wanted[i] : expected.GetProperty("quantiles"), quantiles[i], "quantile");
            }
        }
    }

    private static (GroupingAudit Audit, JsonElement Figures) Of(string name, string grouping, string part = "independent")
    {
        var figures = Loaded[name].Groupings.Single(g => g.Name == grouping).Figures;
        return (Loaded[name].Audit(figures), figures.TryGetProperty(part, out var found) ? found : default);
    }

    private static Gap ToGap(GroupingAudit audit, Rate rate) => audit.ToOverall(rate) is { } d ? new Gap(rate, 0, 0, 0, 0, d.Difference, d.Ratio) : throw new InvalidOperationException();

    private static void SameRates(JsonElement expected, OutcomeCounts counts, string what)
    {
        foreach (var rate in Rates.All)
        {
            Same(expected.GetProperty(OracleName(rate)), counts.Of(rate).Value, $"{what} {rate}");
        }
    }

    private static string OracleName(Rate rate) => rate switch { Rate.Selection => "selection_rate", Rate.Base => "base_rate", _ => Rates.NameOf(rate) };
}
