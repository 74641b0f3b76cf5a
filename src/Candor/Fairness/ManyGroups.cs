namespace Candor.Fairness;

/// <summary>A test that a share is the same in all groups.</summary>
/// <param name="LeastExpected">Smallest expected count; under 5 the p-value is rough.</param>
public sealed record OmnibusTest(double ChiSquare, int Degrees, double P, double LeastExpected);

/// <summary>Comparing many groups at once: each comparison more makes a chance finding likelier, so p-values are corrected together.</summary>
public static class ManyGroups
{
    /// <summary>Holm's correction (1979): the chance of even one false finding stays at the level, whatever the dependence.</summary>
    public static double[] Holm(IReadOnlyList<double> p)
    {
        var corrected = new double[p.Count];
        var (order, worst) = (Ascending(p), 0.0);
        for (var i = 0; i < order.Length; i++)
        {
            worst = Math.Max(worst, p[order[i]] * (p.Count - i));
            corrected[order[i]] = Math.Min(1, worst);
        }

        return corrected;
    }

    /// <summary>Benjamini and Hochberg's correction (1995): the expected share of false findings among the findings.</summary>
    public static double[] BenjaminiHochberg(IReadOnlyList<double> p)
    {
        var corrected = new double[p.Count];
        var (order, best) = (Ascending(p), 1.0);
        for (var i = order.Length - 1; i >= 0; i--)
        {
            best = Math.Min(best, p[order[i]] * p.Count / (i + 1));
            corrected[order[i]] = best;
        }

        return corrected;
    }

    public static double[] Bonferroni(IReadOnlyList<double> p) => [.. p.Select(v => Math.Min(1, v * p.Count))];

    /// <summary>Pearson's chi-square test over the groups in which the share is defined; null when fewer than two are, or nobody or everybody is counted.</summary>
    public static OmnibusTest? Omnibus(IEnumerable<Proportion> groups)
    {
        var defined = groups.Where(g => g.Whole > 0).ToList();
        var (part, whole) = (defined.Sum(g => g.Part), defined.Sum(g => g.Whole));
        if (defined.Count < 2 || part == 0 || part == whole)
        {
            return null;
        }

        var p = (double)part / whole;
        var chi = defined.Sum(g => Square(g.Part - g.Whole * p) / (g.Whole * p) + Square(g.Whole - g.Part - g.Whole * (1 - p)) / (g.Whole * (1 - p)));
        return new OmnibusTest(chi, defined.Count - 1, Distributions.ChiSquareTail(chi, defined.Count - 1), defined.Min(g => g.Whole) * Math.Min(p, 1 - p));
    }

    private static int[] Ascending(IReadOnlyList<double> p) => [.. Enumerable.Range(0, p.Count).OrderBy(i => p[i])];

    private static double Square(double x) => x * x;
}
