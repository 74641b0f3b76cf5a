namespace Candor.Trust;

/// <summary>How long a block is at least.</summary>
public enum BlockLength
{
    /// <summary>Monday to Sunday.</summary>
    Week,
    Month,
}

/// <summary>A stretch of time whose counts may be shown.</summary>
/// <param name="To">Inclusive.</param>
/// <param name="Parts">Counts that exclude each other: none of them is of 1 to 9 people.</param>
public sealed record PublishedBlock(DateOnly From, DateOnly To, IReadOnlyList<long> Parts)
{
    public long Whole => Parts.Sum();
}

/// <summary>Cuts time into blocks of whole weeks or months, each as long as it takes for none of its parts to be of 1 to 9 people. Everything shown is a sum of whole blocks.</summary>
/// <remarks>INVARIANT: whether a block ends depends on the days up to its end alone, so a block that was shown never changes and never splits. What is shown today less what was shown
/// last week is again whole blocks: nothing about fewer people can be worked out, and no total gives away what is not shown, because it is in no total.</remarks>
public static class PublishedBlocks
{
    /// <summary>Fewer people than this are not shown.</summary>
    public const int Least = 10;

    /// <summary>Cuts. No block reaches over the turn of a year (of a week: the year of its Monday), so that the cut is the same whichever year the reading begins with.</summary>
    /// <param name="days">Counts of days, of people whom the same calendar month did not count before. Days without any may be left out.</param>
    /// <param name="parts">How many counts a day has.</param>
    /// <param name="from">The first day that is looked at: the same whenever it is asked.</param>
    /// <param name="until">The last day, inclusive; what follows the last whole week or month in it is left out.</param>
    /// <param name="baseAt">Where the one part is of people who were there when the block began: how many, by its first day. The others of them are the second part.</param>
    public static IReadOnlyList<PublishedBlock> Of(
        IReadOnlyDictionary<DateOnly, long[]> days, int parts, DateOnly from, DateOnly until, BlockLength length, Func<DateOnly, long>? baseAt = null)
    {
        var blocks = new List<PublishedBlock>();
        var start = Aligned(from, length);
        var open = new OpenBlock(parts);
        for (var end = EndOf(start, length); end <= until; end = EndOf(end.AddDays(1), length))
        {
            var begin = Aligned(end, length);
            if (begin.Year != start.Year)
            {
                (start, open) = (begin, new OpenBlock(parts));
            }

            for (var day = begin; day <= end; day = day.AddDays(1))
            {
                open.Add(day, days.GetValueOrDefault(day));
            }

            var there = baseAt?.Invoke(start);
            if (open.IsEnough(there))
            {
                blocks.Add(new PublishedBlock(start, end, open.Parts(there)));
            }
            else if (there is null or >= Least)
            {
                continue;
            }

            // Of too few people a block can never be shown: it begins anew.
            (start, open) = (end.AddDays(1), new OpenBlock(parts));
        }

        return blocks;
    }

    /// <summary>Nobody, or enough people.</summary>
    public static bool MayBeShown(long people) => people is 0 or >= Least;

    private static DateOnly Aligned(DateOnly day, BlockLength length) => length == BlockLength.Month ? new DateOnly(day.Year, day.Month, 1) : day.AddDays(-(((int)day.DayOfWeek + 6) % 7));

    private static DateOnly EndOf(DateOnly day, BlockLength length) => length == BlockLength.Month ? new DateOnly(day.Year, day.Month, 1).AddMonths(1).AddDays(-1) : Aligned(day, length).AddDays(6);

    /// <summary>A block that is being filled. The people of one month are different ones; those of two months may be the same, so only the fuller month tells how many they are at least.</summary>
    private sealed class OpenBlock(int parts)
    {
        private readonly long[] sums = new long[parts];
        private long[] fullest = new long[parts];
        private readonly long[] month = new long[parts];
        private DateOnly first;

        public void Add(DateOnly day, long[]? counts)
        {
            if (day.Month != first.Month || day.Year != first.Year)
            {
                fullest = Fullest();
                Array.Clear(month);
                first = day;
            }

            for (var i = 0; counts is not null && i < parts; i++)
            {
                sums[i] += counts[i];
                month[i] += counts[i];
            }
        }

        public bool IsEnough(long? there) => sums.Any(s => s > 0) | there > 0
            && sums.Zip(Fullest()).All(p => p.First == 0 || (p.First >= Least && p.Second >= Least)) && (there is null || (there >= Least && there >= sums[0] && MayBeShown(there.Value - sums[0])));

        private long[] Fullest() => [.. fullest.Zip(month).Select(p => Math.Max(p.First, p.Second))];

        public IReadOnlyList<long> Parts(long? there) => there is { } all ? [sums[0], all - sums[0]] : [.. sums];
    }
}
