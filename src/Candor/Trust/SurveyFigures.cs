using Candor.Fairness;

namespace Candor.Trust;

/// <summary>What people answered to surveys, as figures.</summary>
internal static class SurveyFigures
{
    private const int Promoter = 9;
    private const int Passive = 7;

    /// <summary>Blocks of people who answered the statements about trust.</summary>
    public static IReadOnlyList<PublishedBlock> Answered(IReadOnlyList<SurveyTally> tallies, DateOnly from, DateOnly until) => PublishedBlocks.Of(
        // Everybody answers every statement, so the first counts the people.
        tallies.Where(t => t is { Kind: SurveyKind.Trust, Statement: 1 }).GroupBy(t => t.Day).ToDictionary(g => g.Key, g => new[] { g.Sum(t => t.Count) }), 1, from, until, BlockLength.Week);

    public static TrustFigure Trust(TrustNumbers numbers, TrustSpan span)
    {
        var blocks = Answered(numbers.Tallies, numbers.First, span.To);
        var (now, before) = (Point(numbers.Sheets, blocks.Where(span.Has)), Point(numbers.SheetsBefore, blocks.Where(span.HadBefore)));
        var sums = numbers.Tallies.Where(t => t.Kind == SurveyKind.Trust).GroupBy(t => t.Day).ToDictionary(g => g.Key, g => (Sum: g.Sum(t => t.Answer * t.Count), Answers: g.Sum(t => t.Count)));
        return new TrustFigure("trust-score", "", TrustUnit.Score, now, before, Change(now, before), [.. blocks.Where(span.IsDrawn).Select(Mean)]);

        TrustPoint Mean(PublishedBlock block)
        {
            var days = sums.Where(s => s.Key >= block.From && s.Key <= block.To).Select(s => s.Value).ToList();
            var mean = days.Sum(d => d.Sum) / (double)days.Sum(d => d.Answers);
            return new TrustPoint(block.From, block.To, 100 * (mean - TrustScore.Lowest) / (TrustScore.Highest - TrustScore.Lowest), null, block.Whole);
        }
    }

    public static TrustFigure Recommend(TrustNumbers numbers, TrustSpan span)
    {
        // The three kinds of answer are shown by what is made of them, so none may be of few people.
        var days = numbers.Tallies.Where(t => t.Kind == SurveyKind.Recommend).GroupBy(t => t.Day).ToDictionary(g => g.Key, g => new[]
        {
            g.Where(t => t.Answer >= Promoter).Sum(t => t.Count), g.Where(t => t.Answer is >= Passive and < Promoter).Sum(t => t.Count), g.Where(t => t.Answer < Passive).Sum(t => t.Count),
        });
        var blocks = PublishedBlocks.Of(days, 3, numbers.First, span.To, BlockLength.Week);
        var (now, before) = (blocks.Where(span.Has).ToList(), blocks.Where(span.HadBefore).ToList());
        var change = Score(now).DifferenceTo(Score(before)) is { } difference ? new TrustChange(difference.Points, difference.Interval) : null;
        return new TrustFigure("nps", "", TrustUnit.Net, Point(now), Point(before), change, [.. blocks.Where(span.IsDrawn).Select(b => Point([b])!)]);

        static NetPromoterScore Score(IReadOnlyList<PublishedBlock> some) => new(some.Sum(b => b.Parts[0]), some.Sum(b => b.Parts[1]), some.Sum(b => b.Parts[2]));

        static TrustPoint? Point(IReadOnlyList<PublishedBlock> some) =>
            Score(some) is { Value: { } value } score ? new TrustPoint(some[0].From, some[^1].To, value, score.Interval(), score.Answers) : null;
    }

    private static TrustPoint? Point(IReadOnlyList<IReadOnlyList<int>> sheets, IEnumerable<PublishedBlock> blocks) =>
        blocks.ToList() is [var first, ..] some && TrustScore.Of(sheets) is { } score ? new TrustPoint(first.From, some[^1].To, score.Mean, score.Interval, score.People) : null;

    private static TrustChange? Change(TrustPoint? now, TrustPoint? before)
    {
        if (now is null || before is null)
        {
            return null;
        }

        var difference = now.Value - before.Value;
        if (now.Interval is not { } a || before.Interval is not { } b)
        {
            return new TrustChange(difference, null);
        }

        // Both intervals are symmetric where they are not cut off.
        var half = Math.Sqrt(Math.Pow(Math.Max(a.High - now.Value, now.Value - a.Low), 2) + Math.Pow(Math.Max(b.High - before.Value, before.Value - b.Low), 2));
        return new TrustChange(difference, new Interval(difference - half, difference + half));
    }
}
