namespace Candor.Fairness;

/// <summary>What the classes of a table give away of a sensitive column: being one of many does not help where the many share the secret.</summary>
/// <param name="DistinctValues">In the whole table.</param>
/// <param name="DistinctL">Fewest different values in a class (distinct l-diversity).</param>
/// <param name="EntropyL">e to the smallest entropy of a class (entropy l-diversity; Machanavajjhala and others 2007).</param>
/// <param name="T">Largest distance of a class's distribution from the table's, every two values being equally far apart (t-closeness; Li and others 2007).</param>
/// <param name="MeanT">That distance on average over the records.</param>
/// <param name="OrderedT">The same with values as steps of a ladder; null where they have no order.</param>
/// <param name="Disclosure">Largest |log2| of a value's share in a class that has it over its share in the table (delta-disclosure).</param>
/// <param name="Likeness">Largest relative gain of a value's share (basic beta-likeness).</param>
/// <param name="HomogeneousClasses">Classes in which all share one value, with <paramref name="RecordsInThem"/>.</param>
public sealed record SensitiveSpread(
    int DistinctValues, int DistinctL, double EntropyL, double T, double MeanT, double? OrderedT, double Disclosure, double Likeness, int HomogeneousClasses, long RecordsInThem)
{
    /// <param name="classOfRecord">By record; at least one.</param>
    /// <param name="valueOfRecord">By record, from 0.</param>
    /// <param name="isOrdered">The values' numbers follow their order, without holes.</param>
    public static SensitiveSpread Of(IReadOnlyList<int> classOfRecord, IReadOnlyList<int> valueOfRecord, bool isOrdered = false)
    {
        var values = valueOfRecord.Max() + 1;
        var all = new long[values];
        foreach (var value in valueOfRecord)
        {
            all[value]++;
        }

        var spread = new SensitiveSpread(all.Count(n => n > 0), int.MaxValue, double.PositiveInfinity, 0, 0, isOrdered ? 0 : null, 0, 0, 0, 0);
        foreach (var one in Histograms(classOfRecord, valueOfRecord))
        {
            spread = spread.With(one, all, classOfRecord.Count);
        }

        return spread;
    }

    /// <summary>The c for which the records are recursive-(c, l)-diverse: in every class the commonest value is rarer than c times all but the l - 1 commonest together. Null where none is.</summary>
    public static double? RecursiveC(IReadOnlyList<int> classOfRecord, IReadOnlyList<int> valueOfRecord, int l)
    {
        double? worst = 0;
        foreach (var one in Histograms(classOfRecord, valueOfRecord))
        {
            var sorted = one.Values.OrderDescending().ToList();
            var rest = sorted.Skip(l - 1).Sum();
            worst = rest == 0 ? null : Math.Max(worst!.Value, (double)sorted[0] / rest);
            if (worst is null)
            {
                break;
            }
        }

        return worst;
    }

    private static IEnumerable<Dictionary<int, long>> Histograms(IReadOnlyList<int> classOfRecord, IReadOnlyList<int> valueOfRecord)
    {
        var classes = new Dictionary<int, Dictionary<int, long>>();
        for (var i = 0; i < classOfRecord.Count; i++)
        {
            if (!classes.TryGetValue(classOfRecord[i], out var one))
            {
                classes[classOfRecord[i]] = one = [];
            }

            one[valueOfRecord[i]] = one.GetValueOrDefault(valueOfRecord[i]) + 1;
        }

        return classes.Values;
    }

    private SensitiveSpread With(Dictionary<int, long> one, long[] all, long records)
    {
        var size = one.Values.Sum();
        double entropy = 0, gained = 0, disclosure = 0, likeness = 0;
        foreach (var (value, count) in one)
        {
            var (p, q) = ((double)count / size, (double)all[value] / records);
            entropy -= p * Math.Log(p);
            gained += Math.Max(0, p - q);
            disclosure = Math.Max(disclosure, Math.Abs(Math.Log2(p / q)));
            likeness = Math.Max(likeness, (p - q) / q);
        }

        var isHomogeneous = one.Count == 1;
        return this with
        {
            DistinctL = Math.Min(DistinctL, one.Count),
            EntropyL = Math.Min(EntropyL, Math.Exp(entropy)),
            T = Math.Max(T, gained),
            MeanT = MeanT + gained * size / records,
            OrderedT = OrderedT is { } t ? Math.Max(t, Ladder(one, size, all, records)) : null,
            Disclosure = Math.Max(Disclosure, disclosure),
            Likeness = Math.Max(Likeness, likeness),
            HomogeneousClasses = HomogeneousClasses + (isHomogeneous ? 1 : 0),
            RecordsInThem = RecordsInThem + (isHomogeneous ? size : 0),
        };
    }

    /// <summary>The earth mover's distance on a ladder of values, one step being 1 / (values - 1).</summary>
    private static double Ladder(Dictionary<int, long> one, long size, long[] all, long records)
    {
        var (carried, moved) = (0.0, 0.0);
        for (var value = 0; value < all.Length; value++)
        {
            carried += (double)one.GetValueOrDefault(value) / size - (double)all[value] / records;
            moved += Math.Abs(carried);
        }

        return all.Length < 2 ? 0 : moved / (all.Length - 1);
    }
}
