namespace Candor.Personalization;

/// <summary>Customers who buy alike.</summary>
internal static class Neighbourhood
{
    /// <summary>The customers nearest by Euclidean distance who share at least one item, nearest first, ties by key.</summary>
    /// <remarks>Of items that many bought only the newest buyers are looked at, so that an answer takes as long in a large shop as in a small one:
    /// <see cref="BasketSettings.SharedPurchases"/> in all, rare items first, because they tell more.</remarks>
    public static IReadOnlyList<int> Of(BasketIndex held, Shopper own, NeedScratch scratch)
    {
        var count = held.Settings.Neighbours;
        if (count == 0)
        {
            return [];
        }

        // The customer stands in each of these lists too. Where does not count: it would depend on what they are not to have bought.
        var (most, self) = (NewestBuyers(held, own), held.SlotOf(own.Key));
        for (var i = 0; i < own.Items.Length; i++)
        {
            var buyers = held.BuyersOf(own.Items[i]).Entries;
            for (var (at, left) = (buyers.Length - 1, most); at >= 0 && left > 0; at--)
            {
                if (buyers[at].Slot != self)
                {
                    scratch.AddProduct(buyers[at].Slot, own.Weights[i] * buyers[at].Value);
                    left--;
                }
            }
        }

        var near = scratch.Near;
        var norms = held.SquaredNorms;
        near.Clear();
        foreach (var slot in scratch.Met)
        {
            near.Add(new Distance(own.SquaredNorm + norms[slot] - 2 * scratch.ProductOf(slot), slot));
        }

        return Nearest(held, near, count, scratch);
    }

    /// <summary>How many of the newest other buyers of each item fit into what may be looked at, the customer's own purchase included: short lists whole, and the rest shared among the long ones.</summary>
    private static int NewestBuyers(BasketIndex held, Shopper own)
    {
        var lengths = new int[own.Items.Length];
        for (var i = 0; i < lengths.Length; i++)
        {
            lengths[i] = held.BuyersOf(own.Items[i]).Count;
        }

        Array.Sort(lengths);
        var left = held.Settings.SharedPurchases;
        for (var i = 0; i < lengths.Length; i++)
        {
            var share = left / (lengths.Length - i);
            if (lengths[i] > share)
            {
                return Math.Max(1, share - 1);
            }

            left -= lengths[i];
        }

        return int.MaxValue;
    }

    /// <summary>Those at the same distance as the last are ordered by key before the list is cut.</summary>
    private static List<int> Nearest(BasketIndex held, List<Distance> near, int count, NeedScratch scratch)
    {
        if (near.Count > count)
        {
            var closeness = scratch.Order(near.Count);
            for (var i = 0; i < closeness.Length; i++)
            {
                closeness[i] = -near[i].Squared;
            }

            var furthest = -Selection.Largest(closeness, count);
            near.RemoveAll(n => n.Squared > furthest);
        }

        near.Sort((a, b) => a.Squared != b.Squared ? a.Squared.CompareTo(b.Squared) : string.CompareOrdinal(held.ShopperAt(a.Slot).Key, held.ShopperAt(b.Slot).Key));
        return near.GetRange(0, Math.Min(count, near.Count)).ConvertAll(n => n.Slot);
    }

    /// <summary>A customer and how far away, squared.</summary>
    internal readonly record struct Distance(double Squared, int Slot);
}
