using System.Collections.Concurrent;

namespace Candor.Personalization;

/// <summary>Suggestions for a current visit, computed from the visits that are held at this moment.</summary>
/// <remarks>The same question to indexes that hold the same visits gets the same answer to the last bit, however each came about: sums run from the newest visit to the oldest.</remarks>
public sealed class SessionRanking(SessionIndex index, SessionSettings settings)
{
    private readonly ConcurrentBag<SessionScratch> scratches = [];

    public SessionSettings Settings { get; } = settings;

    /// <summary>Most suggestions of one answer.</summary>
    private const int MaxCount = 100;

    /// <summary>The best suggestions, best first; ties by item name. With <see cref="SessionSettings.RareShare"/>, some of the rarer ones before better ones.</summary>
    public IReadOnlyList<Suggestion> Rank(SessionQuestion question)
    {
        var scratch = scratches.TryTake(out var used) ? used : new SessionScratch();
        try
        {
            return index.Look(held =>
            {
                var wider = Settings.RareShare > 0 ? question with { Count = Math.Min(MaxCount, question.Count * RareExposure.Depth) } : question;
                var near = Rank(held, wider, scratch);
                var all = near.Count is > 0 && near.Count < wider.Count ? SecondHop.Fill(wider, near, further => Rank(held, further, scratch)) : near;
                return Settings.RareShare > 0 ? WithRarer(held, all, question.Count) : all;
            });
        }
        finally
        {
            scratches.Add(scratch);
        }
    }

    /// <summary>Favours the half of the candidates that the fewest visits hold. Looked up in what is held at this moment, so that forgetting a visit changes it too.</summary>
    private List<Suggestion> WithRarer(SessionIndex held, IReadOnlyList<Suggestion> ranked, int count)
    {
        var rarer = ranked.OrderBy(s => held.Items.TryFind(s.Item, out var number) ? held.ListOf(number).Count : 0).ThenBy(s => s.Item, StringComparer.Ordinal)
            .Take(ranked.Count / 2).Select(s => s.Item).ToHashSet(StringComparer.Ordinal);
        return [.. RareExposure.Place(ranked, [.. ranked.Select(s => rarer.Contains(s.Item))], count, Settings.RareShare).Select(p => p.IsMoved ? p.Item with { IsMoved = true } : p.Item)];
    }

    private List<Suggestion> Rank(SessionIndex held, SessionQuestion question, SessionScratch scratch)
    {
        var current = CurrentItems.Of(held, question, Settings);
        if (current.Count == 0)
        {
            return [];
        }

        scratch.Begin(held.Items.End);
        FindCandidates(held, question, current, scratch);
        scratch.KeepMostSimilar(Settings.Neighbours);
        Mark(held, question, current, scratch);
        foreach (ref readonly var neighbour in scratch.Kept)
        {
            ScoreItems(held.Visits[neighbour.Slot].Items!, neighbour.Similarity, current, scratch);
        }

        foreach (var item in scratch.Touched)
        {
            scratch.Score(item) *= 1 + Settings.Rarity * Math.Log((double)held.Count / held.ListOf(item).Count);
        }

        var follow = AddFollowers(held, question, current, scratch);
        var best = scratch.Best(held.Items, question.Count, current.Numbers, question.MayRepeat);
        return SessionParts.Of(held, question.Explained, current, scratch, best, Settings, follow);
    }

    /// <summary>The newest visits that share an item, newest first: walks all lists from their ends at once, so that each visit comes up once with all it shares.</summary>
    private void FindCandidates(SessionIndex held, SessionQuestion question, CurrentItems current, SessionScratch scratch)
    {
        var own = question.OwnVisit is var (customer, key) ? held.SlotOf(customer, key) : -1;
        var visits = held.Visits;
        var heads = scratch.Heads(current.Count);
        for (var i = 0; i < heads.Length; i++)
        {
            heads[i] = held.ListOf(current.Numbers[i]).Count - 1;
        }

        for (var found = 0; found < Settings.NewestVisits;)
        {
            var newest = Newest(held, current, heads, visits);
            if (newest.Value == 0)
            {
                break;
            }

            var shared = 0.0;
            for (var i = 0; i < heads.Length; i++)
            {
                var list = held.ListOf(current.Numbers[i]).Entries;
                if (heads[i] >= 0 && list[heads[i]].Slot == newest.Slot)
                {
                    shared += current.Weights[i];
                    heads[i]--;
                }
            }

            if (newest.Slot != own)
            {
                var age = Math.Max(0, question.NowUs - newest.TimeUs) / MicrosPerDay;
                scratch.AddCandidate(newest.Slot, shared / (current.Norm * Math.Sqrt(newest.Value)) * Math.Exp(-age / Settings.AgeDecayDays));
                found++;
            }
        }
    }

