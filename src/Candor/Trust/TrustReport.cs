using System.Collections.Frozen;
using Candor.Fairness;
using Candor.Personalization;

namespace Candor.Trust;

/// <summary>A comparison of customers with and without a use.</summary>
/// <param name="Difference">With less without.</param>
public sealed record TrustComparison(string Purpose, TrustPoint With, TrustPoint Without, TrustChange Difference);

/// <summary>Everything that the page about trust tells. It is made of whole blocks, so what it does not tell cannot be worked out from it.</summary>
public sealed class TrustReport
{
    /// <summary>Consents are rounded down to so many where shares are taken of them: how many ended otherwise is not to be had from their differences.</summary>
    private const long Rounding = 10;

    /// <summary>What is read for it.</summary>
    internal static readonly FrozenSet<TrustMeasure> Measures = FrozenSet.ToFrozenSet(
    [
        TrustMeasure.NoticeViews, TrustMeasure.VisitorRefusals, TrustMeasure.Given, TrustMeasure.Refused, TrustMeasure.Decided, TrustMeasure.Withdrawn, TrustMeasure.ConsentsOn, TrustMeasure.Engaged, TrustMeasure.Active,
        TrustMeasure.RequestsClosed, TrustMeasure.RequestsInTime, TrustMeasure.RequestHours, TrustMeasure.Buyers, TrustMeasure.RepeatBuyers, TrustMeasure.LastBought,
    ]);

    /// <summary>With the use, and held out of it.</summary>
    private static readonly bool[] Sides = [false, true];

    private readonly TrustNumbers numbers;
    private readonly Dictionary<(TrustMeasure Measure, string About), Dictionary<DateOnly, long>> counts;

    private TrustReport(TrustNumbers numbers, TrustSpan span)
    {
        (this.numbers, Span) = (numbers, span);
        counts = Series(numbers.Cells);
        Figures = [SurveyFigures.Trust(numbers, span), SurveyFigures.Recommend(numbers, span), .. Asked(), .. Purposes(), .. People(), .. Requests()];
        Cohorts = RetentionFigures.Of(ByMonths(TrustMeasure.Buyers), ByMonths(TrustMeasure.LastBought), new DateOnly(span.To.AddDays(1).Year, span.To.AddDays(1).Month, 1).AddMonths(-1));
        Comparisons = [.. Abandoned()];
        (Index, IndexBefore) = (TrustIndex.Of(Figures, f => f.Now), TrustIndex.Of(Figures, f => f.Before));
        Notes = [.. numbers.Notes.Where(n => n.Day >= span.To.AddDays(-7 * 52) && n.Day <= span.To)];
        Alerts = TrustAlert.Find(this);
    }

    public TrustSpan Span { get; }

    public TrustIndex Index { get; }

    public TrustIndex IndexBefore { get; }

    /// <summary>In the order in which they are shown; those by purpose follow the one over all of them.</summary>
    public IReadOnlyList<TrustFigure> Figures { get; }

    /// <summary>The oldest first.</summary>
    public IReadOnlyList<ShownCohort> Cohorts { get; }

    /// <summary>Carts that were left, with and without a use.</summary>
    public IReadOnlyList<TrustComparison> Comparisons { get; }

    /// <summary>Changes of the catalog in the last year, the oldest first.</summary>
    public IReadOnlyList<TrustNote> Notes { get; }

    public IReadOnlyList<TrustAlert> Alerts { get; }

    /// <summary>Null while no week is closed.</summary>
    public static TrustReport? Of(TrustNumbers numbers, int weeks) =>
        numbers.Last is { } last && TrustSpan.UpTo(last, weeks) is var span && span.To >= numbers.First ? new TrustReport(numbers, span) : null;

    private IEnumerable<TrustFigure> Asked()
    {
        var (given, decided, views, refusals) = (Counts(TrustMeasure.Given), Counts(TrustMeasure.Decided), Counts(TrustMeasure.NoticeViews), Counts(TrustMeasure.VisitorRefusals));
        var shown = Weeks(3, d => [At(given, d), At(decided, d) - At(given, d) + At(refusals, d), At(views, d) - At(decided, d) - At(refusals, d)]);
        yield return TrustFigure.OfShares("opt-in", "", shown, Span, TrustFigure.FirstPart);
        yield return TrustFigure.OfShares("no-choice", "", shown, Span, some => new Proportion(some.Sum(b => b.Parts[2]), some.Sum(b => b.Whole)));
    }

