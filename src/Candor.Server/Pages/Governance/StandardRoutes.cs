using Candor.Collection;
using Candor.Server.Pages.Admin;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;

namespace Candor.Server.Pages.Governance;

/// <summary>The cross-reference as a page.</summary>
public sealed record StandardsShown(AdminView View, IReadOnlyList<IGrouping<Standard, StandardRow>> Parts);

/// <summary><c>/governance/standards</c>: which requirement of a standard is answered where, as a page and as files.</summary>
internal static class StandardRoutes
{
    private const string Area = "standards";
    private const string Path = "/governance/standards";
    private static readonly string[] Readers = ["privacy-officer", "committee-member", "administrator", "auditor"];
    private static readonly string[] Columns = ["id", "asks", "answer", "has", "evidence"];

    public static void MapStandards(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, ShowAsync).ForStaff(Readers);
        pages.MapGet(Path + ".md", MarkdownAsync).ForStaff(Readers);
        pages.MapGet(Path + ".csv", TableAsync).ForStaff(Readers);
    }

    private static async Task<AdminView> ViewAsync(StaffDoor door, HttpContext http) => new(await door.ViewAsync(http, "records", Area), null, null, Area);

    private static async Task<IResult> ShowAsync(StaffDoor door, HttpContext http) =>
        StaffDoor.Page<StandardsPage>(new StandardsShown(await ViewAsync(door, http), [.. StandardRow.All.GroupBy(r => r.Standard)]));

    private static async Task<IResult> MarkdownAsync(StaffDoor door, HttpContext http)
    {
        var view = await ViewAsync(door, http);
        var document = new WrittenDocument(view.T("title"), view.T("lead") + "\n\n" + view.T("note"),
            [.. StandardRow.All.GroupBy(r => r.Standard).Select(g => new DocumentSection(view.T(g.Key.ToString()), [], [.. Columns.Select(c => view.T("column." + c))], [.. g.Select(r => (IReadOnlyList<string>)[r.Id, view.T(r.Asks), view.T("answer." + r.Answer), view.T(r.Has), r.Link])]))]);
        return TextFile.Answer(document.ToMarkdown(), "text/markdown", "standards.md");
    }

    private static async Task<IResult> TableAsync(StaffDoor door, HttpContext http)
    {
        var view = await ViewAsync(door, http);
        return TextFile.Answer(
            CsvText.Table("standard,id,asks,answer,has,evidence", StandardRow.All.Select(r => (string[])[view.T(r.Standard.ToString()), r.Id, view.T(r.Asks), view.T("answer." + r.Answer), view.T(r.Has), r.Link])),
            "text/csv", "standards.csv");
    }
}
