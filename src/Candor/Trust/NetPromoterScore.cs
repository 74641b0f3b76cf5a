using Candor.Fairness;

namespace Candor.Trust;

/// <summary>Net promoter score: the share of answers 9 and 10 less the share of 0 to 6, in points from -100 to 100 (Reichheld 2003).</summary>
/// <param name="Promoters">Answers 9 and 10.</param>
/// <param name="Passives">Answers 7 and 8.</param>
/// <param name="Detractors">Answers 0 to 6.</param>
public readonly record struct NetPromoterScore(long Promoters, long Passives, long Detractors)
{
    public const int HighestAnswer = 10;

    private const double Points = 100;

    public long Answers => Promoters + Passives + Detractors;

    /// <summary>Null of nobody.</summary>
    public double? Value => Answers == 0 ? null : Points * (Promoters - Detractors) / Answers;

    /// <summary>In points; null of nobody.</summary>
    public double? StandardError => Answers == 0 ? null : ErrorOf(Promoters, Detractors, Answers);

    /// <summary>Counts answers.</summary>
    /// <param name="histogram">How many gave 0, 1, … 10.</param>
    /// <exception cref="ArgumentException">Not eleven counts, or one below 0.</exception>
    public static NetPromoterScore Of(IReadOnlyList<long> histogram)
    {
        if (histogram.Count != HighestAnswer + 1 || histogram.Any(h => h < 0))
        {
            throw new ArgumentException($"Answers are counted for 0 to {HighestAnswer}.", nameof(histogram));
        }

        return new NetPromoterScore(histogram[9] + histogram[10], histogram[7] + histogram[8], histogram.Take(7).Sum());
    }

    /// <summary>95 % interval, which also says something when all answers agree: three quarters of a promoter and of a detractor and one and a half passives are added (after Bonett and Price 2012).
    /// Of one or two answers it need not hold <see cref="Value"/>: it leans to the middle.</summary>
    /// <returns>Within -100 to 100; null of nobody.</returns>
    public Interval? Interval()
    {
        if (Answers == 0)
        {
            return null;
        }

        var (low, high) = Unbounded();
        return new Interval(Math.Max(-Points, low), Math.Min(Points, high));
    }

    /// <summary>The interval before it is cut off at the ends of the scale.</summary>
    internal (double Low, double High) Unbounded()
    {
        var (promoters, detractors, n) = (Promoters + 0.75, Detractors + 0.75, Answers + 3.0);
        var (centre, half) = (Points * (promoters - detractors) / n, Distributions.Z95 * ErrorOf(promoters, detractors, n));
        return (centre - half, centre + half);
    }

    /// <summary>How much this score lies below another one of other people, with 95 % interval and p-value; null when either has no answers or both have no spread.</summary>
    public (double Points, Interval Interval, double P)? DifferenceTo(NetPromoterScore other)
    {
        if (Value is not { } here || other.Value is not { } there || Math.Sqrt(StandardError!.Value * StandardError.Value + other.StandardError!.Value * other.StandardError.Value) is not (> 0 and var error))
        {
            return null;
        }

        var difference = here - there;
        return (difference, new Interval(difference - Distributions.Z95 * error, difference + Distributions.Z95 * error), Distributions.TwoSidedNormal(difference / error));
    }

    private static double ErrorOf(double promoters, double detractors, double n)
    {
        var (p, d) = (promoters / n, detractors / n);
        return Points * Math.Sqrt(Math.Max(0, p + d - (p - d) * (p - d)) / n);
    }
}
