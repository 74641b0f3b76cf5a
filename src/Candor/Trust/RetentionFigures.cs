using Candor.Fairness;

namespace Candor.Trust;

/// <summary>Customers who first bought in one month, as far as they may be shown.</summary>
/// <param name="Month">Its first day.</param>
/// <param name="Size">How many.</param>
/// <param name="Active">How many of them bought in the month after, the second after, …; null where that may not be shown.</param>
/// <param name="Staying">How many are still customers after so many months: the estimate of Kaplan and Meier. Steps of too few people are told together with the next.</param>
public sealed record ShownCohort(DateOnly Month, long Size, IReadOnlyList<Proportion?> Active, IReadOnlyList<SurvivalStep> Staying);

/// <summary>Retention by the month of the first order, without cells of 1 to 9 people, and without cells that would give such a one away.</summary>
public static class RetentionFigures
{
    /// <param name="buyers">Customers who bought, by the month in which they first did and the month in which they bought.</param>
    /// <param name="lastBought">Customers by the month in which they first bought and the end of their first run of months.</param>
    /// <param name="last">First day of the last month that is over.</param>
    public static IReadOnlyList<ShownCohort> Of(
        IReadOnlyDictionary<(DateOnly Cohort, DateOnly Month), long> buyers, IReadOnlyDictionary<(DateOnly Cohort, DateOnly Month), long> lastBought, DateOnly last)
    {
        var cohorts = buyers.Keys.Select(k => k.Cohort).Where(c => c <= last).Distinct().Order().ToList();
        var hidden = Hidden(buyers, cohorts, last);
        var shown = new List<ShownCohort>();
        foreach (var cohort in cohorts.Where(c => !hidden.Contains((c, c))))
        {
            var size = buyers.GetValueOrDefault((cohort, cohort));
            var active = new List<Proportion?>();
            for (var month = cohort.AddMonths(1); month <= last; month = month.AddMonths(1))
            {
                active.Add(hidden.Contains((cohort, month)) ? null : new Proportion(buyers.GetValueOrDefault((cohort, month)), size));
            }

            shown.Add(new ShownCohort(cohort, size, active, Staying(cohort, lastBought, last)));
        }

        return shown;
    }

    /// <summary>Cells that are not shown: too few people did, or did not; and, where all others of a month would leave too few, the smallest of those as well,
    /// since the buyers of a month are shown elsewhere.</summary>
    private static HashSet<(DateOnly Cohort, DateOnly Month)> Hidden(IReadOnlyDictionary<(DateOnly Cohort, DateOnly Month), long> buyers, List<DateOnly> cohorts, DateOnly last)
    {
        var hidden = new HashSet<(DateOnly, DateOnly)>();
        for (var month = cohorts.Count > 0 ? cohorts[0] : last.AddMonths(1); month <= last; month = month.AddMonths(1))
        {
            var column = cohorts.Where(c => c <= month).Select(c => (Cohort: c, Number: buyers.GetValueOrDefault((c, month)), Size: buyers.GetValueOrDefault((c, c)))).OrderBy(c => c.Number).ToList();
            var kept = column.Where(c => !hidden.Contains((c.Cohort, c.Cohort)) && PublishedBlocks.MayBeShown(c.Number) && PublishedBlocks.MayBeShown(c.Size - c.Number)).ToList();
            // Hidden as well, until what is hidden is of several cohorts and of enough people.
            while (kept.Count > 0 && kept.Count < column.Count && column.Except(kept).ToList() is var left && left.Sum(c => c.Number) > 0 && (left.Count < 2 || left.Sum(c => c.Number) < PublishedBlocks.Least))
            {
                kept.RemoveAt(Math.Max(0, kept.FindIndex(c => c.Number > 0)));
            }

            hidden.UnionWith(column.Except(kept).Select(c => (c.Cohort, month)));
        }

        return hidden;
    }

    private static IReadOnlyList<SurvivalStep> Staying(DateOnly cohort, IReadOnlyDictionary<(DateOnly Cohort, DateOnly Month), long> lastBought, DateOnly last)
    {
        var curve = SurvivalCurve.OfCounted(lastBought.Where(l => l.Key.Cohort == cohort).Select(l => (
            new Tenure(Months(cohort, l.Key.Month < last ? l.Key.Month : last) + 1, l.Key.Month.AddMonths(OrderFacts.LeftAfterMonths) <= last), l.Value)));
        var (steps, left) = (new List<SurvivalStep>(), 0L);
        foreach (var step in curve.Steps)
        {
            left += step.Left;
            if (left >= PublishedBlocks.Least && PublishedBlocks.MayBeShown(step.AtRisk - step.Left))
            {
                steps.Add(step);
                left = 0;
            }
        }

        return steps;
    }

    private static int Months(DateOnly from, DateOnly to) => (to.Year - from.Year) * 12 + to.Month - from.Month;
}
