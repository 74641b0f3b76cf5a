namespace Candor.Trust;

/// <summary>One row of the file of figures.</summary>
public sealed record TrustRow(string Figure, string About, TrustPoint Point);

/// <summary>All figures of a report as rows: the period, the one before, every point of the trend, cohorts and comparisons.</summary>
public static class TrustRows
{
    public static IEnumerable<TrustRow> Of(TrustReport report)
    {
        foreach (var figure in report.Figures)
        {
            foreach (var (kind, points) in ((string, IEnumerable<TrustPoint?>)[])[("", [figure.Now]), ("-before", [figure.Before]), ("-trend", figure.Trend)])
            {
                foreach (var point in points.OfType<TrustPoint>())
                {
                    yield return new TrustRow(figure.Id + kind, figure.About, point);
                }
            }
        }

        foreach (var (cohort, month, share) in report.Cohorts.SelectMany(c => c.Active.Select((share, i) => (c, c.Month.AddMonths(i + 1), share))))
        {
            if (share is { Value: { } value } active)
            {
                yield return new TrustRow("bought-again", OrderFacts.MonthName(new DateTimeOffset(cohort.Month, TimeOnly.MinValue, TimeSpan.Zero)), new TrustPoint(month, month.AddMonths(1).AddDays(-1), value, active.Wilson(), active.Whole));
            }
        }

        foreach (var (cohort, step) in report.Cohorts.SelectMany(c => c.Staying.Select(s => (c, s))))
        {
            yield return new TrustRow("still-customers", OrderFacts.MonthName(new DateTimeOffset(cohort.Month, TimeOnly.MinValue, TimeSpan.Zero)),
                new TrustPoint(cohort.Month, cohort.Month.AddMonths((int)step.Time).AddDays(-1), step.Survival, step.Interval, cohort.Size));
        }

        foreach (var both in report.Comparisons)
        {
            yield return new TrustRow("abandoned-with", both.Purpose, both.With);
            yield return new TrustRow("abandoned-without", both.Purpose, both.Without);
        }
    }
}
