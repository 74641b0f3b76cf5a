using System.Text.Json;
using Candor.Fairness;
using Candor.Tests.House;
using static Candor.Tests.Fairness.FairnessOracle;

namespace Candor.Tests.Fairness;

/// <summary>Risk, diversity, suppression and noise against the figures of independent scripts and of ARX.</summary>
public sealed class PrivacyOracleTests
{
    private static readonly JsonElement Anonymity = Read("k-anonymity");
    private static readonly JsonElement Noise = Read("differential-privacy");
    private static readonly Lazy<AdultData> All = new(AdultData.Load);
    private static readonly Lazy<AdultData> Complete = new(() => All.Value.Complete());
    private static readonly string[] Seven = ["sex", "age", "race", "marital-status", "education", "native-country", "workclass"];

    public static TheoryData<string, string> Tables =>
        [.. new[] { "adult-arx", "adult-full" }.SelectMany(s => Anonymity.GetProperty(s).EnumerateObject().Select(q => (s, q.Name)))];

    [Theory]
    [MemberData(nameof(Tables))]
    public void Risk_and_diversity_of_the_census(string set, string columns)
    {
        var (data, expected) = (set == "adult-arx" ? Complete.Value : All.Value, Anonymity.GetProperty(set).GetProperty(columns));
        var classes = ReidentificationRisk.ClassesOf([.. columns.Split('+').Select(data.Column)]);
        var risk = ReidentificationRisk.Of(classes);
        Assert.Equal(
            (expected.GetProperty("records").GetInt64(), expected.GetProperty("classes").GetInt64(), expected.GetProperty("k").GetInt64(), expected.GetProperty("sample_unique_records").GetInt64(), expected.GetProperty("discernibility_DM").GetInt64()),
            (risk.Records, risk.Classes, risk.K, risk.UniqueRecords, risk.Discernibility));
        Same(expected.GetProperty("avg_class_size"), risk.AverageClassSize, "average");
        Same(expected.GetProperty("highest_risk"), risk.HighestRisk, "highest");
        Same(expected.GetProperty("lowest_risk"), risk.LowestRisk, "lowest");
        Same(expected.GetProperty("average_risk(marketer)"), risk.AverageRisk, "marketer");
        Same(expected.GetProperty("sample_unique_fraction"), risk.UniqueShare, "unique");
        Assert.Equal(expected.GetProperty("records_at_highest").GetInt64(), risk.K * risk.ClassesBySize[risk.K]);
        foreach (var over in new[] { "0.2", "0.1", "0.05" })
        {
            Same(expected.GetProperty("fraction_records_risk_over_" + over), risk.ShareAtRiskOver(double.Parse(over, System.Globalization.CultureInfo.InvariantCulture)), over);
        }

        Assert.All([2, 3, 5, 10, 20], below => Assert.Equal(expected.GetProperty($"records_in_classes_below_{below}").GetInt64(), risk.RecordsBelow(below)));
        Assert.Equal(expected.GetProperty("histogram_first20").EnumerateArray().Select(h => (h[0].GetInt64(), h[1].GetInt64())), risk.ClassesBySize.Take(20).Select(h => (h.Key, h.Value)));
        foreach (var diversity in expected.EnumerateObject().Where(p => p.Name.StartsWith("diversity_", StringComparison.Ordinal) && p.Value.ValueKind == JsonValueKind.Object))
        {
            SameDiversity(diversity.Value, classes, data.Column(diversity.Value.GetProperty("sensitive").GetString()!));
        }
    }

    [Fact]
    public void Distinction_and_separation_of_single_columns_and_pairs()
    {
        foreach (var expected in Anonymity.GetProperty("attribute_risk").EnumerateObject())
        {
            var risk = ReidentificationRisk.Of(ReidentificationRisk.ClassesOf([.. expected.Name.Split('+').Select(Complete.Value.Column)]));
            Same(expected.Value.GetProperty("distinction"), risk.AverageRisk, expected.Name);
            Same(expected.Value.GetProperty("separation"), risk.Separation, expected.Name);
        }
    }

