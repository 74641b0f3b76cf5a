using System.Globalization;
using Candor.Audit;
using Candor.Governance;
using Candor.Kernel;
using Candor.Server.Pages.Admin;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;
using Candor.Staff;

namespace Candor.Server.Pages.Governance;

/// <summary>Internal audits: the list with its plan, and one with the accesses that were drawn.</summary>
internal static class InternalAuditRoutes
{
    private const string Area = "audits";
    private const string Path = "/governance/audits";

    public static void MapInternalAudits(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, (StaffDoor door, HttpContext http) => ListAsync(door, http, null, null)).ForStaff(LogPost.Officer, LogPost.Auditor);
        pages.MapPost(Path + "/plan", PlanAsync).ForStaff(LogPost.Officer);
        pages.MapPost(Path + "/draw", DrawAsync).ForStaff(LogPost.Officer);
        pages.MapGet(Path + "/{id}", (StaffDoor door, string id, HttpContext http) => ShowAsync(door, http, id, null, null)).ForStaff(LogPost.Officer, LogPost.Auditor);
        pages.MapGet(Path + "/{id}/markdown", MarkdownAsync).ForStaff(LogPost.Officer, LogPost.Auditor);
        pages.MapPost(Path + "/{id}/{index}", ReviewAsync).ForStaff(LogPost.Officer);
        pages.MapPost(Path + "/{id}/{index}/follow", FollowAsync).ForStaff(LogPost.Officer);
        pages.MapPost(Path + "/{id}/{index}/close", CloseAsync).ForStaff(LogPost.Officer);
    }

    private static async Task<IResult> ListAsync(StaffDoor door, HttpContext http, IFormCollection? sent, Fault? fault)
    {
        var (view, ct) = (await ViewAsync(door, http, sent, fault), http.RequestAborted);
        var (plan, audits, findings, names) = await door.Host.Database.ReadAsync(async tx => (
            await InternalAuditRows.PlanAsync(tx, ct), await InternalAuditRows.NewestAsync(tx, InternalAuditRows.Most, ct), await InternalAuditRows.OpenFindingsAsync(tx, ct), await LogNames.LoadAsync(tx, ct)), ct);
        return StaffDoor.Page<InternalAuditsPage>(new InternalAuditList(view, plan, audits, findings, names, door.Now, StaffDoor.Visit(http).HasRole(LogPost.Officer)), view.Status);
    }

    private static Task<IResult> PlanAsync(StaffDoor door, HttpContext http) => door.TryAsync(http, async form =>
    {
        var plan = new AuditPlan(form["every"].ToString(), int.TryParse(form["sample"], NumberStyles.None, CultureInfo.InvariantCulture, out var sample) ? sample : 0);
        await door.Host.Database.WriteAsync(tx => door.Host.InternalAudits.PlanAsync(tx, http.Token(), plan, http.RequestAborted), http.RequestAborted);
        return StaffDoor.Say(http, Path, "planned");
    }, (form, fault) => ListAsync(door, http, form, fault));

    private static Task<IResult> DrawAsync(StaffDoor door, HttpContext http) => door.TryAsync(http, async _ =>
    {
        var audit = await door.Host.InternalAudits.DrawNowAsync(http.Token(), http.RequestAborted);
        return StaffDoor.Say(http, $"{Path}/{audit.Id}", "drawn");
    }, (form, fault) => ListAsync(door, http, form, fault));

    private static Task<IResult> ReviewAsync(StaffDoor door, string id, string index, HttpContext http) => ActAsync(door, id, index, http, "reviewed", (tx, place, form) => door.Host.InternalAudits.ReviewAsync(
        tx, http.Token(), id, place, Enum.GetValues<AuditVerdict>().FirstOrDefault(v => InitiativeCover.Word(v) == form["verdict"], AuditVerdict.Question), form[$"note-{index}"].ToString(),
        form[$"owner-{index}"].ToString() is { Length: > 0 } owner ? owner : null,
        DateOnly.TryParseExact(form[$"due-{index}"], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var due) ? due : null, http.RequestAborted));

    private static Task<IResult> FollowAsync(StaffDoor door, string id, string index, HttpContext http) => ActAsync(door, id, index, http, "followed", (tx, place, form) =>
        door.Host.InternalAudits.FollowAsync(tx, http.Token(), id, place, form[$"note-{index}"].ToString(), http.RequestAborted));

    private static Task<IResult> CloseAsync(StaffDoor door, string id, string index, HttpContext http) => ActAsync(door, id, index, http, "closed", (tx, place, form) =>
        door.Host.InternalAudits.CloseAsync(tx, http.Token(), id, place, form[$"note-{index}"].ToString(), http.RequestAborted));

    /// <summary>Does something about a drawn access, and comes back to it.</summary>
    private static Task<IResult> ActAsync(StaffDoor door, string id, string index, HttpContext http, string code, Func<Storage.Transaction, long, IFormCollection, ValueTask> act) => door.TryAsync(http, async form =>
    {
        var place = long.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? at : throw new Fault(FaultKind.NotFound, "governance/no-such-audit", $"`{Name.Shown(index)}` is no place in the log.");
        await door.Host.Database.WriteAsync(async tx => { await act(tx, place, form); return true; }, http.RequestAborted);
        return StaffDoor.Say(http, string.Create(CultureInfo.InvariantCulture, $"{Path}/{id}#e-{place}"), code);
    }, (form, fault) => ShowAsync(door, http, id, form, fault));

    private static async Task<IResult> ShowAsync(StaffDoor door, HttpContext http, string id, IFormCollection? sent, Fault? fault)
    {
        var view = await ViewAsync(door, http, sent, fault);
        return StaffDoor.Page<InternalAuditPage>(await FindAsync(door, http, view, id), view.Status);
    }

    private static async Task<IResult> MarkdownAsync(StaffDoor door, string id, HttpContext http)
    {
        var shown = await FindAsync(door, http, await ViewAsync(door, http, null, null), id);
        return TextFile.Answer(shown.Report.ToMarkdown(), "text/markdown", $"internal-audit-{shown.Audit.Number}.md");
    }

    private static async Task<InternalAuditShown> FindAsync(StaffDoor door, HttpContext http, AdminView view, string id)
    {
        var (me, ct) = (StaffDoor.Visit(http), http.RequestAborted);
        return await door.Host.Database.ReadAsync(async tx =>
        {
            var (audit, items, notes) = (await InternalAuditRows.GetAsync(tx, id, ct), await InternalAuditRows.ItemsAsync(tx, id, ct), await InternalAuditRows.NotesAsync(tx, id, ct));
            var names = await LogNames.LoadAsync(tx, ct);
            var (words, lines) = (new LogWords(view.Staff.Catalog, names, view.Language), new List<AuditItemView>());
            foreach (var item in items)
            {
                var entry = await door.Host.Log.FindEntryAsync(tx, item.Index, ct) is { } bytes ? AuditEntry.Decode(bytes) : null;
                lines.Add(new AuditItemView(item, entry is null ? null : LogLine.Of(entry, item.Index, words, null), entry?.Event.Actor == me.Actor.LogName, [.. notes.Where(n => n.Index == item.Index)]));
            }

            IReadOnlyList<(string Id, string Name)> people = [.. (await StaffDirectory.WithRoleAsync(tx, AccessRegister.KnownRoles, ct)).Select(p => (p.StaffId, p.Name))];
            return new InternalAuditShown(view, words, names, audit, lines, people, door.Now, me.HasRole(LogPost.Officer));
        }, ct);
    }

    private static async Task<AdminView> ViewAsync(StaffDoor door, HttpContext http, IFormCollection? sent, Fault? fault) => new(await door.ViewAsync(http, Area, Area), sent, fault, Area);
}
