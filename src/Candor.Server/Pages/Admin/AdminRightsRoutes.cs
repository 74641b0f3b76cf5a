using Candor.Catalog;
using Candor.Collection;
using Candor.Gate;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;
using Candor.Staff;

namespace Candor.Server.Pages.Admin;

/// <summary>The table of rights: who may read what, for which purpose.</summary>
public sealed record AdminRights(AdminView View, long Version, IReadOnlyList<string> Roles, IReadOnlyList<string> Services, IReadOnlyList<Purpose> Purposes)
{
    /// <summary>Generated from the rights themselves, so that page and file say the same.</summary>
    public static AdminRights Of(AdminView view, ActiveCatalog active)
    {
        var rows = RightsTable.Of(active.Catalog);
        return new AdminRights(
            view, active.Version, AccessRegister.KnownRoles, [.. rows.Where(r => r.IsService).Select(r => r.Who).Distinct().Order(StringComparer.Ordinal)],
            [.. active.Catalog.Purposes.Values.OrderBy(p => p.Id.Value, StringComparer.Ordinal)])
        {
            Rows = rows,
        };
    }

    public required IReadOnlyList<RightsRow> Rows { get; init; }

    public bool May(string who, bool isService, Purpose purpose) => Rows.Any(r => r.Who == who && r.IsService == isService && r.Purpose.Id == purpose.Id);
}

/// <summary>Roles, purposes and data points as one table, on a page and as a file.</summary>
internal static class AdminRightsRoutes
{
    private static readonly string[] Readers = [AdminDoor.Administrator, AdminDoor.PrivacyOfficer, AdminDoor.Auditor];

    public static void MapAdminRights(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/admin/rights", async (StaffDoor door, HttpContext http) =>
            StaffDoor.Page<AdminRightsPage>(AdminRights.Of(await door.AdminViewAsync(http, "rights"), await ActiveAsync(door, http)))).ForStaff(Readers);
        pages.MapGet("/admin/rights.csv", async (StaffDoor door, HttpContext http) =>
            TextFile.Answer(Csv((await ActiveAsync(door, http)).Catalog), "text/csv", "rights.csv")).ForStaff(Readers);
    }

    /// <summary>One right a line.</summary>
    internal static string Csv(PurposeCatalog catalog) => CsvText.Table("who,kind,purpose,basis,data point,necessity,category,needs case", RightsTable.Of(catalog).Select(r => (string[])
    [
        r.Who, r.IsService ? "service" : "role", r.Purpose.Id.Value, Word(r.Purpose.Basis), r.DataPoint.Id.Value, Word(r.Necessity), r.DataPoint.Category, r.Purpose.NeedsCase ? "yes" : "no",
    ]));

    internal static string Word<T>(T value) where T : struct, Enum => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    private static Task<ActiveCatalog> ActiveAsync(StaffDoor door, HttpContext http) =>
        door.Host.Database.ReadAsync(tx => door.Host.Catalogs.GetActiveAsync(tx, http.RequestAborted), http.RequestAborted);
}
