using System.Runtime.InteropServices;

namespace Candor.Fairness;

/// <summary>How easily people are found again in records that carry no name, by what is known about them elsewhere (the quasi-identifiers).</summary>
/// <remarks>Records that agree in all quasi-identifiers are a class; the larger the class, the better its people hide in it.</remarks>
public sealed class ReidentificationRisk
{
    private readonly SortedDictionary<long, long> histogram;

    private ReidentificationRisk(SortedDictionary<long, long> histogram) => this.histogram = histogram;

    public long Records => histogram.Sum(h => h.Key * h.Value);

    public long Classes => histogram.Values.Sum();

    /// <summary>Size of the smallest class: everybody hides among at least this many. 0 without records.</summary>
    public long K => histogram.Count == 0 ? 0 : histogram.First().Key;

    /// <summary>How many classes there are of each size.</summary>
    public IReadOnlyDictionary<long, long> ClassesBySize => histogram;

    /// <summary>Records that nobody else is like.</summary>
    public long UniqueRecords => histogram.GetValueOrDefault(1);

    public double? UniqueShare => Records == 0 ? null : (double)UniqueRecords / Records;

    public double? AverageClassSize => Records == 0 ? null : (double)Records / Classes;

    /// <summary>Chance that somebody who looks for one certain person picks the right record, for the person easiest to find (prosecutor risk).</summary>
    public double? HighestRisk => K == 0 ? null : 1.0 / K;

    public double? LowestRisk => K == 0 ? null : 1.0 / histogram.Last().Key;

    /// <summary>Share of all records that somebody who links everybody at once gets right on average (marketer risk).</summary>
    public double? AverageRisk => Records == 0 ? null : (double)Classes / Records;

    /// <summary>Sum of the squared class sizes: how little the records tell people apart. Larger is coarser.</summary>
    public long Discernibility => histogram.Sum(h => h.Key * h.Key * h.Value);

    /// <summary>Share of the pairs of records that differ in some quasi-identifier.</summary>
    public double? Separation => Records < 2 ? null : 1 - (double)(Discernibility - Records) / ((double)Records * (Records - 1));

    public static ReidentificationRisk Of(IEnumerable<int> classOfRecord) => OfSizes(SizesOf(classOfRecord).Values.Select(s => (long)s));

    public static ReidentificationRisk OfSizes(IEnumerable<long> sizes)
    {
        var histogram = new SortedDictionary<long, long>();
        foreach (var size in sizes.Where(s => s > 0))
        {
            histogram[size] = histogram.GetValueOrDefault(size) + 1;
        }

        return new ReidentificationRisk(histogram);
    }

    /// <summary>Records in classes smaller than <paramref name="size"/>.</summary>
    public long RecordsBelow(long size) => histogram.TakeWhile(h => h.Key < size).Sum(h => h.Key * h.Value);

    /// <summary>Share of the records whose risk is above <paramref name="risk"/>.</summary>
    public double? ShareAtRiskOver(double risk) => Records == 0 ? null : (double)histogram.Where(h => 1.0 / h.Key > risk).Sum(h => h.Key * h.Value) / Records;

    /// <summary>Numbers records so that those with equal values have equal numbers, column by column.</summary>
    /// <param name="columns">By column, then by record: numbers of values.</param>
    public static int[] ClassesOf(IReadOnlyList<int[]> columns) => ClassesOf(columns, columns[0].Length);

    /// <summary>The same, also for no column at all: then all records are one class.</summary>
    internal static int[] ClassesOf(IReadOnlyList<int[]> columns, int records)
    {
        var classes = new int[records];
        foreach (var column in columns)
        {
            var pairs = new Dictionary<long, int>();
            for (var i = 0; i < classes.Length; i++)
            {
                ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(pairs, ((long)classes[i] << 32) | (uint)column[i], out var exists);
                classes[i] = number = exists ? number : pairs.Count - 1;
            }
        }

        return classes;
    }

    private static Dictionary<int, int> SizesOf(IEnumerable<int> classOfRecord)
    {
        var sizes = new Dictionary<int, int>();
        foreach (var number in classOfRecord)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(sizes, number, out _)++;
        }

        return sizes;
    }
}
