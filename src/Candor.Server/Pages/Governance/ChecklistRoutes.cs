using Candor.Collection;
using Candor.Governance;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;

namespace Candor.Server.Pages.Governance;

/// <summary>The checklist, answered from live evidence.</summary>
internal static class ChecklistRoutes
{
    private const string Path = "/governance/checklist";
    private static readonly string[] Readers = ["privacy-officer", "committee-member", "administrator", "auditor"];

    public static void MapChecklist(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, ShowAsync).ForStaff(Readers);
        pages.MapGet(Path + ".csv", TableAsync).ForStaff(Readers);
    }

    private static async Task<IResult> ShowAsync(StaffDoor door, HttpContext http) => StaffDoor.Page<ChecklistPage>(await ViewAsync(door, http));

    private static async Task<IResult> TableAsync(StaffDoor door, HttpContext http)
    {
        var view = await ViewAsync(door, http);
        var csv = CsvText.Table("id,area,question,answer,figures,action,path", view.Lines.Select(line => (string[])
        [
            line.Question.Id, InitiativeCover.Word(line.Question.Area), view.Words.Question(line.Question.Id), InitiativeCover.Word(line.Finding.Answer), view.Words.Figure(line), view.Words.Action(line) ?? "", line.Question.Path,
        ]));
        return TextFile.Answer(csv, "text/csv", $"checklist-{door.Now.UtcDateTime:yyyy-MM-dd}.csv");
    }

    private static async Task<ChecklistView> ViewAsync(StaffDoor door, HttpContext http)
    {
        var view = await door.ViewAsync(http, "checklist", "checklist");
        var from = DateOnly.FromDateTime(door.Now.UtcDateTime).AddDays(-ChecklistView.Days);
        var (lines, kept) = await door.Host.Database.ReadAsync(async tx =>
            (await door.Host.Checklist.LookAsync(tx, http.RequestAborted), await ChecklistBook.SinceAsync(tx, from, http.RequestAborted)), http.RequestAborted);
        return new ChecklistView(view, new ChecklistWords(view.Frame.Language), door.Now, lines, kept);
    }
}
