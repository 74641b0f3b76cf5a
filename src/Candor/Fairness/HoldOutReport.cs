using Candor.Kernel;
using Candor.Personalization;

namespace Candor.Fairness;

/// <summary>What is compared between customers with and without a use. Published as <see cref="HoldOutReport.CodeOf"/>.</summary>
public enum HoldOutMeasure
{
    /// <summary>Carts that were not bought within 7 days, of all carts. Less is better.</summary>
    CartAbandonment,
    /// <summary>Orders of customers who had ordered in the 90 days before, of all orders.</summary>
    RepeatPurchase,
    /// <summary>Items bought within the hour in which they were shown, of all that were shown.</summary>
    ShownAndBought,
}

/// <summary>One measure of one purpose, with and without it.</summary>
/// <param name="Difference">With less without, where something was counted on both sides.</param>
/// <param name="Interval">95 % interval of the difference (Newcombe 1998, method 10). It takes each count for a case of its own; a customer with many orders makes it somewhat too narrow.</param>
public sealed record HoldOutLine(PurposeId Purpose, HoldOutMeasure Measure, Proportion With, Proportion Without, double? Difference, Interval? Interval);

/// <summary>Does a use help? Customers are held out of it by lot, so what differs between the two sides comes from the use or from chance.</summary>
public static class HoldOutReport
{
    /// <summary>The published name, such as <c>cart-abandonment</c>.</summary>
    public static string CodeOf(HoldOutMeasure measure) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(measure.ToString());

    /// <summary>All measures of each purpose that something was counted of, by purpose.</summary>
    public static IReadOnlyList<HoldOutLine> Of(IReadOnlyList<OutcomeCell> cells) =>
    [
        .. cells.GroupBy(c => c.Purpose).OrderBy(g => g.Key.Value, StringComparer.Ordinal).SelectMany(g => Enum.GetValues<HoldOutMeasure>().Select(m => Line(g.Key, m, [.. g]))),
    ];

    private static HoldOutLine Line(PurposeId purpose, HoldOutMeasure measure, IReadOnlyList<OutcomeCell> cells)
    {
        var (with, without) = (Share(measure, cells, isHeldOut: false), Share(measure, cells, isHeldOut: true));
        if (with.Whole == 0 || without.Whole == 0)
        {
            return new HoldOutLine(purpose, measure, with, without, null, null);
        }

        var both = new TwoGroups(with, without);
        return new HoldOutLine(purpose, measure, with, without, both.Difference, both.DifferenceInterval());
    }

    private static Proportion Share(HoldOutMeasure measure, IReadOnlyList<OutcomeCell> cells, bool isHeldOut)
    {
        long Sum(CountedOutcome outcome) => cells.Where(c => c.Outcome == outcome && c.IsHeldOut == isHeldOut).Sum(c => c.Number);
        var (part, whole) = measure switch
        {
            HoldOutMeasure.CartAbandonment => (Sum(CountedOutcome.Carts) - Sum(CountedOutcome.CartsBought), Sum(CountedOutcome.Carts)),
            HoldOutMeasure.RepeatPurchase => (Sum(CountedOutcome.RepeatOrders), Sum(CountedOutcome.Orders)),
            _ => (Sum(CountedOutcome.ShownBought), Sum(CountedOutcome.Shown)),
        };
        // At the edges of a span, what was bought may belong to a cart of the day before.
        return new Proportion(Math.Clamp(part, 0, whole), whole);
    }
}
