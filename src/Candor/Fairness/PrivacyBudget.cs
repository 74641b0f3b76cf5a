using System.Globalization;
using Candor.Kernel;

namespace Candor.Fairness;

/// <summary>How much may be learnt in all about one person from everything that is published with noise. What is spent never comes back.</summary>
/// <param name="Total">Of epsilon, in thousandths.</param>
/// <param name="Spent">From 0 to <paramref name="Total"/>.</param>
public sealed record PrivacyBudget(long Total, long Spent = 0)
{
    public long Left => Total - Spent;

    /// <summary>The budget after a release; epsilons of releases about the same people add up.</summary>
    /// <exception cref="Fault">Conflict <c>fairness/budget-spent</c>; Invalid <c>fairness/bad-noise</c>.</exception>
    public PrivacyBudget Spend(long milliEpsilon) =>
        milliEpsilon < 1 ? throw new Fault(FaultKind.Invalid, "fairness/bad-noise", $"A release costs at least 0.001 of epsilon, got `{Shown(milliEpsilon)}`.")
        : milliEpsilon > Left ? throw new Fault(FaultKind.Conflict, "fairness/budget-spent", $"The release costs `{Shown(milliEpsilon)}` of epsilon, and {Shown(Left)} of {Shown(Total)} is left; publish less, or with more noise.")
        : this with { Spent = Spent + milliEpsilon };

    /// <summary>Counts with noise, and the budget after them. Each person is in at most one of the counts, so that together they cost epsilon once.</summary>
    public (IReadOnlyList<long> Noisy, PrivacyBudget After) Release(IReadOnlyList<long> counts, long milliEpsilon)
    {
        var (after, noise) = (Spend(milliEpsilon), DiscreteLaplace.Of(milliEpsilon));
        return ([.. counts.Select(c => (long)(c + noise.Draw()))], after);
    }

    /// <summary>Epsilon of <paramref name="releases"/> releases together, when a chance of <paramref name="delta"/> of learning more is accepted (Dwork, Rothblum and Vadhan 2010).
    /// Below the plain sum only for many small ones; the budget counts the plain sum.</summary>
    public static double AdvancedEpsilon(int releases, double epsilon, double delta) =>
        Math.Sqrt(2 * releases * Math.Log(1 / delta)) * epsilon + releases * epsilon * (Math.Exp(epsilon) - 1);

    /// <summary>Below this noisy count a group is left out, so that its being there does not tell that its one person is: with a chance of at most <paramref name="delta"/>.</summary>
    public static double LeastNoisyCount(double epsilon, double delta) => 1 + Math.Log(1 / (2 * delta)) / epsilon;

    private static string Shown(long milliEpsilon) => ((double)milliEpsilon / DiscreteLaplace.PerEpsilon).ToString(CultureInfo.InvariantCulture);
}
