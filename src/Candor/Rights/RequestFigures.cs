using System.Globalization;
using System.Text;
using Candor.Consent;
using Candor.Kernel;
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

/// <summary>A year in figures.</summary>
/// <param name="Requests">One row a type.</param>
/// <param name="SwitchedOff">How often customers themselves switched a use off, which counts at once: opt-outs without a request.</param>
public sealed record RequestYear(int Year, IReadOnlyList<RequestFigure> Requests, long SwitchedOff)
{
    /// <summary>The figures as CSV, opt-outs without a request in the last line: received and complied with are the same, and they take no time.</summary>
    public string ToCsv()
    {
        var csv = new StringBuilder("type,received,complied,denied,withdrawn,overtaken,open,mean_days,median_days,denial_reasons\r\n");
        foreach (var f in Requests)
        {
            csv.Append(CultureInfo.InvariantCulture, $"{f.Type.Code()},{f.Received},{f.Complied},{f.Denied},{f.Withdrawn},{f.Overtaken},{f.Open},{f.MeanDays:0.0},{f.MedianDays:0.0},");
            csv.AppendJoin(' ', f.Reasons.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => $"{r.Key}:{r.Value.ToString(CultureInfo.InvariantCulture)}")).Append("\r\n");
        }

        var days = SwitchedOff > 0 ? "0.0" : "";
        return csv.Append(CultureInfo.InvariantCulture, $"switched-off,{SwitchedOff},{SwitchedOff},0,0,0,0,{days},{days},\r\n").ToString();
    }
}

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

    /// <summary>The same from the database, with what customers switched off themselves. It walks through the whole ledger of consent.</summary>
    /// <exception cref="Fault">Invalid <c>rights/bad-year</c>.</exception>
    public static async ValueTask<RequestYear> OfYearAsync(Transaction tx, int year, CancellationToken ct)
    {
        if (year is < 2018 or > 9998)
        {
            throw new Fault(FaultKind.Invalid, "rights/bad-year", $"A year is 2018 to 9998; got `{year}`.");
        }

        var (from, to) = (new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(year + 1, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var rows = await RequestRows.ReceivedAsync(tx, from, to, ct);
        var requests = rows.Select(r => r.AsRequest()).Select(r => new AnsweredRequest(r.Type, r.State, r.ReceivedAt, r.ClosedAt, r.Outcome));
        return new RequestYear(year, Of(requests, year), await ConsentDays.SwitchedOffAsync(tx, from, to, ct));
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
