using System.Globalization;
using Candor.Governance;
using Candor.Server.Pages.Admin;

namespace Candor.Server.Pages.Governance;

/// <summary>All audits, the plan, and what is open.</summary>
public sealed record InternalAuditList(
    AdminView View, AuditPlan Plan, IReadOnlyList<InternalAudit> Audits, IReadOnlyList<AuditItem> Findings, LogNames Names, DateTimeOffset Now, bool MayAct)
{
    public string State(InternalAudit audit) => audit.ClosedAt is not null ? "closed" : audit.IsOverdue(Now) ? "overdue" : "open";

    public static string Tone(string state) => state switch { "closed" => "yes", "overdue" => "no", _ => "wait" };
}

/// <summary>A drawn access as the page shows it.</summary>
/// <param name="Line">Null when the log has no entry there, which its checks tell.</param>
/// <param name="IsOwn">The reader made it.</param>
public sealed record AuditItemView(AuditItem Item, LogLine? Line, bool IsOwn, IReadOnlyList<AuditNote> Notes)
{
    public string Tone => Item.Verdict switch { AuditVerdict.InOrder => "yes", AuditVerdict.Finding => "no", _ => "wait" };

    public string State => Item.Verdict is { } verdict ? InitiativeCover.Word(verdict) : "waiting";
}

/// <summary>An audit with what was drawn.</summary>
/// <param name="People">Who can own a finding.</param>
public sealed record InternalAuditShown(
    AdminView View, LogWords Words, LogNames Names, InternalAudit Audit, IReadOnlyList<AuditItemView> Items, IReadOnlyList<(string Id, string Name)> People, DateTimeOffset Now, bool MayAct)
{
    private readonly CultureInfo culture = CultureInfo.GetCultureInfo(View.Language);

    public string Person(string? id) => Names.Of("staff:" + id);

    public string Standing => View.T(
        Audit.ClosedAt is null ? "standing.open" : "standing.closed", ("done", View.Number(Items.Count(i => i.Item.IsReviewed))), ("all", View.Number(Items.Count)),
        ("day", View.Day(Audit.ClosedAt ?? Audit.DueAt.AddTicks(-1))));

    /// <summary>How it was drawn, so that it can be drawn again.</summary>
    public string Drawn => View.T(
        "drawn", ("time", View.Time(Audit.DrawnAt)), ("from", Digits(Audit.FromIndex)), ("to", Digits(Audit.ToIndex)), ("seed", Audit.Seed), ("sample", View.Number(Audit.Sample)));

    public IReadOnlyList<string> Columns => [.. ((string[])["stratum", "population", "drawn", "in-order", "question", "finding", "rate"]).Select(c => View.T("col." + c))];

    public IReadOnlyList<IReadOnlyList<string>> Figures => [.. AuditFigures.Of(Audit, [.. Items.Select(i => i.Item)]).Select(Row)];

    /// <summary>The report as a file has it.</summary>
    public WrittenDocument Report => new(View.T("report.title", ("n", Digits(Audit.Number))), Standing,
    [
        new DocumentSection(View.T("report.how"), [Drawn, View.T("rule")], [], []),
        new DocumentSection(View.T("report.figures"), [View.T("rate.note")], Columns, Figures),
        .. Items.Where(i => i.Item.Verdict == AuditVerdict.Finding).Select(i => new DocumentSection(View.T("report.finding", ("index", Digits(i.Item.Index))), [.. FindingOf(i)], [], [])),
    ]);

    private IEnumerable<string> FindingOf(AuditItemView i)
    {
        yield return i.Item.Note!;
        yield return View.T("finding.owner", ("who", Person(i.Item.Owner)), ("day", View.Day(i.Item.DueAt!.Value.AddTicks(-1))));
        foreach (var note in i.Notes)
        {
            yield return $"{View.Time(note.At)}, {Person(note.By)}: {note.Said}";
        }

        if (i.Item.ClosedAt is { } closed)
        {
            yield return View.T("finding.closed", ("who", Person(i.Item.ClosedBy)), ("time", View.Time(closed)), ("reason", i.Item.ClosedReason!));
        }
    }

    private IReadOnlyList<string> Row(AuditFigures f) =>
    [
        View.T("stratum." + (f.Stratum?.ToString() ?? "All")), View.Number(f.Population), View.Number(f.Drawn), View.Number(f.InOrder), View.Number(f.Questions), View.Number(f.Findings.Part),
        f.Findings is { Value: { } value } && f.Findings.Wilson() is { } interval ? View.T("rate", ("share", Percent(value)), ("low", Percent(interval.Low)), ("high", Percent(interval.High))) : "–",
    ];

    private string Percent(double share) => share.ToString("P0", culture);

    private static string Digits(long number) => number.ToString(CultureInfo.InvariantCulture);
}
