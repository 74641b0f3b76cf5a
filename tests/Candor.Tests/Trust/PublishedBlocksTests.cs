using Candor.Trust;
using CsCheck;

namespace Candor.Tests.Trust;

/// <summary>Nothing about 1 to 9 people is shown, nor can it be worked out from what is.</summary>
public sealed class PublishedBlocksTests
{
    private static readonly DateOnly Start = new(2025, 9, 1);

    private static readonly Gen<int[]> Series = Gen.OneOf(Gen.Int[0, 1], Gen.Int[0, 4], Gen.Int[0, 30]).Array[0, 300];

    [Fact]
    public void No_part_of_a_block_is_of_1_to_9_people_even_when_the_same_come_back_each_month() => Gen.Select(Series, Series, Gen.Enum<BlockLength>()).Sample((a, b, length) =>
    {
        foreach (var block in Cut(a, b, length, Math.Max(a.Length, b.Length)))
        {
            foreach (var (part, series) in block.Parts.Zip((int[][])[a, b]))
            {
                // The fewest people that these days can be of: those of the fullest month.
                var days = Enumerable.Range(0, block.To.DayNumber - block.From.DayNumber + 1).Select(block.From.AddDays).Where(d => d >= Start);
                var people = days.GroupBy(d => (d.Year, d.Month)).Max(g => g.Sum(d => Of(series, d)));
                Assert.True(part == 0 || people >= PublishedBlocks.Least, $"{part} counts, of {people} people");
            }
        }
    });

    [Fact]
    public void What_was_shown_stays_as_it_was_so_that_no_two_pages_differ_by_less_than_a_block() => Gen.Select(Series, Series, Gen.Enum<BlockLength>(), Gen.Int[0, 300]).Sample((a, b, length, days) =>
    {
        var (earlier, later) = (Cut(a, b, length, days), Cut(a, b, length, days + 40));
        Assert.Equal(earlier.Select(Text), later.Take(earlier.Count).Select(Text));
        Assert.All(later.Zip(later.Skip(1)), p => Assert.True(p.First.To < p.Second.From));
    });

    [Fact]
    public void It_does_not_matter_in_which_year_the_reading_begins() => Gen.Select(Series, Series).Sample((a, b) =>
    {
        var all = PublishedBlocks.Of(Days(a, b), 2, Start, Start.AddDays(300), BlockLength.Week);
        var fromNewYear = PublishedBlocks.Of(Days(a, b), 2, new DateOnly(2026, 1, 5), Start.AddDays(300), BlockLength.Week);
        Assert.Equal(all.Where(x => x.From.Year == 2026).Select(Text), fromNewYear.Select(Text));
    });

    [Fact]
    public void Neither_who_stayed_nor_who_left_are_shown_when_they_are_few() => Gen.Select(Series, Gen.Int[0, 60]).Sample((left, tens) =>
    {
        var blocks = PublishedBlocks.Of(left.Select((n, i) => (Start.AddDays(i), n)).ToDictionary(d => d.Item1, d => new[] { (long)d.n }), 1, Start, Start.AddDays(left.Length), BlockLength.Week, _ => 10 * tens);
        Assert.All(blocks, b => Assert.All(b.Parts, p => Assert.True(PublishedBlocks.MayBeShown(p))));
        Assert.All(blocks, b => Assert.Equal(10 * tens, b.Whole));
    });

    [Fact]
    public void A_cohort_that_is_not_shown_cannot_be_had_from_the_buyers_of_a_month() =>
        Gen.OneOf(Gen.Int[0, 3], Gen.Int[0, 12], Gen.Int[0, 60]).Array2D[8, 8].Sample(table =>
        {
            var first = new DateOnly(2025, 1, 1);
            var buyers = new Dictionary<(DateOnly Cohort, DateOnly Month), long>();
            for (var c = 0; c < 8; c++)
            {
                for (var m = c; m < 8; m++)
                {
                    // Nobody buys again who did not buy first.
                    buyers[(first.AddMonths(c), first.AddMonths(m))] = m == c ? table[c, c] : Math.Min(table[c, m], table[c, c]);
                }
            }

            var shown = RetentionFigures.Of(buyers, new Dictionary<(DateOnly Cohort, DateOnly Month), long>(), first.AddMonths(7));
            for (var m = 0; m < 8; m++)
            {
                var month = first.AddMonths(m);
                var told = shown.Where(s => s.Month <= month).Select(s => (s.Month, Number: s.Month == month ? s.Size : s.Active[(month.Month - s.Month.Month) - 1]?.Part, s.Size)).Where(s => s.Number is not null).ToList();
                Assert.All(told, t => Assert.True(PublishedBlocks.MayBeShown(t.Number!.Value) && PublishedBlocks.MayBeShown(t.Size - t.Number.Value)));
                var hidden = buyers.Where(b => b.Key.Month == month && told.All(t => t.Month != b.Key.Cohort)).Select(b => b.Value).ToList();
                var rest = buyers.Where(b => b.Key.Month == month).Sum(b => b.Value) - told.Sum(t => t.Number!.Value);
                Assert.Equal(hidden.Sum(), rest);
                Assert.True(rest == 0 || told.Count == 0 || (hidden.Count >= 2 && rest >= PublishedBlocks.Least), $"{rest} people in {hidden.Count} cohorts");
            }
        });

    private static IReadOnlyList<PublishedBlock> Cut(int[] a, int[] b, BlockLength length, int days) => PublishedBlocks.Of(Days(a, b), 2, Start, Start.AddDays(days), length);

    private static Dictionary<DateOnly, long[]> Days(int[] a, int[] b) => Enumerable.Range(0, Math.Max(a.Length, b.Length)).Select(Start.AddDays).ToDictionary(d => d, d => new[] { Of(a, d), Of(b, d) });

    private static long Of(int[] series, DateOnly day) => day.DayNumber - Start.DayNumber is var i && i >= 0 && i < series.Length ? series[i] : 0;

    private static string Text(PublishedBlock block) => $"{block.From:O} {block.To:O} {string.Join(' ', block.Parts)}";
}
