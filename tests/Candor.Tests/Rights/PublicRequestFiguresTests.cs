using Candor.Rights;
using CsCheck;

namespace Candor.Tests.Rights;

/// <summary>What everybody may see of how fast requests are answered.</summary>
public sealed class PublicRequestFiguresTests
{
    private static readonly DateTimeOffset End = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Received = End.AddDays(-100);

    [Fact]
    public void Fewer_than_ten_answers_are_no_figures()
    {
        Assert.Null(PublicRequestFigures.Of(Answered(9, 2), End));
        Assert.Null(PublicRequestFigures.Of([.. Answered(9, 2), Request(null), Request(2, RequestState.Withdrawn, "withdrawn")], End));
        Assert.Equal(new PublicRequestFigures(10, 2, 100, false), PublicRequestFigures.Of(Answered(10, 2), End));
    }

    [Theory]
    [InlineData(19, 0, 10, 100, false)]
    [InlineData(99, 1, 100, 91, true)] // As if nine were late.
    [InlineData(91, 9, 100, 91, true)]
    [InlineData(90, 10, 100, 90, false)]
    [InlineData(9, 1, 10, null, false)] // A bound of 10 % says nothing.
    [InlineData(9, 30, 30, null, false)] // Nine in time are as few as nine late.
    [InlineData(20, 40, 60, 33, false)]
    public void The_share_never_tells_of_fewer_than_ten(int inTime, int late, int answered, int? percent, bool isAtLeast)
    {
        var figures = PublicRequestFigures.Of([.. Answered(inTime, 3), .. Answered(late, 40)], End)!;
        Assert.Equal((answered, percent, isAtLeast), (figures.Answered, figures.PercentInTime, figures.IsAtLeast));
    }

    [Fact]
    public void What_is_overdue_and_open_counts_as_late_and_what_happened_today_does_not_count()
    {
        Assert.Equal(50, PublicRequestFigures.Of([.. Answered(20, 3), .. Enumerable.Repeat(Request(null), 20)], End)!.PercentInTime);
        var today = Enumerable.Repeat(Request(100), 5);
        Assert.Equal(PublicRequestFigures.Of([.. Answered(20, 3), .. Enumerable.Repeat(Request(null), 5)], End), PublicRequestFigures.Of([.. Answered(20, 3), .. today], End));
    }

    [Fact]
    public void Half_of_the_answers_came_within_the_median_days() => Gen.Int[0, 99].Array[10, 60].Sample(days =>
    {
        var figures = PublicRequestFigures.Of(days.Select(d => Request(d)), End)!;
        return figures.Answered <= days.Length && figures.Answered % 10 == 0 && days.Count(d => d <= figures.MedianDays) * 2 >= days.Length;
    });

    private static IEnumerable<RightsRequest> Answered(int count, int days) => Enumerable.Repeat(Request(days), count);

    /// <param name="days">From receipt to the answer; null while open.</param>
    private static RightsRequest Request(int? days, RequestState state = RequestState.Done, string outcome = RightsRequest.Fulfilled)
    {
        var due = DateOnly.FromDateTime(Received.AddDays(30).UtcDateTime);
        return new RightsRequest(
            new string('a', 32), null, RequestType.Access, days is null ? RequestState.Received : state, default, default, null, "customer", Received,
            due, due, due, due, null, null, null, days is { } d ? Received.AddDays(d) : null, days is null ? null : outcome, 1);
    }
}
