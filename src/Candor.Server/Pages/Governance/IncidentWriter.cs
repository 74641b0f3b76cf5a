using System.Globalization;
using Candor.Governance;
using Candor.Kernel;
using Candor.Server.Pages.Admin;

namespace Candor.Server.Pages.Governance;

/// <summary>The clock of an incident.</summary>
/// <param name="Due">When it ends, as browsers read it.</param>
/// <param name="Text">What is left, or how long it is over.</param>
/// <param name="Tone"><c>yes</c>, <c>wait</c> or <c>no</c>.</param>
/// <param name="Runs">Somebody is still to be told: it goes on in the browser.</param>
public sealed record ClockView(string Due, string DueText, string Text, string Tone, bool Runs);

/// <summary>One incident in the list.</summary>
public sealed record IncidentLine(string Path, string Title, string State, string About, ClockView Clock);

/// <summary>All incidents.</summary>
public sealed record IncidentList(AdminView View, IReadOnlyList<IncidentLine> Lines, bool MayWrite);

/// <summary>One step in words.</summary>
public sealed record StepLine(string What, string Who, string When, string? Text);

/// <summary>One incident.</summary>
/// <param name="Now">This minute, as a field for an instant has it.</param>
public sealed record IncidentShown(
    AdminView View, string Path, Incident Incident, WrittenDocument Document, ClockView Clock, string Customers, string CustomersTone, IReadOnlyList<StepLine> Steps, bool MayWrite, bool MayClose, string Now);

/// <summary>The form for what is known.</summary>
/// <param name="Path">Where it goes.</param>
/// <param name="IsNew">Nothing is written yet.</param>
/// <param name="Points">Id, label.</param>
public sealed record IncidentEdit(
    AdminView View, string Path, string Back, bool IsNew, IncidentFacts Facts, IReadOnlyList<(string Value, string Text, string? More)> Points, IReadOnlyList<(string Value, string Text, string? More)> Purposes)
{
    public string Noticed => IncidentWriter.Minute(Facts.NoticedAt);

    public string Began => Facts.BeganAt is { } at ? IncidentWriter.Minute(at) : "";

    public static string Number(long? n) => n?.ToString(CultureInfo.InvariantCulture) ?? "";
}

/// <summary>Puts an incident into words; as a document in the order of GDPR article 33(3).</summary>
internal sealed class IncidentWriter(AdminView view, Func<string, string> name, DateTimeOffset now)
{
    private const string Field = "yyyy-MM-dd'T'HH:mm";

    /// <summary>An instant as a field of a form has it, in UTC.</summary>
    public static string Minute(DateTimeOffset at) => at.UtcDateTime.ToString(Field, CultureInfo.InvariantCulture);

