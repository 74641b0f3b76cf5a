using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;
using Candor.Staff;

namespace Candor.Server.Pages.Admin;

/// <summary>People: who works here, and what they may do.</summary>
internal static class AdminPeopleRoutes
{
    private const string Path = "/admin/people";
    private const string InvitePath = Path + "/invite";

    public static void MapAdminPeople(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, ListAsync).ForStaff(AdminDoor.Administrator);
        pages.MapGet(InvitePath, (StaffDoor door, HttpContext http) => ShowInviteAsync(door, http, null, null)).ForSteppedUpStaff(AdminDoor.Administrator);
        pages.MapPost(InvitePath, InviteAsync).ForSteppedUpStaff(AdminDoor.Administrator);
        pages.MapGet(Path + "/{id}", (StaffDoor door, string id, HttpContext http) => ShowAsync(door, http, id, null, null)).ForSteppedUpStaff(AdminDoor.Administrator);
        Change("roles", (host, tx, token, id, form, ct) => host.StaffChanges.SetRolesAsync(tx, token, id, [.. form["roles"].OfType<string>()], ct));
        Change("enable", async (host, tx, token, id, _, ct) => await host.StaffChanges.ProposeEnablingAsync(tx, token, id, ct));
        Change("reset", async (host, tx, token, id, _, ct) => await host.StaffChanges.ProposeResetAsync(tx, token, id, ct));
        Change("disable", async (host, tx, token, id, _, ct) =>
        {
            await host.StaffChanges.DisableAsync(tx, token, id, ct);
            return null;
        });
        Change("sign-out", async (host, tx, token, id, _, ct) =>
        {
            await host.StaffChanges.SignOutAsync(tx, token, id, ct);
            return null;
        });

        void Change(string what, Func<CandorHost, Storage.Transaction, CallerToken, string, IFormCollection, CancellationToken, ValueTask<Proposal?>> act) =>
            pages.MapPost(Path + "/{id}/" + what, (StaffDoor door, CandorHost host, string id, HttpContext http) => door.TryAsync(http, async form =>
                AdminDoor.Done(http, await host.WriteAsync(http, tx => act(host, tx, http.Token(), id, form, http.RequestAborted)), $"{Path}/{id}"),
                (form, fault) => ShowAsync(door, http, id, form, fault))).ForSteppedUpStaff(AdminDoor.Administrator);
    }

    private static async Task<IResult> ListAsync(StaffDoor door, CandorHost host, HttpContext http)
    {
        var (view, ct) = (await door.AdminViewAsync(http, "people"), http.RequestAborted);
        var (people, used) = await host.Database.ReadAsync(async tx => (await StaffChanges.PeopleAsync(tx, ct), await host.Budget.UsedAsync(tx, ct)), ct);
        return StaffDoor.Page<AdminPeoplePage>(new AdminPeople(view, [.. people.Select(m => PersonView.Of(view, m, used.GetValueOrDefault(m.StaffId), host.Budget.CustomersPerHour, door.Now))]));
    }

    private static async Task<IResult> ShowAsync(StaffDoor door, HttpContext http, string id, IFormCollection? sent, Fault? fault)
    {
        var (host, ct) = (door.Host, http.RequestAborted);
        var (member, used, newest) = await host.Database.ReadAsync(async tx =>
            (await StaffChanges.GetAsync(tx, id, ct), await host.Budget.UsedAsync(tx, ct), await host.Eyes.NewestAsync(tx, AdminChangeRoutes.Most, ct)), ct);
        var view = await door.AdminViewAsync(http, "people", sent, fault);
        return StaffDoor.Page<AdminPersonPage>(new AdminPerson(
            view, member, PersonView.Of(view, member, used.GetValueOrDefault(id), host.Budget.CustomersPerHour, door.Now),
            [.. newest.Where(p => p.State is ProposalState.Waiting or ProposalState.Ready && p.Kind.StartsWith("staff-", StringComparison.Ordinal) && p.Parameters.Contains(id, StringComparison.Ordinal))]), view.Status);
    }

    private static async Task<IResult> ShowInviteAsync(StaffDoor door, HttpContext http, IFormCollection? sent, Fault? fault)
    {
        var view = await door.AdminViewAsync(http, "people", sent, fault);
        return StaffDoor.Page<AdminInvitePage>(new AdminInvitation(view), view.Status);
    }

    private static Task<IResult> InviteAsync(StaffDoor door, CandorHost host, HttpContext http) => door.TryAsync(http, async form =>
        AdminDoor.Done(http, await host.WriteAsync(http, tx => host.StaffChanges.ProposeInvitationAsync(
            tx, http.Token(), form["email"].ToString(), form["name"].ToString(), [.. form["roles"].OfType<string>()], http.RequestAborted)), Path),
        (form, fault) => ShowInviteAsync(door, http, form, fault));
}
