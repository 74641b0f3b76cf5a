using Candor.Kernel;
using Candor.Messages;
using Candor.Server.Hosting;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;

namespace Candor.Server.Pages.Admin;

/// <summary>The webhooks, and what has not reached them.</summary>
/// <param name="Tried">What came of a test: of which webhook, and why it was not taken; empty: it was.</param>
public sealed record AdminWebhooks(AdminView View, IReadOnlyList<Webhook> Webhooks, IReadOnlyList<WebhookDelivery> Open, (string Id, string Outcome)? Tried);

/// <summary>Webhooks: listed, added, tried out, removed; what was given up is tried again.</summary>
internal static class AdminWebhookRoutes
{
    private const string Path = "/admin/webhooks";
    private const int Most = 100;

    public static void MapAdminWebhooks(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, (StaffDoor door, HttpContext http) => ShowAsync(door, http, null, null, null)).ForStaff(AdminDoor.Administrator);
        pages.MapPost(Path, AddAsync).ForSteppedUpStaff(AdminDoor.Administrator);
        pages.MapPost(Path + "/{id}/test", (StaffDoor door, CandorHost host, string id, HttpContext http) => door.TryAsync(http, async _ =>
            await ShowAsync(door, http, null, null, (id, await host.Mail.WebhookSender.TestAsync(id, http.RequestAborted) ?? "")), Again(door, http))).ForStaff(AdminDoor.Administrator);
        pages.MapPost(Path + "/{id}/remove", (StaffDoor door, CandorHost host, string id, HttpContext http) => door.TryAsync(http, async _ =>
        {
            await ChangeAsync(host, http, (tx, by) => host.Mail.Webhooks.RemoveAsync(tx, id, by, http.RequestAborted));
            return StaffDoor.Say(http, Path, "removed");
        }, Again(door, http))).ForSteppedUpStaff(AdminDoor.Administrator);
        pages.MapPost(Path + "/retry", (StaffDoor door, CandorHost host, HttpContext http) => door.TryAsync(http, async form =>
        {
            var one = form["event"].ToString();
            await host.WriteAsync(http, async tx => await host.Mail.Webhooks.RetryAsync(tx, one.Length > 0 ? one : null, http.RequestAborted));
            return StaffDoor.Say(http, Path, "retried");
        }, Again(door, http))).ForStaff(AdminDoor.Administrator);
    }

    private static Func<IFormCollection, Fault, Task<IResult>> Again(StaffDoor door, HttpContext http) => (form, fault) => ShowAsync(door, http, form, fault, null);

    private static async Task<IResult> ShowAsync(StaffDoor door, HttpContext http, IFormCollection? sent, Fault? fault, (string, string)? tried)
    {
        var (host, ct) = (door.Host, http.RequestAborted);
        var view = await door.AdminViewAsync(http, "webhooks", sent, fault);
        var (webhooks, open) = await host.Database.ReadAsync(async tx => (await host.Mail.Webhooks.ListAsync(tx, ct), await host.Mail.Webhooks.DeliveriesAsync(tx, onlyOpen: true, Most, ct)), ct);
        return StaffDoor.Page<AdminWebhooksPage>(new AdminWebhooks(view, webhooks, open, tried), view.Status);
    }

    /// <summary>What is inside the business's own network is added on the host alone, with <c>candor webhook add --allow-private</c>.</summary>
    private static Task<IResult> AddAsync(StaffDoor door, CandorHost host, HttpContext http) => door.TryAsync(http, async form =>
    {
        var types = form["types"].ToString().Split([' ', ',', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
        var secret = "";
        await ChangeAsync(host, http, async (tx, by) => secret = (await host.Mail.Webhooks.AddAsync(tx, form["url"].ToString().Trim(), types, allowPrivate: false, by, http.RequestAborted)).Secret);
        return await AdminChangeRoutes.OnceAsync(door, http, "once.webhook", secret, Path);
    }, Again(door, http));

    private static Task ChangeAsync(CandorHost host, HttpContext http, Func<Storage.Transaction, string, ValueTask> act) => host.Database.WriteAsync(async tx =>
    {
        var actor = await host.Eyes.EnterAsync(tx, http.Token(), [AdminDoor.Administrator], http.RequestAborted);
        await act(tx, actor.LogName);
    }, http.RequestAborted);
}
