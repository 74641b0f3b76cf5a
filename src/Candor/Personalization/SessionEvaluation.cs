using System.Diagnostics;

namespace Candor.Personalization;

/// <summary>How good session suggestions are on visits that the model has not seen: from each beginning of a visit, is the next item among the suggestions?</summary>
/// <remarks>The protocol of the session-rec study: every prefix of each test visit, items that the training data do not hold left out.</remarks>
public static class SessionEvaluation
{
    /// <summary>Length of the list that is judged.</summary>
    public const int ListLength = 20;

    /// <param name="every">1 judges every prefix, n every n-th, evenly spread.</param>
    public static EvaluationResult Run(SessionIndex index, SessionSettings settings, IReadOnlyList<VisitRecord> test, int every = 1)
    {
        var ranking = new SessionRanking(index, settings);
        return Run(index, (viewed, nowUs) => [.. ranking.Rank(new SessionQuestion(viewed, nowUs, ListLength) { MayRepeat = true }).Select(s => s.Item)], test, every);
    }

    /// <summary>The same for the most popular items, whatever was viewed.</summary>
    public static EvaluationResult Popular(SessionIndex index, IReadOnlyList<VisitRecord> test)
    {
        List<string> popular = [.. index.Items.Held.OrderByDescending(i => index.ListOf(i.Value).Count).ThenBy(i => i.Key, StringComparer.Ordinal).Take(ListLength).Select(i => i.Key)];
        return Run(index, (_, _) => popular, test, 1);
    }

    private static EvaluationResult Run(SessionIndex index, Func<List<string>, long, IReadOnlyList<string>> suggest, IReadOnlyList<VisitRecord> test, int every)
    {
        var tally = new EvaluationTally(ListLength);
        var number = 0;
        foreach (var visit in test)
        {
            var known = Enumerable.Range(0, visit.Items.Count).Where(i => index.Items.TryFind(visit.Items[i], out _)).ToList();
            var items = known.ConvertAll(i => visit.Items[i]);
            for (var at = 1; at < items.Count; at++)
            {
                if (number++ % every != 0)
                {
                    continue;
                }

                var viewed = items[..at];
                var clock = Stopwatch.GetTimestamp();
                var answer = suggest(viewed, visit.TimesUs[known[at - 1]]);
                tally.Add(answer, [items[at]], Stopwatch.GetElapsedTime(clock));
            }
        }

        return tally.Result(index.ItemCount, item => index.Items.TryFind(item, out var n) ? index.ListOf(n).Count : 0);
    }

    /// <summary>An index of these visits, items seen fewer than <paramref name="least"/> times included.</summary>
    public static SessionIndex Index(IEnumerable<VisitRecord> visits)
    {
        var index = new SessionIndex();
        index.PutMany(visits.Select(v => (v.Key, v.Key, v.Items, v.EndUs)));
        return index;
    }
}
