using System.Globalization;
using Candor.Catalog;
using Candor.Collection;
using Candor.Governance;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Server.Pages.Admin;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;

namespace Candor.Server.Pages.Governance;

/// <summary>The audit of minimisation: what is held and used, and what could be less.</summary>
internal static class MinimisationRoutes
{
    private const string Area = "minimisation";
    private const string Path = "/governance/minimisation";
    public static readonly IReadOnlyList<string> Readers = ["privacy-officer", "committee-member", "administrator", "auditor"];

    public static void MapMinimisation(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, ShowAsync).ForStaff([.. Readers]);
        pages.MapGet(Path + ".csv", TableAsync).ForStaff([.. Readers]);
        pages.MapGet(Path + "/apply", ApplyAsync).ForSteppedUpStaff("privacy-officer", "administrator");
        pages.MapGet(Path + "/propose", ProposeAsync).ForStaff([.. Readers]);
        pages.MapPost(Path + "/count", CountAsync).ForStaff("privacy-officer", "administrator");
    }

    private static async Task<IResult> ShowAsync(StaffDoor door, BackgroundRuns runs, HttpContext http)
    {
        var view = await door.ViewAsync(http, Area, Area);
        var audit = await LoadAsync(door.Host, http.RequestAborted);
        var words = new MinimisationWords(audit.Catalog.Catalog, view.Frame.Language);
        var ct = http.RequestAborted;
        var found = await door.Host.Database.ReadAsync(async tx => new FoundView(
            words, await ValueFindings.LoadAsync(tx, ct), await UndeclaredBook.ReadAsync(tx, ct), await LogNames.LoadAsync(tx, ct), view.Visit.HasRole("privacy-officer"), runs.IsRunning(CleaningRoutes.Look)), ct);
        return StaffDoor.Page<MinimisationPage>(new MinimisationView(view, words, audit, found));
    }

    /// <summary>The change of the catalog that an advice comes to, with its reason, for somebody to look at and make count.</summary>
    private static async Task<IResult> ApplyAsync(StaffDoor door, HttpContext http)
    {
        var view = await door.AdminViewAsync(http, "catalog");
        return await WithTextAsync(door, http, async (audit, advice, text) =>
        {
            var preview = await door.Host.Database.ReadAsync(tx => door.Host.CatalogChanges.PreviewAsync(tx, text, http.RequestAborted), http.RequestAborted);
            return StaffDoor.Page<AdminCatalogPreviewPage>(new AdminCatalogPreview(view, text, preview, Start(new MinimisationWords(audit.Catalog.Catalog, view.Language).Advice(advice, audit), CatalogRegister.MaxReferenceLength)));
        });
    }

    /// <summary>The same change as an initiative, filled in, for whoever wants it discussed and decided on first.</summary>
    private static async Task<IResult> ProposeAsync(StaffDoor door, HttpContext http)
    {
        var view = await door.ViewAsync(http, Area, Area);
        return await WithTextAsync(door, http, (audit, advice, text) =>
        {
            var words = new MinimisationWords(audit.Catalog.Catalog, view.Frame.Language);
            var what = advice.DataPoint is { } point ? words.DataPoint(point) : words.Purpose(advice.Purpose!);
            return InitiativeRoutes.WriteAsync(door, http, null, new InitiativeForm(
                Start(words.T("propose.title", ("what", what)), InitiativeForm.MaxTitle), words.T("propose.what", ("change", advice.Change)), words.Advice(advice, audit),
                words.T("propose.data", ("what", what)), words.T("propose.helps"),
                words.Others(advice) ?? words.T("propose.harms"), null, text));
        });
    }

    private static string Start(string text, int most) => text[..Math.Min(text.Length, most)];

    /// <summary>With the advice that the address names and the catalog's text as it would have it.</summary>
    private static async Task<IResult> WithTextAsync(StaffDoor door, HttpContext http, Func<MinimisationAudit, MinimisationAdvice, string, Task<IResult>> show)
    {
        var query = http.Request.Query;
        var audit = await LoadAsync(door.Host, http.RequestAborted);
        var advice = audit.Advice.FirstOrDefault(a => a.Kind.ToString() == query["kind"] && (a.Purpose?.Value ?? "") == query["purpose"] && (a.DataPoint?.Value ?? "") == query["point"]);
        if (advice is null)
        {
            // The catalog, or the figures, have moved on since the page was shown.
            return StaffDoor.Say(http, Path, "no-advice");
        }

        try
        {
            return await show(audit, advice, advice.Edit.ApplyTo(audit.Catalog.Catalog.Text));
        }
        catch (Fault fault) when (fault.What is "catalog/cannot-edit" or "catalog/mistakes")
        {
            return StaffDoor.Say(http, Path, "by-hand");
        }
    }

    private static async Task<IResult> CountAsync(StaffDoor door, HttpContext http)
    {
        await door.ReadAsync(http);
        await door.Host.Stock.CountAsync(http.RequestAborted);
        return StaffDoor.Say(http, Path, "counted");
    }

    private static async Task<IResult> TableAsync(StaffDoor door, HttpContext http)
    {
        var audit = await LoadAsync(door.Host, http.RequestAborted);
        var csv = CsvText.Table("dataPoint,purpose,necessity,reads,purposeReads,watchedDays,gain,gainLow,gainHigh,retention,records,customers,oldest,newest,sameInstant,advice", audit.Rows.Select(row =>
        {
            var stock = audit.Stock.GetValueOrDefault(row.DataPoint.Id);
            return (string[])
            [
                row.DataPoint.Id.Value, row.Purpose.Id.Value, row.Necessity.ToString().ToLowerInvariant(), Digits(row.Reads), Digits(row.PurposeReads), Digits(audit.WatchedDays),
                Digits(row.Gain?.Share), Digits(row.Gain?.Low), Digits(row.Gain?.High), row.DataPoint.Retention.ToString(), Digits(stock?.Records ?? 0), Digits(stock?.Customers ?? 0),
                Day(stock?.Oldest), Day(stock?.Newest), Digits(stock?.SameInstant ?? 0),
                string.Join("; ", audit.Advice.Where(a => (a.DataPoint ?? row.DataPoint.Id) == row.DataPoint.Id && (a.Purpose ?? row.Purpose.Id) == row.Purpose.Id).Select(a => a.Change)),
            ];
        }));
        return TextFile.Answer(csv, "text/csv", $"minimisation-{door.Now.UtcDateTime:yyyy-MM-dd}.csv");
    }

    private static Task<MinimisationAudit> LoadAsync(CandorHost host, CancellationToken ct) =>
        host.Database.ReadAsync(tx => MinimisationAudit.LoadAsync(tx, host.Catalogs, host.Suggestions.Evaluations, ct), ct);

    private static string Digits(double? number) => number?.ToString("R", CultureInfo.InvariantCulture) ?? "";

    private static string Day(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "";
}
