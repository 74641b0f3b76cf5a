using System.Globalization;
using Candor.Governance;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Server.Hosting;
using Candor.Server.Pages.Admin;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;

namespace Candor.Server.Pages.Governance;

/// <summary>One use in the list of assessments.</summary>
public sealed record DpiaLine(string Path, string Title, string State, string Tone, string About);

/// <summary>All uses and how their assessments stand.</summary>
public sealed record DpiaList(AdminView View, IReadOnlyList<DpiaLine> Lines);

/// <summary>One assessment.</summary>
/// <param name="Version">0 while nothing is written.</param>
/// <param name="Older">Versions there are, newest first.</param>
public sealed record DpiaShown(AdminView View, string Path, WrittenDocument Document, string State, long Version, IReadOnlyList<long> Older, bool MayWrite, bool MaySign);

/// <summary>The form for a version.</summary>
/// <param name="Digest">Of the use that is shown.</param>
public sealed record DpiaEdit(AdminView View, string Path, string Title, string Digest, DpiaContent Content);

/// <summary>Impact assessments: a page to print, a file to keep, a form to write the next version.</summary>
internal static class DpiaRoutes
{
    private const string Path = "/governance/dpia";
    private const int RiskRows = 6;
    private static readonly string[] Readers = ["privacy-officer", "administrator", "committee-member", "auditor"];
    private static readonly string[] Writers = [.. DpiaRegister.Roles];
    private static readonly string[] UsualRisks = ["insider", "leak", "unfair", "surprise"];

    private sealed record Found(DpiaSubject Subject, DpiaUse Now, DpiaUse Described, Dpia? Chosen, IReadOnlyList<Dpia> Versions, LogNames Names, StoredEvaluation? Models)
    {
        public bool IsOutdated => Chosen is not null && Chosen.Digest != Now.Digest;
    }

