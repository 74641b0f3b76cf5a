using Candor.Fairness;

namespace Candor.Trust;

/// <summary>How long one customer was seen, and whether they left at the end of it.</summary>
/// <param name="Time">Above 0, in whatever unit all use.</param>
/// <param name="HasLeft">False: still here when the watching ended.</param>
public readonly record struct Tenure(double Time, bool HasLeft);

/// <summary>One step of a survival curve.</summary>
/// <param name="Time">From here on, inclusive.</param>
/// <param name="AtRisk">Customers who were still here just before.</param>
/// <param name="Left">Who left at this time.</param>
/// <param name="Survival">Estimated share who are still here after it, 0 to 1.</param>
/// <param name="StandardError">Greenwood's (1926).</param>
public sealed record SurvivalStep(double Time, long AtRisk, long Left, double Survival, double StandardError)
{
    /// <summary>95 % interval within 0 to 1.</summary>
    public Interval Interval => new(Math.Max(0, Survival - Distributions.Z95 * StandardError), Math.Min(1, Survival + Distributions.Z95 * StandardError));
}

/// <summary>Retention of customers of whom some are still here: the estimate of Kaplan and Meier (1958).</summary>
public sealed class SurvivalCurve
{
    private SurvivalCurve(IReadOnlyList<SurvivalStep> steps) => Steps = steps;

    /// <summary>One for each time at which somebody left or was last seen, ascending.</summary>
    public IReadOnlyList<SurvivalStep> Steps { get; }

    public static SurvivalCurve Of(IEnumerable<Tenure> tenures) => OfCounted(tenures.Select(t => (t, 1L)));

    /// <param name="tenures">Each with how many customers it is of.</param>
    public static SurvivalCurve OfCounted(IEnumerable<(Tenure Tenure, long Customers)> tenures)
    {
        var (steps, survival, greenwood) = (new List<SurvivalStep>(), 1.0, 0.0);
        var byTime = tenures.Where(t => t.Customers > 0).GroupBy(t => t.Tenure.Time).OrderBy(g => g.Key)
            .Select(g => (Time: g.Key, All: g.Sum(t => t.Customers), Left: g.Where(t => t.Tenure.HasLeft).Sum(t => t.Customers))).ToList();
        var atRisk = byTime.Sum(t => t.All);
        foreach (var (time, all, left) in byTime)
        {
            survival *= 1 - (double)left / atRisk;
            // With nobody left the error is 0 as the curve is, whatever the sum.
            greenwood += left == atRisk ? 0 : left / ((double)atRisk * (atRisk - left));
            steps.Add(new SurvivalStep(time, atRisk, left, survival, survival * Math.Sqrt(greenwood)));
            atRisk -= all;
        }

        return new SurvivalCurve(steps);
    }

    /// <summary>The step that holds at a time; null before the first, when everybody is still here.</summary>
    public SurvivalStep? At(double time) => Steps.LastOrDefault(s => s.Time <= time);

    /// <summary>Whether customers of one group leave sooner than those of another: the log-rank test (Mantel 1966).</summary>
    /// <returns>How many of the first left, how many would have if the groups were alike, chi-square with one degree of freedom, and its p-value; null when nobody can differ.</returns>
    public static (double Observed, double Expected, double ChiSquare, double P)? Compare(IReadOnlyList<Tenure> first, IReadOnlyList<Tenure> second)
    {
        var (a, b) = (Of(first), Of(second));
        var (observed, expected, variance) = (0.0, 0.0, 0.0);
        foreach (var time in a.Steps.Concat(b.Steps).Where(s => s.Left > 0).Select(s => s.Time).Distinct().Order())
        {
            var (here, there) = (AtRisk(a, time), AtRisk(b, time));
            var (leftHere, left) = (LeftAt(a, time), LeftAt(a, time) + LeftAt(b, time));
            var n = (double)(here + there);
            observed += leftHere;
            expected += left * here / n;
            variance += n > 1 ? left * (here / n) * (there / n) * (n - left) / (n - 1) : 0;
        }

        var chi = (observed - expected) * (observed - expected) / variance;
        return variance > 0 ? (observed, expected, chi, Distributions.ChiSquareTail(chi, 1)) : null;
    }

    private static long AtRisk(SurvivalCurve curve, double time) => curve.Steps.FirstOrDefault(s => s.Time >= time)?.AtRisk ?? 0;

    private static long LeftAt(SurvivalCurve curve, double time) => curve.Steps.FirstOrDefault(s => s.Time == time)?.Left ?? 0;
}
