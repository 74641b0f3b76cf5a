using Candor.Storage;

namespace Candor.Rights;

/// <summary>A year's figures of one type of request (11 CCR 7102(a)).</summary>
/// <param name="Complied">Fulfilled, whole or in part.</param>
/// <param name="Denied">Refused, by reason.</param>
/// <param name="Withdrawn">Taken back by the customer.</param>
/// <param name="Overtaken">Closed because the customer was erased meanwhile.</param>
/// <param name="Open">Not answered yet.</param>
/// <param name="MeanDays">Days from receipt to the answer, of those complied with or denied; null when there are none.</param>
public sealed record RequestFigure(
    RequestType Type, int Received, int Complied, int Denied, int Withdrawn, int Overtaken, int Open, double? MeanDays, double? MedianDays, IReadOnlyDictionary<string, int> Reasons);

/// <summary>What of a request counts for the figures.</summary>
public sealed record AnsweredRequest(RequestType Type, RequestState State, DateTimeOffset ReceivedAt, DateTimeOffset? ClosedAt, string? Outcome);

/// <summary>The figures that 11 CCR 7102 has large businesses publish by 1 July, and that everybody may want to know.</summary>
public static class RequestFigures
{
    /// <summary>Figures of the requests received in a year (UTC), one row a type, in the order of the types. Pure.</summary>
    public static IReadOnlyList<RequestFigure> Of(IEnumerable<AnsweredRequest> requests, int year)
    {
        var byType = requests.Where(r => r.ReceivedAt.UtcDateTime.Year == year).ToLookup(r => r.Type);
        return [.. Enum.GetValues<RequestType>().Select(type => Of(type, [.. byType[type]]))];
    }

    /// <summary>The same from the database.</summary>
    public static async ValueTask<IReadOnlyList<RequestFigure>> OfYearAsync(Transaction tx, int year, CancellationToken ct)
    {
        var (from, to) = (new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(year + 1, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var rows = await RequestRows.ReceivedAsync(tx, from, to, ct);
        return Of(rows.Select(r => r.AsRequest()).Select(r => new AnsweredRequest(r.Type, r.State, r.ReceivedAt, r.ClosedAt, r.Outcome)), year);
    }

    /// <summary>Requests that came in or were closed in a span of time, its end exclusive.</summary>
    public static async ValueTask<IReadOnlyList<RightsRequest>> TouchedAsync(Transaction tx, DateTimeOffset from, DateTimeOffset to, CancellationToken ct) =>
        [.. (await RequestRows.TouchedAsync(tx, from, to, ct)).Select(r => r.AsRequest())];

    /// <summary>Open requests, the most urgent first.</summary>
    public static async ValueTask<IReadOnlyList<RightsRequest>> OpenAsync(Transaction tx, int most, CancellationToken ct) =>
        [.. (await RequestRows.WorkAsync(tx, closedToo: false, most, ct)).Select(r => r.AsRequest())];

    private static RequestFigure Of(RequestType type, List<AnsweredRequest> all)
    {
        bool Complied(AnsweredRequest r) => r.State == RequestState.Done && r.Outcome == RightsRequest.Fulfilled;
        var denied = all.Where(r => r.State == RequestState.Refused).ToList();
        var days = all.Where(r => Complied(r) || r.State == RequestState.Refused).Select(r => (r.ClosedAt!.Value - r.ReceivedAt).TotalDays).Order().ToList();
        return new RequestFigure(
            type, all.Count, all.Count(Complied), denied.Count, all.Count(r => r.State == RequestState.Withdrawn), all.Count(r => r.State == RequestState.Done && !Complied(r)),
            all.Count(r => r.State.IsOpen()), days.Count == 0 ? null : days.Average(), days.Count == 0 ? null : (days[(days.Count - 1) / 2] + days[days.Count / 2]) / 2,
            denied.GroupBy(r => r.Outcome ?? "").ToDictionary(g => g.Key, g => g.Count()));
    }
}
