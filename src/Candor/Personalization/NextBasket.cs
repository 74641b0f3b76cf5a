using System.Collections.Concurrent;

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

    private readonly ConcurrentBag<NeedScratch> scratches = [];

    /// <summary>Suggestions, best first; ties by how many baskets of everybody hold it, then by item name.</summary>
    /// <param name="leftOut">Items that are not suggested and that do not suggest, as if this customer had never bought them.</param>
    /// <param name="notBought">Items that may be suggested, but as if this customer had never bought them: what would be without those purchases.</param>
    /// <param name="explained">Whether the parts of each score are worked out as well.</param>
    public IReadOnlyList<NextNeed> Rank(string customer, int count, IReadOnlySet<string>? leftOut = null, bool explained = false, IReadOnlySet<string>? notBought = null)
    {
        var scratch = scratches.TryTake(out var used) ? used : new NeedScratch();
        try
        {
            return index.Look(held => held.Find(customer)?.Without(leftOut, held)?.Without(notBought, held) is { } own
                ? Rank(held, own, scratch, count, leftOut, explained)
                : (IReadOnlyList<NextNeed>)[]);
        }
        finally
        {
            scratch.End();
            scratches.Add(scratch);
        }
    }

    private static List<NextNeed> Rank(BasketIndex held, Shopper own, NeedScratch scratch, int count, IReadOnlySet<string>? leftOut, bool explained)
    {
        var settings = held.Settings;
        scratch.Begin(held.ShopperEnd, held.Items.End);
        var neighbours = Neighbourhood.Of(held, own, scratch);
        for (var i = 0; i < own.Items.Length; i++)
        {
            scratch.AddOwn(own.Items[i], i, settings.OwnShare * own.Weights[i]);
        }

        foreach (var slot in neighbours)
        {
            var other = held.ShopperAt(slot);
            for (var i = 0; i < other.Items.Length; i++)
            {
                scratch.AddOther(other.Items[i], (1 - settings.OwnShare) * other.Weights[i] / neighbours.Count);
            }
        }

        var best = Best(held, scratch, count, leftOut);
        var parts = explained ? NeedParts.Of(held, own, neighbours, scratch, best) : null;
        return [.. best.Select((item, i) => Need(held, own, scratch, item, parts?[i] ?? []))];
    }

    private static NextNeed Need(BasketIndex held, Shopper own, NeedScratch scratch, int item, IReadOnlyList<ScorePart> parts)
    {
        var (name, at) = (held.Items.Name(item), scratch.PlaceOf(item));
        return new NextNeed(name, scratch.ScoreOf(item), at < 0 ? 0 : own.Counts[at], scratch.SimilarOf(item), at < 0 ? null : Expected(own, name), parts);
    }

    /// <summary>The newest purchase and the middle one of the intervals before it.</summary>
    private static long? Expected(Shopper own, string item)
    {
        var times = own.Baskets.Where(b => Array.BinarySearch(b.Value, item, StringComparer.Ordinal) >= 0).Select(b => b.Key.TimeUs).ToList();
        var intervals = times.Zip(times.Skip(1), (a, b) => b - a).Order().ToList();
        return intervals.Count < LeastIntervals ? null : times[^1] + intervals[intervals.Count / 2];
    }

    /// <summary>The best of what has a score; where that is too little, what most baskets hold.</summary>
    private static int[] Best(BasketIndex held, NeedScratch scratch, int count, IReadOnlySet<string>? leftOut)
    {
        var (best, found) = (new int[count], 0);
        foreach (var item in scratch.Touched)
        {
            if (scratch.ScoreOf(item) > 0)
            {
                Offer(item);
            }
        }

        for (var (item, end) = (0, found < count ? held.Items.End : 0); item < end; item++)
        {
            if (held.Items.IsHeld(item) && scratch.ScoreOf(item) == 0)
            {
                Offer(item);
            }
        }

        return best[..found];

        void Offer(int item)
        {
            if ((found == count && !Before(held, scratch, item, best[found - 1])) || leftOut?.Contains(held.Items.Name(item)) == true)
            {
                return;
            }

            var at = found == count ? found - 1 : found++;
            for (; at > 0 && Before(held, scratch, item, best[at - 1]); at--)
            {
                best[at] = best[at - 1];
            }

            best[at] = item;
        }
    }

    private static bool Before(BasketIndex held, NeedScratch scratch, int a, int b)
    {
        var (x, y) = (scratch.ScoreOf(a), scratch.ScoreOf(b));
        if (x != y)
        {
            return x > y;
        }

        var (baskets, others) = (held.BuyersOf(a).Baskets, held.BuyersOf(b).Baskets);
        return baskets != others ? baskets > others : held.Items.Compare(a, b) < 0;
    }
}
