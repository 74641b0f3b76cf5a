namespace Candor.Personalization;

/// <summary>What an evaluation found. Figures are 0 to 1 unless their name has a unit.</summary>
/// <param name="Questions">How many lists were judged.</param>
/// <param name="HitRate">Part of the lists that hold at least one of the items that came.</param>
/// <param name="Mrr">Mean of 1 / place of the first right item; 0 where there is none.</param>
/// <param name="Recall">Mean part of the items that came which the list holds.</param>
/// <param name="Ndcg">Mean of the discounted gain against that of the best possible list.</param>
/// <param name="Coverage">Part of all items that was suggested at least once.</param>
/// <param name="PopularityBias">Mean popularity of what was suggested, where the most popular item is 1.</param>
/// <param name="P50Ms">Median time of one list.</param>
/// <param name="P90Ms">Time that nine of ten lists took at most.</param>
public sealed record EvaluationResult(
    int Questions, double HitRate, double Mrr, double Recall, double Ndcg, double Coverage, double PopularityBias, double P50Ms, double P90Ms);

/// <summary>Adds up one evaluation.</summary>
internal sealed class EvaluationTally(int length)
{
    private readonly List<double> times = [];
    private readonly List<double> gains = [];
    private readonly List<JudgedList> lists = [];
    private readonly Dictionary<string, int> suggested = new(StringComparer.Ordinal);
    private double hits;
    private double reciprocal;
    private double recall;

    /// <summary>The normalised discounted gain of each list, in the order of the questions.</summary>
    public IReadOnlyList<double> Gains => gains;

    /// <summary>How each list came out, in the order of the questions.</summary>
    public IReadOnlyList<JudgedList> Lists => lists;

    /// <param name="isMade">The list was made for whoever asks; false: it is what is popular.</param>
    public void Add(IReadOnlyList<string> list, IReadOnlyCollection<string> came, TimeSpan took, bool isMade)
    {
        var right = came as IReadOnlySet<string> ?? came.ToHashSet(StringComparer.Ordinal);
        var (found, first, dcg) = (0, 0, 0.0);
        for (var i = 0; i < list.Count && i < length; i++)
        {
            suggested[list[i]] = suggested.GetValueOrDefault(list[i]) + 1;
            if (right.Contains(list[i]))
            {
                found++;
                first = first == 0 ? i + 1 : first;
                dcg += 1 / Math.Log2(i + 2);
            }
        }

        var best = Enumerable.Range(0, Math.Min(right.Count, length)).Sum(i => 1 / Math.Log2(i + 2));
        hits += found > 0 ? 1 : 0;
        reciprocal += first > 0 ? 1.0 / first : 0;
        recall += (double)found / right.Count;
        gains.Add(dcg / best);
        lists.Add(new JudgedList(isMade, found > 0));
        times.Add(took.TotalMilliseconds);
    }

    /// <param name="items">Number of items there are.</param>
    /// <param name="popularity">How often an item occurs in the training data.</param>
    public EvaluationResult Result(int items, Func<string, int> popularity)
    {
        times.Sort();
        var n = Math.Max(1, times.Count);
        var top = suggested.Keys.Select(popularity).DefaultIfEmpty(0).Max();
        var all = (double)Math.Max(1, suggested.Values.Sum());
        var bias = top == 0 ? 0 : suggested.Sum(s => popularity(s.Key) / (double)top * s.Value) / all;
        return new EvaluationResult(
            times.Count, hits / n, reciprocal / n, recall / n, gains.Sum() / n, suggested.Count / (double)Math.Max(1, items), bias, Quantile(0.5), Quantile(0.9));
    }

    private double Quantile(double part) => times.Count == 0 ? 0 : times[Math.Min(times.Count - 1, (int)(times.Count * part))];
}