    private IEnumerable<TrustFigure> Purposes()
    {
        var purposes = counts.Keys.Where(k => k.About.Length > 0 && k.Measure is TrustMeasure.Given or TrustMeasure.Refused or TrustMeasure.Withdrawn or TrustMeasure.ConsentsOn)
            .Select(k => k.About).Where(a => a.Length > 0).Distinct().Order(StringComparer.Ordinal).ToList();
        var (consent, revocation) = (new List<TrustFigure>(), new List<TrustFigure>());
        var all = new List<(IReadOnlyList<PublishedBlock> Decided, IReadOnlyList<PublishedBlock> Withdrawn)>();
        foreach (var purpose in purposes)
        {
            var (given, refused, withdrawn, on) = (Counts(TrustMeasure.Given, purpose), Counts(TrustMeasure.Refused, purpose), Counts(TrustMeasure.Withdrawn, purpose), Counts(TrustMeasure.ConsentsOn, purpose));
            var decided = Weeks(2, d => [At(given, d), At(refused, d)]);
            var ended = PublishedBlocks.Of(withdrawn.ToDictionary(w => w.Key, w => new[] { w.Value }), 1, numbers.First, Span.To, BlockLength.Week, d => At(on, d.AddDays(-1)) / Rounding * Rounding);
            consent.Add(TrustFigure.OfShares("consent", purpose, decided, Span, TrustFigure.FirstPart));
            revocation.Add(TrustFigure.OfShares("revocation", purpose, ended, Span, OfFirst));
            all.Add((decided, ended));
        }

        return [Together("consent", consent, all.ConvertAll(a => a.Decided), TrustFigure.FirstPart), .. consent, Together("revocation", revocation, all.ConvertAll(a => a.Withdrawn), OfFirst), .. revocation];
    }

    /// <summary>All purposes together: the sum of what may be shown of each, and of nothing else.</summary>
    private TrustFigure Together(string id, List<TrustFigure> figures, List<IReadOnlyList<PublishedBlock>> purposes, Func<IReadOnlyList<PublishedBlock>, Proportion> share)
    {
        var (now, before) = (Sum(Span.Has), Sum(Span.HadBefore));
        var change = now.Whole > 0 && before.Whole > 0 ? new TwoGroups(now, before) : (TwoGroups?)null;
        return new TrustFigure(id, "", TrustUnit.Share, Point(now, Span.From, Span.To), Point(before, Span.From.AddDays(-7 * Span.Weeks), Span.From.AddDays(-1)),
            change is { } c ? new TrustChange(c.Difference, c.DifferenceInterval()) : null, figures.Count == 1 ? figures[0].Trend : []);

        Proportion Sum(Func<PublishedBlock, bool> isIn) => purposes.Select(p => p.Where(isIn).ToList()).Where(p => p.Count > 0).Select(share)
            .Aggregate(default(Proportion), (sum, p) => new Proportion(sum.Part + p.Part, sum.Whole + p.Whole));

        static TrustPoint? Point(Proportion sum, DateOnly from, DateOnly to) => sum.Value is { } value ? new TrustPoint(from, to, value, sum.Wilson(), sum.Whole) : null;
    }

    /// <summary>Of those who were there when the first block began; who came later may have left as well, so it is cut off at all of them.</summary>
    private static Proportion OfFirst(IReadOnlyList<PublishedBlock> blocks) => new(Math.Min(blocks.Sum(b => b.Parts[0]), blocks[0].Whole), blocks[0].Whole);

    private IEnumerable<TrustFigure> People()
    {
        var (engaged, active) = (Counts(TrustMeasure.Engaged), Counts(TrustMeasure.Active));
        yield return TrustFigure.OfShares("engagement", "", Months(2, d => [At(engaged, d), At(active, d) - At(engaged, d)]), Span, TrustFigure.FirstPart);

        var (repeat, buyers) = (Counts(TrustMeasure.RepeatBuyers), Sum(TrustMeasure.Buyers));
        // New buyers are shown with their cohort, so those who came back after a long time are a part of their own.
        var blocks = Months(3, d => Counts(TrustMeasure.Buyers, d.ToString("yyyy-MM", System.Globalization.CultureInfo.InvariantCulture)) is var own && At(own, d) is var isNew
            ? [At(repeat, d), isNew, At(buyers, d) - isNew - At(repeat, d)] : []);
        yield return TrustFigure.OfShares("repeat", "", blocks, Span, TrustFigure.FirstPart);
    }

    private IEnumerable<TrustFigure> Requests()
    {
        var (closed, inTime, hours) = (Sum(TrustMeasure.RequestsClosed), Sum(TrustMeasure.RequestsInTime), Sum(TrustMeasure.RequestHours));
        yield return TrustFigure.OfShares("in-time", "", Weeks(2, d => [At(inTime, d), At(closed, d) - At(inTime, d)]), Span, TrustFigure.FirstPart);

        var blocks = Weeks(1, d => [At(closed, d)]);
        var (now, before) = (Mean(blocks.Where(Span.Has)), Mean(blocks.Where(Span.HadBefore)));
        yield return new TrustFigure("answer-days", "", TrustUnit.Days, now, before, now is null || before is null ? null : new TrustChange(now.Value - before.Value, null),
            [.. blocks.Where(Span.IsDrawn).Select(b => Mean([b])).OfType<TrustPoint>()]);

        TrustPoint? Mean(IEnumerable<PublishedBlock> of) => of.ToList() is [var first, ..] some
            ? new TrustPoint(first.From, some[^1].To, hours.Where(h => some.Any(b => h.Key >= b.From && h.Key <= b.To)).Sum(h => h.Value) / 24.0 / some.Sum(b => b.Whole), null, some.Sum(b => b.Whole)) : null;
    }

