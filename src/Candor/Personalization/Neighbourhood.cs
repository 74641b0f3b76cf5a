namespace Candor.Personalization;

/// <summary>Customers who buy alike.</summary>
internal static class Neighbourhood
{
    /// <summary>The customers nearest by Euclidean distance who share at least one item, nearest first, ties by key; each with the product of the two vectors.</summary>
    public static IReadOnlyList<(int Slot, double Product)> Of(BasketIndex held, Shopper own, int count)
    {
        if (count == 0)
        {
            return [];
        }

        var products = new double[held.ShopperEnd];
        for (var i = 0; i < own.Items.Length; i++)
        {
            var buyers = held.BuyersOf(own.Items[i]);
            var slots = buyers.Slots;
            var weights = buyers.Weights;
            for (var b = 0; b < slots.Length; b++)
            {
                products[slots[b]] += own.Weights[i] * weights[b];
            }
        }

        var near = new List<(double Distance, int Slot)>();
        for (var slot = 0; slot < products.Length; slot++)
        {
            if (products[slot] > 0 && held.ShopperAt(slot) is var other && other.Key != own.Key)
            {
                near.Add((own.SquaredNorm + other.SquaredNorm - 2 * products[slot], slot));
            }
        }

        return [.. Nearest(held, near, count).Select(n => (n.Slot, products[n.Slot]))];
    }

    /// <summary>Those at the same distance as the last are ordered by key before the list is cut.</summary>
    private static IEnumerable<(double Distance, int Slot)> Nearest(BasketIndex held, List<(double Distance, int Slot)> near, int count)
    {
        if (near.Count > count)
        {
            double[] closeness = [.. near.Select(n => -n.Distance)];
            var furthest = -Selection.Largest(closeness, count);
            near.RemoveAll(n => n.Distance > furthest);
        }

        near.Sort((a, b) => a.Distance != b.Distance ? a.Distance.CompareTo(b.Distance) : string.CompareOrdinal(held.ShopperAt(a.Slot).Key, held.ShopperAt(b.Slot).Key));
        return near.Take(count);
    }
}
