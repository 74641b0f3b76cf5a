using Candor.Kernel;

namespace Candor.Fairness;

/// <summary>When a difference between groups is too large. A limit counts as broken only where the 95 % interval of the difference excludes 0, so that chance alone does not break it.</summary>
/// <param name="MinImpactRatio">Selection rate of a group / that of the most-selected one: 0.80 unless set, the four-fifths rule (29 CFR 1607.4 D). From 0 to 1.</param>
/// <param name="MaxSelectionGap">Largest difference of selection rates; no limit unless set. From 0 to 1, as the next two.</param>
/// <param name="MaxTruePositiveGap">The same of true positive rates (equal opportunity).</param>
/// <param name="MaxFalsePositiveGap">The same of false positive rates.</param>
public sealed record AuditLimits(double MinImpactRatio = 0.8, double? MaxSelectionGap = null, double? MaxTruePositiveGap = null, double? MaxFalsePositiveGap = null)
{
    /// <summary>The limits in use, each with what it is about.</summary>
    public IEnumerable<(Rate Rate, bool IsRatio, double Limit)> InUse()
    {
        if (MinImpactRatio > 0)
        {
            yield return (Rate.Selection, true, MinImpactRatio);
        }

        foreach (var (rate, limit) in new[] { (Rate.Selection, MaxSelectionGap), (Rate.TruePositive, MaxTruePositiveGap), (Rate.FalsePositive, MaxFalsePositiveGap) })
        {
            if (limit is { } l)
            {
                yield return (rate, false, l);
            }
        }
    }
}

/// <summary>How an audit is done.</summary>
/// <param name="MinimumGroupSize">Smaller groups are shown as "too few" and not compared. 10 unless set; at least 1.</param>
/// <param name="MergeSmall">Puts the groups that are too small together into one.</param>
/// <param name="Reference">Values of the group to compare with, by column; the most-selected group unless set.</param>
/// <param name="Resamples">Of the bootstrap; 1,000 unless set, 0 for none, at most 100,000.</param>
/// <param name="Seed">Of the bootstrap; the same seed gives the same report.</param>
public sealed record AuditPlan(
    AuditLimits Limits, int MinimumGroupSize = AuditPlan.DefaultMinimum, bool MergeSmall = false, IReadOnlyDictionary<string, string>? Reference = null,
    int Resamples = AuditPlan.DefaultResamples, ulong Seed = AuditPlan.DefaultSeed)
{
    public const int DefaultMinimum = 10;
    public const int DefaultResamples = 1000;
    public const int MaxResamples = 100_000;
    public const ulong DefaultSeed = 1;

    /// <exception cref="Fault">Invalid <c>fairness/bad-limit</c>.</exception>
    public void Check()
    {
        foreach (var (_, _, limit) in Limits.InUse().Append((Rate.Selection, true, Limits.MinImpactRatio)))
        {
            if (!(limit is >= 0 and <= 1))
            {
                throw Bad(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"A limit is a number from 0 to 1, such as 0.8; got `{limit}`."));
            }
        }

        if (MinimumGroupSize < 1)
        {
            throw Bad($"The smallest group that is shown has at least `1` person; got `{MinimumGroupSize}`.");
        }

        if (Resamples is < 0 or > MaxResamples)
        {
            throw Bad($"Resamples are 0 to {MaxResamples}; got `{Resamples}`.");
        }
    }

    private static Fault Bad(string sentence) => new(FaultKind.Invalid, "fairness/bad-limit", sentence);
}
