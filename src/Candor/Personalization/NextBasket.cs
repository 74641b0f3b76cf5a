namespace Candor.Personalization;

/// <summary>One thing a customer may need.</summary>
/// <param name="Score">0 when nothing of the customer's own led here, only what everybody buys; comparable within one answer only.</param>
/// <param name="TimesBought">In how many of the customer's own baskets it is.</param>
/// <param name="SimilarCustomers">How many customers who buy alike bought it.</param>
/// <param name="ExpectedUs">When it is due by the customer's own intervals; null when it was bought fewer than three times.</param>
/// <param name="Parts">Which of the customer's purchased items carried which part of the score, most first; the parts add up to 1. Empty unless asked for, or when the score is 0.</param>
public sealed record NextNeed(string Item, double Score, int TimesBought, int SimilarCustomers, long? ExpectedUs, IReadOnlyList<ScorePart> Parts);

/// <summary>What a customer may need next: what they buy often and lately, what customers who buy alike buy, and then what everybody buys.</summary>
/// <remarks>The same purchases give the same answer to the last bit, however the index came about: sums run by item name and by nearness, never by place in memory.</remarks>
public sealed class NextBasket(BasketIndex index)
{
    /// <summary>Fewest intervals from which a date is guessed.</summary>
    private const int LeastIntervals = 2;

    /// <summary>Suggestions, best first; ties by how many baskets of everybody hold it, then by item name.</summary>
    /// <param name="leftOut">Items that are not suggested and that do not suggest, as if this customer had never bought them.</param>
    /// <param name="notBought">Items that may be suggested, but as if this customer had never bought them: what would be without those purchases.</param>
    /// <param name="explained">Whether the parts of each score are worked out as well.</param>
    public IReadOnlyList<NextNeed> Rank(string customer, int count, IReadOnlySet<string>? leftOut = null, bool explained = false, IReadOnlySet<string>? notBought = null) => index.Look(held =>
    {
        if (held.Find(customer)?.Without(leftOut, held)?.Without(notBought, held) is not { } own)
        {
            return (IReadOnlyList<NextNeed>)[];
        }

        var settings = held.Settings;
        var neighbours = Neighbourhood.Of(held, own, settings.Neighbours);
        var scores = new double[held.Items.End];
        var similar = new int[scores.Length];
        for (var i = 0; i < own.Items.Length; i++)
        {
            scores[own.Items[i]] += settings.OwnShare * own.Weights[i];
        }

        foreach (var (slot, _) in neighbours)
        {
            var other = held.ShopperAt(slot);
            for (var i = 0; i < other.Items.Length; i++)
            {
                similar[other.Items[i]]++;
                scores[other.Items[i]] += (1 - settings.OwnShare) * other.Weights[i] / neighbours.Count;
            }
        }

        return Best(held, scores, count, leftOut).Select(item => Need(held, own, neighbours, item, scores[item], explained) with { SimilarCustomers = similar[item] }).ToList();
    });

    private static NextNeed Need(BasketIndex held, Shopper own, IReadOnlyList<(int Slot, double Product)> neighbours, int item, double score, bool explained)
    {
        var name = held.Items.Name(item);
        var at = Array.IndexOf(own.Items, item);
        return new NextNeed(
            name, score, at < 0 ? 0 : own.Counts[at], 0, at < 0 ? null : Expected(own, name), explained && score > 0 ? Split(held, own, neighbours, item) : []);
    }

    /// <summary>The newest purchase and the middle one of the intervals before it.</summary>
    private static long? Expected(Shopper own, string item)
    {
        var times = own.Baskets.Where(b => Array.BinarySearch(b.Value, item, StringComparer.Ordinal) >= 0).Select(b => b.Key.TimeUs).ToList();
        var intervals = times.Zip(times.Skip(1), (a, b) => b - a).Order().ToList();
        return intervals.Count < LeastIntervals ? null : times[^1] + intervals[intervals.Count / 2];
    }

    /// <summary>What the customer bought of the item itself counts for that item; what neighbours say is split by the purchases that make them neighbours.</summary>
    private static List<ScorePart> Split(BasketIndex held, Shopper own, IReadOnlyList<(int Slot, double Product)> neighbours, int item)
    {
        var parts = new double[own.Items.Length];
        if (Array.IndexOf(own.Items, item) is var at and >= 0)
        {
            parts[at] += held.Settings.OwnShare * own.Weights[at];
        }

        var places = own.Items.Index().ToDictionary(i => i.Item, i => i.Index);
        foreach (var (slot, product) in neighbours)
        {
            var other = held.ShopperAt(slot);
            if (Array.IndexOf(other.Items, item) is var there and >= 0)
            {
                var said = (1 - held.Settings.OwnShare) * other.Weights[there] / neighbours.Count;
                for (var i = 0; i < other.Items.Length; i++)
                {
                    if (places.TryGetValue(other.Items[i], out var mine))
                    {
                        parts[mine] += said * own.Weights[mine] * other.Weights[i] / product;
                    }
                }
            }
        }

        var whole = parts.Sum();
        return [.. own.Items.Zip(parts, (i, p) => new ScorePart(held.Items.Name(i), p / whole)).Where(p => p.Share > 0)
            .OrderByDescending(p => p.Share).ThenBy(p => p.Item, StringComparer.Ordinal)];
    }

    private static int[] Best(BasketIndex held, double[] scores, int count, IReadOnlySet<string>? leftOut)
    {
        var (best, found) = (new int[count], 0);
        for (var item = 0; item < scores.Length; item++)
        {
            if (!held.Items.IsHeld(item) || (found == count && !Before(held, scores, item, best[found - 1])) || leftOut?.Contains(held.Items.Name(item)) == true)
            {
                continue;
            }

            var at = found == count ? found - 1 : found++;
            for (; at > 0 && Before(held, scores, item, best[at - 1]); at--)
            {
                best[at] = best[at - 1];
            }

            best[at] = item;
        }

        return best[..found];
    }

    private static bool Before(BasketIndex held, double[] scores, int a, int b)
    {
        if (scores[a] != scores[b])
        {
            return scores[a] > scores[b];
        }

        var (baskets, others) = (held.BuyersOf(a).Baskets, held.BuyersOf(b).Baskets);
        return baskets != others ? baskets > others : held.Items.Compare(a, b) < 0;
    }
}