    [Fact]
    public void The_best_generalisation_is_the_one_that_a_search_through_all_2160_finds()
    {
        var (hierarchies, numbers) = Complete.Value.Generalised(Seven);
        var lattice = Anonymity.GetProperty("lattice");
        Assert.Equal(lattice.GetProperty("heights").EnumerateObject().Select(h => h.Value.GetInt32()), hierarchies.Select(h => h.Levels.Count));
        var search = new AnonymisationSearch(hierarchies, numbers);
        foreach (var expected in lattice.GetProperty("optimum_by_ncp").EnumerateArray())
        {
            var goal = new AnonymityGoal(int.Parse(expected.GetProperty("model").GetString()![2..], System.Globalization.CultureInfo.InvariantCulture), expected.GetProperty("suppression_limit").GetDouble());
            var found = search.Find(goal, TestContext.Current.CancellationToken)!;
            Same(expected.GetProperty("ncp"), found.Loss, $"{goal} {string.Join(' ', found.Levels)}");
            Assert.Equal(expected.GetProperty("suppressed_records").GetInt64(), found.Suppressed);
            Assert.Equal(expected.GetProperty("levels").EnumerateObject().Select(l => l.Value.GetInt32()), found.Levels);
        }
    }

    [Fact]
    public void Solutions_of_the_reference_program_measure_the_same_here()
    {
        var (hierarchies, numbers) = Complete.Value.Generalised(Seven);
        foreach (var expected in Anonymity.GetProperty("arx_solutions_checked").EnumerateArray())
        {
            var (model, levels) = (expected.GetProperty("model").GetString()!, expected.GetProperty("levels").EnumerateObject().Select(l => l.Value.GetInt32()).ToList());
            var k = int.Parse(model.Split(',')[0][2..], System.Globalization.CultureInfo.InvariantCulture);
            var found = new AnonymisationSearch(hierarchies, numbers).At(levels, new AnonymityGoal(k, 1))!;
            Assert.Equal((expected.GetProperty("suppressed_by_k_only").GetInt64(), expected.GetProperty("k_after").GetInt64(), expected.GetProperty("classes_after").GetInt64()), (found.Suppressed, found.K, found.Classes));
            Same(expected.GetProperty("ncp"), found.Loss, model);
            var sensitive = Complete.Value.Column(model.Contains("salary", StringComparison.Ordinal) ? "income" : "occupation");
            AnonymityGoal? goal = model.Contains("distinct-3", StringComparison.Ordinal) ? new(k, 1, DistinctL: 3) : model.Contains("t=0.2", StringComparison.Ordinal) ? new(k, 1, MaxT: 0.2) : null;
            if (goal is not null)
            {
                Assert.Equal(expected.GetProperty("arx_suppressed").GetInt64(), new AnonymisationSearch(hierarchies, numbers, sensitive).At(levels, goal)!.Suppressed);
            }
        }
    }

    [Fact]
    public void Five_columns_of_the_census_are_made_anonymous()
    {
        var (hierarchies, numbers) = Complete.Value.Generalised("sex", "age", "race", "marital-status", "education");
        var goal = new AnonymityGoal();
        var found = new AnonymisationSearch(hierarchies, numbers).Find(goal, TestContext.Current.CancellationToken);
        Assert.NotNull(found);
        Assert.True(found.K >= goal.K && found.Suppressed <= goal.MaxSuppressed * numbers[0].Length, $"{found}");
    }

    [Fact]
    public void Small_cells_are_hidden_so_that_totals_do_not_give_them_away()
    {
        var expected = Read("small-cell-suppression");
        var rows = expected.GetProperty("table").GetProperty("counts").EnumerateArray().Select(r => r.EnumerateArray().Select(c => c.GetInt64()).ToArray()).ToArray();
        var counts = new long[rows.Length, rows[0].Length];
        foreach (var (r, c) in from r in Enumerable.Range(0, rows.Length) from c in Enumerable.Range(0, rows[0].Length) select (r, c))
        {
            counts[r, c] = rows[r][c];
        }

        var (table, minimum) = (new CountTable(counts), expected.GetProperty("k").GetInt64());
        var naive = new bool[rows.Length, rows[0].Length];
        naive[0, 0] = true;
        SameBounds("naive_bounds", naive);
        Assert.False(table.IsSafe(naive, minimum));
        var safe = table.Suppress(minimum);
        Assert.Equal(expected.GetProperty("safe_bounds").EnumerateObject().Select(b => b.Name), from r in Enumerable.Range(0, 3) from c in Enumerable.Range(0, 2) where safe[r, c] select $"{r},{c}");
        SameBounds("safe_bounds", safe);

        void SameBounds(string name, bool[,] hidden) => Assert.All(expected.GetProperty(name).EnumerateObject(), b => Assert.Equal(
            ((long)b.Value[0].GetDouble(), (long)b.Value[1].GetDouble()), table.Bounds(b.Name[0] - '0', b.Name[2] - '0', hidden)));
    }

