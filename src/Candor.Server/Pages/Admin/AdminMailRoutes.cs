using Candor.Kernel;
using Candor.Messages;
using Candor.Server.Hosting;
using Candor.Server.Pages.Staff;
using Candor.Staff;

namespace Candor.Server.Pages.Admin;

/// <summary>How mail leaves, and what has not.</summary>
/// <param name="Own">Address of whoever looks; null when their account has none.</param>
/// <param name="Tried">What came of a test mail: why it did not leave; empty: it did.</param>
public sealed record AdminMail(
    AdminView View, IReadOnlyList<FactView> Settings, IReadOnlyList<FactView> Counts, IReadOnlyList<DeadMessage> Dead, IReadOnlyList<ListedText> Texts, string? Own, string? Tried);

/// <summary>One text of the messages.</summary>
public sealed record AdminMailText(AdminView View, string Template, string TextLanguage, string Source);

/// <summary>Mail: settings, a test, what was given up, and the texts.</summary>
internal static class AdminMailRoutes
{
    private const string Path = "/admin/mail";
    private const int Most = 50;
    private static readonly string[] States = ["queued", "sent", "dropped", "dead"];

    public static void MapAdminMail(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, (StaffDoor door, HttpContext http) => ShowAsync(door, http, null, null, null)).ForStaff(AdminDoor.Administrator);
        pages.MapPost(Path + "/test", (StaffDoor door, HttpContext http) => door.TryAsync(http, _ => TestAsync(door, http), (form, fault) => ShowAsync(door, http, form, fault, null)))
            .ForStaff(AdminDoor.Administrator);
        pages.MapGet(Path + "/texts/{template}/{language}", async (StaffDoor door, string template, string language, HttpContext http) =>
            StaffDoor.Page<AdminMailTextPage>(new AdminMailText(await door.AdminViewAsync(http, "mail"), template, language, door.Host.Mail.Texts.Source(template, language)))).ForStaff(AdminDoor.Administrator);
    }

    private static async Task<IResult> TestAsync(StaffDoor door, HttpContext http)
    {
        var (host, ct) = (door.Host, http.RequestAborted);
        var view = await door.AdminViewAsync(http, "mail");
        var own = await OwnAsync(door, http) ?? throw new Fault(FaultKind.Conflict, "messages/no-own-address", "Your account has no e-mail address to send a test to.");
        var words = (view.T("mail.test.subject"), view.T("mail.test.text"), view.T("mail.test.ending", ("site", host.Settings.Site.Host)));
        return await ShowAsync(door, http, null, null, await host.Mail.SendTestAsync(own, words, view.Staff.Catalog.Organisation, view.Language, ct) ?? "");
    }

    private static async Task<string?> OwnAsync(StaffDoor door, HttpContext http) =>
        (await door.Host.Database.ReadAsync(tx => StaffChanges.GetAsync(tx, StaffDoor.Visit(http).Actor.Ref, http.RequestAborted), http.RequestAborted)).Email;

    private static async Task<IResult> ShowAsync(StaffDoor door, HttpContext http, IFormCollection? sent, Fault? fault, string? tried)
    {
        var (host, ct) = (door.Host, http.RequestAborted);
        var view = await door.AdminViewAsync(http, "mail", sent, fault);
        var (counts, dead) = await host.Database.ReadAsync(async tx => (await MailRoom.CountsAsync(tx, ct), await MailRoom.DeadAsync(tx, Most, ct)), ct);
        var mail = host.Mail.Settings;
        FactView[] settings =
        [
            new(view.T("mail.way"), mail.Smtp is { } relay ? view.T("mail.way.smtp", ("relay", $"{relay.Host}:{relay.Port}")) : view.T("mail.way.files", ("folder", mail.Pickup))),
            new(view.T("mail.user"), mail.Smtp?.User ?? "–"), new(view.T("mail.from"), mail.From ?? view.Staff.Catalog.Organisation.Contact),
            new(view.T("mail.gather"), view.T("mail.seconds", ("n", view.Number((long)mail.GatherChoices.TotalSeconds)))),
        ];
        return StaffDoor.Page<AdminMailPage>(new AdminMail(
            view, settings, [.. States.Select(s => new FactView(view.T("mail.count." + s), view.Number(counts.FirstOrDefault(c => c.State == s)?.Messages ?? 0)))],
            dead, host.Mail.Texts.List(), await OwnAsync(door, http), tried), view.Status);
    }
}
