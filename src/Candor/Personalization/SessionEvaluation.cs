using System.Diagnostics;

namespace Candor.Personalization;

/// <summary>A beginning of a visit, and what came next.</summary>
/// <param name="Visit">Number of the visit among those that are judged.</param>
/// <param name="NowUs">Time of the last item viewed.</param>
internal sealed record VisitQuestion(int Visit, string? Customer, IReadOnlyList<string> Viewed, long NowUs, string Next);

/// <summary>How good session suggestions are on visits that the model has not seen: from each beginning of a visit, is the next item among the suggestions?</summary>
/// <remarks>The protocol of the session-rec study: every prefix of each test visit, items that the training data do not hold left out.</remarks>
public static class SessionEvaluation
{
    /// <summary>Length of the list that is judged.</summary>
    public const int ListLength = 20;

    /// <param name="every">1 judges every prefix, n every n-th, evenly spread.</param>
    public static EvaluationResult Run(SessionIndex index, SessionSettings settings, IReadOnlyList<VisitRecord> test, int every = 1) =>
        Run(index, settings, Questions(index, test, every)).Result(index.ItemCount, Popularity(index));

    /// <summary>The same for the most popular items, whatever was viewed.</summary>
    public static EvaluationResult Popular(SessionIndex index, IReadOnlyList<VisitRecord> test, int every = 1)
    {
        List<string> popular = [.. index.Items.Held.OrderByDescending(i => index.ListOf(i.Value).Count).ThenBy(i => i.Key, StringComparer.Ordinal).Take(ListLength).Select(i => i.Key)];
        return Run(_ => popular, Questions(index, test, every)).Result(index.ItemCount, Popularity(index));
    }

    /// <summary>The questions that a judged part asks, items left out that this index does not know.</summary>
    internal static IReadOnlyList<VisitQuestion> Questions(SessionIndex index, IReadOnlyList<VisitRecord> test, int every)
    {
        var (questions, number) = (new List<VisitQuestion>(), 0);
        for (var v = 0; v < test.Count; v++)
        {
            var visit = test[v];
            var known = Enumerable.Range(0, visit.Items.Count).Where(i => index.Items.TryFind(visit.Items[i], out _)).ToList();
            var items = known.ConvertAll(i => visit.Items[i]);
            for (var at = 1; at < items.Count; at++)
            {
                if (number++ % every == 0)
                {
                    questions.Add(new VisitQuestion(v, visit.Customer, items.GetRange(0, at), visit.TimesUs[known[at - 1]], items[at]));
                }
            }
        }

        return questions;
    }

    /// <param name="bought">What a customer bought lately, which is not suggested; null: nothing is known of it.</param>
    internal static EvaluationTally Run(
        SessionIndex index, SessionSettings settings, IReadOnlyList<VisitQuestion> questions, Func<string, long, IReadOnlySet<string>>? bought = null)
    {
        var ranking = new SessionRanking(index, settings);
        return Run(q => [.. ranking.Rank(new SessionQuestion(q.Viewed, q.NowUs, ListLength)
        {
            MayRepeat = true,
            NotSuggested = q.Customer is null ? null : bought?.Invoke(q.Customer, q.NowUs),
        }).Select(s => s.Item)], questions);
    }

    private static EvaluationTally Run(Func<VisitQuestion, IReadOnlyList<string>> suggest, IReadOnlyList<VisitQuestion> questions)
    {
        var tally = new EvaluationTally(ListLength);
        foreach (var question in questions)
        {
            var clock = Stopwatch.GetTimestamp();
            var answer = suggest(question);
            tally.Add(answer, [question.Next], Stopwatch.GetElapsedTime(clock), answer.Count > 0);
        }

        return tally;
    }

    /// <summary>An index of these visits.</summary>
    public static SessionIndex Index(IEnumerable<VisitRecord> visits)
    {
        var index = new SessionIndex();
        index.PutMany(visits.Select(v => (v.Key, v.Key, v.Items, v.EndUs)));
        return index;
    }

    internal static Func<string, int> Popularity(SessionIndex index) => item => index.Items.TryFind(item, out var n) ? index.ListOf(n).Count : 0;
}
