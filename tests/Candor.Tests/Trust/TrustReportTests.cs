using Candor.Kernel;
using Candor.Personalization;
using Candor.Trust;
using CsCheck;

namespace Candor.Tests.Trust;

/// <summary>The report: its figures, what it does not tell, and what it warns of.</summary>
public sealed class TrustReportTests
{
    // A Monday.
    private static readonly DateOnly Start = new(2026, 1, 5);

    [Fact]
    public void Nothing_counted_is_no_report() => Assert.Null(TrustReport.Of(new TrustNumbers(Start, null, [], [], [], [], [], []), 13));

    [Fact]
    public void Each_figure_is_what_its_definition_says()
    {
        var cells = new List<TrustCell>();
        for (var day = Start; day < Start.AddDays(56); day = day.AddDays(1))
        {
            cells.AddRange([new(day, TrustMeasure.ConsentsOn, "news", 1000), new(day, TrustMeasure.Given, "news", 30), new(day, TrustMeasure.Refused, "news", 10)]);
            if (day.Month == 1)
            {
                cells.AddRange([new(day, TrustMeasure.Given, "", 20), new(day, TrustMeasure.Decided, "", 30), new(day, TrustMeasure.NoticeViews, "", 100), new(day, TrustMeasure.VisitorRefusals, "", 20)]);
            }
        }

        cells.AddRange([new(Start.AddDays(30), TrustMeasure.Withdrawn, "news", 25), new(Start.AddDays(40), TrustMeasure.RequestsClosed, "access", 40), new(Start.AddDays(40), TrustMeasure.RequestsInTime, "access", 20), new(Start.AddDays(40), TrustMeasure.RequestHours, "access", 960)]);
        var report = Report(cells, 4);
        Assert.Equal((Start.AddDays(28), Start.AddDays(55)), (report.Span.From, report.Span.To));
        Assert.Equal(0.75, Now(report, "consent", "news"));
        Assert.Equal(28 * 40, Figure(report, "consent", "news").Now!.N);
        Assert.Equal(0.025, Now(report, "revocation", "news"));
        Assert.Equal(1000, Figure(report, "revocation", "news").Now!.N);
        Assert.Equal(0.5, Now(report, "in-time"));
        Assert.Equal(1, Now(report, "answer-days"));
        var january = Report(cells, 4, Start.AddDays(27));
        Assert.Equal((0.2, 0.5), (Now(january, "opt-in"), Now(january, "no-choice")));
    }

    [Fact]
    public void The_index_is_the_weighted_mean_of_its_parts_and_a_pushy_banner_does_not_raise_it()
    {
        var sheets = Enumerable.Range(0, 40).Select(i => (IReadOnlyList<int>)[5, 5, 5, 5, i % 2 == 0 ? 5 : 1]).ToList();
        var (day, tallies) = (Start.AddDays(7), new List<SurveyTally>());
        tallies.AddRange(sheets.SelectMany((s, i) => s.Select((a, q) => (q, a))).GroupBy(x => x).Select(g => new SurveyTally(day, SurveyKind.Trust, g.Key.q + 1, g.Key.a, g.Count())));
        tallies.AddRange([new(day, SurveyKind.Recommend, 0, 9, 30), new(day, SurveyKind.Recommend, 0, 7, 10), new(day, SurveyKind.Recommend, 0, 2, 20)]);
        TrustReport Of(int given) => TrustReport.Of(new TrustNumbers(Start, Start.AddDays(27), [new(day, TrustMeasure.Given, "news", given), new(day, TrustMeasure.Refused, "news", 20)], [], tallies, sheets, [], []), 4)!;
        var report = Of(20);
        // Trust score 90 with weight 40, recommendation (100 + 100 * (30 - 20) / 60) / 2 with weight 20, and nothing else yet.
        Assert.Equal((40 * 90 + 20 * (100 + 100 * 10 / 60.0) / 2) / 60, report.Index.Value!.Value, 1e-9);
        Assert.True(report.Index.Interval!.Value.Contains(report.Index.Value.Value));
        Assert.NotEqual(Now(report, "consent", "news"), Now(Of(2000), "consent", "news"));
        Assert.Equal(report.Index.Value, Of(2000).Index.Value);
    }

