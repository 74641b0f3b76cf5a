using System.Diagnostics;
using System.Globalization;
using Candor.Catalog;
using Candor.Trust;

namespace Candor.Benchmarks;

/// <summary>The page about trust over three years of a shop with a million customers: made-up counts of days, read and made into a report, with nothing kept from one to the next.</summary>
internal static class TrustSpeed
{
    private const int Days = 3 * 365;
    private const int Rounds = 60;

    private static readonly TrustMeasure[] OfPurposes = [TrustMeasure.Given, TrustMeasure.Refused, TrustMeasure.Withdrawn, TrustMeasure.Objected, TrustMeasure.ConsentsOn];
    private static readonly TrustMeasure[] OfNothing = [TrustMeasure.NoticeViews, TrustMeasure.SettingsViews, TrustMeasure.VisitorRefusals, TrustMeasure.Given, TrustMeasure.Decided, TrustMeasure.Looked, TrustMeasure.Changed, TrustMeasure.Engaged, TrustMeasure.Active];
    private static readonly TrustMeasure[] OfKinds = [TrustMeasure.RequestsFiled, TrustMeasure.RequestsClosed, TrustMeasure.RequestsInTime, TrustMeasure.RequestHours];
    private static readonly string[] Kinds = ["access", "portability", "rectification", "erasure", "restriction", "objection"];

    public static async Task RunAsync(Platform platform)
    {
        var last = DateOnly.FromDateTime(DateTime.UnixEpoch.AddDays(20_500));
        await platform.Database.WriteAsync(async tx =>
        {
            await platform.Notices.ApplyAsync(tx, platform.Catalogs, PurposeCatalog.Read(ReadyCatalogs.Text("shop"), "shop.yaml"), "bench", "bench", default);
        }, default);
        var purposes = (await platform.Database.ReadAsync(tx => platform.Catalogs.GetActiveAsync(tx, default), default)).Catalog.Purposes.Keys.Select(p => p.Value).ToList();
        var cells = Cells(purposes, last).ToList();
        // Of nothing, so that the day is closed.
        await new TrustDays(platform.Database, platform.Catalogs, platform.Log).RecountAsync(last, last, default);
        await platform.Database.WriteAsync(async tx =>
        {
            foreach (var cell in cells)
            {
                await TrustCounts.AddAsync(tx, cell, default);
            }
        }, default);
        foreach (var (word, weeks) in TrustSpan.Lengths)
        {
            var (taken, reading) = (new List<double>(), new List<double>());
            for (var i = 0; i < Rounds; i++)
            {
                var start = Stopwatch.GetTimestamp();
                var numbers = await platform.Database.ReadAsync(tx => TrustNumbers.LoadAsync(tx, platform.Catalogs, weeks, default), default);
                reading.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                var report = TrustReport.Of(numbers, weeks);
                taken.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                _ = report ?? throw new InvalidOperationException("There is no report.");
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{word} p50 {At(taken, 0.5):0.0} ms, p95 {At(taken, 0.95):0.0} ms, of it read p50 {At(reading, 0.5):0.0} ms, p95 {At(reading, 0.95):0.0} ms; first {taken[0]:0.0} ms; {cells.Count} counts"));
        }
    }

    private static double At(List<double> milliseconds, double share) => milliseconds.Order().ElementAt((int)(milliseconds.Count * share));

    private static IEnumerable<TrustCell> Cells(IReadOnlyList<string> purposes, DateOnly last)
    {
        for (var i = 0; i < Days; i++)
        {
            var day = last.AddDays(-i);
            foreach (var (measure, about) in OfPurposes.SelectMany(m => purposes.Select(p => (m, p))).Concat(OfNothing.Select(m => (m, ""))).Concat(OfKinds.SelectMany(m => Kinds.Select(k => (m, k)))))
            {
                yield return new TrustCell(day, measure, about, Number(measure, i + about.Length));
            }

            if (day.Day == 1)
            {
                for (var cohort = last.AddDays(-Days); cohort <= day; cohort = cohort.AddMonths(1))
                {
                    var name = cohort.ToString("yyyy-MM", CultureInfo.InvariantCulture);
                    yield return new TrustCell(day, TrustMeasure.Buyers, name, 27_000 / (1 + (day.DayNumber - cohort.DayNumber) / 30));
                    yield return new TrustCell(day, TrustMeasure.LastBought, name, 700);
                }

                yield return new TrustCell(day, TrustMeasure.RepeatBuyers, "", 40_000);
            }
        }
    }

    private static long Number(TrustMeasure measure, int i) => measure switch
    {
        TrustMeasure.ConsentsOn => 400_000 + i,
        TrustMeasure.Active => 30_000 + i % 500,
        TrustMeasure.NoticeViews => 50_000 + i % 700,
        TrustMeasure.RequestsInTime => 8,
        TrustMeasure.RequestsFiled or TrustMeasure.RequestsClosed => 9,
        _ => 130 + i % 40,
    };
}
