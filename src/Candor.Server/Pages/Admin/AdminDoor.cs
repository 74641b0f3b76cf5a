using System.Globalization;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Server.Pages.Staff;
using Candor.Staff;

namespace Candor.Server.Pages.Admin;

/// <summary>What the doors of the administration share.</summary>
internal static class AdminDoor
{
    public const string Administrator = "administrator";
    public const string PrivacyOfficer = "privacy-officer";
    public const string Auditor = "auditor";

    public static async Task<AdminView> AdminViewAsync(this StaffDoor door, HttpContext http, string section, IFormCollection? sent = null, Fault? fault = null) =>
        new(await door.ViewAsync(http, section, "admin"), sent, fault);

    /// <summary>Does what a form asks for; when it cannot be done as it stands, shows the page again with what was sent and why.</summary>
    public static async Task<IResult> TryAsync(this StaffDoor door, HttpContext http, Func<IFormCollection, Task<IResult>> act, Func<IFormCollection, Fault, Task<IResult>> again)
    {
        var form = await door.ReadAsync(http);
        try
        {
            return await act(form);
        }
        catch (Fault fault) when (fault.Kind is FaultKind.Invalid or FaultKind.Conflict)
        {
            return await again(form, fault);
        }
    }

    /// <summary>Goes on to a proposal that waits, or to the page itself when the change counts already.</summary>
    public static IResult Done(HttpContext http, Proposal? proposal, string path) =>
        proposal is null ? StaffDoor.Say(http, path, "done") : StaffDoor.Say(http, "/admin/changes/" + proposal.Id, "proposed");

    public static Task<T> WriteAsync<T>(this CandorHost host, HttpContext http, Func<Storage.Transaction, ValueTask<T>> work) => host.Database.WriteAsync(work, http.RequestAborted);

    /// <summary>A version in an address.</summary>
    public static long Version(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version
        : throw new Fault(FaultKind.NotFound, "server/no-such-version", $"A version is a number; got `{Name.Shown(text)}`.");

    /// <summary>Who a name of the log is, for people.</summary>
    public static string Who(string logName, IReadOnlyDictionary<string, string> names, AdminView view) =>
        logName.StartsWith("staff:", StringComparison.Ordinal) ? names.GetValueOrDefault(logName["staff:".Length..], logName) : view.TOr("who." + logName, logName);

    public static async ValueTask<IReadOnlyDictionary<string, string>> NamesAsync(Storage.Transaction tx, CancellationToken ct) =>
        (await StaffChanges.PeopleAsync(tx, ct)).ToDictionary(m => m.StaffId, m => m.Name);
}
