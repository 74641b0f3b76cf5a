using System.Globalization;

namespace Candor.Trust;

/// <summary>What one customer's orders add to the counts. It depends on when they were and on nothing else, so the order in which they come in does not matter:
/// what new ones change is the facts with them less the facts without.</summary>
public static class OrderFacts
{
    /// <summary>An order is a repeated one when there was another in this time before it.</summary>
    public static readonly TimeSpan RepeatWithin = TimeSpan.FromDays(90);

    /// <summary>Who buys nothing in so many whole months has left.</summary>
    public const int LeftAfterMonths = 3;

    /// <summary>Adds what a customer with these orders counts for; lines of one instant are one order.</summary>
    /// <param name="sign">1, or -1 to take it away.</param>
    public static void Add(Dictionary<(DateOnly Day, TrustMeasure Measure, string About), long> cells, IEnumerable<DateTimeOffset> orders, int sign)
    {
        var times = orders.Distinct().Order().ToList();
        if (times.Count == 0)
        {
            return;
        }

        var cohort = MonthName(times[0]);
        foreach (var month in times.GroupBy(FirstOfMonth))
        {
            Count(month.Key, TrustMeasure.Buyers, cohort);
            var first = month.First();
            if (times.LastOrDefault(t => t < first) is var before && before != default && first - before <= RepeatWithin)
            {
                Count(month.Key, TrustMeasure.RepeatBuyers, "");
            }
        }

        Count(EndOfFirstRun(times), TrustMeasure.LastBought, cohort);

        void Count(DateOnly day, TrustMeasure measure, string about) => cells[(day, measure, about)] = cells.GetValueOrDefault((day, measure, about)) + sign;
    }

    public static DateOnly FirstOfMonth(DateTimeOffset at) => new(at.UtcDateTime.Year, at.UtcDateTime.Month, 1);

    public static string MonthName(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM", CultureInfo.InvariantCulture);

    /// <summary>The first month of a name such as <c>2026-05</c>; null for other text.</summary>
    public static DateOnly? FindMonth(string name) => DateOnly.TryParseExact(name + "-01", "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    /// <summary>The last month before the first gap of <see cref="LeftAfterMonths"/> whole months. Who comes back after that has left all the same: what was told once is not told otherwise later.</summary>
    private static DateOnly EndOfFirstRun(IReadOnlyList<DateTimeOffset> times)
    {
        var end = FirstOfMonth(times[0]);
        foreach (var month in times.Select(FirstOfMonth))
        {
            if (end.AddMonths(LeftAfterMonths + 1) <= month)
            {
                break;
            }

            end = month;
        }

        return end;
    }
}
