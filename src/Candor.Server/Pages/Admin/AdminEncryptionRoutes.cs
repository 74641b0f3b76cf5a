using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;

namespace Candor.Server.Pages.Admin;

/// <summary>One version of the key-encryption key.</summary>
/// <param name="From">From when on no backup needs it any more; empty where that does not apply.</param>
/// <param name="MayPropose">Its destruction can be proposed.</param>
public sealed record KekView(long Version, string State, string Tone, string Since, string From, bool MayPropose);

/// <summary>The key-encryption keys.</summary>
/// <param name="Older">Keys that an older version still wraps.</param>
public sealed record AdminEncryption(AdminView View, IReadOnlyList<KekView> Versions, long Customers, long Older, bool IsRunning);

/// <summary>Encryption keys: what there is, rotating, and proposing to destroy an old one.</summary>
internal static class AdminEncryptionRoutes
{
    private const string Path = "/admin/encryption";
    private const string Run = "rotation";

    public static void MapAdminEncryption(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, (StaffDoor door, BackgroundRuns runs, HttpContext http) => ShowAsync(door, runs, http, null, null)).ForStaff(AdminDoor.Administrator);
        pages.MapPost(Path + "/rotate", (StaffDoor door, CandorHost host, BackgroundRuns runs, HttpContext http) => door.TryAsync(http, async _ =>
        {
            await host.Database.WriteAsync(tx => host.KeyCare.StartRotationAsync(tx, http.Token(), http.RequestAborted), http.RequestAborted);
            runs.Start(Run, host.KeyCare.RotateAsync);
            return StaffDoor.Say(http, Path, "rotating");
        }, (form, fault) => ShowAsync(door, runs, http, form, fault))).ForSteppedUpStaff(AdminDoor.Administrator);
        pages.MapPost(Path + "/{version}/destroy", (StaffDoor door, CandorHost host, BackgroundRuns runs, string version, HttpContext http) => door.TryAsync(http, async _ =>
            AdminDoor.Done(http, await host.WriteAsync(http, tx => host.KeyCare.ProposeDestructionAsync(tx, http.Token(), AdminDoor.Version(version), http.RequestAborted)), Path),
            (form, fault) => ShowAsync(door, runs, http, form, fault))).ForSteppedUpStaff(AdminDoor.Administrator);
    }

    private static async Task<IResult> ShowAsync(StaffDoor door, BackgroundRuns runs, HttpContext http, IFormCollection? sent, Fault? fault)
    {
        var (host, ct) = (door.Host, http.RequestAborted);
        var view = await door.AdminViewAsync(http, "encryption", sent, fault);
        var (versions, older, customers) = await host.Database.ReadAsync(async tx => (await host.Rotation.StatusAsync(tx, ct), await host.Rotation.OlderAsync(tx, ct), await host.Vault.CountAsync(tx, ct)), ct);
        var kept = view.Staff.Catalog.Organisation.BackupsKept;
        return StaffDoor.Page<AdminEncryptionPage>(new AdminEncryption(
            view,
            [.. versions.Reverse().Select(v =>
            {
                // A backup made just before the next version came still needs this one.
                var next = versions.FirstOrDefault(n => n.Version == v.Version + 1);
                var from = v.State == "decrypt-only" && next is not null ? view.Day(kept.After(Micros.ToInstant(next.CreatedAtUs)))
                    : v.DestroyedAtUs is { } at ? view.Time(at) : "";
                return new KekView(v.Version, view.T("encryption.state." + v.State), v.State switch { "active" => "yes", "destroyed" => "", _ => "wait" }, view.Time(v.CreatedAtUs),
                    from.Length == 0 ? "" : view.T(v.State == "destroyed" ? "encryption.destroyed" : "encryption.needed", ("day", from)), v.State == "decrypt-only" && older == 0);
            })],
            customers, older, runs.IsRunning(Run)), view.Status);
    }
}
