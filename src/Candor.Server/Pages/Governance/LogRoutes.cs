using System.Globalization;
using System.Text;
using Candor.Audit;
using Candor.Collection;
using Candor.Governance;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;

namespace Candor.Server.Pages.Governance;

/// <summary>The log for those who watch it: search, one customer's entries, a copy to take away, proofs of entries.</summary>
internal static class LogRoutes
{
    private const int PerPage = 50;
    private const string Area = "log";

    public static void MapGovernanceLog(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/governance/log", SearchAsync).ForStaff(LogPost.Auditor, LogPost.Officer);
        pages.MapGet("/governance/log/entries/{entry}/proof", ProofAsync).ForStaff(LogPost.Auditor, LogPost.Officer);
        pages.MapGet("/governance/log/export", AskExportAsync).ForSteppedUpStaff(LogPost.Auditor, LogPost.Officer);
        pages.MapPost("/governance/log/export", ExportAsync).ForSteppedUpStaff(LogPost.Auditor, LogPost.Officer);
        pages.MapGet("/governance/log/customer", AskCustomerAsync).ForStaff(LogPost.Officer);
        pages.MapPost("/governance/log/customer", CustomerAsync).ForStaff(LogPost.Officer);
        pages.MapAnomalies();
        pages.MapProofs();
    }

    /// <summary>The words of a page about the log, in its reader's language.</summary>
    public static async Task<(StaffView View, LogWords Words, LogNames Names)> ViewAsync(StaffDoor door, HttpContext http, string section)
    {
        var view = await door.ViewAsync(http, section, Area);
        var names = await door.Host.Database.ReadAsync(tx => LogNames.LoadAsync(tx, http.RequestAborted), http.RequestAborted);
        return (view, new LogWords(view.Catalog, names, view.Frame.Language), names);
    }

    private static async Task<IResult> SearchAsync(StaffDoor door, HttpContext http)
    {
        var (filter, ct) = (LogFilter.Read(n => http.Request.Query[n]), http.RequestAborted);
        var (view, words, names) = await ViewAsync(door, http, "log");
        var before = long.TryParse(http.Request.Query["before"], NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : (long?)null;
        var (page, days, signed, check) = await door.Host.Database.ReadAsync(async tx => (
            await new LogSearch(door.Host.Log).FindAsync(tx, filter.Query, before, PerPage, ct), await DayCheckpoints.AllAsync(tx, ct), await CosignedNotes.FindAsync(tx, ct),
            await LogWalks.FindAsync(tx, LogSelfCheck.Walk, ct)), ct);
        var lines = page.Entries.Select(e => LogLine.Of(e.Entry, e.Index, words, Proven(e.Index, days, signed, words))).ToList();
        var lists = FilterList.All(words, view.Catalog, names);
        return StaffDoor.Page<AuditLogPage>(new LogView(
            view, words, filter, lists, filter.InWords(lists, words), lines, page.Before is { } older ? filter.Path("/governance/log", older) : null, before is null, check?.Finding is not null));
    }

    private static string Proven(long index, IReadOnlyList<DayCheckpoint> days, CosignedNote? cosigned, LogWords words) =>
        DayCheckpoints.FirstWith(days, index) is { } day ? words.T("proven.day", ("day", words.Day(day.MadeAt)), ("size", words.Number(day.Size)))
        : cosigned?.Size > index ? words.T("proven.witness", ("time", words.Time(cosigned.CosignedAt)), ("size", words.Number(cosigned.Size)))
        : words.T("proven.now");

    /// <summary>The proof says nothing about anybody; here it comes as a file.</summary>
    private static async Task<IResult> ProofAsync(string entry, CandorHost host, HttpContext http)
    {
        var proof = await host.Database.WriteAsync(tx => host.Checkpoints.ProveAsync(tx, entry, http.RequestAborted), http.RequestAborted);
        return TypedResults.File(Encoding.UTF8.GetBytes(proof), "text/plain; charset=utf-8", $"{entry}.tlog-proof");
    }

    private static async Task<IResult> AskExportAsync(StaffDoor door, HttpContext http)
    {
        var filter = LogFilter.Read(n => http.Request.Query[n]);
        var (view, words, names) = await ViewAsync(door, http, "log");
        return StaffDoor.Page<LogExportPage>(new LogExportView(view, words, filter, filter.InWords(FilterList.All(words, view.Catalog, names), words)));
    }

    private static async Task<IResult> ExportAsync(StaffDoor door, HttpContext http)
    {
        var form = await door.ReadAsync(http);
        var filter = LogFilter.Read(n => form[n]);
        if ((await door.Host.LogDesk.ExportAsync(http.Token(), filter.Query, http.RequestAborted)).Given is not { } entries)
        {
            return TypedResults.Redirect(StaffGuard.SignInPath);
        }

        var names = await door.Host.Database.ReadAsync(tx => LogNames.LoadAsync(tx, http.RequestAborted), http.RequestAborted);
        var csv = CsvText.Table("\ufeffindex,time,id,kind,actor,name,purpose,dataPoints,reason,subject,customerReference", entries.Select(row =>
        {
            var ((index, _, entry), e) = (row, row.Entry.Event);
            return (string[])
            [
                index.ToString(CultureInfo.InvariantCulture), entry.At.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), entry.Id, LogFilter.NameOf(e.Kind), e.Actor, names.Of(e.Actor), e.Purpose ?? "",
                string.Join(' ', e.DataPoints), e.Reason ?? "", e.Subject ?? "", e.CustomerRef is { } reference ? Convert.ToHexStringLower(reference) : "",
            ];
        }));
        return TextFile.Answer(csv, "text/csv", $"log-{door.Now.UtcDateTime:yyyy-MM-dd}.csv");
    }

    private static async Task<IResult> AskCustomerAsync(StaffDoor door, HttpContext http)
    {
        var (view, words, _) = await ViewAsync(door, http, "log");
        return StaffDoor.Page<CustomerLogPage>(new CustomerLogView(view, words, "", "", null, null));
    }

    private static async Task<IResult> CustomerAsync(StaffDoor door, HttpContext http)
    {
        var form = await door.ReadAsync(http);
        var (reference, reason) = (form["reference"].ToString(), form["reason"].ToString());
        var (view, words, _) = await ViewAsync(door, http, "log");
        if (reference.Trim().Length == 0 || reason.Trim().Length is < LogDesk.MinReason or > LogDesk.MaxReason)
        {
            return StaffDoor.Page<CustomerLogPage>(new CustomerLogView(view, words, reference, reason, null, words.T("customer.wrong")), StatusCodes.Status400BadRequest);
        }

        var before = long.TryParse(form["before"], NumberStyles.None, CultureInfo.InvariantCulture, out var us) ? us : (long?)null;
        var answer = await door.Host.LogDesk.OfCustomerAsync(http.Token(), reference, reason, before, http.RequestAborted);
        return answer switch
        {
            { Given: { } found } => StaffDoor.Page<CustomerLogPage>(new CustomerLogView(view, words, reference, reason, found, null)),
            { Refused: { } refused } => StaffDoor.Page<CustomerLogPage>(new CustomerLogView(view, words, reference, reason, null, words.T("customer.refused", ("reason", Gate.ReasonCodes.Code(refused)))), StatusCodes.Status403Forbidden),
            _ => TypedResults.Redirect(StaffGuard.SignInPath),
        };
    }
}