    /// <summary>Null for an empty field.</summary>
    /// <exception cref="Fault">Invalid <c>governance/bad-incident</c>.</exception>
    public static DateTimeOffset? Instant(string text) => text.Length == 0 ? null
        : DateTimeOffset.TryParseExact(text, [Field, "yyyy-MM-dd'T'HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at
        : throw new Fault(FaultKind.Invalid, "governance/bad-incident", $"An instant is written as `2026-06-30T14:05`, in UTC; got `{Name.Shown(text)}`.");

    public ClockView Clock(Incident incident)
    {
        var state = incident.AuthorityAsOf(now);
        var runs = state is TellingState.Waiting or TellingState.Overdue;
        return new ClockView(
            incident.DueAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), view.Time(incident.DueAt), runs ? Left(incident.DueAt - now) : view.T("clock." + state),
            state switch { TellingState.Waiting => "wait", TellingState.Overdue or TellingState.ToldLate => "no", _ => "yes" }, runs);
    }

    public IncidentLine Line(Incident incident, string path) => new(
        path, view.T("line.title", ("n", view.Number(incident.Number)), ("title", incident.Facts.Title)), view.T(incident.ClosedAt is null ? "state.open" : "state.closed"),
        view.T("line.about", ("time", view.Time(incident.Facts.NoticedAt)), ("risk", view.T("risk." + incident.Facts.Risk))), Clock(incident));

    public string Customers(Incident incident) => view.T((incident.Facts.Unintelligible && incident.Facts.Risk == BreachRisk.High ? "customers.unintelligible." : "customers.") + incident.Customers);

    public IReadOnlyList<StepLine> Steps(Incident incident) => [.. incident.Steps.Reverse().Select(s => new StepLine(view.T("step." + s.Kind), name(s.By), view.Time(s.At), TextOf(s)))];

    /// <summary>What the authority gets, and what stays with the business.</summary>
    public WrittenDocument Document(Incident incident, string organisation, string contact, Func<string, string> point, Func<string, string> purpose)
    {
        var facts = incident.Facts;
        var authority = incident.Steps.Where(s => s.Kind == IncidentStepKind.Authority).ToList();
        return new WrittenDocument(view.T("document.title", ("n", view.Number(incident.Number)), ("title", facts.Title)), view.T("document.standing", ("organisation", organisation), ("time", view.Time(now))),
        [
            Part("when", view.T("document.noticed", ("time", view.Time(facts.NoticedAt))), facts.BeganAt is { } began ? view.T("document.began", ("time", view.Time(began))) : view.T("document.began.unknown"), view.T("document.due", ("time", view.Time(incident.DueAt)))),
            Part("nature", facts.What, view.T("document.kinds", ("kinds", string.Join(", ", facts.Kinds.Select(k => view.T("breach." + k)))))),
            Part("people", view.T("document.customers", ("n", About(facts.Customers))), view.T("document.records", ("n", About(facts.Records))),
                view.T("document.points", ("points", Listed(facts.DataPoints, point))), view.T("document.purposes", ("purposes", Listed(facts.Purposes, purpose)))),
            Part("contact", view.T("document.contact", ("organisation", organisation), ("contact", contact))),
            Part("consequences", facts.Consequences, view.T("risk." + facts.Risk)),
            Part("measures", facts.Measures, view.T(facts.Unintelligible ? "document.unintelligible" : "document.intelligible")),
            Part("authority", [.. authority.Count == 0 ? [view.T("document.authority.none")] : authority.Select((s, i) => view.T("document.authority", ("n", view.Number(i + 1)), ("time", view.Time(s.Told!.At)), ("reference", s.Told.Reference.Length > 0 ? s.Told.Reference : "–"))),
                .. authority.Where(s => s.Told!.Reason.Length > 0).Select(s => view.T("document.reason", ("reason", s.Told!.Reason)))]),
            Part("customers", [Customers(incident), .. incident.Steps.Where(s => s.Kind is IncidentStepKind.Customers or IncidentStepKind.NotCustomers).Select(s => $"{view.Time(s.Told!.At)}: {s.Told.Reference}{s.Told.Reason}")]),
        ]);
    }

    private DocumentSection Part(string heading, params IReadOnlyList<string> texts) => new(view.T("part." + heading), texts, [], []);

    private string About(long? n) => n is { } known ? view.T("document.about", ("n", view.Number(known))) : view.T("document.unknown");

    private string Listed(IReadOnlyList<string> ids, Func<string, string> label) => ids.Count == 0 ? view.T("document.unknown") : string.Join(", ", ids.Select(label));

    private string Left(TimeSpan left) => view.T(left > TimeSpan.Zero ? "clock.left" : "clock.over",
        ("hours", Math.Floor(left.Duration().TotalHours).ToString(CultureInfo.InvariantCulture)), ("minutes", left.Duration().Minutes.ToString(CultureInfo.InvariantCulture)));

    private string? TextOf(IncidentStep step) => step switch
    {
        { Text: { } text } => text,
        { Told: { } told } => string.Join(" · ", ((string[])[view.Time(told.At), told.Reference, told.Reason]).Where(t => t.Length > 0)),
        { Facts: { } facts } => $"{facts.Title} · {view.T("risk." + facts.Risk)}",
        _ => null,
    };
}
