using Candor.Fairness;
using Candor.Kernel;

namespace Candor.Tests.Fairness;

/// <summary>Suggestions by group of customers, against figures made by hand and by promises that hold for all lists.</summary>
public sealed class ListAuditTests
{
    private static readonly IReadOnlyList<Grouping> ByAge = [Grouping.Parse("age")];

    /// <summary>The exposure of the first five places: 1 / log2(place + 1).</summary>
    private static readonly double[] Places = [1, 0.6309297535714575, 0.5, 0.43067655807339306, 0.38685280723454163];

    [Fact]
    public void The_figures_of_one_list_are_those_made_by_hand()
    {
        // Ranks 2 and 4 came, of the first three places only 2; the best order of the list has both on top.
        var lists = Lists([.. Enumerable.Range(1, 4).Select(r => Row("c", "a", r, $"i{r}", r % 2 == 0, price: r * 10, seller: r < 3 ? "x" : "y"))]);
        var audit = ListAudit.Of(lists, ByAge, new ListPlan(Length: 3, MinimumGroupSize: 1));
        var group = Assert.Single(Assert.Single(audit.Groupings).Groups);
        Assert.Equal(Places[1] / (Places[0] + Places[1]), group.Ndcg.Group.Mean!.Value, 14);
        // Four prices: 1/8, 3/8, 5/8, 7/8; the first three are looked at.
        Assert.Equal(3.0 / 8, group.Price.Group.Mean!.Value, 14);
        Assert.Equal((1, 1), (group.Got.Counts.Of(Rate.Selection).Part, group.Hits!.Counts.Of(Rate.Selection).Part));
        Assert.Null(group.Price.Group.Interval);
        Assert.Null(group.Price.Difference);
        var all = Places[0] + Places[1] + Places[2];
        Assert.Equal((Places[0] + Places[1]) / all, audit.Sellers!.Parts.Single(p => p.Name == "x").Share!.Value, 14);
        Assert.Equal(2 * Places[2] / all, audit.Sellers.Parts.Single(p => p.Name == "y").Ratio!.Value, 14);
        Assert.Equal(3, audit.Items.Seen);
        Assert.Null(audit.SellerGroups);
        Assert.False(audit.IsBroken);
    }

    [Theory]
    [InlineData(new double[] { 1, 1, 1, 1 }, 0.0)]
    [InlineData(new double[] { 0, 0, 0, 1 }, 0.75)]
    [InlineData(new double[] { 4, 1, 3, 2 }, 0.25)]
    [InlineData(new double[] { 1 }, 0.0)]
    [InlineData(new double[] { 0, 0 }, null)]
    [InlineData(new double[0], null)]
    public void Gini_is_as_made_by_hand(double[] amounts, double? expected) => Assert.Equal(expected, Exposure.GiniOf(amounts) is { } g ? Math.Round(g, 14) : null);

    [Fact]
    public void The_difference_to_all_others_is_Welchs()
    {
        // By hand: means 0.25 and 0.625, variances 0.1² / 2 and 0.25² / 2.
        var found = MeanToRest.Of([[0.2, 0.3], [0.5, 0.75]], 1);
        var (v, w) = (0.005 / 2, 0.03125 / 2);
        var degrees = (v + w) * (v + w) / (v * v + w * w);
        Assert.Equal(1, (int)degrees);
        Assert.Equal(-0.375, found[0].Difference!.Value, 14);
        // With one degree the distribution is Cauchy's.
        Assert.Equal(1 - 2 / Math.PI * Math.Atan(0.375 / Math.Sqrt(v + w)), found[0].P!.Value, 12);
        Assert.Equal(-0.375 - 12.706204736174706 * Math.Sqrt(v + w), found[0].Interval!.Value.Low, 9);
        Assert.Equal(Math.Min(1, 2 * found[0].P!.Value), found[0].HolmP!.Value, 14);
        Assert.Equal(0, found[0].Group.Interval!.Value.Low);
    }