    [Fact]
    public void Noise_has_the_stated_distribution()
    {
        foreach (var expected in Noise.GetProperty("discrete_laplace").EnumerateObject())
        {
            var parts = expected.Name.Split(',').Select(p => double.Parse(p.Split('=')[1], System.Globalization.CultureInfo.InvariantCulture)).ToArray();
            var noise = DiscreteLaplace.Of((long)Math.Round(parts[0] * DiscreteLaplace.PerEpsilon), (int)parts[1]);
            Same(expected.Value.GetProperty("alpha"), noise.Alpha, expected.Name);
            Same(expected.Value.GetProperty("variance"), noise.Variance, expected.Name);
            Assert.Equal(expected.Value.GetProperty("two_sided_95_radius").GetInt64(), noise.Radius95());
            Assert.All(expected.Value.GetProperty("pmf_0..10").EnumerateArray().Select((p, x) => (p, x)), p => Same(p.p, noise.Probability(p.x), expected.Name));
            Assert.All(expected.Value.GetProperty("P(|X|>=t)").EnumerateObject(), t => Same(t.Value, noise.TailFrom(long.Parse(t.Name, System.Globalization.CultureInfo.InvariantCulture)), t.Name));
        }
    }

    [Fact]
    public void Composition_and_thresholds_of_releases()
    {
        Assert.All(Noise.GetProperty("pure_composition").GetProperty("rows").EnumerateArray(), row =>
        {
            var (k, epsilon) = (row.GetProperty("k").GetInt32(), row.GetProperty("eps").GetDouble());
            Same(row.GetProperty("advanced"), PrivacyBudget.AdvancedEpsilon(k, epsilon, row.GetProperty("delta_prime").GetDouble()), "advanced");
            var budget = new PrivacyBudget(1_000_000);
            for (var i = 0; i < k; i++)
            {
                budget = budget.Spend((long)Math.Round(epsilon * DiscreteLaplace.PerEpsilon));
            }

            Same(row.GetProperty("basic"), (double)budget.Spent / DiscreteLaplace.PerEpsilon, "basic");
        });
        Assert.All(Noise.GetProperty("laplace_partition_threshold").EnumerateArray(), row =>
            Same(row.GetProperty("threshold"), PrivacyBudget.LeastNoisyCount(row.GetProperty("eps").GetDouble(), row.GetProperty("delta").GetDouble()), "threshold"));
    }

    private static void SameDiversity(JsonElement expected, int[] classes, int[] values)
    {
        var isOrdered = expected.TryGetProperty("t_closeness_ordered_distance_max_EMD", out var ordered);
        var (what, spread) = (expected.GetProperty("sensitive").GetString()!, SensitiveSpread.Of(classes, values, isOrdered));
        Assert.Equal(
            (expected.GetProperty("distinct_values").GetInt32(), expected.GetProperty("distinct_l").GetInt32(), expected.GetProperty("homogeneous_classes").GetInt32(), expected.GetProperty("records_in_homogeneous_classes").GetInt64()),
            (spread.DistinctValues, spread.DistinctL, spread.HomogeneousClasses, spread.RecordsInThem));
        Same(expected.GetProperty("entropy_l(exp of min Shannon entropy)"), spread.EntropyL, what);
        Same(expected.GetProperty("t_closeness_equal_distance_max_EMD"), spread.T, what + " t");
        Same(expected.GetProperty("t_closeness_equal_distance_record_weighted_mean"), spread.MeanT, what + " mean t");
        Same(expected.GetProperty("delta_disclosure_max_abs_log2"), spread.Disclosure, what + " disclosure");
        Same(expected.GetProperty("basic_beta_likeness_max"), spread.Likeness, what + " likeness");
        Same(expected.GetProperty("recursive_c_needed_for_l=2"), SensitiveSpread.RecursiveC(classes, values, 2), what + " c for 2");
        Same(expected.GetProperty("recursive_c_needed_for_l=3"), SensitiveSpread.RecursiveC(classes, values, 3), what + " c for 3");
        if (isOrdered)
        {
            Same(ordered, spread.OrderedT, what + " ordered t");
        }
    }

    private static JsonElement Read(string name) => JsonDocument.Parse(File.ReadAllText(Repository.Shared($"oracles/privacy/{name}.json"))).RootElement;
}
