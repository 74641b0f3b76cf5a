namespace Candor.Fairness;

/// <summary>What a figure came to over the resamples in which it was defined.</summary>
/// <param name="Low">2.5 % point, type 7 as in R and NumPy; <paramref name="High"/> is the 97.5 % point. Null where it was never defined.</param>
public sealed record Spread(double? Low, double? Median, double? High, int Defined)
{
    internal static Spread Of(List<double> values)
    {
        values.Sort();
        return new Spread(Quantile(values, 0.025), Quantile(values, 0.5), Quantile(values, 0.975), values.Count);
    }

    private static double? Quantile(List<double> sorted, double share)
    {
        if (sorted.Count == 0)
        {
            return null;
        }

        var at = share * (sorted.Count - 1);
        var below = (int)at;
        return below + 1 < sorted.Count ? sorted[below] + (at - below) * (sorted[below + 1] - sorted[below]) : sorted[below];
    }
}

/// <summary>How uncertain the gaps between groups are, by drawing the people of each group again many times.</summary>
/// <param name="Groups">By group, then in the order of <see cref="Rates.Compared"/>.</param>
/// <param name="Differences">In the order of <see cref="Rates.Compared"/>, as are <paramref name="Ratios"/>.</param>
public sealed record Bootstrap(IReadOnlyList<Spread[]> Groups, IReadOnlyList<Spread> Differences, IReadOnlyList<Spread> Ratios)
{
    /// <summary>Groups times resamples that are drawn at most; more takes too long for what it tells.</summary>
    public const int MaxDraws = 1_000_000;

    /// <summary>Draws each group again from its own people, so that its size stays as it is.</summary>
    /// <remarks>Drawing people with replacement and counting them is drawing the counts from the multinomial distribution; that needs the counts alone.</remarks>
    public static IEnumerable<OutcomeCounts[]> Stratified(IReadOnlyList<OutcomeCounts> groups, int resamples, ulong seed)
    {
        var random = new SplitMix64(seed);
        var drawn = new OutcomeCounts[groups.Count];
        for (var i = 0; i < resamples; i++)
        {
            for (var g = 0; g < drawn.Length; g++)
            {
                drawn[g] = Redrawn(groups[g], ref random);
            }

            yield return drawn;
        }
    }

    /// <param name="resamples">Counts by group, one array a resample; an array may be reused for the next.</param>
    public static Bootstrap Of(int groups, IEnumerable<OutcomeCounts[]> resamples)
    {
        var rates = Rates.Compared;
        var byGroup = Lists(groups * rates.Count);
        var (differences, ratios) = (Lists(rates.Count), Lists(rates.Count));
        foreach (var counts in resamples)
        {
            for (var r = 0; r < rates.Count; r++)
            {
                for (var g = 0; g < groups; g++)
                {
                    Add(byGroup[g * rates.Count + r], counts[g].Of(rates[r]).Value);
                }

                var gap = Gap.Of(rates[r], counts);
                Add(differences[r], gap?.Difference);
                Add(ratios[r], gap?.Ratio);
            }
        }

        return new Bootstrap([.. byGroup.Select(Spread.Of).Chunk(rates.Count)], [.. differences.Select(Spread.Of)], [.. ratios.Select(Spread.Of)]);
    }

    private static OutcomeCounts Redrawn(OutcomeCounts group, ref SplitMix64 random)
    {
        var unknownSelected = group.Selected - group.TruePositives - group.FalsePositives;
        Span<long> cells = [group.TruePositives, group.FalsePositives, group.TrueNegatives, group.FalseNegatives, unknownSelected, group.Count - group.Known - unknownSelected];
        var (left, weight) = (group.Count, group.Count);
        for (var i = 0; i < cells.Length; i++)
        {
            var cell = cells[i];
            cells[i] = weight == 0 ? 0 : random.NextBinomial(left, (double)cell / weight);
            left -= cells[i];
            weight -= cell;
        }

        return new OutcomeCounts(group.Count, cells[0] + cells[1] + cells[4], cells[0], cells[1], cells[2], cells[3]);
    }

    private static List<double>[] Lists(int count) => [.. Enumerable.Range(0, count).Select(_ => new List<double>())];

    private static void Add(List<double> values, double? value)
    {
        if (value is { } v)
        {
            values.Add(v);
        }
    }
}
