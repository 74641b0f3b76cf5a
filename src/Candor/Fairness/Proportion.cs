namespace Candor.Fairness;

/// <summary>A 95 % interval, both ends inclusive.</summary>
public readonly record struct Interval(double Low, double High)
{
    public bool Contains(double value) => value >= Low && value <= High;
}

/// <summary>A share that was counted: <paramref name="Part"/> of <paramref name="Whole"/> people.</summary>
/// <remarks>Of nobody there is no share: <see cref="Value"/> and the intervals are null then, which is shown as "not defined", never as 0. <c>default</c> is none of nobody.</remarks>
public readonly record struct Proportion(long Part, long Whole)
{
    public double? Value => Whole == 0 ? null : (double)Part / Whole;

    /// <summary>Wilson's score interval (Wilson 1927): near the stated 95 % also for small groups and shares near 0 or 1.</summary>
    public Interval? Wilson()
    {
        if (Whole == 0)
        {
            return null;
        }

        const double Z2 = Distributions.Z95 * Distributions.Z95;
        var (n, p) = ((double)Whole, (double)Part / Whole);
        var centre = (p + Z2 / (2 * n)) / (1 + Z2 / n);
        var half = Distributions.Z95 / (1 + Z2 / n) * Math.Sqrt(p * (1 - p) / n + Z2 / (4 * n * n));
        return new Interval(Part == 0 ? 0 : Math.Max(0, centre - half), Part == Whole ? 1 : Math.Min(1, centre + half));
    }

    /// <summary>The exact interval of Clopper and Pearson (1934): never too narrow, mostly somewhat too wide.</summary>
    public Interval? ClopperPearson()
    {
        if (Wilson() is not { } near)
        {
            return null;
        }

        const double Side = 0.025;
        var low = Part == 0 ? 0 : Distributions.BetaQuantile(Side, Part, Whole - Part + 1, near.Low);
        // From the other end, where the small number has its digits.
        var high = Part == Whole ? 1 : 1 - Distributions.BetaQuantile(Side, Whole - Part, Part + 1, 1 - near.High);
        return new Interval(low, high);
    }
}
