using Candor.Fairness;
using Candor.Governance;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Server.Pages.Staff;

namespace Candor.Server.Pages.Governance;

/// <summary>One version in the list.</summary>
/// <param name="Tone"><c>yes</c>, <c>no</c>, <c>wait</c> or empty.</param>
public sealed record ModelLine(long Number, string Name, string State, string Tone);

/// <summary>A row of a table: its heading and its cells, in the order of the columns.</summary>
/// <param name="Tone">Of the first cell.</param>
public sealed record ModelCells(string Heading, IReadOnlyList<string> Cells, string Tone);

/// <summary>A table of groups.</summary>
/// <param name="Columns">Names of texts, after that of the group.</param>
public sealed record ModelTable(string Id, string Title, IReadOnlyList<string> Columns, IReadOnlyList<ModelCells> Rows);

/// <summary>What was found of one use.</summary>
/// <param name="Standings">How all customers stand with it, and how many.</param>
/// <param name="Missing">Who is missing, a sentence each.</param>
public sealed record ModelUse(string Id, string Label, string InModels, IReadOnlyList<(string Name, string Number)> Standings, IReadOnlyList<ModelTable> Presence, IReadOnlyList<string> Missing, IReadOnlyList<ModelTable> Results);

/// <summary>Versions of the models' settings, and one of them whole.</summary>
public sealed class ModelsView
{
    private static readonly string[] PresenceColumns = ["col.standing", "col.models", "col.all", "col.difference", "col.interval"];
    private static readonly string[] ResultColumns = ["col.standing", "col.customers", "col.share", "col.interval", "col.others", "col.interval.others"];
    private readonly FairnessWords words;
    private readonly LogNames names;
    private readonly long? used;

    /// <param name="used">Number of the version in use; null: the defaults are.</param>
    /// <param name="shown">Null when there is none.</param>
    /// <param name="reason">What was written into the form; kept when it was not taken.</param>
    /// <param name="fault">Why it was not.</param>
    public ModelsView(StaffView view, IReadOnlyList<StoredEvaluation> versions, long? used, StoredEvaluation? shown, LogNames names, string reason, Fault? fault)
    {
        (View, Shown, Reason, this.names, this.used) = (view, shown, reason, names, used);
        words = new FairnessWords(view, "models");
        Wrong = fault switch { null => null, { What: "fairness/bad-reason" } => T("decide.wrong"), { What: "personalization/not-waiting" } => T("decide.late"), _ => fault.Message };
        Versions = [.. versions.Select(v => new ModelLine(v.Number, T("version", ("number", Number(v.Number)), ("time", words.Time(v.At))), T("state." + StateOf(v)), ToneOf(v)))];
        var current = versions.FirstOrDefault(v => v.Number == used);
        InUse = current is null ? T("use.defaults") : T("use.version", ("number", Number(current.Number)), ("time", words.Time(current.AppliedAt!.Value)));
        Audit = shown?.Audit is { } audit ? ModelAudit.Of(audit) : null;
        IsRare = shown?.Report.Visits is { RareShare: > 0 };
        Uses = Audit is null ? [] : [.. Audit.Uses.Select(u => Of(Audit, u))];
        Broken = Audit is null ? [] : [.. Audit.Broken(IsRare).Select(f => T("broken", ("use", words.Use(f.Purpose.Value)), ("outcome", T("outcome." + f.Outcome.Replace(ModelAudit.WithRare, "", StringComparison.Ordinal))),
            ("group", $"{words.Attribute(f.Attribute.Value)}: {words.Group(f.Attribute.Value, f.Group)}"), ("value", words.Percent(f.Value)), ("limit", words.Percent(f.Bound))))];
    }

    public StaffView View { get; }

    public StoredEvaluation? Shown { get; }

    public string Reason { get; }

    public string? Wrong { get; }

    public IReadOnlyList<ModelLine> Versions { get; }

    public string InUse { get; }

    public ModelAudit? Audit { get; }

    public bool IsRare { get; }

    public IReadOnlyList<ModelUse> Uses { get; }

    /// <summary>Limits that are broken beyond doubt, a sentence each.</summary>
    public IReadOnlyList<string> Broken { get; }

    public Candor.Consent.Wording Words => words.Texts;

    public bool MayDecide => ModelAudits.Deciders.Any(View.Visit.HasRole);

    public bool SeesFairness => View.Visit.HasRole(FairnessRuns.Officer) || View.Visit.HasRole("administrator");

    public bool HasAttributes => Audit is not null && Audit.Cells.Any(c => !CustomerBands.IsBand(c.Attribute));

