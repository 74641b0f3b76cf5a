using Candor.Server.Hosting;
using Candor.Server.Pages.Staff;
using Candor.Staff;

namespace Candor.Server.Pages.Admin;

/// <summary>One check of the installation, in the reader's language.</summary>
/// <param name="Tone"><c>yes</c> or <c>no</c>.</param>
public sealed record HealthView(string Name, string State, string Tone, string Finding);

/// <summary>The first page of the administration: what waits, and how the installation is.</summary>
public sealed record AdminOverview(AdminView View, int Waiting, int People, IReadOnlyList<string> OverBudget, IReadOnlyList<HealthView> Health);

/// <summary>The doors of the administration.</summary>
internal static class AdminRoutes
{
    public static void MapAdmin(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/admin", OverviewAsync).ForStaff(AdminDoor.Administrator);
        pages.MapAdminPeople();
        pages.MapAdminChanges();
        pages.MapAdminKeys();
        pages.MapAdminWebhooks();
        pages.MapAdminMail();
        pages.MapAdminEncryption();
        pages.MapAdminBackups();
        pages.MapAdminCatalog();
        pages.MapAdminRights();
    }

    private static async Task<IResult> OverviewAsync(StaffDoor door, CandorHost host, HttpContext http)
    {
        var ct = http.RequestAborted;
        var view = await door.AdminViewAsync(http, "admin");
        var (waiting, people, used) = await host.Database.ReadAsync(async tx =>
            (await host.Eyes.NewestAsync(tx, AdminChangeRoutes.Most, ct), await StaffChanges.PeopleAsync(tx, ct), await host.Budget.UsedAsync(tx, ct)), ct);
        var checks = (await Doctor.LookAsync(host, ct)).Append(Models(host));
        return StaffDoor.Page<AdminOverviewPage>(new AdminOverview(
            view, waiting.Count(p => p.State == ProposalState.Waiting && p.ExpiresAt > door.Now), people.Count(p => p.DisabledAtUs is null),
            [.. people.Where(p => used.TryGetValue(p.StaffId, out var use) && use.Customers >= host.Budget.CustomersPerHour).Select(p => p.Name)],
            [.. checks.Select(c => Health(view, c))]));
    }

    private static DoctorCheck Models(CandorHost host) => new("suggestions", host.Suggestions.IsLoaded ? DoctorState.Ok : DoctorState.Warn, "");

    private static HealthView Health(AdminView view, DoctorCheck check)
    {
        var name = $"health.{check.Name.Replace(' ', '-')}";
        var finding = check.State == DoctorState.Fail || !view.Has($"{name}.{check.State}") ? $"{check.Finding} {check.Advice}".Trim() : view.T(
            $"{name}.{check.State}", ("a", Value(0)), ("b", Value(1)), ("c", Value(2)), ("d", Value(3)));
        return new HealthView(view.TOr(name, check.Name), view.T("health." + check.State), check.State == DoctorState.Ok ? "yes" : "no", finding);

        string Value(int at) => check.Values.ElementAtOrDefault(at) is not { } value ? "" : long.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out var n) ? view.Number(n) : value;
    }
}
