using System.Globalization;
using Candor.Governance;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Server.Pages.Admin;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;
using Candor.Staff;

namespace Candor.Server.Pages.Governance;

/// <summary>Who decides on new uses of data: shown to all staff, changed by two people.</summary>
internal static class CommitteeRoutes
{
    private const string Path = "/governance/committee";
    private static readonly string[] Roles = [.. CommitteeOffice.Roles];
    private static readonly string[] Languages = ["en", "de"];

    public static void MapCommittee(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, ShowAsync).ForStaff();
        pages.MapGet(Path + "/edit", (StaffDoor door, HttpContext http) => EditAsync(door, http, null, null)).ForSteppedUpStaff(Roles);
        pages.MapPost(Path + "/edit", ProposeAsync).ForSteppedUpStaff(Roles);
    }

    private static async Task<IResult> ShowAsync(StaffDoor door, HttpContext http)
    {
        var ct = http.RequestAborted;
        var view = await InitiativeRoutes.ViewAsync(door, http);
        var (setup, names) = await door.Host.Database.ReadAsync(async tx => (await CommitteeOffice.FindAsync(tx, ct), await LogNames.LoadAsync(tx, ct)), ct);
        return StaffDoor.Page<CommitteePage>(new CommitteeShown(
            view, setup, [.. setup.Seats.Select(s => new FactView(view.TOr("seat." + s.Name, s.Name), names.Of("staff:" + s.StaffId)))], Roles.Any(StaffDoor.Visit(http).HasRole)));
    }

    private static async Task<IResult> EditAsync(StaffDoor door, HttpContext http, IFormCollection? sent, Fault? fault)
    {
        var ct = http.RequestAborted;
        var view = await InitiativeRoutes.ViewAsync(door, http, sent, fault);
        var (setup, people) = await door.Host.Database.ReadAsync(async tx => (await CommitteeOffice.FindAsync(tx, ct), await StaffDirectory.WithRoleAsync(tx, [CommitteeSetup.MemberRole], ct)), ct);
        var seats = setup.Seats.Count > 0 ? setup.Seats.Select(s => (view.TOr("seat." + s.Name, s.Name), s.StaffId)) : CommitteeSetup.UsualSeats.Select(s => (view.T("seat." + s), ""));
        return StaffDoor.Page<CommitteeFormPage>(new CommitteeEdit(
            view, setup, [.. seats.Concat(Enumerable.Repeat(("", ""), CommitteeSetup.MaxSeats)).Take(Math.Max(7, setup.Seats.Count + 2)).Take(CommitteeSetup.MaxSeats)],
            [.. people.Select(p => (p.StaffId, p.Name))]), view.Status);
    }

    private static Task<IResult> ProposeAsync(StaffDoor door, CandorHost host, HttpContext http) => door.TryAsync(http, async form =>
    {
        var mode = Enum.TryParse<CommitteeMode>(form["mode"].ToString(), out var chosen) && Enum.IsDefined(chosen) ? chosen : throw new Fault(FaultKind.Invalid, "governance/bad-mode", "Choose who decides.");
        var quorum = int.TryParse(form["quorum"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var votes) ? votes : 0;
        var proposal = await host.WriteAsync(http, tx => host.Committee.ProposeAsync(tx, http.Token(), mode, quorum, SeatsOf(form), http.RequestAborted));
        return AdminDoor.Done(http, proposal, Path);
    }, (form, fault) => EditAsync(door, http, form, fault));

    /// <summary>Seats that somebody has. One of the usual names, in any language, is kept as the word that all languages translate.</summary>
    private static List<CommitteeSeat> SeatsOf(IFormCollection form) =>
    [
        .. Enumerable.Range(0, CommitteeSetup.MaxSeats).Select(i => (Name: form[$"seat-{i}"].ToString().Trim(), Staff: form[$"member-{i}"].ToString()))
            .Where(s => s.Staff.Length > 0)
            .Select(s => new CommitteeSeat(CommitteeSetup.UsualSeats.FirstOrDefault(u => Languages.Any(l => PageText.In("governance", l).Text("seat." + u) == s.Name)) ?? s.Name, s.Staff)),
    ];
}
