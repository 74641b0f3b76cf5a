using System.Globalization;
using Candor.Fairness;
using Candor.Governance;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Server.Pages.Admin;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;

namespace Candor.Server.Pages.Governance;

/// <summary>The versions of the models' settings: what was found of each before it went live, which is in use, and which waits for a decision.</summary>
internal static class ModelsRoutes
{
    private const string Area = "models";
    private const string Path = "/governance/models";
    private static readonly string[] Readers = [FairnessRuns.Officer, "administrator", "committee-member", "auditor"];

    public static void MapModels(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, (StaffDoor door, HttpContext http) => ShowAsync(door, http, null, "", null)).ForStaff(Readers);
        pages.MapPost(Path + "/{number}", DecideAsync).ForSteppedUpStaff([.. ModelAudits.Deciders]);
    }

    /// <param name="number">The version that is shown; null: as asked for, else the one that waits, else the one in use, else the newest.</param>
    private static async Task<IResult> ShowAsync(StaffDoor door, HttpContext http, long? number, string reason, Fault? fault)
    {
        var (host, ct) = (door.Host, http.RequestAborted);
        var view = await door.ViewAsync(http, Area, Area);
        var (versions, used, names) = await host.Database.ReadAsync(async tx =>
            (await host.Suggestions.Evaluations.ListAsync(tx, ct), await host.Suggestions.Evaluations.FindInUseAsync(tx, ct), await LogNames.LoadAsync(tx, ct)), ct);
        var asked = number ?? (long.TryParse(http.Request.Query["version"], NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : null);
        var shown = versions.FirstOrDefault(v => v.Number == asked) ?? versions.FirstOrDefault(v => v.IsWaiting) ?? versions.FirstOrDefault(v => v.Number == used?.Number) ?? (versions.Count > 0 ? versions[0] : null);
        return StaffDoor.Page<ModelsPage>(new ModelsView(view, versions, used?.Number, shown, names, reason, fault), fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    private static Task<IResult> DecideAsync(string number, StaffDoor door, HttpContext http) => door.TryAsync(http, async form =>
    {
        var (host, ct) = (door.Host, http.RequestAborted);
        var version = AdminDoor.Version(number);
        var isApplied = form["decision"].ToString() switch
        {
            "apply" => true, "drop" => false,
            var other => throw new Fault(FaultKind.Invalid, "fairness/bad-decision", $"A decision is `apply` or `drop`; got `{Name.Shown(other)}`."),
        };
        await host.Database.WriteAsync(async tx => await host.ModelAudits.DecideAsync(tx, await host.Access.FindActorAsync(tx, http.Token(), ct), version, isApplied, form["reason"].ToString(), ct), ct);
        return StaffDoor.Say(http, $"{Path}?version={version}", isApplied ? "applied" : "dropped");
    }, (form, fault) => ShowAsync(door, http, AdminDoor.Version(number), form["reason"].ToString(), fault));
}
