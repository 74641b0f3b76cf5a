using Candor.Fairness;
using Candor.Kernel;
using Candor.Personalization;

namespace Candor.Tests.Fairness;

public sealed class HoldOutReportTests
{
    private static readonly PurposeId Ideas = PurposeId.Parse("ideas");

    // Newcombe 1998, table II: 56/70 against 48/80 is 0.2 with the interval 0.0524 to 0.3339 (method 10).
    [Fact]
    public void A_difference_has_the_published_interval()
    {
        var line = HoldOutReport.Of(
        [
            Cell(1, false, CountedOutcome.Orders, 40), Cell(2, false, CountedOutcome.Orders, 30), Cell(2, false, CountedOutcome.RepeatOrders, 56),
            Cell(1, true, CountedOutcome.Orders, 80), Cell(1, true, CountedOutcome.RepeatOrders, 48),
        ]).Single(l => l.Measure == HoldOutMeasure.RepeatPurchase);
        Assert.Equal((new Proportion(56, 70), new Proportion(48, 80)), (line.With, line.Without));
        Assert.Equal(0.2, line.Difference!.Value, 10);
        Assert.Equal((0.0524, 0.3339), (Math.Round(line.Interval!.Value.Low, 4), Math.Round(line.Interval.Value.High, 4)));
    }

    [Fact]
    public void Abandoned_are_the_carts_that_were_not_bought_never_fewer_than_none()
    {
        var lines = HoldOutReport.Of([Cell(1, false, CountedOutcome.Carts, 8), Cell(1, false, CountedOutcome.CartsBought, 2), Cell(1, true, CountedOutcome.Carts, 1), Cell(1, true, CountedOutcome.CartsBought, 2)]);
        var line = lines.Single(l => l.Measure == HoldOutMeasure.CartAbandonment);
        Assert.Equal((new Proportion(6, 8), new Proportion(0, 1)), (line.With, line.Without));
        Assert.Equal("cart-abandonment", HoldOutReport.CodeOf(line.Measure));
    }

    [Fact]
    public void Where_one_side_is_nobody_nothing_is_compared()
    {
        var line = HoldOutReport.Of([Cell(1, false, CountedOutcome.Shown, 8), Cell(1, false, CountedOutcome.ShownBought, 2)]).Single(l => l.Measure == HoldOutMeasure.ShownAndBought);
        Assert.Equal((0.25, (double?)null, (double?)null), (line.With.Value, line.Without.Value, line.Difference));
        Assert.Null(line.Interval);
        Assert.Empty(HoldOutReport.Of([]));
    }

    private static OutcomeCell Cell(int day, bool isHeldOut, CountedOutcome outcome, long number) => new(new DateOnly(2026, 6, day), Ideas, isHeldOut, outcome, number);
}
