using Candor.Personalization;
using CsCheck;

namespace Candor.Tests.Personalization;

/// <summary>What the session model says, and that it forgets exactly.</summary>
public sealed class SessionIndexTests
{
    private const long Day = 86_400_000_000;

    private static readonly Gen<string> Item = Gen.Int[0, 12].Select(i => $"item-{i}");

    private static readonly Gen<IReadOnlyList<string>> Items = Item.List[1, 6].Select(i => (IReadOnlyList<string>)i);

    // Few customers, items and instants, so that visits meet and instants coincide.
    private static readonly Gen<List<(string Customer, string Key, IReadOnlyList<string> Items, long TimeUs)>> Visits =
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 5], Items, Gen.Long[0, 6])
            .Select((c, v, items, time) => ($"c{c}", $"c{c}/v{v}", items, time * Day)).List[1, 40];

    private static readonly Gen<SessionSettings> Settings = Gen.Select(Gen.Int[1, 12], Gen.Int[1, 8], Gen.Double[0.5, 5], Gen.Bool, Gen.Bool)
        .Select((m, k, decay, followers, rarity) => new SessionSettings
        {
            NewestVisits = m, Neighbours = k, CurrentDecay = decay, AgeDecayDays = decay, DistanceDecay = decay, SharedDecay = decay, Rarity = rarity ? 1 : 0, Followers = followers ? 0.3 : 0,
        });

    [Fact]
    public void Forgetting_a_customer_leaves_what_would_be_there_had_they_never_come() =>
        Gen.Select(Visits, Items, Settings).Sample((visits, current, settings) =>
        {
            using var index = Filled(visits);
            using var other = Filled([.. visits.Where(v => v.Customer != "c0")]);
            Assert.Equal(visits.Any(v => v.Customer == "c0"), index.Remove("c0"));

            Assert.Equal(other.Dump(), index.Dump());
            Assert.True(index.FreePlacesAreEmpty());
            Assert.DoesNotContain("c0/", index.Dump(), StringComparison.Ordinal);
            Assert.Equal(Answer(other, settings, current), Answer(index, settings, current));
        });

    [Fact]
    public void The_order_in_which_visits_come_does_not_matter() =>
        Gen.Select(Visits, Items, Settings).Sample((visits, current, settings) =>
        {
            var last = visits.GroupBy(v => v.Key).Select(g => g.Last()).ToList();
            using var index = Filled(last);
            using var other = new SessionIndex();
            other.PutMany(Enumerable.Reverse(last).Select(v => (v.Customer, v.Key, v.Items, v.TimeUs)));
            Assert.Equal(index.Dump(), other.Dump());
            Assert.Equal(Answer(index, settings, current), Answer(other, settings, current));
        });

    [Fact]
    public void The_parts_of_a_score_add_up_and_name_what_was_viewed() =>
        Gen.Select(Visits, Items, Settings).Sample((visits, current, settings) =>
        {
            using var index = Filled(visits);
            foreach (var suggestion in new SessionRanking(index, settings).Rank(Question(current) with { Explained = true }))
            {
                Assert.Equal(1, suggestion.Parts.Sum(p => p.Share), 1e-9);
                Assert.All(suggestion.Parts, p => Assert.InRange(p.Share, double.Epsilon, 1 + 1e-9));
                Assert.Subset(current.ToHashSet(), suggestion.Parts.Select(p => p.Item).ToHashSet());
                Assert.DoesNotContain(suggestion.Item, current);
            }
        });

    /// <summary>The method once more, word by word from its description and without any index.</summary>
    [Fact]
    public void It_answers_like_the_description_of_the_method() =>
        Gen.Select(Visits, Items, Settings).Sample((visits, current, settings) =>
        {
            var last = visits.GroupBy(v => v.Key).Select(g => g.Last()).ToList();
            using var index = Filled(last);
            var expected = SessionOracle.Score([.. last.Select(v => (v.Key, v.Items, v.TimeUs))], settings, current, 7 * Day);
            var near = new SessionRanking(index, settings).Rank(Question(current) with { Count = 20, MayRepeat = true }).TakeWhile(s => expected.ContainsKey(s.Item)).ToList();
            Assert.Equal(Math.Min(20, expected.Count), near.Count);
            Assert.All(near, s => Assert.Equal(expected[s.Item], s.Score, 1e-9));
        });

    [Fact]
    public void What_is_left_out_neither_suggests_nor_is_suggested() =>
        Gen.Select(Visits, Items, Settings, Item).Sample((visits, current, settings, sensitive) =>
        {
            using var index = Filled(visits);
            var ranking = new SessionRanking(index, settings);
            var answer = ranking.Rank(Question(current) with { Explained = true, LeftOut = new HashSet<string> { sensitive } });
            Assert.DoesNotContain(answer, s => s.Item == sensitive || s.Parts.Any(p => p.Item == sensitive));
        });

    [Fact]
    public void A_visit_is_not_its_own_neighbour()
    {
        using var index = new SessionIndex();
        index.Put("me", "own", ["a", "b"], Day);
        Assert.Empty(new SessionRanking(index, new SessionSettings()).Rank(Question(["a"]) with { OwnVisit = ("me", "own") }));
        Assert.Single(new SessionRanking(index, new SessionSettings()).Rank(Question(["a"])));
    }

    [Fact]
    public async Task Readers_and_a_writer_work_side_by_side()
    {
        using var index = new SessionIndex();
        index.PutMany(Enumerable.Range(0, 200).Select(i => ($"c{i % 60}", $"v{i}", (IReadOnlyList<string>)[$"i{i % 20}", $"i{(i + 1) % 20}", $"i{i % 7}"], (long)i)));
        var before = index.Dump();
        var ranking = new SessionRanking(index, new SessionSettings());
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                Assert.NotEmpty(ranking.Rank(Question(["i1", "i2"]) with { Explained = true }));
            }
        })).ToList();
        for (var i = 0; i < 2000; i++)
        {
            index.Put($"c{i % 50}", $"new{i % 50}", [$"i{i % 20}", $"n{i % 13}"], 1000 + i);
            index.Remove($"c{(i + 25) % 50}", $"new{(i + 25) % 50}");
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
        Enumerable.Range(0, 50).ToList().ForEach(i => index.Remove($"c{i}", $"new{i}"));
        Assert.Equal(before, index.Dump());
    }

    private static SessionIndex Filled(IEnumerable<(string Customer, string Key, IReadOnlyList<string> Items, long TimeUs)> visits)
    {
        var index = new SessionIndex();
        foreach (var (customer, key, items, timeUs) in visits)
        {
            index.Put(customer, key, items, timeUs);
        }

        return index;
    }

    private static SessionQuestion Question(IReadOnlyList<string> current) => new(current, 7 * Day, 10);

    private static string Answer(SessionIndex index, SessionSettings settings, IReadOnlyList<string> current) => string.Join('\n',
        new SessionRanking(index, settings).Rank(Question(current) with { Explained = true })
            .Select(s => $"{s.Item} {BitConverter.DoubleToInt64Bits(s.Score):x} {s.SimilarVisits} {string.Join(' ', s.Parts.Select(p => $"{p.Item}:{BitConverter.DoubleToInt64Bits(p.Share):x}"))}"));
}
