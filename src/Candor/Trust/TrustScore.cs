using Candor.Fairness;

namespace Candor.Trust;

/// <summary>What a number of people answered to the statements about trust, each from 1 (not at all) to 5 (fully).</summary>
/// <param name="People">Who answered every statement.</param>
/// <param name="Mean">Mean of the people's means, scaled from 0 to 100.</param>
/// <param name="StandardError">Of the mean, in its points; null for fewer than two people.</param>
/// <param name="Alpha">Cronbach's alpha: how far the statements measure one thing; null for fewer than two people or statements, or when nobody differs.</param>
/// <param name="TopTwo">Share of people whose mean is 4 or more.</param>
public sealed record TrustScore(int People, double Mean, double? StandardError, double? Alpha, double TopTwo)
{
    public const int Lowest = 1;
    public const int Highest = 5;

    private const double Points = 100;

    /// <summary>95 % interval within 0 to 100; null for fewer than two people.</summary>
    public Interval? Interval => StandardError is { } error
        ? new Interval(Math.Max(0, Mean - Distributions.Z95 * error), Math.Min(Points, Mean + Distributions.Z95 * error)) : null;

    /// <summary>Counts answers; null of nobody.</summary>
    /// <param name="answers">One row a person, all of the same length, each answer from 1 to 5.</param>
    /// <exception cref="ArgumentException">Rows of different length, or an answer outside 1 to 5.</exception>
    public static TrustScore? Of(IReadOnlyList<IReadOnlyList<int>> answers)
    {
        if (answers.Count == 0)
        {
            return null;
        }

        var items = answers[0].Count;
        if (items == 0 || answers.Any(a => a.Count != items || a.Any(v => v is < Lowest or > Highest)))
        {
            throw new ArgumentException($"Every person answers the same statements from {Lowest} to {Highest}.", nameof(answers));
        }

        var means = answers.Select(a => a.Average()).ToList();
        var scaled = means.Select(m => Points * (m - Lowest) / (Highest - Lowest)).ToList();
        var error = answers.Count < 2 ? (double?)null : Math.Sqrt(Variance(scaled) / answers.Count);
        return new TrustScore(answers.Count, scaled.Average(), error, AlphaOf(answers, items), means.Count(m => m >= Highest - 1) / (double)answers.Count);
    }

    private static double? AlphaOf(IReadOnlyList<IReadOnlyList<int>> answers, int items)
    {
        if (answers.Count < 2 || items < 2)
        {
            return null;
        }

        var ofSums = Variance([.. answers.Select(a => (double)a.Sum())]);
        var ofItems = Enumerable.Range(0, items).Sum(i => Variance([.. answers.Select(a => (double)a[i])]));
        return ofSums > 0 ? items / (items - 1.0) * (1 - ofItems / ofSums) : null;
    }

    private static double Variance(List<double> values)
    {
        var mean = values.Average();
        return values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1);
    }
}
