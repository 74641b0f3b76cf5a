using System.Globalization;
using Candor.Collection;
using Candor.Fairness;
using Candor.Governance;
using Candor.Kernel;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;

namespace Candor.Server.Pages.Governance;

/// <summary>Whether groups of customers are served alike: the page, its figures as a file, and the end of a pause.</summary>
internal static class FairnessRoutes
{
    private const string Path = "/governance/fairness";
    private static readonly string[] Roles = [LogPost.Officer, "administrator"];

    public static void MapFairness(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, (StaffDoor door, HttpContext http) => ShowAsync(door, http, "", null)).ForStaff(Roles);
        pages.MapGet(Path + "/figures.csv", FiguresAsync).ForStaff(Roles);
        pages.MapPost(Path + "/pauses/{id}", EndAsync).ForSteppedUpStaff(LogPost.Officer);
    }

    private static async Task<IResult> ShowAsync(StaffDoor door, HttpContext http, string reason, string? wrong)
    {
        var (host, ct) = (door.Host, http.RequestAborted);
        var view = await door.ViewAsync(http, "fairness", "alike");
        var (report, names) = await host.Database.ReadAsync(async tx => (await FairnessReport.LoadAsync(tx, view.Catalog, AskedWeek(http), ct), await LogNames.LoadAsync(tx, ct)), ct);
        return StaffDoor.Page<FairnessPage>(new FairnessView(view, report, names, reason, wrong), wrong is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    private static async Task<IResult> EndAsync(string id, StaffDoor door, HttpContext http)
    {
        var (host, ct) = (door.Host, http.RequestAborted);
        var reason = (await door.ReadAsync(http))["reason"].ToString();
        try
        {
            await host.Database.WriteAsync(async tx => await host.Fairness.EndPauseAsync(tx, await host.Access.FindActorAsync(tx, http.Token(), ct), id, reason, ct), ct);
        }
        catch (Fault fault) when (fault.What == "fairness/bad-reason")
        {
            return await ShowAsync(door, http, reason, PageText.In("alike", PageFrame.Of(http, (await host.Database.ReadAsync(tx => host.Catalogs.GetActiveAsync(tx, ct), ct)).Catalog.Organisation).Language).Text("pause.wrong"));
        }

        return StaffDoor.Say(http, Path, "ended");
    }

    private static async Task<IResult> FiguresAsync(StaffDoor door, HttpContext http)
    {
        var ct = http.RequestAborted;
        var report = await door.Host.Database.ReadAsync(async tx => await FairnessReport.LoadAsync(tx, (await door.Host.Catalogs.GetActiveAsync(tx, ct)).Catalog, AskedWeek(http), ct), ct);
        var csv = CsvText.Table("week,use,outcome,attribute,group,people,yes,share,low,high,ratio,standing,fellBehind", report.Audits.SelectMany(a => a.Counts.Groups.Select(g => (Audit: a, Group: g))).Select(row =>
        {
            var ((audit, group), share) = (row, new Proportion(row.Group.Part, row.Group.Whole));
            return (string[])
            [
                Week.FirstDay(report.Week!.Value).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), audit.Counts.Purpose.Value, audit.Counts.Outcome, audit.Counts.Attribute.Value, group.Group ?? "",
                group.IsTooFew ? "" : group.Whole.ToString(CultureInfo.InvariantCulture), group.IsTooFew ? "" : group.Part.ToString(CultureInfo.InvariantCulture),
                Digits(share.Value), Digits(share.Wilson()?.Low), Digits(share.Wilson()?.High), Digits(audit.ComparisonOf(group)?.Shares.Ratio),
                System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(audit.StandingOf(group).ToString()), audit.FellBehind(group) ? "1" : "0",
            ];
        }));
        return TextFile.Answer(csv, "text/csv", $"fairness-{(report.Week is { } week ? Week.FirstDay(week) : default):yyyy-MM-dd}.csv");
    }

    /// <summary>By a day in it; null for none, or for what is no day.</summary>
    private static long? AskedWeek(HttpContext http) =>
        DateOnly.TryParseExact(http.Request.Query["week"], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? Week.Of(new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero)) : null;

    private static string Digits(double? value) => value?.ToString("0.######", CultureInfo.InvariantCulture) ?? "";
}