    public static void MapDpia(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, ListAsync).ForStaff(Readers);
        pages.MapGet(Path + "/{kind}/{id}", (StaffDoor door, string kind, string id, HttpContext http) => ShowAsync(door, http, kind, id, null, null)).ForStaff(Readers);
        pages.MapGet(Path + "/{kind}/{id}/markdown", MarkdownAsync).ForStaff(Readers);
        pages.MapGet(Path + "/{kind}/{id}/edit", (StaffDoor door, string kind, string id, HttpContext http) => EditAsync(door, http, kind, id, null, null)).ForSteppedUpStaff(Writers);
        pages.MapPost(Path + "/{kind}/{id}/edit", WriteAsync).ForSteppedUpStaff(Writers);
        pages.MapPost(Path + "/{kind}/{id}/sign", SignAsync).ForSteppedUpStaff(Writers);
    }

    private static async Task<AdminView> ViewAsync(StaffDoor door, HttpContext http, IFormCollection? sent = null, Fault? fault = null) =>
        new(await door.ViewAsync(http, "dpia", "dpia"), sent, fault, "dpia");

    private static async Task<IResult> ListAsync(StaffDoor door, HttpContext http)
    {
        var ct = http.RequestAborted;
        var view = await ViewAsync(door, http);
        var lines = await door.Host.Database.ReadAsync(async tx =>
        {
            var all = new List<DpiaLine>();
            foreach (var subject in await door.Host.Dpias.SubjectsAsync(tx, ct))
            {
                var (use, newest, isOutdated) = await door.Host.Dpias.StandingAsync(tx, subject, ct);
                var state = DpiaWriter.StateOf(newest, isOutdated);
                all.Add(new DpiaLine($"{Path}/{subject}", use.Title ?? use.Purposes[0].Label.In(view.Language), view.T("state." + state), state switch { "signed" => "yes", "unsigned" => "wait", _ => "no" }, view.T("about." + subject.Kind)));
            }

            return all;
        }, ct);
        return StaffDoor.Page<DpiaListPage>(new DpiaList(view, lines));
    }

    private static Task<Found> FindAsync(CandorHost host, HttpContext http, string kind, string id) => host.Database.ReadAsync(async tx =>
    {
        var (ct, subject) = (http.RequestAborted, new DpiaSubject(kind, id));
        var now = await host.Dpias.UseAsync(tx, subject, ct);
        var versions = await DpiaRegister.VersionsAsync(tx, subject, ct);
        var asked = long.TryParse(http.Request.Query["version"], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : (long?)null;
        var chosen = asked is null ? versions.Count > 0 ? versions[0] : null : versions.FirstOrDefault(v => v.Version == asked)
            ?? throw new Fault(FaultKind.NotFound, "governance/no-such-dpia", $"This use has no assessment of version `{asked}`.");
        var described = chosen is null ? now : await host.Dpias.DescribedAsync(tx, chosen, ct);
        return new Found(
            subject, now, described, chosen, versions, await LogNames.LoadAsync(tx, ct), described.Evaluation is { } evaluation ? await host.Suggestions.Evaluations.FindAsync(tx, evaluation, ct) : null);
    }, http.RequestAborted);

    private static WrittenDocument Document(AdminView view, Found found) => new DpiaWriter(view, id => found.Names.Of("staff:" + id), found.Models).Write(found.Described, found.Chosen, found.IsOutdated);

    private static async Task<IResult> ShowAsync(StaffDoor door, HttpContext http, string kind, string id, IFormCollection? sent, Fault? fault)
    {
        var view = await ViewAsync(door, http, sent, fault);
        var found = await FindAsync(door.Host, http, kind, id);
        var mayWrite = Writers.Any(StaffDoor.Visit(http).HasRole);
        return StaffDoor.Page<DpiaPage>(new DpiaShown(
            view, $"{Path}/{found.Subject}", Document(view, found), DpiaWriter.StateOf(found.Chosen, found.IsOutdated), found.Chosen?.Version ?? 0, [.. found.Versions.Select(v => v.Version)], mayWrite,
            mayWrite && !found.IsOutdated && found.Chosen is { SignedBy: null } chosen && chosen == found.Versions[0]), view.Status);
    }

    private static async Task<IResult> MarkdownAsync(StaffDoor door, string kind, string id, HttpContext http)
    {
        var view = await ViewAsync(door, http);
        var found = await FindAsync(door.Host, http, kind, id);
        return TextFile.Answer(Document(view, found).ToMarkdown(), "text/markdown", $"dpia-{id}-{found.Chosen?.Version ?? 0}.md");
    }

    private static async Task<IResult> EditAsync(StaffDoor door, HttpContext http, string kind, string id, IFormCollection? sent, Fault? fault)
    {
        var view = await ViewAsync(door, http, sent, fault);
        var found = await FindAsync(door.Host, http, kind, id);
        var content = found.Chosen?.Content ?? new DpiaContent("", [.. UsualRisks.Select(r => new DpiaRisk(view.T($"risk.{r}"), 2, 3, view.T($"risk.{r}.measures"), 1, 3))], "", "");
        return StaffDoor.Page<DpiaFormPage>(new DpiaEdit(
            view, $"{Path}/{found.Subject}", found.Now.Title ?? found.Now.Purposes[0].Label.In(view.Language), found.Now.Digest,
            content with { Risks = [.. content.Risks.Concat(Enumerable.Repeat(new DpiaRisk("", 1, 1, "", 1, 1), RiskRows)).Take(Math.Min(DpiaContent.MaxRisks, Math.Max(RiskRows, content.Risks.Count + 1)))] }), view.Status);
    }

    private static Task<IResult> WriteAsync(StaffDoor door, CandorHost host, string kind, string id, HttpContext http) => door.TryAsync(http, async form =>
    {
        var content = new DpiaContent(form["necessity"].ToString().Trim(), RisksOf(form), form["advice"].ToString().Trim(), form["views"].ToString().Trim());
        await host.WriteAsync(http, tx => host.Dpias.WriteAsync(tx, http.Token(), new DpiaSubject(kind, id), form["digest"].ToString(), content, http.RequestAborted));
        return StaffDoor.Say(http, $"{Path}/{kind}/{id}", "written");
    }, (form, fault) => EditAsync(door, http, kind, id, form, fault));

    private static Task<IResult> SignAsync(StaffDoor door, CandorHost host, string kind, string id, HttpContext http) => door.TryAsync(http, async form =>
    {
        await host.Database.WriteAsync(tx => host.Dpias.SignAsync(tx, http.Token(), new DpiaSubject(kind, id), Number(form["version"].ToString()), http.RequestAborted), http.RequestAborted);
        return StaffDoor.Say(http, $"{Path}/{kind}/{id}", "signed");
    }, (form, fault) => ShowAsync(door, http, kind, id, form, fault));

    /// <summary>The rows in which a risk stands; the others are left out.</summary>
    private static List<DpiaRisk> RisksOf(IFormCollection form) =>
    [
        .. Enumerable.Range(0, DpiaContent.MaxRisks).Where(i => form[$"risk-{i}"].ToString().Trim().Length > 0).Select(i => new DpiaRisk(
            form[$"risk-{i}"].ToString().Trim(), Level(form, $"likelihood-{i}"), Level(form, $"severity-{i}"), form[$"measures-{i}"].ToString().Trim(), Level(form, $"likelihood-after-{i}"), Level(form, $"severity-after-{i}"))),
    ];

    private static int Level(IFormCollection form, string name) => (int)Math.Min(Number(form[name].ToString()), DpiaRisk.Most + 1);

    private static long Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0;
}
