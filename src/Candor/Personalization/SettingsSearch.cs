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

    private static readonly SettingsLadder<SessionSettings>[] SessionLadders =
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

    private static readonly SettingsLadder<BasketSettings>[] BasketLadders =
    [
        new([0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9, 0.95, 1], s => s.OwnShare, (s, v) => s with { OwnShare = v }),
        new([0, 50, 100, 200, 300, 500, 900], s => s.Neighbours, (s, v) => s with { Neighbours = (int)v }),
        new([0.8, 0.9, 0.95, 0.98, 1], s => s.BasketDecay, (s, v) => s with { BasketDecay = v }),
        new([0.6, 0.7, 0.8, 0.9, 1], s => s.GroupDecay, (s, v) => s with { GroupDecay = v }),
        new([3, 7, 30, 100], s => s.GroupSize, (s, v) => s with { GroupSize = (int)v }),
    ];

    /// <summary>Settings for session suggestions: the best product of hit rate and mean reciprocal rank, so that neither is bought with the other.</summary>
    /// <param name="most">Most settings that are tried from each of two starts.</param>
    /// <param name="every">Judges every n-th question only.</param>
    /// <param name="budget">When this is over the best so far counts; null: no limit.</param>
    public static SessionSettings ForSessions(
        IReadOnlyList<VisitRecord> training, int most = 80, int every = 1, IProgress<SettingsTried>? progress = null, TimeSpan? budget = null)
    {
        var (older, newer) = VisitRecord.SplitByTime(training, JudgedOn);
        using var index = SessionEvaluation.Index(older);
        var questions = SessionEvaluation.Questions(index, newer, every);
        return new SettingsClimb<SessionSettings>(SessionLadders, s =>
        {
            var result = SessionEvaluation.Run(index, s, questions).Result(index.ItemCount, _ => 0);
            return result.HitRate * result.Mrr;
        }, most, progress, budget).From(SessionStarts, new SessionSettings());
    }

    /// <summary>Settings for next needs: the best product of recall and discounted gain, on the last baskets that fall into the newest tenth.</summary>
    /// <param name="most">Most settings that are tried from each of two starts.</param>
    /// <param name="budget">When this is over the best so far counts; null: no limit.</param>
    /// <param name="mostTargets">Most customers whose last basket is judged, evenly spread.</param>
    public static BasketSettings ForBaskets(
        IReadOnlyList<BasketRecord> training, int most = 40, IProgress<SettingsTried>? progress = null, TimeSpan? budget = null, int mostTargets = int.MaxValue)
    {
        var (older, last) = BasketEvaluation.Split(training);
        last = ModelEvaluation.Spread(last, mostTargets);
        using var index = BasketEvaluation.Index(older, new BasketSettings());
        return new SettingsClimb<BasketSettings>(BasketLadders, s =>
        {
            index.Use(s);
            var result = BasketEvaluation.Run(index, last);
            return result.Recall * result.Ndcg;
        }, most, progress, budget).From(BasketStarts, new BasketSettings());
    }
}
