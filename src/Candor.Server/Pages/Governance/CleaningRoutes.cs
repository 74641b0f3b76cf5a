using System.Globalization;
using Candor.Collection;
using Candor.Governance;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Server.Pages.Admin;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;

namespace Candor.Server.Pages.Governance;

/// <summary>What a cleaning would do, before it is proposed.</summary>
/// <param name="Word">What will stand where something was.</param>
/// <param name="IsGuess">What was found may be something else.</param>
public sealed record CleaningShown(AdminView View, string What, string Point, FoundKind Kind, string Values, string Customers, string Waiting, string Word, bool IsGuess);

/// <summary>Looks into values and cleanings, started on the page about minimisation; and who sends what is not declared, as a table.</summary>
internal static class CleaningRoutes
{
    /// <summary>Name of a look that was started on the page.</summary>
    public const string Look = "look into values";

    private const string Area = "minimisation";
    private const string Path = "/governance/minimisation";

    public static void MapCleaning(this IEndpointRouteBuilder pages)
    {
        pages.MapPost(Path + "/look", LookAsync).ForStaff("privacy-officer", "administrator");
        pages.MapGet(Path + "/clean", (StaffDoor door, HttpContext http) => ShowAsync(door, http, http.Request.Query["point"], http.Request.Query["kind"], null, null)).ForSteppedUpStaff("privacy-officer");
        pages.MapPost(Path + "/clean", ProposeAsync).ForSteppedUpStaff("privacy-officer");
        pages.MapGet(Path + "/undeclared.csv", TableAsync).ForStaff([.. MinimisationRoutes.Readers]);
    }

    private static async Task<IResult> LookAsync(StaffDoor door, CandorHost host, BackgroundRuns runs, HttpContext http)
    {
        await door.ReadAsync(http);
        runs.Start(Look, async ct => await host.ValueCheck.RunAsync(all: true, null, ct));
        return StaffDoor.Say(http, Path, "looking");
    }

    private static async Task<IResult> ShowAsync(StaffDoor door, HttpContext http, string? point, string? kind, IFormCollection? sent, Fault? fault)
    {
        var view = new AdminView(await door.ViewAsync(http, Area, Area), sent, fault, Area);
        var catalog = view.Staff.Catalog;
        var (id, what) = Read(point, kind);
        if (!catalog.DataPoints.TryGetValue(id, out var declared))
        {
            throw NoneSuch(point);
        }

        var count = await door.Host.ValueCleaning.CountAsync(id, what, http.RequestAborted);
        return StaffDoor.Page<CleaningPage>(new CleaningShown(
            view, view.T("cleaning.of", ("kind", view.T("found.kind." + what)), ("point", declared.Label.In(view.Language))), id.Value, what,
            view.Number(count.Values), view.Number(count.Customers), view.Number(count.Waiting), ValueCleaning.WordFor(what, catalog.Organisation.Languages[0]), what == FoundKind.Health), view.Status);
    }

    private static Task<IResult> ProposeAsync(StaffDoor door, CandorHost host, HttpContext http) => door.TryAsync(http, async form =>
    {
        var (point, kind) = Read(form["point"], form["kind"]);
        if (kind == FoundKind.Health && form["sure"] != "yes")
        {
            throw new Fault(FaultKind.Invalid, "governance/not-sure", "Words about health are a guess: say that they were looked at, and that all of them shall go.");
        }

        var proposal = await host.WriteAsync(http, tx => host.ValueCleaning.ProposeAsync(tx, http.Token(), point, kind, http.RequestAborted));
        return AdminDoor.Done(http, proposal, Path);
    }, (form, fault) => ShowAsync(door, http, form["point"], form["kind"], form, fault));

    private static (DataPointId Point, FoundKind Kind) Read(string? point, string? kind) =>
        DataPointId.TryParse(point, null, out var id) ? Enum.TryParse<FoundKind>(kind, out var found) && ValueContent.Cleaned.Contains(found) ? (id, found) : throw NoneSuch(kind) : throw NoneSuch(point);

    private static Fault NoneSuch(string? what) => new(FaultKind.NotFound, "governance/no-such-cleaning", $"There is nothing to take out for `{Name.Shown(what ?? "")}`; the page about minimisation lists what was found.");

    private static async Task<IResult> TableAsync(StaffDoor door, HttpContext http)
    {
        var (counts, names) = await door.Host.Database.ReadAsync(async tx => (await UndeclaredBook.ReadAsync(tx, http.RequestAborted), await LogNames.LoadAsync(tx, http.RequestAborted)), http.RequestAborted);
        var csv = CsvText.Table("field,sender,key,number,last", counts.Select(c => (string[])
            [c.Name, names.Of(c.Sender), c.Sender, c.Number.ToString(CultureInfo.InvariantCulture), c.Last.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)]));
        return TextFile.Answer(csv, "text/csv", $"undeclared-{door.Now.UtcDateTime:yyyy-MM-dd}.csv");
    }
}