    internal const double MicrosPerDay = 86_400e6;

    private static Timed<int> Newest(SessionIndex held, CurrentItems current, ReadOnlySpan<int> heads, ReadOnlySpan<SessionIndex.Visit> visits)
    {
        var newest = default(Timed<int>);
        for (var i = 0; i < heads.Length; i++)
        {
            if (heads[i] < 0)
            {
                continue;
            }

            var entry = held.ListOf(current.Numbers[i]).Entries[heads[i]];
            if (newest.Value == 0 || entry.TimeUs > newest.TimeUs
                || (entry.TimeUs == newest.TimeUs && entry.Slot != newest.Slot && SessionIndex.Visit.Compare(visits[entry.Slot], visits[newest.Slot]) > 0))
            {
                newest = entry;
            }
        }

        return newest;
    }

    private static void Mark(SessionIndex held, SessionQuestion question, CurrentItems current, SessionScratch scratch)
    {
        for (var i = 0; i < current.Count; i++)
        {
            scratch.SetStep(current.Numbers[i], current.Steps[i]);
        }

        foreach (var name in (question.LeftOut ?? Enumerable.Empty<string>()).Concat(question.NotSuggested ?? Enumerable.Empty<string>()))
        {
            if (held.Items.TryFind(name, out var number))
            {
                scratch.LeaveOut(number);
            }
        }
    }

    /// <summary>Adds what one neighbour says: nearest to the shared item most.</summary>
    private void ScoreItems(ReadOnlySpan<int> items, double similarity, CurrentItems current, SessionScratch scratch)
    {
        var (place, step) = scratch.NewestShared(items);
        var weight = similarity * Math.Exp(-(step - 1) / Settings.SharedDecay);
        scratch.BeginNeighbour();
        for (var distance = 0; place - distance >= 0 || place + distance < items.Length; distance++)
        {
            var score = weight * scratch.Decay(distance, Settings.DistanceDecay);
            if (place - distance >= 0)
            {
                scratch.AddScore(items[place - distance], score);
            }

            if (distance > 0 && place + distance < items.Length)
            {
                scratch.AddScore(items[place + distance], score);
            }
        }
    }

    /// <summary>Blends in what came right after the newest item in the newest visits that hold it.</summary>
    /// <returns>The factor that turns a follower count into score; 0 when none is used.</returns>
    private double AddFollowers(SessionIndex held, SessionQuestion question, CurrentItems current, SessionScratch scratch)
    {
        if (Settings.Followers <= 0)
        {
            return 0;
        }

        var (last, own, seen) = (current.Numbers[^1], question.OwnVisit is var (customer, key) ? held.SlotOf(customer, key) : -1, 0);
        var entries = held.ListOf(last).Entries;
        for (var i = entries.Length - 1; i >= 0 && seen < Settings.NewestVisits; i--)
        {
            if (entries[i].Slot != own)
            {
                seen++;
                CountFollowers(held.Visits[entries[i].Slot].Items!, last, scratch);
            }
        }

        return scratch.BlendFollowers(Settings.Followers);
    }

    private void CountFollowers(ReadOnlySpan<int> items, int last, SessionScratch scratch)
    {
        for (var at = 0; at < items.Length; at++)
        {
            if (items[at] != last)
            {
                continue;
            }

            for (var step = 1; step <= Settings.FollowerSteps && at + step < items.Length; step++)
            {
                scratch.AddFollower(items[at + step], 1.0 / step);
            }
        }
    }
}
