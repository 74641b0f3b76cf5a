using Candor.Audit;
using Candor.Governance;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;

namespace Candor.Server.Pages.Governance;

/// <summary>What was found odd in the log, and what a privacy officer says about it.</summary>
internal static class AnomalyRoutes
{
    private const int MostShown = 100;
    private const int EntriesShown = 12;

    public static void MapAnomalies(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/governance/anomalies", ShowAsync).ForStaff(LogPost.Officer, LogPost.Auditor);
        pages.MapPost("/governance/anomalies/{id}", ReviewAsync).ForStaff(LogPost.Officer);
    }

    private static async Task<IResult> ShowAsync(StaffDoor door, HttpContext http)
    {
        var ct = http.RequestAborted;
        var (view, words, _) = await LogRoutes.ViewAsync(door, http, "anomalies");
        var (open, done) = await door.Host.Database.ReadAsync(async tx => (
            await AnomalyBook.ListAsync(tx, onlyOpen: true, MostShown, ct), await AnomalyBook.ListAsync(tx, onlyOpen: false, MostShown, ct)), ct);
        return StaffDoor.Page<AnomaliesPage>(new AnomaliesView(view, words, [.. open.Select(Of)], [.. done.Select(Of)]));

        AnomalyView Of(FoundAnomaly a) => new(
            a, words.Who(a.Actor), words.T("rule." + a.Rule, ("amount", words.Number(a.Amount)), ("usual", words.Number(a.Usual))),
            words.Time(a.From) + (a.To > a.From ? " – " + words.Time(a.To) : ""), [.. a.Entries.Take(EntriesShown).Select(e => words.Number(e))], a.Actor == view.Visit.Actor.LogName,
            a.ReviewedBy is { } by ? words.T("reviewed", ("who", words.Who("staff:" + by)), ("time", words.Time(a.ReviewedAt!.Value))) : null);
    }

    private static async Task<IResult> ReviewAsync(string id, StaffDoor door, HttpContext http)
    {
        var form = await door.ReadAsync(http);
        var words = form["words"].ToString();
        if (words.Trim().Length is 0 or > AnomalyBook.MaxWords || form["verdict"].ToString() is not (AnomalyBook.Accepted or AnomalyBook.FalseAlarm))
        {
            return StaffDoor.Say(http, "/governance/anomalies", "words-needed");
        }

        var answer = await door.Host.LogDesk.ReviewAsync(http.Token(), id, form["verdict"] == AnomalyBook.FalseAlarm, words, http.RequestAborted);
        return answer.Given is not null ? StaffDoor.Say(http, "/governance/anomalies", "reviewed")
            : answer.Refused is not null ? StaffDoor.Say(http, "/governance/anomalies", "not-allowed")
            : TypedResults.Redirect(StaffGuard.SignInPath);
    }
}
