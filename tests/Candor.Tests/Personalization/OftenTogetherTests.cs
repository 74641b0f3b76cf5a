using Candor.Personalization;
using CsCheck;

namespace Candor.Tests.Personalization;

/// <summary>What is often bought together, against counting by hand.</summary>
public sealed class OftenTogetherTests
{
    // Few items and enough customers that some pairs are common and some are not.
    private static readonly Gen<List<(string Customer, string Key, IReadOnlyList<string> Items, long TimeUs)>> Baskets =
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 200], Gen.Int[0, 5].Select(i => $"item-{i}").List[1, 4]).Select((c, o, items) => ($"c{c}", $"o{o}", (IReadOnlyList<string>)items, (long)o)).List[1, 120];

    [Fact]
    public void It_counts_whole_baskets_and_only_pairs_that_five_customers_bought() => Baskets.Sample(baskets =>
    {
        var held = baskets.GroupBy(b => (b.Customer, b.Key)).Select(g => g.Last()).ToList();
        using var index = new SessionIndex();
        index.PutMany(held);
        var with = held.Where(b => b.Items.Contains("item-0")).ToList();
        var expected = Enumerable.Range(1, 5).Select(i => $"item-{i}").Select(i => (Item: i, Both: with.Where(b => b.Items.Contains(i)).ToList()))
            .Where(p => p.Both.Select(b => b.Customer).Distinct().Count() >= OftenTogether.LeastCustomers)
            .Select(p => new Together(p.Item, p.Both.Count)).OrderByDescending(t => t.Baskets).ThenBy(t => t.Item, StringComparer.Ordinal).ToList();
        Assert.Equal(expected, new OftenTogether(index).Rank("item-0", 10));
        Assert.Equal(expected.Take(1), new OftenTogether(index).Rank("item-0", 1));
    });

    [Fact]
    public void A_fifth_customer_who_leaves_takes_the_pair_along()
    {
        using var index = new SessionIndex();
        for (var customer = 0; customer < OftenTogether.LeastCustomers; customer++)
        {
            index.Put($"c{customer}", "o", ["tea", "pot"], customer);
        }

        var together = new OftenTogether(index);
        Assert.Equal([new Together("pot", 5)], together.Rank("tea", 10));
        index.Remove("c3");
        Assert.Empty(together.Rank("tea", 10));
        Assert.Empty(together.Rank("no such item", 10));
    }
}