    public string T(string name, params ReadOnlySpan<(string Blank, string Value)> values) => words.T(name, values);

    public static string PathOf(long number) => $"/governance/models?version={number}";

    public ModelLine Line => Versions.First(v => v.Number == Shown!.Number);

    /// <summary>What was decided after it waited; null where nothing was.</summary>
    public string? Decided => Shown?.Hold is { DecidedAt: { } at, Decision: { } decision } hold
        ? T("decided." + decision.ToString().ToLowerInvariant(), ("time", words.Time(at)), ("who", hold.DecidedBy is { } by ? names.Of("staff:" + by) : ""), ("reason", hold.Reason ?? "")) : null;

    /// <summary>What the version was measured on and how well it did.</summary>
    public IReadOnlyList<(string Name, string Value)> Facts => Shown is null ? [] :
    [
        (T("fact.at"), words.Time(Shown.At)), (T("fact.customers"), Number(Shown.Report.Data.Customers)), (T("fact.records"), Number(Shown.Report.Data.Records)),
        .. Shown.Report.Lines.Where(l => l.Model.EndsWith("settings found", StringComparison.Ordinal)).Select(l => (T(l.ListLength == SessionEvaluation.ListLength ? "fact.visits" : "fact.needs"), words.Percent(l.Result.HitRate))),
    ];

    private static string Key(string text) => text.Replace('+', '-');

    private string Number(long number) => words.Number(number);

    private string StateOf(StoredEvaluation v) => v.Number == used ? "used" : v.IsWaiting ? "waits" : v.Hold?.Decision == HoldDecision.Dropped ? "dropped" : v.AppliedAt is not null ? "earlier" : v.Audit is null ? "unaudited" : "unused";

    private string ToneOf(StoredEvaluation v) => StateOf(v) switch { "used" => "yes", "waits" => "wait", "dropped" => "no", _ => "" };

    private ModelUse Of(ModelAudit audit, AuditedUse use)
    {
        var presence = audit.Presence(use);
        return new ModelUse(
            use.Purpose, words.Use(use.Purpose), T("in", ("in", Number(use.InModels)), ("all", Number(use.Customers))),
            [.. audit.Standings(use).Select(c => (words.Group(CustomerBands.Choice, c.Group), c.IsTooFew ? T("few") : Number(c.Whole)))],
            [.. presence.Select(Of)],
            [.. presence.SelectMany(t => t.Rows.Where(r => r.IsMissing).Select(r => T("missing", ("group", $"{words.Attribute(t.Attribute)}: {words.Group(t.Attribute, r.Group)}"), ("models", words.Share(r.Models)), ("all", words.Share(r.All)))))],
            [.. audit.Results(use, IsRare).Select(Of)]);
    }

    private ModelTable Of(PresenceTable table) => new(
        $"in-{table.Purpose}-{Key(table.Attribute)}", T("presence", ("attribute", words.Attribute(table.Attribute))), PresenceColumns,
        [.. table.Rows.Select(r => new ModelCells(words.Group(table.Attribute, r.Group),
        [
            T("presence." + (r.IsTooFew ? "few" : r.P is null ? "notcompared" : r.IsMissing ? "missing" : r.IsSure ? "more" : "alike")), words.Share(r.Models), words.Share(r.All),
            r.Difference is { } d ? words.Points(d) : "–", r.Interval is { } i ? words.PointsBetween(i) : "–",
        ], r.IsTooFew || r.P is null ? "" : r.IsMissing ? "wait" : "yes"))]);

    private ModelTable Of(ResultTable table) => new(
        $"{table.Outcome}-{table.Purpose}-{Key(table.Attribute)}", T("results", ("outcome", T("outcome." + table.Outcome)), ("attribute", words.Attribute(table.Attribute))), ResultColumns,
        [.. table.Rows.Select(r => new ModelCells(words.Group(table.Attribute, r.Group),
        [
            r.Standing is { } standing ? words.Standing(standing) : T(r.IsTooFew ? "presence.few" : r.ToRest is null ? "presence.notcompared" : r.IsSure ? "band.other" : "band.alike"),
            r.IsTooFew ? "–" : Number(r.Count.Whole), words.Share(r.Count), words.Between(r.Count.Wilson()),
            r.ToRest is { } two ? words.Points(two.Difference) : "–", r.ToRest is { } rest ? words.PointsBetween(rest.DifferenceInterval()) : "–",
        ], FairnessWords.Tone(r.Standing)))]);
}
