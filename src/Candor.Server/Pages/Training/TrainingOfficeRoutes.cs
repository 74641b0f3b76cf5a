using System.Globalization;
using System.Net.Mime;
using System.Text;
using Candor.Collection;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Server.Pages.Admin;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;
using Candor.Staff;

namespace Candor.Server.Pages.Training;

/// <summary>For those who look after training: who has which, and certificates from elsewhere.</summary>
internal static class TrainingOfficeRoutes
{
    private const string Area = "training";
    private const string Root = "/staff/training";
    private static readonly string[] Fields = ["person", "module", "until", "evidence"];

    public static void MapTrainingOffice(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Root + "/overview", OverviewAsync).ForStaff("privacy-officer", "administrator");
        pages.MapGet(Root + "/overview.csv", CsvAsync).ForStaff("privacy-officer", "administrator");
        pages.MapGet(Root + "/certificate", CertificateAsync).ForSteppedUpStaff("administrator");
        pages.MapPost(Root + "/certificate", RecordAsync).ForSteppedUpStaff("administrator");
    }

    private static async Task<IResult> OverviewAsync(StaffDoor door, CandorHost host, HttpContext http)
    {
        var view = await door.ViewAsync(http, Area, Area);
        return StaffDoor.Page<TrainingOverviewPage>(new TrainingTable(view, await PeopleAsync(host, http), await ModulesAsync(host, http, view, withRules: true), door.Now));
    }

    private static async Task<IResult> CsvAsync(StaffDoor door, CandorHost host, HttpContext http)
    {
        var text = CsvText.Table("person,roles,module,required,state,until,attempts,last_attempt,last_score", (await PeopleAsync(host, http)).SelectMany(p => p.Modules.Select(m => (Person: p, Module: m))).Select(row =>
        {
            var (person, module) = row;
            var state = module.Until is not { } until ? "never" : until > door.Now ? "valid" : "lapsed";
            return (string[])
            [
                person.Name, person.Roles, module.Module, module.IsRequired ? "yes" : "no", state, Instant(module.Until), module.Attempts.ToString(CultureInfo.InvariantCulture),
                Instant(module.Last?.TakenAt), module.Last?.Score.ToString(CultureInfo.InvariantCulture) ?? "",
            ];
        }));
        return TextFile.Answer(text, MediaTypeNames.Text.Csv, $"training-{door.Now:yyyy-MM-dd}.csv");
    }

    private static async Task<IResult> CertificateAsync(StaffDoor door, CandorHost host, HttpContext http) => await FormAsync(door, host, http, new Dictionary<string, string>(), null);

    private static async Task<IResult> RecordAsync(StaffDoor door, CandorHost host, HttpContext http)
    {
        var (form, ct) = (await door.ReadAsync(http), http.RequestAborted);
        var given = Fields.ToDictionary(f => f, f => form[f].ToString());
        // The last day on which it counts was asked for; the end is exclusive.
        var until = DateOnly.TryParseExact(given["until"], "yyyy-MM-dd", out var day) && day < DateOnly.MaxValue
            ? new DateTimeOffset(day.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero) : DateTimeOffset.MinValue;
        try
        {
            var changes = host.StaffChanges;
            var proposal = await host.Database.WriteAsync(tx => changes.ProposeCertificateAsync(tx, http.Token(), given["person"], given["module"], until, given["evidence"], ct), ct);
            return AdminDoor.Done(http, proposal, Root);
        }
        catch (Fault fault) when (fault.What is "staff/bad-certificate-end" or "staff/bad-evidence" or "staff/own-certificate" or "staff/no-such-member" or "staff/no-such-module" or "staff/already-proposed")
        {
            return await FormAsync(door, host, http, given, fault.What.Split('/')[1]);
        }
    }

    private static async Task<IResult> FormAsync(StaffDoor door, CandorHost host, HttpContext http, IReadOnlyDictionary<string, string> given, string? mistake)
    {
        var view = await door.ViewAsync(http, Area, Area);
        var said = mistake is null ? null : PageText.In(Area, view.Frame.Language).Text("mistake." + mistake);
        return StaffDoor.Page<TrainingCertificatePage>(
            new TrainingCertificateForm(view, await PeopleAsync(host, http), await ModulesAsync(host, http, view, withRules: false), given, said),
            mistake is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    private static Task<IReadOnlyList<StaffStanding>> PeopleAsync(CandorHost host, HttpContext http) => host.Database.ReadAsync(tx => TrainingOverview.OfAllAsync(tx, http.RequestAborted), http.RequestAborted);

    /// <summary>All modules with their titles, the rules last.</summary>
    private static async Task<IReadOnlyList<(string Id, string Title)>> ModulesAsync(CandorHost host, HttpContext http, StaffView view, bool withRules)
    {
        var (ct, trainings) = (http.RequestAborted, host.Trainings);
        var modules = await host.Database.ReadAsync(tx => trainings.AllAsync(tx, ct), ct);
        return [.. modules.Where(m => withRules || m.Id != TrainingLibrary.DataRules).Select(m => (m.Id, m.In(view.Frame.Language).Title))];
    }

    private static string Instant(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "";
}
