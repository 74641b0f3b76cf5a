using System.Globalization;
using Candor.Audit;
using Candor.Governance;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Server.Pages.Admin;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;
using Candor.Staff;
using Candor.Storage;

namespace Candor.Server.Pages.Governance;

/// <summary><c>/governance/incidents</c>: incidents with personal data and the clock for telling the authority.</summary>
internal static class IncidentRoutes
{
    private const string Path = "/governance/incidents";
    private static readonly string[] Readers = ["privacy-officer", "administrator", "auditor"];
    private static readonly string[] Writers = [.. Incidents.Roles];

    public static void MapIncidents(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, ListAsync).ForStaff(Readers);
        pages.MapGet(Path + "/new", (StaffDoor door, HttpContext http) => NewAsync(door, http, null, null)).ForSteppedUpStaff(Writers);
        pages.MapPost(Path + "/new", OpenAsync).ForSteppedUpStaff(Writers);
        pages.MapGet(Path + "/{id}", (StaffDoor door, string id, HttpContext http) => ShowAsync(door, http, id, null, null)).ForStaff(Readers);
        pages.MapGet(Path + "/{id}/markdown", MarkdownAsync).ForStaff(Readers);
        pages.MapGet(Path + "/{id}/edit", (StaffDoor door, string id, HttpContext http) => EditAsync(door, http, id, null, null)).ForSteppedUpStaff(Writers);
        pages.MapPost(Path + "/{id}/edit", WriteAsync).ForSteppedUpStaff(Writers);
        Step("authority", "told", (i, tx, token, id, form, ct) => i.TellAuthorityAsync(tx, token, id, Told(form), ct));
        Step("customers", "told", (i, tx, token, id, form, ct) => i.TellCustomersAsync(tx, token, id, Told(form), ct));
        Step("spare", "spared", (i, tx, token, id, form, ct) => i.SpareCustomersAsync(tx, token, id, form["reason"].ToString().Trim(), ct));
        Step("note", "noted", (i, tx, token, id, form, ct) => i.NoteAsync(tx, token, id, form["text"].ToString(), ct));
        Step("close", "closed", (i, tx, token, id, form, ct) => i.CloseAsync(tx, token, id, form["text"].ToString(), ct));
        Step("reopen", "reopened", (i, tx, token, id, form, ct) => i.ReopenAsync(tx, token, id, form["text"].ToString(), ct));