    [Theory]
    [InlineData(1, 12.706204736174706)]
    [InlineData(2, 4.302652729749464)]
    [InlineData(9, 2.2621571628540993)]
    [InlineData(30, 2.0422724563012373)]
    [InlineData(1000, 1.9623390808264078)]
    [InlineData(10_000_000, 1.9599639845400545)]
    public void Students_points_are_those_of_the_tables(long degrees, double expected)
    {
        Assert.Equal(expected, Distributions.Student95(degrees), 9);
        Assert.Equal(0.05, Distributions.TwoSidedStudent(expected, degrees), 9);
    }

    [Fact]
    public void Students_tails_with_one_and_two_degrees_are_those_of_their_formulas()
    {
        foreach (var t in new[] { 0, 1e-9, 0.01, 0.5, 1, 2, 5, 30, 1000 })
        {
            Assert.Equal(1 - 2 / Math.PI * Math.Atan(t), Distributions.TwoSidedStudent(t, 1), 12);
            Assert.Equal(1 - t / Math.Sqrt(2 + t * t), Distributions.TwoSidedStudent(-t, 2), 12);
        }
    }

    [Fact]
    public void Groups_with_the_same_lists_do_not_differ()
    {
        foreach (var seed in Enumerable.Range(1, 20))
        {
            var random = new SplitMix64((ulong)seed);
            var list = Enumerable.Range(1, 6).Select(r => (Rank: r, Item: random.NextBelow(40), Came: random.NextShare() < 0.3)).ToList();
            var rows = new List<ListRow>();
            for (var c = 0; c < 90; c++)
            {
                // Three groups of unequal size.
                var group = c < 15 ? "a" : c < 40 ? "b" : "c";
                rows.AddRange(list.Select(i => Row($"c{c}", group, i.Rank, $"i{i.Item}", i.Came, i.Item * 3.7)));
            }

            var audit = ListAudit.Of(Lists([.. rows]), ByAge, new ListPlan());
            Assert.False(audit.IsBroken, $"seed {seed}");
            Assert.All(audit.Groupings[0].Groups, g => Assert.True(Math.Abs(g.Price.Difference!.Value) < 1e-12 && !g.SteersByPrice && g.Price.Interval!.Value.Contains(0)));
            Assert.All(audit.Groupings[0].Groups.Where(g => g.Ndcg.Difference is not null), g => Assert.True(Math.Abs(g.Ndcg.Difference!.Value) < 1e-12 && !g.Ndcg.IsSure));
        }
    }

    [Fact]
    public void Rounding_is_no_difference()
    {
        // The same prices in another order add up to another last digit.
        var found = MeanToRest.Of([[.. Enumerable.Repeat(0.3, 12)], [.. Enumerable.Repeat(0.1 + 0.2, 12)]], 10);
        Assert.NotEqual(0.3, 0.1 + 0.2);
        Assert.All(found, f => Assert.True(f is { IsSure: false, HolmP: > 0.9 } && f.Interval!.Value.Contains(0)));
    }

    [Fact]
    public void The_order_of_a_file_and_the_currency_make_no_difference()
    {
        var rows = Mixed(300, seed: 5);
        var plan = new ListPlan(Length: 4);
        var expected = Said(ListAudit.Of(Lists([.. rows]), ByAge, plan));
        var random = new SplitMix64(9);
        for (var i = rows.Count - 1; i > 0; i--)
        {
            var j = random.NextBelow(i + 1);
            (rows[i], rows[j]) = (rows[j], rows[i]);
        }

        Assert.Equal(expected, Said(ListAudit.Of(Lists([.. rows]), ByAge, plan)));
        Assert.Equal(expected, Said(ListAudit.Of(Lists([.. rows.Select(r => r with { Price = Math.Exp(r.Price ?? 0) })]), ByAge, plan)));
    }

