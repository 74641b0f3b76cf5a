using System.Globalization;
using Candor.Rights;
using Candor.Server.Pages.Admin;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;

namespace Candor.Server.Pages.Governance;

/// <summary>One type of request in a year, in words.</summary>
/// <param name="Cells">In the order of <see cref="RequestFiguresView.Columns"/>.</param>
public sealed record RequestFiguresLine(string Type, IReadOnlyList<string> Cells);

/// <summary>A year's requests in figures.</summary>
/// <param name="Years">That can be chosen, newest first.</param>
public sealed record RequestFiguresView(AdminView View, string Year, IReadOnlyList<string> Years, IReadOnlyList<RequestFiguresLine> Lines)
{
    public static IReadOnlyList<string> Columns { get; } = ["received", "complied", "denied", "open", "mean", "median"];
}

/// <summary><c>/governance/requests</c>: the yearly figures of customers' requests (11 CCR 7102).</summary>
internal static class RequestFiguresRoutes
{
    private const string Path = "/governance/requests";

    /// <summary>Requests are kept 24 months after they were closed, so no year before has all of its own.</summary>
    private const int YearsShown = 3;

    private static readonly string[] Readers = ["privacy-officer", "administrator", "auditor"];

    public static void MapRequestFigures(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, ShowAsync).ForStaff(Readers);
        pages.MapGet(Path + ".csv", TableAsync).ForStaff(Readers);
    }

    private static async Task<IResult> ShowAsync(StaffDoor door, HttpContext http)
    {
        var view = new AdminView(await door.ViewAsync(http, "requests", "requests"), null, null, "requests");
        var figures = await LoadAsync(door, http);
        return StaffDoor.Page<RequestFiguresPage>(new RequestFiguresView(
            view, Text(figures.Year), [.. Enumerable.Range(0, YearsShown).Select(i => Text(door.Now.UtcDateTime.Year - i))],
            [
                .. figures.Requests.Select(f => Line("type." + f.Type, f.Received, f.Complied, f.Denied, f.Open, f.MeanDays, f.MedianDays)),
                Line("type.off", figures.SwitchedOff, figures.SwitchedOff, 0, 0, figures.SwitchedOff > 0 ? 0 : null, figures.SwitchedOff > 0 ? 0 : null),
            ]));

        RequestFiguresLine Line(string type, long received, long complied, long denied, long open, double? mean, double? median) =>
            new(view.T(type), [view.Number(received), view.Number(complied), view.Number(denied), view.Number(open), Days(mean), Days(median)]);

        string Days(double? days) => days?.ToString("0.0", CultureInfo.GetCultureInfo(view.Language)) ?? "–";
    }

    private static async Task<IResult> TableAsync(StaffDoor door, HttpContext http)
    {
        var figures = await LoadAsync(door, http);
        return TextFile.Answer(figures.ToCsv(), "text/csv", $"requests-{Text(figures.Year)}.csv");
    }

    private static Task<RequestYear> LoadAsync(StaffDoor door, HttpContext http)
    {
        var year = int.TryParse(http.Request.Query["year"], NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? asked : door.Now.UtcDateTime.Year;
        return door.Host.Database.ReadAsync(tx => RequestFigures.OfYearAsync(tx, year, http.RequestAborted), http.RequestAborted);
    }

    private static string Text(int year) => year.ToString(CultureInfo.InvariantCulture);
}
