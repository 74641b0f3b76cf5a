using Candor.Desk;
using Candor.Kernel;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;
using Candor.Staff;

namespace Candor.Server.Pages.Desk;

/// <summary>A read in an emergency in words, without anything about the customer.</summary>
public sealed record EmergencyLine(string Id, string Who, string Purpose, string When, string Entry, bool IsOpen, string State);

/// <summary>All reads in an emergency.</summary>
public sealed record EmergencyList(StaffView View, DeskWords Words, IReadOnlyList<EmergencyLine> Lines);

/// <summary>One of them with its reason.</summary>
/// <param name="Checker">Who looked into it; null while nobody did.</param>
/// <param name="Mistake">Why the finding was not taken; null when nothing is wrong.</param>
public sealed record EmergencyCheck(StaffView View, DeskWords Words, EmergencyLine Line, string Reason, string? Finding, string? Checker, string Draft, string? Mistake);

/// <summary>Where privacy officers look into reads in an emergency.</summary>
internal static class EmergencyRoutes
{
    private const int Most = 200;
    private const string Path = "/desk/emergencies";

    public static void MapEmergencies(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, ListAsync).ForStaff(DeskRules.Officer);
        pages.MapGet(Path + "/{id}", (string id, StaffDoor door, HttpContext http) => ShowAsync(id, door, http, "", null)).ForStaff(DeskRules.Officer);
        pages.MapPost(Path + "/{id}", CloseAsync).ForStaff(DeskRules.Officer);
    }

    private static async Task<IResult> ListAsync(StaffDoor door, HttpContext http)
    {
        if (await door.Host.Emergencies.ListAsync(http.Token(), Most, http.RequestAborted) is not { } found)
        {
            return TypedResults.Redirect(StaffGuard.SignInPath);
        }

        var (view, names) = (await door.ViewAsync(http, "emergencies", "desk"), await NamesAsync(door, http));
        var words = new DeskWords(view.Catalog, view.Frame.Language);
        return StaffDoor.Page<EmergencyListPage>(new EmergencyList(view, words, [.. found.Select(e => Line(words, e, names))]));
    }

    private static async Task<IResult> ShowAsync(string id, StaffDoor door, HttpContext http, string draft, string? mistake)
    {
        if (await door.Host.Emergencies.ShowAsync(http.Token(), id, http.RequestAborted) is not { } shown)
        {
            return TypedResults.Redirect(StaffGuard.SignInPath);
        }

        var (view, names) = (await door.ViewAsync(http, "emergencies", "desk"), await NamesAsync(door, http));
        var words = new DeskWords(view.Catalog, view.Frame.Language);
        return StaffDoor.Page<EmergencyPage>(
            new EmergencyCheck(view, words, Line(words, shown.Read, names), shown.Reason, shown.Finding, shown.Read.CheckedBy is { } by ? names.GetValueOrDefault(by, by) : null, draft,
                mistake is null ? null : words.TOr("mistake." + mistake, "mistake.other")),
            mistake is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    private static async Task<IResult> CloseAsync(string id, StaffDoor door, HttpContext http)
    {
        var form = await door.ReadAsync(http);
        try
        {
            return await door.Host.Emergencies.CloseAsync(http.Token(), id, form["justified"] == "yes", form["finding"].ToString(), http.RequestAborted)
                ? StaffDoor.Say(http, Path, "checked")
                : TypedResults.Redirect(StaffGuard.SignInPath);
        }
        catch (Fault fault) when (fault.Kind is FaultKind.Invalid or FaultKind.Conflict)
        {
            return await ShowAsync(id, door, http, form["finding"].ToString(), fault.What);
        }
    }

    private static EmergencyLine Line(DeskWords words, EmergencyRead e, IReadOnlyDictionary<string, string> names) => new(
        e.Id, names.GetValueOrDefault(e.StaffId, e.StaffId), words.LabelOf(e.Purpose), words.Values.Time(e.At), e.Entry, e.CheckedAt is null,
        words.T(e.WasJustified switch { null => "emergencies.open", true => "emergencies.justified", false => "emergencies.not-justified" }));

    private static Task<IReadOnlyDictionary<string, string>> NamesAsync(StaffDoor door, HttpContext http) =>
        door.Host.Database.ReadAsync<IReadOnlyDictionary<string, string>>(async tx => await StaffDirectory.NamesAsync(tx, http.RequestAborted), http.RequestAborted);
}
