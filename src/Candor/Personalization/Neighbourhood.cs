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

        var most = NewestBuyers(held, own);
        for (var i = 0; i < own.Items.Length; i++)
        {
            var buyers = held.BuyersOf(own.Items[i]).Entries;
            foreach (ref readonly var buyer in buyers[Math.Max(0, buyers.Length - most)..])
            {
                scratch.AddProduct(buyer.Slot, own.Weights[i] * buyer.Weight);
            }
        }

        var near = scratch.Near;
        near.Clear();
        foreach (var slot in scratch.Met)
        {
            var other = held.ShopperAt(slot);
            if (scratch.ProductOf(slot) is var product and > 0 && other.Key != own.Key)
            {
                near.Add((own.SquaredNorm + other.SquaredNorm - 2 * product, slot));
            }
        }

        return Nearest(held, near, count);
    }

    /// <summary>How many of the newest buyers of each item fit into what may be looked at: short lists whole, and the rest shared among the long ones.</summary>
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
                return Math.Max(1, share);
            }

            left -= lengths[i];
        }

        return int.MaxValue;
    }

    /// <summary>Those at the same distance as the last are ordered by key before the list is cut.</summary>
    private static List<int> Nearest(BasketIndex held, List<(double Distance, int Slot)> near, int count)
    {
        if (near.Count > count)
        {
            var closeness = near.ConvertAll(n => -n.Distance);
            var furthest = -Selection.Largest(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(closeness), count);
            near.RemoveAll(n => n.Distance > furthest);
        }

        near.Sort((a, b) => a.Distance != b.Distance ? a.Distance.CompareTo(b.Distance) : string.CompareOrdinal(held.ShopperAt(a.Slot).Key, held.ShopperAt(b.Slot).Key));
        return [.. near.Take(count).Select(n => n.Slot)];
    }
}
