using Candor.Trust;
using CsCheck;

namespace Candor.Tests.Trust;

/// <summary>What orders count for.</summary>
public sealed class OrderFactsTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Orders_may_come_in_in_any_order() => Gen.Int[0, 500].Array[0, 20].Sample(days =>
    {
        var (known, counted) = (new List<DateTimeOffset>(), new Dictionary<(DateOnly Day, TrustMeasure Measure, string About), long>());
        foreach (var day in days)
        {
            OrderFacts.Add(counted, known, -1);
            known.Add(Start.AddDays(day));
            OrderFacts.Add(counted, known, 1);
        }

        var whole = new Dictionary<(DateOnly Day, TrustMeasure Measure, string About), long>();
        OrderFacts.Add(whole, known.AsEnumerable().Reverse(), 1);
        Assert.Equal(whole.OrderBy(c => c.Key.ToString()), counted.Where(c => c.Value != 0).OrderBy(c => c.Key.ToString()));
    });

    [Fact]
    public void Who_pauses_three_whole_months_has_left_and_a_repeat_is_within_ninety_days()
    {
        var cells = new Dictionary<(DateOnly Day, TrustMeasure Measure, string About), long>();
        OrderFacts.Add(cells, [At(1, 5), At(2, 20), At(5, 30), At(10, 1)], 1);
        Assert.Equal(
            [
                (new DateOnly(2026, 1, 1), TrustMeasure.Buyers, "2026-01"), (new DateOnly(2026, 2, 1), TrustMeasure.Buyers, "2026-01"), (new DateOnly(2026, 2, 1), TrustMeasure.RepeatBuyers, ""),
                (new DateOnly(2026, 5, 1), TrustMeasure.Buyers, "2026-01"), (new DateOnly(2026, 5, 1), TrustMeasure.LastBought, "2026-01"), (new DateOnly(2026, 10, 1), TrustMeasure.Buyers, "2026-01"),
            ],
            cells.Keys.OrderBy(c => c.Day).ThenBy(c => c.Measure));
        Assert.All(cells.Values, v => Assert.Equal(1, v));
    }

    private static DateTimeOffset At(int month, int day) => new(2026, month, day, 9, 0, 0, TimeSpan.Zero);
}
