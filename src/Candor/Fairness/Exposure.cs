using Candor.Personalization;

namespace Candor.Fairness;

/// <summary>How much of what customers look at goes to a seller, or whatever items are put together by.</summary>
/// <param name="Name">Null is "not given".</param>
/// <param name="ItemShare">Of all items that are offered.</param>
/// <param name="Share">Of the exposure of all lists; null without any list.</param>
/// <param name="Interval">95 %, over the customers (linearised ratio, Student's distribution); null with fewer than two lists.</param>
public sealed record ExposurePart(string? Name, int Items, double ItemShare, double? Share, Interval? Interval)
{
    /// <summary>1 is as much as its part of the items; null without any list.</summary>
    public double? Ratio => Share / ItemShare;
}

/// <summary>Who is seen. The exposure of place k, from 1, is 1 / log2(k + 1), as in nDCG.</summary>
/// <param name="Parts">The most seen first.</param>
/// <param name="Gini">0: all alike; near 1: all of the exposure goes to one. Without those "not given"; null without exposure.</param>
public sealed record Exposure(IReadOnlyList<ExposurePart> Parts, double? Gini)
{
    /// <summary>How many have any exposure.</summary>
    public int Seen => Parts.Count(p => p.Share > 0);

    /// <param name="by">What an item belongs to; null is "not given".</param>
    /// <param name="length">Places that are looked at.</param>
    public static Exposure Of(SuggestedLists lists, Func<OfferedItem, string?> by, int length)
    {
        var keys = lists.Items.Select(i => by(i) is { } name ? "=" + name : "").ToList();
        var parts = keys.GroupBy(k => k, StringComparer.Ordinal).ToDictionary(g => g.Key, g => new PartSums(g.Count()), StringComparer.Ordinal);
        var (all, squares, customers) = (0.0, 0.0, 0L);
        foreach (var customer in lists.Customers)
        {
            var own = customer.Items.Where(i => i.Rank <= length).GroupBy(i => keys[i.Item], StringComparer.Ordinal).Select(g => (g.Key, Seen: g.Sum(i => RareExposure.Of(i.Rank - 1)))).ToList();
            var whole = own.Sum(o => o.Seen);
            customers += own.Count > 0 ? 1 : 0;
            (all, squares) = (all + whole, squares + whole * whole);
            own.ForEach(o => parts[o.Key].Add(o.Seen, whole));
        }

        return new Exposure(
            [
                .. parts.Select(p => new ExposurePart(p.Key.Length == 0 ? null : p.Key[1..], p.Value.Items, (double)p.Value.Items / lists.Items.Count, all == 0 ? null : p.Value.Sum / all, p.Value.IntervalOf(all, squares, customers)))
                    .OrderByDescending(p => p.Share).ThenBy(p => p.Name, StringComparer.Ordinal),
            ],
            GiniOf([.. parts.Where(p => p.Key.Length > 0).Select(p => p.Value.Sum)]));
    }

    /// <summary>Gini's coefficient of amounts of 0 or more; null when there is nothing to divide.</summary>
    public static double? GiniOf(IReadOnlyList<double> amounts)
    {
        var sorted = amounts.Order().ToList();
        var sum = sorted.Sum();
        return sum == 0 ? null : Math.Clamp(sorted.Select((x, i) => (2.0 * (i + 1) - sorted.Count - 1) * x).Sum() / (sorted.Count * sum), 0, 1);
    }

    /// <summary>What a part was seen, with the sums that its interval needs.</summary>
    private sealed class PartSums(int items)
    {
        private double squares, products;

        public int Items => items;

        public double Sum { get; private set; }

        public void Add(double own, double whole)
        {
            Sum += own;
            squares += own * own;
            products += own * whole;
        }

        public Interval? IntervalOf(double all, double allSquares, long customers)
        {
            if (customers < 2)
            {
                return null;
            }

            var share = Sum / all;
            var residuals = Math.Max(0, squares - 2 * share * products + share * share * allSquares);
            var half = Distributions.Student95(customers - 1) * Math.Sqrt(residuals * customers / (customers - 1)) / all;
            return new Interval(Math.Max(0, share - half), Math.Min(1, share + half));
        }
    }
}
