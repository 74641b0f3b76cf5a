using System.Globalization;
using System.Text;
using Candor.Collection;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;
using Candor.Staff;
using Candor.Trust;

namespace Candor.Server.Pages.Trust;

/// <summary>How customers trust the business, measured: the page, its pictures and its figures as a file.</summary>
internal static class TrustRoutes
{
    private static string[] Roles => [.. TrustDigest.Roles];

    public static void MapTrust(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/trust", ShowAsync).ForStaff(Roles);
        pages.MapPost("/trust/mail", AskForMailAsync).ForStaff(Roles);
        pages.MapGet("/trust/charts/{name}", ChartAsync).ForStaff(Roles);
        pages.MapGet("/trust/figures.csv", FiguresAsync).ForStaff(Roles);
    }

    private static async Task<IResult> ShowAsync(StaffDoor door, TrustReports reports, HttpContext http) =>
        StaffDoor.Page<TrustPage>(await ViewAsync(door, reports, http));

    private static async Task<IResult> AskForMailAsync(StaffDoor door, CandorHost host, HttpContext http)
    {
        var code = (await door.ReadAsync(http))["often"].ToString();
        await host.Database.WriteAsync(async tx => { await TrustDigest.AskAsync(tx, StaffDoor.Visit(http).Actor.Ref, code, http.RequestAborted); return 0; }, http.RequestAborted);
        return StaffDoor.Say(http, "/trust", "mail-" + code);
    }

    private static async Task<IResult> ChartAsync(string name, StaffDoor door, TrustReports reports, HttpContext http)
    {
        var view = await ViewAsync(door, reports, http);
        var picture = new TrustPicture(view.Words, http.Request.Query["tone"] == "dark");
        var svg = view.Report is { } report ? name switch
        {
            "index" => picture.Gauge(report),
            "retention" => picture.Cohorts(report),
            _ when TrustView.Sections.Contains(name) => picture.Trend(report, name),
            _ => null,
        } : null;
        return svg is not null ? TypedResults.Text(svg, "image/svg+xml", Encoding.UTF8)
            : throw new Fault(FaultKind.NotFound, "trust/no-such-chart", $"There is no picture `{Name.Shown(name)}`.");
    }

    private static async Task<IResult> FiguresAsync(StaffDoor door, TrustReports reports, HttpContext http)
    {
        var view = await ViewAsync(door, reports, http);
        var csv = CsvText.Table("figure,about,from,to,value,low,high,n", (view.Report is { } report ? TrustRows.Of(report) : []).Select(row => (string[])
            [row.Figure, row.About, Iso(row.Point.From), Iso(row.Point.To), Digits(row.Point.Value), Digits(row.Point.Interval?.Low), Digits(row.Point.Interval?.High), row.Point.N.ToString(CultureInfo.InvariantCulture)]));
        return TextFile.Answer(csv, "text/csv", $"trust-{view.Period}-{view.Report?.Span.To:yyyy-MM-dd}.csv");
    }

    private static async Task<TrustView> ViewAsync(StaffDoor door, TrustReports reports, HttpContext http)
    {
        var asked = http.Request.Query["period"].ToString();
        var period = TrustSpan.Lengths.ContainsKey(asked) ? asked : "quarter";
        var view = await door.ViewAsync(http, "trust", "trust");
        return new TrustView(view, new TrustWords(view.Catalog, view.Frame.Language), period, await reports.GetAsync(TrustSpan.Lengths[period], http.RequestAborted), await MailAsync(door.Host, http));
    }

    private static Task<string?> MailAsync(CandorHost host, HttpContext http) => host.Database.ReadAsync(async tx => (await StaffDirectory.FindAsync(tx, StaffDoor.Visit(http).Actor.Ref, http.RequestAborted))?.Email is null
        ? null : (await TrustDigest.FindAsync(tx, StaffDoor.Visit(http).Actor.Ref, http.RequestAborted))?.Code ?? TrustDigest.Never, http.RequestAborted);

    private static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Digits(double? value) => value?.ToString("0.######", CultureInfo.InvariantCulture) ?? "";
}
