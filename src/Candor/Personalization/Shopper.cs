namespace Candor.Personalization;

/// <summary>What is held of one customer's purchases.</summary>
/// <param name="key">The customer.</param>
/// <param name="baskets">Oldest first, by time and key; each with its different items by name.</param>
/// <param name="items">Numbers of all items ever bought, by name.</param>
/// <param name="weights">One an item: how much the customer is known for it.</param>
internal sealed class Shopper(string key, SortedDictionary<(long TimeUs, string Key), string[]> baskets, int[] items, double[] weights)
{
    public static readonly IComparer<(long TimeUs, string Key)> Order =
        Comparer<(long TimeUs, string Key)>.Create((a, b) => a.TimeUs != b.TimeUs ? a.TimeUs.CompareTo(b.TimeUs) : string.CompareOrdinal(a.Key, b.Key));

    public string Key { get; } = key;

    public SortedDictionary<(long TimeUs, string Key), string[]> Baskets { get; } = baskets;

    public int[] Items { get; } = items;

    public double[] Weights { get; } = weights;

    /// <summary>In how many baskets each item is.</summary>
    public int[] Counts { get; } = CountBaskets(baskets);

    /// <summary>Time of the newest basket.</summary>
    public long NewestUs { get; } = baskets.Keys.Last().TimeUs;

    /// <summary>Sum of the squared weights.</summary>
    public double SquaredNorm { get; } = weights.Sum(w => w * w);

    /// <summary>The customer's vector: baskets in groups from the newest, older ones less in a group and older groups less among groups.</summary>
    public static double[] Weigh(SortedDictionary<(long TimeUs, string Key), string[]> baskets, string[] names, BasketSettings settings)
    {
        var weights = new double[names.Length];
        var groups = (baskets.Count + settings.GroupSize - 1) / settings.GroupSize;
        var age = baskets.Count;
        foreach (var basket in baskets.Values)
        {
            age--;
            var group = age / settings.GroupSize;
            var size = Math.Min(settings.GroupSize, baskets.Count - group * settings.GroupSize);
            var weight = Math.Pow(settings.BasketDecay, age % settings.GroupSize) / size * Math.Pow(settings.GroupDecay, group) / groups;
            foreach (var item in basket)
            {
                weights[Array.BinarySearch(names, item, StringComparer.Ordinal)] += weight;
            }
        }

        return weights;
    }

    /// <summary>This customer as if some items had never been bought; null when nothing is left.</summary>
    public Shopper? Without(IReadOnlySet<string>? leftOut, BasketIndex held)
    {
        if (leftOut is null || !Items.Any(i => leftOut.Contains(held.Items.Name(i))))
        {
            return this;
        }

        var rest = new SortedDictionary<(long, string), string[]>(Order);
        foreach (var (at, basket) in Baskets)
        {
            if (basket.Where(i => !leftOut.Contains(i)).ToArray() is { Length: > 0 } left)
            {
                rest.Add(at, left);
            }
        }

        int[] numbers = [.. Items.Where(i => !leftOut.Contains(held.Items.Name(i)))];
        return rest.Count == 0 ? null : new Shopper(Key, rest, numbers, Weigh(rest, [.. numbers.Select(held.Items.Name)], held.Settings));
    }

    private static int[] CountBaskets(SortedDictionary<(long TimeUs, string Key), string[]> baskets) =>
        [.. baskets.Values.SelectMany(b => b).CountBy(i => i, StringComparer.Ordinal).OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => c.Value)];
}
