using Candor.Personalization;
using CsCheck;

namespace Candor.Tests.Personalization;

/// <summary>What next needs say, and that they forget exactly.</summary>
public sealed class BasketIndexTests
{
    private const long Day = 86_400_000_000;

    private static readonly Gen<List<BasketRecord>> Baskets =
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 6], Gen.Int[0, 9].Select(i => $"item-{i}").List[1, 5], Gen.Long[0, 5])
            .Select((c, b, items, time) => new BasketRecord($"c{c}", $"b{b}", items, time * Day)).List[1, 40];

    private static readonly Gen<BasketSettings> Settings = Gen.Select(Gen.Int[1, 4], Gen.Int[0, 4], Gen.Double[0.5, 1], Gen.Double[0.1, 1], Gen.Int[1, 30])
        .Select((size, neighbours, decay, own, shared) => new BasketSettings { GroupSize = size, Neighbours = neighbours, BasketDecay = decay, GroupDecay = decay, OwnShare = own, SharedPurchases = shared });

    [Fact]
    public void Forgetting_a_customer_leaves_what_would_be_there_had_they_never_come() =>
        Gen.Select(Baskets, Settings).Sample((baskets, settings) =>
        {
            using var index = Filled(baskets, settings);
            using var other = Filled(baskets.Where(b => b.Customer != "c0"), settings);
            Assert.Equal(baskets.Any(b => b.Customer == "c0"), index.Remove("c0"));
            Assert.Equal(other.Dump(), index.Dump());
            Assert.DoesNotContain("c0:", index.Dump(), StringComparison.Ordinal);
            Assert.All(Enumerable.Range(1, 5), c => Assert.Equal(Answer(other, $"c{c}"), Answer(index, $"c{c}")));
            Assert.Empty(new NextBasket(index).Rank("c0", 10));
        });

    [Fact]
    public void A_basket_taken_back_was_never_there() =>
        Gen.Select(Baskets, Settings, Gen.Int[0, 6]).Sample((baskets, settings, gone) =>
        {
            using var index = Filled(baskets, settings);
            using var other = Filled(baskets.Where(b => b.Customer != "c0" || b.Key != $"b{gone}"), settings);
            index.RemoveBasket("c0", $"b{gone}");
            Assert.Equal(other.Dump(), index.Dump());
        });

    [Fact]
    public void Other_settings_count_as_if_they_had_from_the_start() =>
        Gen.Select(Baskets, Settings, Settings).Sample((baskets, before, after) =>
        {
            using var index = Filled(baskets, before);
            using var other = Filled(baskets, after);
            index.Use(after);
            Assert.Equal(other.Dump(), index.Dump());
            Assert.All(Enumerable.Range(0, 6), c => Assert.Equal(Answer(other, $"c{c}"), Answer(index, $"c{c}")));
        });

    [Fact]
    public void Filling_at_once_and_forgetting_meanwhile_leaves_what_one_by_one_does() =>
        Gen.Select(Baskets, Settings).Sample((baskets, settings) =>
        {
            using var index = new BasketIndex(settings);
            using var other = Filled(baskets.Where(b => b.Customer != "c0"), settings);
            index.BeginFill();
            baskets.ForEach(b => index.Put(b.Customer, b.Key, b.Items, b.TimeUs));
            index.Remove("c0");
            index.EndFill();
            Assert.Equal(other.Dump(), index.Dump());
        });

    [Fact]
    public void Of_an_item_that_many_bought_the_newest_buyers_tell_who_buys_alike()
    {
        using var index = new BasketIndex(new BasketSettings { SharedPurchases = 3, Neighbours = 10 });
        foreach (var c in Enumerable.Range(0, 10))
        {
            index.Put($"c{c}", "1", ["tea", $"own-{c}"], c * Day);
        }

        index.Put("me", "1", ["tea"], 20 * Day);
        Assert.Equal(["own-8", "own-9"], new NextBasket(index).Rank("me", 20).Where(n => n.Score > 0 && n.Item != "tea").Select(n => n.Item).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_parts_of_a_score_add_up_and_name_what_was_bought() =>
        Gen.Select(Baskets, Settings).Sample((baskets, settings) =>
        {
            using var index = Filled(baskets, settings);
            var own = baskets.Where(b => b.Customer == "c1").GroupBy(b => b.Key).SelectMany(g => g.Last().Items).ToHashSet();
            foreach (var need in new NextBasket(index).Rank("c1", 10, explained: true).Where(n => n.Score > 0))
            {
                Assert.Equal(1, need.Parts.Sum(p => p.Share), 1e-9);
                Assert.Subset(own, need.Parts.Select(p => p.Item).ToHashSet());
                Assert.Equal(need.TimesBought > 0, own.Contains(need.Item));
            }
        });

    [Fact]
    public void Leaving_an_item_out_is_as_if_this_customer_had_never_bought_it() =>
        Gen.Select(Baskets, Settings).Sample((baskets, settings) =>
        {
            using var index = Filled(baskets, settings);
            var last = baskets.GroupBy(b => (b.Customer, b.Key)).Select(g => g.Last()).ToList();
            using var other = Filled(
                last.Select(b => b.Customer == "c1" ? b with { Items = [.. b.Items.Where(i => i != "item-3")] } : b).Where(b => b.Items.Count > 0), settings);
            var answer = new NextBasket(index).Rank("c1", 10, new HashSet<string> { "item-3" }, explained: true);
            Assert.DoesNotContain(answer, n => n.Item == "item-3" || n.Parts.Any(p => p.Item == "item-3"));
            var scores = new NextBasket(other).Rank("c1", 11).Where(n => n.Item != "item-3" && n.Score > 0).Select(n => n.Score).Take(10);
            Assert.Equal(scores, answer.Where(n => n.Score > 0).Select(n => n.Score));
        });

    [Fact]
    public void A_date_comes_from_the_customers_own_intervals()
    {
        using var index = new BasketIndex(new BasketSettings());
        index.PutMany("c", [("1", ["tea"], 0), ("2", ["tea", "mug"], 28 * Day), ("3", ["tea"], 56 * Day), ("4", ["tea"], 90 * Day)]);
        var needs = new NextBasket(index).Rank("c", 2);
        Assert.Equal(("tea", 4, (long?)(118 * Day)), (needs[0].Item, needs[0].TimesBought, needs[0].ExpectedUs));
        Assert.Equal(("mug", 1, null), (needs[1].Item, needs[1].TimesBought, needs[1].ExpectedUs));
    }

    private static BasketIndex Filled(IEnumerable<BasketRecord> baskets, BasketSettings settings)
    {
        var index = new BasketIndex(settings);
        foreach (var basket in baskets)
        {
            index.Put(basket.Customer, basket.Key, basket.Items, basket.TimeUs);
        }

        return index;
    }

    private static string Answer(BasketIndex index, string customer) => string.Join('\n',
        new NextBasket(index).Rank(customer, 10, explained: true)
            .Select(n => $"{n.Item} {BitConverter.DoubleToInt64Bits(n.Score):x} {n.SimilarCustomers} {n.ExpectedUs} {string.Join(' ', n.Parts.Select(p => $"{p.Item}:{p.Share:r}"))}"));
}
