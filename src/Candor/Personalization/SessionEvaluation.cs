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

                var question = new SessionQuestion(items[..at], visit.TimesUs[known[at - 1]], ListLength) { MayRepeat = true };
                var clock = Stopwatch.GetTimestamp();
                var answer = ranking.Rank(question);
                tally.Add([.. answer.Select(s => s.Item)], [items[at]], Stopwatch.GetElapsedTime(clock));
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
