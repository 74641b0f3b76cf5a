using Candor.Export;
using Candor.Fairness;
using Candor.Kernel;
using CsCheck;

namespace Candor.Tests.Export;

/// <summary>What leaves as anonymous is anonymous, whatever came in; and names for one export are of no use for another.</summary>
public sealed class AnonymousRowsTests
{
    private static readonly Gen<ExportRows> Rows = Gen.Select(Gen.Int[18, 40], Gen.Int[0, 3].Select(i => ((string[])["DE", "FR", "US", "?"])[i]), Gen.Int[0, 3]).List[0, 60].Select(rows =>
        new ExportRows(["age", "country", "illness"], [.. rows.Select(r => (CustomerId.New(), new[] { $"{r.Item1}", r.Item2, $"i{r.Item3}" }))], new Dictionary<string, long>()));

    private static readonly Dictionary<string, string> Coarser = new() { ["age"] = "age", ["country"] = "country" };

    [Fact]
    public void Everybody_in_the_file_is_one_of_k_with_the_spread_that_was_asked_for() =>
        Gen.Select(Rows, Gen.Int[1, 6], Gen.Double[0, 0.3], Gen.Int[1, 3]).Sample((rows, k, maxSuppressed, l) =>
        {
            var made = AnonymousRows.Make(rows, Coarser, "illness", new AnonymityGoal(k, maxSuppressed, l), TestContext.Current.CancellationToken);
            if (made is null)
            {
                return;
            }

            var classes = made.Rows.GroupBy(r => string.Join('|', r[..^1])).ToList();
            Assert.All(classes, c => Assert.InRange(c.Count(), k, int.MaxValue));
            Assert.All(classes, c => Assert.InRange(c.Select(r => r[^1]).Distinct().Count(), l, int.MaxValue));
            Assert.InRange(rows.Rows.Count - made.Rows.Count, 0, maxSuppressed * rows.Rows.Count);
            Assert.Equal(made.Found.Suppressed, rows.Rows.Count - made.Rows.Count);
            Assert.Equal(classes.Min(c => c.Count()), made.After.K);
            Assert.All(made.Rows, r => Assert.Equal(made.Columns.Count, r.Length));
        });

    [Fact]
    public void Where_nothing_reaches_the_goal_there_is_no_file()
    {
        var rows = new ExportRows(["age"], [.. Enumerable.Range(0, 4).Select(i => (CustomerId.New(), new[] { $"{i}" }))], new Dictionary<string, long>());
        Assert.Null(AnonymousRows.Make(rows, new Dictionary<string, string>(), null, new AnonymityGoal(5, 0), TestContext.Current.CancellationToken));
        Assert.Null(AnonymousRows.Make(rows with { Rows = [] }, new Dictionary<string, string>(), null, new AnonymityGoal(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_column_that_is_not_there_is_named()
    {
        var rows = new ExportRows(["age"], [], new Dictionary<string, long>());
        Assert.Equal("export/no-such-column", Assert.Throws<Fault>(() => AnonymousRows.Make(rows, Coarser, null, new AnonymityGoal(), TestContext.Current.CancellationToken)).What);
    }

    [Fact]
    public void The_same_customer_has_one_name_in_an_export_and_another_in_the_next()
    {
        var (customer, here, next) = (CustomerId.New(), new Pseudonyms(), new Pseudonyms());
        Assert.Equal(here.Of(customer), here.Of(customer));
        Assert.NotEqual(here.Of(customer), next.Of(customer));
        Assert.NotEqual(here.Of(customer), here.Of(CustomerId.New()));
    }

    [Fact]
    public void A_value_that_few_have_is_not_named_and_counts_are_near_the_truth()
    {
        var rows = new ExportRows(["country"], [.. Enumerable.Range(0, 1001).Select(i => (CustomerId.New(), new[] { i == 0 ? "VA" : i % 2 == 0 ? "DE" : "FR" }))], new Dictionary<string, long>());
        var counts = NoisyCounts.Of(rows, 0, 1000);
        Assert.Equal(["DE", "FR"], counts.Counts.Select(c => c.Value).Order());
        Assert.Equal(1, counts.Hidden);
        // Noise of epsilon 1 lies beyond 40 once in 10^17 draws.
        Assert.All(counts.Counts, c => Assert.InRange(c.Count, 460, 540));
        Assert.Equal(500, NoisyCounts.MilliEpsilon(0.5m));
        Assert.Equal("export/bad-epsilon", Assert.Throws<Fault>(() => NoisyCounts.MilliEpsilon(0.0001m)).What);
    }
}
