namespace Candor.Fairness;

/// <summary>How far apart the groups are in one rate. Groups in which it is not defined do not take part.</summary>
/// <param name="Least">Position of the group with the smallest rate, and <paramref name="Most"/> of the one with the largest; the first of equals.</param>
/// <param name="Ratio">Smallest / largest; null where the largest is 0.</param>
public sealed record Gap(Rate Rate, int Least, int Most, double Min, double Max, double Difference, double? Ratio)
{
    /// <summary>Null when the rate is defined in no group.</summary>
    public static Gap? Of(Rate rate, ReadOnlySpan<OutcomeCounts> groups)
    {
        var (least, most) = (-1, -1);
        double min = double.PositiveInfinity, max = double.NegativeInfinity;
        for (var i = 0; i < groups.Length; i++)
        {
            if (groups[i].Of(rate).Value is not { } value)
            {
                continue;
            }

            (least, min) = value < min ? (i, value) : (least, min);
            (most, max) = value > max ? (i, value) : (most, max);
        }

        return least < 0 ? null : new Gap(rate, least, most, min, max, max - min, max == 0 ? null : min / max);
    }
}

/// <summary>How far the groups are from everybody together.</summary>
/// <param name="Difference">Largest distance of a group's rate from the overall one.</param>
/// <param name="Ratio">Smallest ratio, taken so that it is at most 1; null where the overall rate or all rates are 0.</param>
public sealed record DistanceToOverall(double Difference, double? Ratio)
{
    public static DistanceToOverall? Of(Rate rate, IReadOnlyList<OutcomeCounts> groups, OutcomeCounts overall)
    {
        if (overall.Of(rate).Value is not { } all)
        {
            return null;
        }

        var values = groups.Select(g => g.Of(rate).Value).OfType<double>().ToList();
        return values.Count == 0 ? null : new DistanceToOverall(
            values.Max(v => Math.Abs(v - all)), all == 0 ? null : values.Min(v => v > all ? all / v : v / all));
    }
}

/// <summary>Equalized odds: whether those who deserve a yes get it alike, and those who do not alike too.</summary>
/// <param name="Difference">The worse of the differences of true and of false positive rates.</param>
/// <param name="Ratio">The worse of the ratios; null where one is not defined.</param>
public sealed record EqualizedOdds(double Difference, double? Ratio, double MeanDifference, double? MeanRatio)
{
    public static EqualizedOdds? Of(Gap? truePositive, Gap? falsePositive) => (truePositive, falsePositive) switch
    {
        ({ } t, { } f) => new(Math.Max(t.Difference, f.Difference), t.Ratio is { } a && f.Ratio is { } b ? Math.Min(a, b) : null,
            (t.Difference + f.Difference) / 2, (t.Ratio + f.Ratio) / 2),
        _ => null,
    };
}