    [Fact]
    public void A_group_that_is_led_to_dearer_items_is_found_and_chance_is_not()
    {
        var dear = ListAudit.Of(Lists([.. Mixed(300, seed: 1, dearFor: "old")]), ByAge, new ListPlan());
        var old = dear.Groupings[0].Groups.Single(g => g.Got.Values[0] == "old");
        Assert.True(old.SteersByPrice && old.Price.Difference > 0 && dear.IsBroken);
        Assert.False(ListAudit.Of(Lists([.. Mixed(300, seed: 1, dearFor: "old")]), ByAge, new ListPlan(MinRatio: 0, MaxPriceGap: 0.9)).IsBroken);
        // Where all are drawn alike at most one file in twenty is called different, by Holm's promise; of 200 some are.
        var files = Enumerable.Range(1, 200).Select(seed => ListAudit.Of(Lists([.. Mixed(90, (ulong)seed)]), ByAge, new ListPlan()).Groupings[0].Groups).ToList();
        Assert.Contains(files.SelectMany(g => g), g => g.Price is { P: < 0.05, HolmP: >= 0.05 });
        Assert.All(files.SelectMany(g => g), g => Assert.Equal(g.Price.HolmP < 0.05, g.SteersByPrice));
        var falsely = files.Count(f => f.Any(g => g.SteersByPrice));
        Assert.InRange(falsely, 1, 20);
    }

    [Fact]
    public void A_hit_rate_under_the_limit_is_broken_only_beyond_doubt()
    {
        List<ListRow> Rows(int each, double young, double old) => [.. Enumerable.Range(0, 2 * each).Select(c => Row($"c{c}", c % 2 == 0 ? "young" : "old", 1, "i", c / 2 < each * (c % 2 == 0 ? young : old)))];
        Assert.True(ListAudit.Of(Lists([.. Rows(200, 0.5, 0.2)]), ByAge, new ListPlan()).IsBroken);
        Assert.False(ListAudit.Of(Lists([.. Rows(200, 0.5, 0.2)]), ByAge, new ListPlan(MinRatio: 0.3)).IsBroken);
        var few = ListAudit.Of(Lists([.. Rows(10, 0.5, 0.2)]), ByAge, new ListPlan());
        Assert.False(few.IsBroken);
        Assert.False(Assert.Single(few.Groupings[0].HitLimit).IsBroken);
    }

    [Fact]
    public void Who_got_none_small_groups_and_groups_not_given_are_told_apart()
    {
        var rows = Enumerable.Range(0, 40).Select(c => c % 4 == 0 ? Row($"c{c}", c < 20 ? null : "b", null, null) : Row($"c{c}", c < 20 ? null : "b", 1, "i", came: null)).Append(Row("x", "small", 1, "i", true));
        var audit = ListAudit.Of(Lists([.. rows, Row(null, null, null, "offered")]), ByAge, new ListPlan());
        var groups = audit.Groupings[0].Groups;
        Assert.Equal(["b", "small", null], groups.Select(g => g.Got.Values[0]));
        Assert.Equal(new Proportion(15, 20), groups[2].Got.Counts.Of(Rate.Selection));
        Assert.True(groups[1].Got.IsTooFew && groups[1].Ndcg.Group is { Count: 1, Mean: null });
        // Nothing is known of what came, and nothing has a price.
        Assert.True(groups[0] is { Hits: null, Ndcg.Group: { Count: 0, Mean: null }, Price.Group: { Count: 0, Interval: null }, SteersByPrice: false });
        Assert.Equal((1, 2), (audit.Items.Seen, audit.Items.Parts.Count));
        Assert.Equal(0.5, audit.Items.Gini!.Value, 14);
    }

    [Fact]
    public void Nobody_and_ten_thousand_groups_are_audited_without_a_figure_that_is_no_number()
    {
        var nobody = ListAudit.Of(Lists(), ByAge, new ListPlan());
        Assert.Empty(nobody.Groupings[0].Groups);
        Assert.True(nobody is { IsBroken: false, Items.Gini: null, Sellers: null });
        var random = new SplitMix64(4);
        var many = ListAudit.Of(
            Lists([.. Enumerable.Range(0, 20_000).Select(c => (Customer: c, Item: random.NextBelow(50))).Select(x => Row($"c{x.Customer}", $"Gruppe {x.Customer / 2}é", 1, $"i{x.Item}", x.Customer % 5 < 2, x.Item / 10))]),
            ByAge, new ListPlan(MinimumGroupSize: 2));
        Assert.Equal(10_000, many.Groupings[0].Groups.Count);
        Assert.All(many.Groupings[0].Groups, g => Assert.True(double.IsFinite(g.Price.Difference!.Value) && double.IsFinite(g.Price.HolmP!.Value) && double.IsFinite(g.Price.Interval!.Value.Low) && g.Price.P is >= 0 and <= 1));
    }