    private IEnumerable<TrustComparison> Abandoned()
    {
        foreach (var cells in numbers.Outcomes.Where(o => o.Outcome is CountedOutcome.Carts or CountedOutcome.CartsBought).GroupBy(o => o.Purpose).OrderBy(g => g.Key.Value, StringComparer.Ordinal))
        {
            var days = cells.GroupBy(c => c.Day).ToDictionary(g => g.Key, g => Sides.SelectMany(isHeldOut =>
            {
                long Sum(CountedOutcome outcome) => g.Where(c => c.IsHeldOut == isHeldOut && c.Outcome == outcome).Sum(c => c.Number);
                return (long[])[Sum(CountedOutcome.Carts) - Sum(CountedOutcome.CartsBought), Sum(CountedOutcome.CartsBought)];
            }).ToArray());
            var blocks = PublishedBlocks.Of(days, 4, numbers.First, Span.To, BlockLength.Week).Where(Span.Has).ToList();
            var (with, without) = (new Proportion(blocks.Sum(b => b.Parts[0]), blocks.Sum(b => b.Parts[0] + b.Parts[1])), new Proportion(blocks.Sum(b => b.Parts[2]), blocks.Sum(b => b.Parts[2] + b.Parts[3])));
            if (with.Value is { } own && without.Value is { } other)
            {
                var both = new TwoGroups(with, without);
                yield return new TrustComparison(cells.Key.Value, new TrustPoint(blocks[0].From, blocks[^1].To, own, with.Wilson(), with.Whole),
                    new TrustPoint(blocks[0].From, blocks[^1].To, other, without.Wilson(), without.Whole), new TrustChange(both.Difference, both.DifferenceInterval()));
            }
        }
    }

    private IReadOnlyList<PublishedBlock> Weeks(int parts, Func<DateOnly, long[]> of) => PublishedBlocks.Of(Days(of), parts, numbers.First, Span.To, BlockLength.Week);

    private IReadOnlyList<PublishedBlock> Months(int parts, Func<DateOnly, long[]> of) => PublishedBlocks.Of(Days(of), parts, numbers.First, Span.To, BlockLength.Month);

    private Dictionary<DateOnly, long[]> Days(Func<DateOnly, long[]> of)
    {
        var days = new Dictionary<DateOnly, long[]>();
        for (var day = new DateOnly(numbers.First.Year, numbers.First.Month, 1).AddDays(-6); day <= Span.To; day = day.AddDays(1))
        {
            if (of(day) is var parts && parts.Any(p => p != 0))
            {
                days[day] = parts;
            }
        }

        return days;
    }

    private Dictionary<DateOnly, long> Counts(TrustMeasure measure, string about = "") => counts.GetValueOrDefault((measure, about)) ?? [];

    private Dictionary<DateOnly, long> Sum(TrustMeasure measure)
    {
        var sums = new Dictionary<DateOnly, long>();
        foreach (var (day, number) in counts.Where(c => c.Key.Measure == measure).SelectMany(c => c.Value))
        {
            sums[day] = sums.GetValueOrDefault(day) + number;
        }

        return sums;
    }

    private Dictionary<(DateOnly Cohort, DateOnly Month), long> ByMonths(TrustMeasure measure) =>
        counts.Where(c => c.Key.Measure == measure && OrderFacts.FindMonth(c.Key.About) is not null)
            .SelectMany(c => c.Value.Where(n => n.Value > 0).Select(n => (Key: (OrderFacts.FindMonth(c.Key.About)!.Value, n.Key), n.Value))).ToDictionary(c => c.Key, c => c.Value);

    private static Dictionary<(TrustMeasure Measure, string About), Dictionary<DateOnly, long>> Series(IReadOnlyList<TrustCell> cells)
    {
        var series = new Dictionary<(TrustMeasure Measure, string About), Dictionary<DateOnly, long>>();
        foreach (var cell in cells)
        {
            (series.TryGetValue((cell.Measure, cell.About), out var days) ? days : series[(cell.Measure, cell.About)] = []).Add(cell.Day, cell.Number);
        }

        return series;
    }

    private static long At(Dictionary<DateOnly, long> counts, DateOnly day) => counts.GetValueOrDefault(day);
}