    [Fact]
    public void No_row_of_the_file_is_about_1_to_9_people_and_what_was_shown_last_week_is_shown_again() =>
        Gen.Select(Gen.Enum<TrustMeasure>(), Gen.Int[0, 160], Gen.OneOf(Gen.Int[1, 3], Gen.Int[1, 40]), Gen.OneOf(Gen.Const(""), Gen.Const("news"), Gen.Const("ideas"))).Array[0, 200].Sample(rows =>
        {
            var cells = rows.GroupBy(r => (r.Item1, r.Item2, r.Item4)).Select(g => new TrustCell(Start.AddDays(g.Key.Item2), g.Key.Item1, g.Key.Item3, g.Sum(r => (long)r.Item3))).ToList();
            var (earlier, later) = (Report(cells, 13, Start.AddDays(146)), Report(cells, 13, Start.AddDays(153)));
            Assert.All(TrustRows.Of(later), r => Assert.True(r.Point.N >= PublishedBlocks.Least && IsFair(r), r.ToString()));
            var again = TrustRows.Of(later).Where(r => r.Figure.EndsWith("-trend", StringComparison.Ordinal)).ToHashSet();
            Assert.All(TrustRows.Of(earlier).Where(r => r.Figure.EndsWith("-trend", StringComparison.Ordinal)), r => Assert.Contains(r, again));
        }, iter: 300);

    [Fact]
    public void A_rise_of_withdrawals_after_a_change_is_told_with_the_change_and_the_purpose()
    {
        var cells = new List<TrustCell>();
        for (var day = Start; day < Start.AddDays(56); day = day.AddDays(1))
        {
            cells.AddRange([new(day, TrustMeasure.ConsentsOn, "news", 1000), new(day, TrustMeasure.ConsentsOn, "ideas", 1000), new(day, TrustMeasure.Withdrawn, "ideas", 2), new(day, TrustMeasure.Withdrawn, "news", day < Start.AddDays(28) ? 2 : 7)]);
        }

        TrustNote[] notes = [new(Start.AddDays(20), 2, ["other"], []), new(Start.AddDays(26), 3, [], ["news"])];
        var report = TrustReport.Of(new TrustNumbers(Start, Start.AddDays(55), cells, [], [], [], [], notes), 4)!;
        var alert = Assert.Single(report.Alerts);
        Assert.Equal(("revocation", "news", 3L), (alert.Figure.Id, alert.Figure.About, alert.Cause!.Version));
        Assert.Empty(TrustReport.Of(new TrustNumbers(Start, Start.AddDays(27), cells, [], [], [], [], notes), 4)!.Alerts);
    }

    [Fact]
    public void Carts_are_compared_with_those_of_customers_who_were_left_out_by_lot()
    {
        var purpose = PurposeId.Parse("ideas");
        OutcomeCell Cell(bool isHeldOut, CountedOutcome outcome, long number) => new(Start.AddDays(3), purpose, isHeldOut, outcome, number);
        OutcomeCell[] outcomes = [Cell(false, CountedOutcome.Carts, 200), Cell(false, CountedOutcome.CartsBought, 120), Cell(true, CountedOutcome.Carts, 50), Cell(true, CountedOutcome.CartsBought, 20)];
        var comparison = Assert.Single(TrustReport.Of(new TrustNumbers(Start, Start.AddDays(27), [], outcomes, [], [], [], []), 4)!.Comparisons);
        Assert.Equal((0.4, 0.6, -0.2), (comparison.With.Value, comparison.Without.Value, Math.Round(comparison.Difference.Difference, 12)));
        Assert.True(comparison.Difference.IsSure);
        outcomes[3] = Cell(true, CountedOutcome.CartsBought, 42);
        Assert.Empty(TrustReport.Of(new TrustNumbers(Start, Start.AddDays(27), [], outcomes, [], [], [], []), 4)!.Comparisons);
    }

    /// <summary>A share is of nobody, of everybody, or of enough people on both sides.</summary>
    private static bool IsFair(TrustRow row)
    {
        var part = (long)Math.Round(row.Point.Value * row.Point.N);
        return row.Figure.StartsWith("answer-days", StringComparison.Ordinal) || row.Figure.StartsWith("trust", StringComparison.Ordinal)
            || (PublishedBlocks.MayBeShown(part) && PublishedBlocks.MayBeShown(row.Point.N - part));
    }

    private static TrustReport Report(IReadOnlyList<TrustCell> cells, int weeks, DateOnly? last = null) => TrustReport.Of(new TrustNumbers(Start, last ?? Start.AddDays(55), cells, [], [], [], [], []), weeks)!;

    private static TrustFigure Figure(TrustReport report, string id, string about = "") => report.Figures.Single(f => f.Id == id && f.About == about);

    private static double Now(TrustReport report, string id, string about = "") => Figure(report, id, about).Now!.Value;
}
