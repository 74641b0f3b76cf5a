using Candor.Collection;
using Candor.Storage;

namespace Candor.Trust;

/// <summary>A made-up past of the sample shop as counts of days: what its visitors, who are nobody, did, and customers of before it kept any. There is nobody behind them.</summary>
public static class SampleTrust
{
    /// <summary>Months of cohorts before the first order of the sample shop.</summary>
    private const int Months = 7;

    private static readonly TrustMeasure[] OfRequests = [TrustMeasure.RequestsFiled, TrustMeasure.RequestsClosed, TrustMeasure.RequestsInTime];

    /// <summary>Adds the past of the days before today to what was counted of the sample shop itself. The same seed and day give the same counts.</summary>
    /// <param name="days">Days of the past that the sample shop has customers and orders of, today not included.</param>
    public static async ValueTask FillAsync(Transaction tx, ulong seed, int days, CancellationToken ct)
    {
        var (random, today) = (new SampleRandom(seed + (ulong)days), TrustCounts.DayOf(tx.Now));
        var cells = new List<TrustCell>();
        for (var ago = days; ago >= 1; ago--)
        {
            AddDay(cells, random, today.AddDays(-ago), isLate: ago < days / 3);
        }

        var last = new DateOnly(today.Year, today.Month, 1).AddMonths(-1);
        var first = OrderFacts.FirstOfMonth(new DateTimeOffset(today.AddDays(-days), TimeOnly.MinValue, TimeSpan.Zero));
        for (var cohort = first.AddMonths(-Months); cohort < first; cohort = cohort.AddMonths(1))
        {
            AddCohort(cells, random, cohort, last);
        }

        foreach (var cell in cells.Where(c => c.Number != 0))
        {
            await TrustCounts.AddAsync(tx, cell, ct);
        }
    }

    /// <param name="isLate">A little better as time goes on, so that a trend has something to show.</param>
    private static void AddDay(List<TrustCell> cells, SampleRandom random, DateOnly day, bool isLate)
    {
        var (busy, requests, agreed) = (day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 10 : 0, 1 + random.Below(3), 6 + random.Below(4) + (isLate ? 2 : 0));
        cells.AddRange(
        [
            new(day, TrustMeasure.NoticeViews, "", 34 + random.Below(12) + busy), new(day, TrustMeasure.VisitorRefusals, "", 5 + random.Below(4) - (isLate ? 1 : 0)),
            new(day, TrustMeasure.Given, "", agreed), new(day, TrustMeasure.Decided, "", agreed + 1 + random.Below(3)),
            new(day, TrustMeasure.Engaged, "", 3 + random.Below(3) + (isLate ? 1 : 0)), new(day, TrustMeasure.Active, "", 14 + random.Below(8) + busy / 2),
            .. OfRequests.Select(m => new TrustCell(day, m, "access", requests)), new(day, TrustMeasure.RequestHours, "access", requests * (isLate ? 20 + random.Below(30) : 30 + random.Below(60))),
        ]);
    }

    /// <summary>Customers who first bought in a month: how many of them came back in each month after it, and when they were last seen.</summary>
    private static void AddCohort(List<TrustCell> cells, SampleRandom random, DateOnly cohort, DateOnly last)
    {
        var (name, size) = (OrderFacts.MonthName(new DateTimeOffset(cohort, TimeOnly.MinValue, TimeSpan.Zero)), 60 + random.Below(30));
        cells.Add(new TrustCell(cohort, TrustMeasure.Buyers, name, size));
        var staying = size;
        for (var (month, k) = (cohort.AddMonths(1), 1); month <= last; (month, k) = (month.AddMonths(1), k + 1))
        {
            var back = size * (46 - 2 * k + random.Below(5)) / 100;
            var left = staying * (5 + random.Below(4)) / 100;
            cells.AddRange(
            [
                new(month, TrustMeasure.Buyers, name, back), new(month, TrustMeasure.RepeatBuyers, "", back * 7 / 10), new(month.AddMonths(-1), TrustMeasure.LastBought, name, left),
            ]);
            staying -= left;
        }

        cells.Add(new TrustCell(last, TrustMeasure.LastBought, name, staying));
    }
}
