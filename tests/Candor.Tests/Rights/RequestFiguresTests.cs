using Candor.Rights;

namespace Candor.Tests.Rights;

public sealed class RequestFiguresTests
{
    private static readonly DateTimeOffset New = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_year_is_counted_by_type_with_mean_and_median_days()
    {
        var figures = RequestFigures.Of(
        [
            Of(RequestType.Access, RequestState.Done, 0, 1, "fulfilled"), Of(RequestType.Access, RequestState.Done, 10, 12, "fulfilled"), Of(RequestType.Access, RequestState.Refused, 20, 50, "no-match"),
            Of(RequestType.Access, RequestState.Withdrawn, 3, 99, "withdrawn"), Of(RequestType.Access, RequestState.Done, 4, 99, "erased"), Of(RequestType.Access, RequestState.InWork, 5, null, null),
            Of(RequestType.Access, RequestState.Done, -1, 3, "fulfilled"), Of(RequestType.Access, RequestState.Done, 365, 366, "fulfilled"),
            Of(RequestType.Erasure, RequestState.Refused, 364, 366, "other"), Of(RequestType.Erasure, RequestState.Done, 0, 4, "fulfilled"),
        ], 2026);
        var access = figures.Single(f => f.Type == RequestType.Access);
        Assert.Equal((6, 2, 1, 1, 1, 1), (access.Received, access.Complied, access.Denied, access.Withdrawn, access.Overtaken, access.Open));
        Assert.Equal((11.0, 2.0), (access.MeanDays, access.MedianDays));
        Assert.Equal(1, access.Reasons["no-match"]);
        var erasure = figures.Single(f => f.Type == RequestType.Erasure);
        Assert.Equal((2, 3.0, 3.0), (erasure.Received, erasure.MeanDays, erasure.MedianDays));
        Assert.Equal(Enum.GetValues<RequestType>(), figures.Select(f => f.Type));
        Assert.Null(figures.Single(f => f.Type == RequestType.Restriction).MeanDays);
    }

    private static AnsweredRequest Of(RequestType type, RequestState state, int day, int? closed, string? outcome) =>
        new(type, state, New.AddDays(day), closed is { } c ? New.AddDays(c) : null, outcome);
}
