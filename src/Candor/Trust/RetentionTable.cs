using Candor.Fairness;

namespace Candor.Trust;

/// <summary>Customers who came in one month, and how many of them were active in each month after.</summary>
/// <param name="Month">The month of the first activity, counted from any fixed month.</param>
/// <param name="Active">Active in month 0 (all of them), 1, 2, … up to the last observed month.</param>
/// <param name="ActiveOrLater">Active in that month or in any later observed one.</param>
public sealed record RetentionCohort(int Month, IReadOnlyList<long> Active, IReadOnlyList<long> ActiveOrLater)
{
    public long Size => Active[0];
}

/// <summary>Retention by the month in which customers first came.</summary>
public sealed class RetentionTable
{
    private RetentionTable(IReadOnlyList<RetentionCohort> cohorts) => Cohorts = cohorts;

    /// <summary>Oldest first; months in which nobody came are left out.</summary>
    public IReadOnlyList<RetentionCohort> Cohorts { get; }

    /// <summary>Counts customers.</summary>
    /// <param name="activeMonths">For each customer the months in which they were active, in any order, none after <paramref name="lastMonth"/>.</param>
    /// <param name="lastMonth">The last month that was observed.</param>
    public static RetentionTable Of(IEnumerable<IReadOnlyCollection<int>> activeMonths, int lastMonth)
    {
        var cohorts = new SortedDictionary<int, (long[] Active, long[] Later)>();
        foreach (var months in activeMonths.Where(m => m.Count > 0))
        {
            var first = months.Min();
            if (!cohorts.TryGetValue(first, out var cohort))
            {
                cohorts[first] = cohort = (new long[lastMonth - first + 1], new long[lastMonth - first + 1]);
            }

            foreach (var month in months.Distinct())
            {
                cohort.Active[month - first]++;
            }

            for (var month = 0; month <= months.Max() - first; month++)
            {
                cohort.Later[month]++;
            }
        }

        return new RetentionTable([.. cohorts.Select(c => new RetentionCohort(c.Key, c.Value.Active, c.Value.Later))]);
    }

    /// <summary>The share active so many months after they came, over all cohorts that were observed so long.</summary>
    public Proportion After(int months)
    {
        var observed = Cohorts.Where(c => c.Active.Count > months).ToList();
        return new Proportion(observed.Sum(c => c.Active[months]), observed.Sum(c => c.Size));
    }
}
