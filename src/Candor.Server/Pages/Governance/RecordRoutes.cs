using System.Globalization;
using Candor.Governance;
using Candor.Server.Hosting;
using Candor.Server.Pages.Admin;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;

namespace Candor.Server.Pages.Governance;

/// <summary>An activity in the list before the document.</summary>
/// <param name="Initiative">Its page; null where the approval rests on none.</param>
public sealed record RecordLine(string Label, string Dpia, string Tone, string DpiaPath, string? Initiative);

/// <summary>The record as a page.</summary>
public sealed record RecordShown(AdminView View, WrittenDocument Document, int Gaps, IReadOnlyList<RecordLine> Lines);

/// <summary><c>/governance/records</c>: the record of processing, as a page to print and as files.</summary>
internal static class RecordRoutes
{
    private const string Area = "records";
    private const string Path = "/governance/records";
    private static readonly string[] Readers = ["privacy-officer", "committee-member", "administrator", "auditor"];

    public static void MapRecords(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, ShowAsync).ForStaff(Readers);
        pages.MapGet(Path + ".md", (StaffDoor door, HttpContext http) => FileAsync(door, http, "record", "md", "text/markdown", (r, l) => new RecordWriter(r, l).Write().ToMarkdown())).ForStaff(Readers);
        pages.MapGet(Path + ".csv", (StaffDoor door, HttpContext http) => FileAsync(door, http, "record", "csv", "text/csv", RecordTables.Data)).ForStaff(Readers);
        pages.MapGet(Path + "/recipients.csv", (StaffDoor door, HttpContext http) => FileAsync(door, http, "recipients", "csv", "text/csv", RecordTables.Recipients)).ForStaff(Readers);
    }

    private static async Task<IResult> ShowAsync(StaffDoor door, HttpContext http)
    {
        var view = new AdminView(await door.ViewAsync(http, Area, Area), null, null, Area);
        var record = await LoadAsync(door.Host, http.RequestAborted);
        return StaffDoor.Page<RecordPage>(new RecordShown(
            view, new RecordWriter(record, view.Language).Write(), record.Gaps.Count,
            [.. record.Activities.Select(a => new RecordLine(
                a.Purpose.Label.In(view.Language), view.T("state." + RecordWriter.DpiaState(a)), RecordWriter.DpiaState(a) switch { "signed" => "yes", "unsigned" => "wait", _ => "no" },
                $"/governance/dpia/purposes/{a.Purpose.Id}", a.Approval?.Initiative is { } initiative ? $"/governance/initiatives/{initiative}" : null))]));
    }

    private static async Task<IResult> FileAsync(StaffDoor door, HttpContext http, string name, string ending, string type, Func<ProcessingRecord, string, string> text)
    {
        var view = await door.ViewAsync(http, Area, Area);
        var record = await LoadAsync(door.Host, http.RequestAborted);
        return TextFile.Answer(text(record, view.Frame.Language), type, string.Create(CultureInfo.InvariantCulture, $"{name}-{record.MadeAt.UtcDateTime:yyyy-MM-dd}-{record.Catalog.Digest[..8]}.{ending}"));
    }

    private static Task<ProcessingRecord> LoadAsync(CandorHost host, CancellationToken ct) =>
        host.Database.ReadAsync(tx => ProcessingRecord.LoadAsync(tx, host.Catalogs, host.Dpias, host.Keys.ActiveVersion, ct), ct);
}