    [Fact]
    public void An_interval_of_exposure_holds_the_share_in_about_95_of_100_samples()
    {
        var held = 0;
        for (var sample = 0; sample < 400; sample++)
        {
            var random = new SplitMix64((ulong)sample + 1000);
            // Each place is x's with 0.3, whatever the others are.
            var rows = Enumerable.Range(0, 120).SelectMany(c => Enumerable.Range(1, 3).Select(r => random.NextShare() < 0.3 ? Row($"c{c}", "a", r, $"x{r}", seller: "x") : Row($"c{c}", "a", r, $"y{r}", seller: "y"))).ToList();
            var share = ListAudit.Of(Lists([.. rows]), ByAge, new ListPlan()).Sellers!.Parts.Single(p => p.Name == "x");
            held += share.Interval!.Value.Contains(0.3) ? 1 : 0;
        }

        Assert.InRange(held / 400.0, 0.92, 0.98);
    }

    [Theory]
    [InlineData("two ranks", "rank `1`")]
    [InlineData("two groups", "another `age`")]
    [InlineData("two prices", "another price")]
    [InlineData("rank 0", "`0`")]
    [InlineData("no customer", "no customer")]
    [InlineData("below 0", "from 0")]
    public void What_cannot_be_is_refused_with_its_line_and_without_the_customer(string what, string said)
    {
        var first = Row("Eve", "a", 1, "i", price: 5);
        var second = what switch
        {
            "two ranks" => first with { Item = "j", Price = null },
            "two groups" => first with { Groups = ["b"], Rank = 2 },
            "two prices" => first with { Rank = 2, Price = 6 },
            "rank 0" => first with { Rank = 0 },
            "no customer" => first with { Customer = null },
            _ => first with { Item = "j", Rank = 2, Price = -1 },
        };
        var keeper = new ListKeeper(["age"]);
        keeper.Add(first, 2);
        var fault = Assert.Throws<Fault>(() => keeper.Add(second, 3));
        Assert.Equal((FaultKind.Invalid, "fairness/bad-value"), (fault.Kind, fault.What));
        Assert.Contains("Line `3`", fault.Message, StringComparison.Ordinal);
        Assert.Contains(said, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Eve", fault.Message, StringComparison.Ordinal);
    }

    private static string Said(ListAudit audit) => Candor.Server.Commands.ListAuditText.Json(audit);

    /// <summary>Customers of three groups, every ninth without a list, who get five items drawn alike for all.</summary>
    private static List<ListRow> Mixed(int customers, ulong seed, string? dearFor = null)
    {
        var random = new SplitMix64(seed);
        var rows = new List<ListRow>();
        for (var c = 0; c < customers; c++)
        {
            var group = (c % 3) switch { 0 => "young", 1 => "old", _ => null };
            if (c % 9 == 0)
            {
                rows.Add(Row($"c{c}", group, null, null));
                continue;
            }

            for (var rank = 1; rank <= 5; rank++)
            {
                var item = random.NextBelow(30);
                item = group == dearFor && dearFor is not null ? Math.Max(item, random.NextBelow(30)) : item;
                rows.Add(Row($"c{c}", group, rank, $"i{item}", random.NextShare() < 0.3, item / 4.0, $"s{item % 4}"));
            }
        }

        return rows;
    }

    private static ListRow Row(string? customer, string? age, int? rank, string? item, bool? came = null, double? price = null, string? seller = null) => new(customer, [age], rank, item, came, price, seller, null);

    private static SuggestedLists Lists(params ListRow[] rows)
    {
        var keeper = new ListKeeper(["age"]);
        for (var i = 0; i < rows.Length; i++)
        {
            keeper.Add(rows[i], i + 2);
        }

        return keeper.Lists();
    }
}
