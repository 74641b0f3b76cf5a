using Candor.Catalog;
using Candor.Governance;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;

namespace Candor.Server.Pages.Admin;

/// <summary>One version of the catalog in its history.</summary>
public sealed record VersionView(long Version, bool IsActive, string When, string By, string Decision);

/// <summary>The catalog: its history, and a form for another one.</summary>
/// <param name="Mistakes">Of the text that was sent.</param>
public sealed record AdminCatalog(AdminView View, IReadOnlyList<VersionView> Versions, string Text, IReadOnlyList<CatalogMistake> Mistakes);

/// <summary>What a text would change, before it counts.</summary>
/// <param name="Decision">What the form offers as the decision, or as the reason why something narrows; null: nothing, and where nothing widens no field either.</param>
/// <param name="WrittenFor">The version that the text was written for, where another counts by now; null where not.</param>
public sealed record AdminCatalogPreview(AdminView View, string Text, CatalogPreview Preview, string? Decision = null, long? WrittenFor = null);

/// <summary>One version, and what it changed.</summary>
public sealed record AdminCatalogVersion(AdminView View, VersionView Version, IReadOnlyList<CatalogChange> Changes, string Text);

/// <summary>The catalog and its history. A text is checked, then shown as a list of changes, then applied or proposed.</summary>
internal static class AdminCatalogRoutes
{
    private const string Path = "/admin/catalog";
    /// <summary>A catalog has at most 1 MB; sent as a form it can be several times as long.</summary>
    private const int MaxFormBytes = 4 * 1024 * 1024;
    private static readonly string[] Roles = [AdminDoor.Administrator, AdminDoor.PrivacyOfficer];

    public static void MapAdminCatalog(this IEndpointRouteBuilder pages)
    {
        var limit = new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(MaxFormBytes);
        pages.MapGet(Path, (StaffDoor door, HttpContext http) => ShowAsync(door, http, null, null)).ForStaff(Roles);
        pages.MapPost(Path + "/check", CheckAsync).ForSteppedUpStaff(Roles).WithMetadata(limit);
        pages.MapPost(Path + "/submit", SubmitAsync).ForSteppedUpStaff(Roles).WithMetadata(limit);
        pages.MapGet(Path + "/{version}", VersionAsync).ForStaff(Roles);
    }

    private static Task<IResult> CheckAsync(StaffDoor door, HttpContext http) => door.TryAsync(http,
        async form => await PreviewAsync(door, http, await TextAsync(form, http.RequestAborted), null, null),
        (form, fault) => ShowAsync(door, http, form, fault));

    private static async Task<IResult> PreviewAsync(StaffDoor door, HttpContext http, string text, IFormCollection? sent, Fault? fault)
    {
        var preview = await door.Host.Database.ReadAsync(tx => door.Host.CatalogChanges.PreviewAsync(tx, text, http.RequestAborted), http.RequestAborted);
        var view = await door.AdminViewAsync(http, "catalog", sent, fault);
        return StaffDoor.Page<AdminCatalogPreviewPage>(new AdminCatalogPreview(view, text, preview), view.Status);
    }

    private static Task<IResult> SubmitAsync(StaffDoor door, CandorHost host, HttpContext http) => door.TryAsync(http, async form =>
    {
        var basedOn = long.TryParse(form["based-on"], System.Globalization.CultureInfo.InvariantCulture, out var version) ? version : 0;
        var proposal = await host.WriteAsync(http, tx => host.CatalogChanges.SubmitAsync(tx, http.Token(), Plain(form["text"].ToString()), basedOn, form["decision"].ToString(), http.RequestAborted));
        return AdminDoor.Done(http, proposal, Path);
    }, async (form, fault) => fault.What == "catalog/mistakes" ? await ShowAsync(door, http, form, fault) : await PreviewAsync(door, http, Plain(form["text"].ToString()), form, fault));

    /// <summary>The file where one was chosen, else what stands in the field.</summary>
    private static async Task<string> TextAsync(IFormCollection form, CancellationToken ct)
    {
        if (form.Files["file"] is { Length: > 0 } file)
        {
            using var reader = new StreamReader(file.OpenReadStream());
            return await reader.ReadToEndAsync(ct);
        }

        return form["text"].ToString() is { Length: > 0 } text ? Plain(text) : throw new Fault(FaultKind.Invalid, "server/no-catalog", "Choose a file, or write a catalog into the field.");
    }

    /// <summary>Browsers send the ends of lines as HTTP has them.</summary>
    private static string Plain(string text) => text.ReplaceLineEndings("\n");

    private static async Task<IResult> ShowAsync(StaffDoor door, HttpContext http, IFormCollection? sent, Fault? fault)
    {
        var (host, ct) = (door.Host, http.RequestAborted);
        var view = await door.AdminViewAsync(http, "catalog", sent, fault);
        var (history, active, names) = await host.Database.ReadAsync(async tx => (await host.Catalogs.HistoryAsync(tx, ct), await host.Catalogs.GetActiveAsync(tx, ct), await AdminDoor.NamesAsync(tx, ct)), ct);
        var text = sent is not null && fault is not null ? await TextOfAsync(sent, ct) : active.Catalog.Text;
        return StaffDoor.Page<AdminCatalogPage>(new AdminCatalog(
            view, [.. history.Reverse().Select(h => View(view, h, active.Version, names))], text, fault is null ? [] : CatalogMistakes.Of(fault)), view.Status);
    }

    private static async Task<string> TextOfAsync(IFormCollection sent, CancellationToken ct) =>
        sent.Files["file"] is { Length: > 0 } || sent["text"].ToString().Length > 0 ? await TextAsync(sent, ct) : "";

    private static async Task<IResult> VersionAsync(StaffDoor door, CandorHost host, string version, HttpContext http)
    {
        var (number, view, ct) = (AdminDoor.Version(version), await door.AdminViewAsync(http, "catalog"), http.RequestAborted);
        var (history, active, names, catalog, before) = await host.Database.ReadAsync(async tx =>
        {
            var found = await host.Catalogs.HistoryAsync(tx, ct);
            return found.Any(h => h.Version == number)
                ? (found, await host.Catalogs.GetActiveAsync(tx, ct), await AdminDoor.NamesAsync(tx, ct), (await host.Catalogs.LoadAsync(tx, number, ct)).Catalog, number > 1 ? (await host.Catalogs.LoadAsync(tx, number - 1, ct)).Catalog : null)
                : throw new Fault(FaultKind.NotFound, "catalog/no-such-version", $"There is no version `{number}` of the catalog.");
        }, ct);
        return StaffDoor.Page<AdminCatalogVersionPage>(new AdminCatalogVersion(
            view, View(view, history.First(h => h.Version == number), active.Version, names),
            before is null ? [] : CatalogDiff.Told(before, catalog), catalog.Text));
    }

    private static VersionView View(AdminView view, CatalogRegister.HistoryRow row, long active, IReadOnlyDictionary<string, string> names) =>
        new(row.Version, row.Version == active, view.Time(row.AppliedAtUs), AdminDoor.Who(row.AppliedBy, names, view), row.Decision ?? "–");
}
