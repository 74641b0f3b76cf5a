using Candor.Fairness;
using Candor.Kernel;

namespace Candor.Export;

/// <summary>Counts of people by the value of one column, with noise that hides whether any one of them is in it.</summary>
/// <param name="Counts">By value, most first. A value whose noisy count is too small to be sure that more than one person has it is not named.</param>
/// <param name="Radius">Each count is at most this far from the truth in 95 of 100 cases.</param>
/// <param name="Hidden">How many values are not named; their people are counted nowhere.</param>
public sealed record NoisyCounts(IReadOnlyList<(string Value, long Count)> Counts, long Radius, int Hidden)
{
    /// <summary>Chance that the naming of a value tells of its only person.</summary>
    private const double Delta = 1e-6;

    /// <param name="column">Place of the column in the rows. Each person has one value in it, so that all counts together cost epsilon once.</param>
    /// <param name="milliEpsilon">Epsilon in thousandths, which the caller has taken from the budget.</param>
    public static NoisyCounts Of(ExportRows rows, int column, long milliEpsilon)
    {
        var least = PrivacyBudget.LeastNoisyCount((double)milliEpsilon / DiscreteLaplace.PerEpsilon, Delta);
        var groups = rows.Rows.GroupBy(r => r.Values[column], StringComparer.Ordinal).ToList();
        var (noisy, _) = new PrivacyBudget(milliEpsilon).Release([.. groups.Select(g => (long)g.Count())], milliEpsilon);
        var named = groups.Zip(noisy, (g, n) => (g.Key, Count: n)).Where(n => n.Count >= least).OrderByDescending(n => n.Count).ThenBy(n => n.Key, StringComparer.Ordinal).ToList();
        return new NoisyCounts(named, DiscreteLaplace.Of(milliEpsilon).Radius95(), groups.Count - named.Count);
    }

    /// <summary>Epsilon from a text such as <c>0.5</c>.</summary>
    /// <exception cref="Fault">Invalid <c>export/bad-epsilon</c>.</exception>
    public static long MilliEpsilon(decimal epsilon) => epsilon * DiscreteLaplace.PerEpsilon is >= 1 and <= 1_000_000 and var milli && milli == decimal.Truncate(milli)
        ? (long)milli
        : throw new Fault(FaultKind.Invalid, "export/bad-epsilon", $"Epsilon is from 0.001 in thousandths, got `{epsilon.ToString(System.Globalization.CultureInfo.InvariantCulture)}`.");
}
