namespace Candor.Personalization;

/// <summary>Finds settings on data of the shop itself: one setting is moved at a time, up and down its ladder, and a move that makes suggestions better is kept.</summary>
/// <remarks>Judged on the newest tenth of the training data by a model of the rest; the test data are not looked at.</remarks>
public static class SettingsSearch
{
    /// <summary>Part of the training data, the newest, that settings are judged on.</summary>
    public const double JudgedOn = 0.1;

    /// <summary>A shop that changes by the day, and one that changes by the month.</summary>
    private static readonly SessionSettings[] SessionStarts =
    [
        new() { NewestVisits = 2500, Neighbours = 500, CurrentDecay = 1, AgeDecayDays = 1, DistanceDecay = 2, SharedDecay = 1, Rarity = 1, Followers = 0.3, FollowerSteps = 3 },
        new() { NewestVisits = 2500, Neighbours = 500, CurrentDecay = 1, AgeDecayDays = 30, DistanceDecay = 5, SharedDecay = 2, Rarity = 1, Followers = 0.3, FollowerSteps = 3 },
    ];

    private static readonly Ladder<SessionSettings>[] SessionLadders =
    [
        new([0.25, 0.5, 1, 2, 5, 15, 30, 100], s => s.AgeDecayDays, (s, v) => s with { AgeDecayDays = v }),
        new([0.5, 0.75, 1, 1.25, 2, 5], s => s.CurrentDecay, (s, v) => s with { CurrentDecay = v }),
        new([0.5, 1, 1.5, 2, 3, 5, 10], s => s.DistanceDecay, (s, v) => s with { DistanceDecay = v }),
        new([0.5, 1, 2, 5, 10], s => s.SharedDecay, (s, v) => s with { SharedDecay = v }),
        new([0, 0.5, 1, 2, 5, 10], s => s.Rarity, (s, v) => s with { Rarity = v }),
        new([0, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2], s => s.Followers, (s, v) => s with { Followers = v }),
        new([1, 2, 3, 5], s => s.FollowerSteps, (s, v) => s with { FollowerSteps = (int)v }),
        new([100, 250, 500, 1000, 1500], s => s.Neighbours, (s, v) => s with { Neighbours = (int)v }),
        new([1000, 2500, 5000], s => s.NewestVisits, (s, v) => s with { NewestVisits = (int)v }),
    ];

    /// <summary>Customers who change quickly, and customers who stay as they are.</summary>
    private static readonly BasketSettings[] BasketStarts =
    [
        new() { GroupSize = 7, BasketDecay = 0.9, GroupDecay = 0.7, Neighbours = 300, OwnShare = 0.7 },
        BasketSettings.OwnTopItems,
    ];

    private static readonly Ladder<BasketSettings>[] BasketLadders =
    [
        new([0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9, 0.95, 1], s => s.OwnShare, (s, v) => s with { OwnShare = v }),
        new([0, 50, 100, 200, 300, 500, 900], s => s.Neighbours, (s, v) => s with { Neighbours = (int)v }),
        new([0.8, 0.9, 0.95, 0.98, 1], s => s.BasketDecay, (s, v) => s with { BasketDecay = v }),
        new([0.6, 0.7, 0.8, 0.9, 1], s => s.GroupDecay, (s, v) => s with { GroupDecay = v }),
        new([3, 7, 30, 100], s => s.GroupSize, (s, v) => s with { GroupSize = (int)v }),
    ];

    /// <summary>The steps that one setting can take.</summary>
    internal sealed record Ladder<T>(double[] Steps, Func<T, double> Get, Func<T, double, T> With)
    {
        /// <summary>The same settings with this one a step up or down, where there is one.</summary>
        public IEnumerable<T> Moves(T settings)
        {
            var at = Array.FindIndex(Steps, s => s >= Get(settings));
            at = at < 0 ? Steps.Length - 1 : at;
            foreach (var next in (int[])[at + 1, at - 1])
            {
                if (next >= 0 && next < Steps.Length)
                {
                    yield return With(settings, Steps[next]);
                }
            }
        }
    }

    /// <summary>Settings for session suggestions: the best product of hit rate and mean reciprocal rank, so that neither is bought with the other.</summary>
    /// <param name="most">Most settings that are tried from each of two starts.</param>
    /// <param name="every">Judges every n-th question only.</param>
    public static SessionSettings ForSessions(IReadOnlyList<VisitRecord> training, int most = 80, int every = 1, IProgress<SettingsTried>? progress = null)
    {
        var (older, newer) = VisitRecord.SplitByTime(training, JudgedOn);
        using var index = SessionEvaluation.Index(older);
        return Climb(SessionStarts, SessionLadders, s =>
        {
            var result = SessionEvaluation.Run(index, s, newer, every);
            return result.HitRate * result.Mrr;
        }, most, progress);
    }

    /// <summary>Settings for next needs: the best product of recall and discounted gain, on the last baskets that fall into the newest tenth.</summary>
    /// <param name="most">Most settings that are tried from each of two starts.</param>
    public static BasketSettings ForBaskets(IReadOnlyList<BasketRecord> training, int most = 40, IProgress<SettingsTried>? progress = null)
    {
        var (older, last) = BasketEvaluation.Split(training);
        return Climb(BasketStarts, BasketLadders, s =>
        {
            using var index = BasketEvaluation.Index(older, s);
            var result = BasketEvaluation.Run(index, last);
            return result.Recall * result.Ndcg;
        }, most, progress);
    }

    /// <summary>Climbs from each start and keeps the best end.</summary>
    /// <param name="most">Most settings that are tried from each start.</param>
    internal static T Climb<T>(IReadOnlyList<T> starts, Ladder<T>[] ladders, Func<T, double> judge, int most, IProgress<SettingsTried>? progress)
        where T : notnull
    {
        var tried = new Dictionary<T, double>();
        return starts.Select(From).ToList().MaxBy(end => tried[end])!;

        T From(T start)
        {
            var (best, end) = (start, tried.Count + most);
            tried[start] = judge(start);
            for (var moved = true; moved && tried.Count < end;)
            {
                moved = false;
                foreach (var ladder in ladders)
                {
                    moved |= Climb(ladder, end, ref best);
                }
            }

            return best;
        }

        bool Climb(Ladder<T> ladder, int end, ref T from)
        {
            foreach (var move in ladder.Moves(from))
            {
                if (tried.Count >= end || tried.ContainsKey(move))
                {
                    continue;
                }

                tried[move] = judge(move);
                progress?.Report(new SettingsTried(tried.Count, Math.Max(tried[from], tried[move])));
                if (tried[move] > tried[from])
                {
                    from = move;
                    return true;
                }
            }

            return false;
        }
    }
}

/// <summary>How far a search is: settings tried, and the best value so far.</summary>
public sealed record SettingsTried(int Count, double Best);