        void Step(string what, string said, Func<Incidents, Transaction, CallerToken, string, IFormCollection, CancellationToken, ValueTask<Incident>> act) =>
            pages.MapPost($"{Path}/{{id}}/{what}", (StaffDoor door, CandorHost host, string id, HttpContext http) => door.TryAsync(http, async form =>
            {
                await host.WriteAsync(http, tx => act(host.Incidents, tx, http.Token(), id, form, http.RequestAborted));
                return StaffDoor.Say(http, $"{Path}/{id}", said);
            }, (form, fault) => ShowAsync(door, http, id, form, fault))).ForSteppedUpStaff(Writers);
    }

    private static async Task<AdminView> ViewAsync(StaffDoor door, HttpContext http, IFormCollection? sent = null, Fault? fault = null) =>
        new(await door.ViewAsync(http, "incidents", "incident"), sent, fault, "incident");

    private static async Task<IResult> ListAsync(StaffDoor door, HttpContext http)
    {
        var view = await ViewAsync(door, http);
        var all = await door.Host.Database.ReadAsync(tx => Incidents.ListAsync(tx, http.RequestAborted), http.RequestAborted);
        var writer = new IncidentWriter(view, id => id, door.Now);
        return StaffDoor.Page<IncidentListPage>(new IncidentList(view, [.. all.Select(i => writer.Line(i, $"{Path}/{i.Id}"))], Writers.Any(StaffDoor.Visit(http).HasRole)));
    }

    private static async Task<IResult> ShowAsync(StaffDoor door, HttpContext http, string id, IFormCollection? sent, Fault? fault)
    {
        var view = await ViewAsync(door, http, sent, fault);
        var (incident, writer) = await FindAsync(door, http, view, id);
        var mayWrite = Writers.Any(StaffDoor.Visit(http).HasRole);
        return StaffDoor.Page<IncidentPage>(new IncidentShown(
            view, $"{Path}/{id}", incident, Document(view, writer, incident), writer.Clock(incident), writer.Customers(incident), incident.Customers == TellingState.Waiting ? "wait" : "yes",
            writer.Steps(incident), mayWrite, incident.MayClose(door.Now), IncidentWriter.Minute(door.Now)), view.Status);
    }

    private static async Task<IResult> MarkdownAsync(StaffDoor door, string id, HttpContext http)
    {
        var view = await ViewAsync(door, http);
        var (incident, writer) = await FindAsync(door, http, view, id);
        return TextFile.Answer(Document(view, writer, incident).ToMarkdown(), "text/markdown", $"incident-{incident.Number.ToString(CultureInfo.InvariantCulture)}.md");
    }

    private static async Task<(Incident Incident, IncidentWriter Writer)> FindAsync(StaffDoor door, HttpContext http, AdminView view, string id)
    {
        var (incident, names) = await door.Host.Database.ReadAsync(async tx => (await Incidents.GetAsync(tx, id, http.RequestAborted), await LogNames.LoadAsync(tx, http.RequestAborted)), http.RequestAborted);
        return (incident, new IncidentWriter(view, by => names.Of("staff:" + by), door.Now));
    }

    private static WrittenDocument Document(AdminView view, IncidentWriter writer, Incident incident)
    {
        var catalog = view.Staff.Catalog;
        return writer.Document(
            incident, catalog.Organisation.Name, catalog.Organisation.Contact,
            id => DataPointId.TryParse(id, null, out var point) && catalog.DataPoints.TryGetValue(point, out var d) ? d.Label.In(view.Language) : id,
            id => PurposeId.TryParse(id, null, out var purpose) && catalog.Purposes.TryGetValue(purpose, out var p) ? p.Label.In(view.Language) : id);
    }

    private static async Task<IResult> NewAsync(StaffDoor door, HttpContext http, IFormCollection? sent, Fault? fault)
    {
        var view = await ViewAsync(door, http, sent, fault);
        var empty = new IncidentFacts("", "", door.Now, null, [], [], [], null, null, "", "", BreachRisk.Risk, false, null);
        return Form(view, Path + "/new", Path, true, sent is null ? await PrefilledAsync(door, http, view, empty) : empty);
    }

    /// <summary>What an anomaly or a read in an emergency says of itself; nothing about the customer is in it.</summary>
    private static async Task<IncidentFacts> PrefilledAsync(StaffDoor door, HttpContext http, AdminView view, IncidentFacts empty)
    {
        var ct = http.RequestAborted;
        if (http.Request.Query["anomaly"].ToString() is { Length: > 0 } anomaly && await door.Host.Database.ReadAsync(tx => AnomalyBook.FindAsync(tx, anomaly, ct), ct) is { } found)
        {
            var (_, words, _) = await LogRoutes.ViewAsync(door, http, "anomalies");
            var sentence = words.T("rule." + found.Rule, ("amount", words.Number(found.Amount)), ("usual", words.Number(found.Usual)));
            return empty with
            {
                Title = view.T("prefill.anomaly"), What = $"{words.Who(found.Actor)}: {sentence}", NoticedAt = found.FoundAt, BeganAt = found.From < found.FoundAt ? found.From : null,
                Kinds = [BreachKind.Confidentiality], Source = "anomaly:" + anomaly,
            };
        }

        return http.Request.Query["emergency"].ToString() is { Length: > 0 and < IncidentFacts.MaxSource - 10 } emergency
            ? empty with { Title = view.T("prefill.emergency"), Kinds = [BreachKind.Confidentiality], Customers = 1, Source = "emergency:" + emergency } : empty;
    }

    private static Task<IResult> OpenAsync(StaffDoor door, CandorHost host, HttpContext http) => door.TryAsync(http, async form =>
    {
        var incident = await host.WriteAsync(http, tx => host.Incidents.OpenAsync(tx, http.Token(), Facts(form), http.RequestAborted));
        return StaffDoor.Say(http, $"{Path}/{incident.Id}", "opened");
    }, (form, fault) => NewAsync(door, http, form, fault));

    private static async Task<IResult> EditAsync(StaffDoor door, HttpContext http, string id, IFormCollection? sent, Fault? fault)
    {
        var view = await ViewAsync(door, http, sent, fault);
        var incident = await door.Host.Database.ReadAsync(tx => Incidents.GetAsync(tx, id, http.RequestAborted), http.RequestAborted);
        return Form(view, $"{Path}/{id}/edit", $"{Path}/{id}", false, incident.Facts);
    }

    private static Task<IResult> WriteAsync(StaffDoor door, CandorHost host, string id, HttpContext http) => door.TryAsync(http, async form =>
    {
        await host.WriteAsync(http, tx => host.Incidents.WriteAsync(tx, http.Token(), id, Facts(form), http.RequestAborted));
        return StaffDoor.Say(http, $"{Path}/{id}", "written");
    }, (form, fault) => EditAsync(door, http, id, form, fault));

    private static IResult Form(AdminView view, string path, string back, bool isNew, IncidentFacts facts)
    {
        var catalog = view.Staff.Catalog;
        return StaffDoor.Page<IncidentFormPage>(new IncidentEdit(
            view, path, back, isNew, facts, [.. catalog.DataPoints.Values.Select(d => (d.Id.Value, d.Label.In(view.Language), (string?)null)).OrderBy(d => d.Item2, StringComparer.CurrentCulture)],
            [.. catalog.Purposes.Values.Select(p => (p.Id.Value, p.Label.In(view.Language), (string?)null)).OrderBy(p => p.Item2, StringComparer.CurrentCulture)]), view.Status);
    }

    private static IncidentFacts Facts(IFormCollection form) => new(
        form["title"].ToString().Trim(), form["what"].ToString().Trim(), Needed(form, "noticed"), IncidentWriter.Instant(form["began"].ToString()),
        [.. Enum.GetValues<BreachKind>().Where(k => form["kinds"].Contains(k.ToString()))], [.. form["points"].OfType<string>().Where(p => DataPointId.TryParse(p, null, out _))],
        [.. form["purposes"].OfType<string>().Where(p => PurposeId.TryParse(p, null, out _))], Count(form, "people"), Count(form, "records"), form["consequences"].ToString().Trim(), form["measures"].ToString().Trim(),
        Enum.TryParse<BreachRisk>(form["risk"], out var risk) && Enum.IsDefined(risk) ? risk : BreachRisk.Risk, form["unintelligible"] == "yes", form["source"].ToString() is { Length: > 0 } source ? source : null);

    private static IncidentTold Told(IFormCollection form) => new(Needed(form, "at"), form["reference"].ToString().Trim(), form["reason"].ToString().Trim());

    private static DateTimeOffset Needed(IFormCollection form, string field) => IncidentWriter.Instant(form[field].ToString())
        ?? throw new Fault(FaultKind.Invalid, "governance/bad-incident", $"`{field}` is an instant such as `2026-06-30T14:05`, in UTC; it is empty.");

    private static long? Count(IFormCollection form, string field) => form[field].ToString().Trim() is not { Length: > 0 } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n
        : throw new Fault(FaultKind.Invalid, "governance/bad-incident", $"`{field}` is a whole number without signs, or left open; got `{Name.Shown(text)}`.");
}
