using Candor.Personalization;
using CsCheck;

namespace Candor.Tests.Personalization;

/// <summary>Exposure for some items: what is kept, what is given, and that nothing else changes.</summary>
public sealed class RareExposureTests
{
    private static readonly Gen<(bool[] Favoured, int Count, double Share)> Cases =
        from favoured in Gen.Bool.Array[0, 40]
        from count in Gen.Int[1, 20]
        from share in Gen.Int[0, 50]
        select (favoured, count, share / 100.0);

    [Fact]
    public void Worked_by_hand_a_fifth_for_the_last_five_of_ten()
    {
        // Exposure 1, .631, .5, .431, .387; a fifth of 2.949 is .590. At place 4 the last five are behind by .512, more than the .431 it is worth; then they have .431,
        // and only the fifth place can bring the rest.
        var placed = RareExposure.Place<char>([.. "abcdefghij"], [.. Enumerable.Range(0, 10).Select(i => i >= 5)], 5, 0.2);
        Assert.Equal("abcfg", string.Concat(placed.Select(p => p.Item)));
        Assert.Equal([false, false, false, true, true], placed.Select(p => p.IsMoved));
        Assert.Equal("abcde", string.Concat(RareExposure.Place<char>([.. "abcdefghij"], [.. Enumerable.Range(0, 10).Select(i => i >= 5)], 5, 0).Select(p => p.Item)));
        // What stands where it would stand anyway is not called moved.
        Assert.All(RareExposure.Place<char>([.. "abcde"], [true, false, true, false, false], 5, 0.2), p => Assert.False(p.IsMoved));
    }

    [Fact]
    public void Each_list_keeps_the_order_within_both_kinds_and_says_exactly_what_was_moved() => Cases.Sample(c =>
    {
        var ranked = Enumerable.Range(0, c.Favoured.Length).ToList();
        var placed = RareExposure.Place(ranked, c.Favoured, c.Count, c.Share);
        var items = placed.Select(p => p.Item).ToList();
        bool Rising(bool kind) => items.Where(i => c.Favoured[i] == kind).SequenceEqual(ranked.Where(i => c.Favoured[i] == kind).Take(items.Count(i => c.Favoured[i] == kind)));
        bool Jumped(int at) => ranked.Any(better => better < items[at] && !items.Take(at).Contains(better));
        return items.Count == Math.Min(c.Count, ranked.Count) && Rising(true) && Rising(false)
            && placed.Select((p, at) => p.IsMoved == Jumped(at) || (!c.Favoured[p.Item] && !p.IsMoved)).All(same => same)
            && placed.All(p => !p.IsMoved || c.Favoured[p.Item])
            && (c.Share > 0 || items.SequenceEqual(ranked.Take(c.Count)));
    }, iter: 5_000);

    [Fact]
    public void The_favoured_get_their_part_wherever_there_are_enough_of_them() => Cases.Sample(c =>
    {
        var placed = RareExposure.Place(Enumerable.Range(0, c.Favoured.Length).ToList(), c.Favoured, c.Count, c.Share);
        var all = placed.Select((_, at) => RareExposure.Of(at)).Sum();
        var got = placed.Select((p, at) => c.Favoured[p.Item] ? RareExposure.Of(at) : 0).Sum();
        // As many favoured as places can always reach half.
        return c.Favoured.Count(f => f) < placed.Count || got >= c.Share * all - 1e-12;
    }, iter: 5_000);

    [Fact]
    public void Moved_ones_are_in_visits_of_others_the_index_forgets_exactly_and_a_list_without_the_setting_is_as_before()
    {
        var (before, after) = (new SessionIndex(), new SessionIndex());
        foreach (var index in new[] { before, after })
        {
            Fill(index, Enumerable.Range(0, 200));
        }

        Fill(after, Enumerable.Range(1000, 60));
        foreach (var visit in Enumerable.Range(1000, 60))
        {
            Assert.True(after.Remove($"c{visit}"));
        }

        var (plain, rare) = (new SessionSettings(), new SessionSettings { RareShare = 0.3 });
        var question = new SessionQuestion(["i0", "i1"], 1_000_000_000, 8) { Explained = true };
        var usual = new SessionRanking(before, plain).Rank(question);
        var moved = new SessionRanking(before, rare).Rank(question);
        Assert.All(usual, s => Assert.False(s.IsMoved));
        Assert.Contains(moved, s => s.IsMoved);
        Assert.NotEqual(usual.Select(s => s.Item), moved.Select(s => s.Item));
        Assert.All(moved, s => Assert.Equal(1, s.Parts.Sum(p => p.Share), 9));
        var forgotten = new SessionRanking(after, rare).Rank(question);
        Assert.Equal(moved.Select(s => (s.Item, s.Score, s.IsMoved)), forgotten.Select(s => (s.Item, s.Score, s.IsMoved)));
    }

    /// <summary>Visits that share a few items that everybody views, with a long tail.</summary>
    private static void Fill(SessionIndex index, IEnumerable<int> visits) => index.PutMany(visits.Select(v =>
        ($"c{v}", $"v{v}", (IReadOnlyList<string>)["i0", "i1", $"i{2 + v % 5}", $"i{10 + v % 30}", $"i{50 + v * 7 % 60}"], 1_000_000L * v)));
}
