using System.Globalization;
using Candor.Catalog;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;
using Candor.Staff;

namespace Candor.Server.Pages.Admin;

/// <summary>One API key.</summary>
public sealed record KeyView(string KeyId, string Service, bool IsLive, string State, IReadOnlyList<FactView> Facts);

/// <summary>All API keys.</summary>
public sealed record AdminKeys(AdminView View, IReadOnlyList<KeyView> Live, IReadOnlyList<KeyView> Past);

/// <summary>A key to propose.</summary>
public sealed record AdminNewKey(AdminView View, IReadOnlyList<string> Services, IReadOnlyList<(string Value, string Text, string? More)> Purposes);

/// <summary>API keys: listed, proposed, revoked.</summary>
internal static class AdminKeyRoutes
{
    private const string Path = "/admin/keys";
    private const string NewPath = Path + "/new";
    private const int MostPast = 20;

    public static void MapAdminKeys(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, (StaffDoor door, HttpContext http) => ListAsync(door, http, null, null)).ForStaff(AdminDoor.Administrator);
        pages.MapGet(NewPath, (StaffDoor door, HttpContext http) => ShowNewAsync(door, http, null, null)).ForSteppedUpStaff(AdminDoor.Administrator);
        pages.MapPost(NewPath, ProposeAsync).ForSteppedUpStaff(AdminDoor.Administrator);
        pages.MapPost(Path + "/{id}/revoke", (StaffDoor door, CandorHost host, string id, HttpContext http) => door.TryAsync(http, async _ =>
        {
            await host.Database.WriteAsync(tx => host.ApiKeys.RevokeAsync(tx, http.Token(), id, http.RequestAborted), http.RequestAborted);
            return StaffDoor.Say(http, Path, "revoked");
        }, (form, fault) => ListAsync(door, http, form, fault))).ForSteppedUpStaff(AdminDoor.Administrator);
    }

    private static async Task<IResult> ListAsync(StaffDoor door, HttpContext http, IFormCollection? sent, Fault? fault)
    {
        var (host, ct, now) = (door.Host, http.RequestAborted, Micros.From(door.Now));
        var view = await door.AdminViewAsync(http, "keys", sent, fault);
        var keys = (await host.Database.ReadAsync(tx => host.Access.KeysAsync(tx, ct), ct)).Select(k => View(view, k, now)).Reverse().ToList();
        return StaffDoor.Page<AdminKeysPage>(new AdminKeys(view, [.. keys.Where(k => k.IsLive)], [.. keys.Where(k => !k.IsLive).Take(MostPast)]), view.Status);
    }

    private static KeyView View(AdminView view, AccessRegister.KeyRow key, long nowUs) => new(
        key.KeyId, key.Service, key.IsLive(nowUs), view.T(key.RevokedAtUs is not null ? "keys.state.revoked" : key.IsLive(nowUs) ? "keys.state.live" : "keys.state.over"),
        [
            new(view.T("keys.id"), key.KeyId), new(view.T("keys.purposes"), key.Purposes == "*" ? view.T("keys.purposes.all") : key.Purposes.Replace(" ", ", ", StringComparison.Ordinal)),
            new(view.T("keys.may"), key.May.Length > 0 ? string.Join(", ", key.May.Split(' ').Select(m => view.TOr("ability." + m, m))) : view.T("keys.may.none")),
            new(view.T("keys.networks"), key.Networks?.Replace(" ", ", ", StringComparison.Ordinal) ?? view.T("keys.networks.all")),
            .. key.Assistant is { } name ? (FactView[])[new(view.T("keys.assistant"), name), new(view.T("keys.customers"), view.Number(key.CustomersPerHour ?? 0))] : [],
            new(view.T("keys.ends"), view.Time(key.ExpiresAtUs)),
            new(view.T("keys.used"), key.LastUsedDay is { } day ? view.Day(DateTimeOffset.UnixEpoch.AddDays(day)) : view.T("keys.used.never")),
        ]);

    private static async Task<IResult> ShowNewAsync(StaffDoor door, HttpContext http, IFormCollection? sent, Fault? fault)
    {
        var view = await door.AdminViewAsync(http, "keys", sent, fault);
        var purposes = view.Staff.Catalog.Purposes.Values.Where(p => p.Services.Count > 0).OrderBy(p => p.Id.Value, StringComparer.Ordinal).ToList();
        return StaffDoor.Page<AdminNewKeyPage>(new AdminNewKey(
            view, [.. purposes.SelectMany(p => p.Services).Distinct().Order(StringComparer.Ordinal)],
            [.. purposes.Select(p => (p.Id.Value, p.Label.In(view.Language), (string?)string.Join(", ", p.Services.Order(StringComparer.Ordinal))))]), view.Status);
    }

    private static Task<IResult> ProposeAsync(StaffDoor door, CandorHost host, HttpContext http) => door.TryAsync(http, async form =>
    {
        var (days, assistant) = (Number(form["days"].ToString()), form["assistant"].ToString().Trim());
        var wish = new KeyWish(
            form["service"].ToString().Trim(), [.. form["purposes"].OfType<string>()], [.. form["may"].OfType<string>()], days,
            form["networks"].ToString().Split([' ', ',', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries),
            assistant.Length == 0 ? null : new AssistantMark(assistant, Number(form["customers"].ToString())));
        return AdminDoor.Done(http, await host.WriteAsync(http, tx => host.ApiKeys.ProposeAsync(tx, http.Token(), wish, http.RequestAborted)), Path);
    }, (form, fault) => ShowNewAsync(door, http, form, fault));

    /// <summary>0 where it is none: nothing on the form may be 0.</summary>
    private static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0;
}
