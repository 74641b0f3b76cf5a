using System.Globalization;
using Candor.Catalog;
using Candor.Consent;
using Candor.Governance;
using Candor.Kernel;
using Candor.Server.Web;

namespace Candor.Server.Pages.Governance;

/// <summary>Puts the record of processing into words, in the order of GDPR article 30(1).</summary>
internal sealed class RecordWriter(ProcessingRecord record, string language)
{
    private const string None = "–";
    private readonly Wording words = PageText.In("records", language);
    private readonly Wording measures = PageText.In("dpia", language);
    private readonly Wording periods = Wording.In(Wording.Languages.Contains(language) ? language : "en");
    private readonly CultureInfo culture = CultureInfo.GetCultureInfo(language);

    public string T(string name, params ReadOnlySpan<(string Blank, string Value)> values) => words.Text(name, values);

    public WrittenDocument Write()
    {
        var gaps = record.Gaps.Select(Gap).ToList();
        var sections = new List<DocumentSection>
        {
            new(T("section.gaps"), gaps.Count == 0 ? [T("gaps.none")] : [], [T("column.gap")], [.. gaps.Select(g => (IReadOnlyList<string>)[g])]),
            new(T("section.controller"), [], [T("column.what"), T("column.value")], [.. Controller().Select(f => (IReadOnlyList<string>)[f.Label, f.Text])]),
        };
        foreach (var activity in record.Activities)
        {
            sections.AddRange(Activity(activity));
        }

        if (record.Drafts.Count > 0)
        {
            sections.Add(new DocumentSection(T("section.drafts"), [T("drafts.lead")], [T("column.purpose"), T("column.id")], [.. record.Drafts.Select(p => (IReadOnlyList<string>)[Said(p.Label), p.Id.Value])]));
        }

        if (record.Unused.Count > 0)
        {
            sections.Add(new DocumentSection(T("section.unused"), [], RecipientColumns, [.. record.Unused.Select(Row)]));
        }

        sections.Add(new DocumentSection(T("section.measures"), [.. DpiaWriter.Safeguards.Select(s => measures.Text("safeguard." + s)), .. Running()], [], []));
        return new WrittenDocument(
            T("document.title", ("organisation", record.Catalog.Organisation.Name)),
            T("document.made", ("made", Time(record.MadeAt)), ("version", Number(record.Active.Version)), ("applied", Time(record.AppliedAt)), ("digest", record.Catalog.Digest)), sections);
    }

    /// <summary>How the assessment of an activity stands, in one word.</summary>
    public static string DpiaState(ProcessingActivity a) => DpiaWriter.StateOf(a.Dpia, a.IsDpiaOutdated);

    public string Gap(RecordGap gap) => T(
        "gap." + gap.Kind, ("name", gap.Kind is RecordGapKind.NotApproved or RecordGapKind.NoAssessment ? Said(record.Catalog.Purposes[PurposeId.Parse(gap.Name)].Label) : gap.Name),
        ("day", gap.Day is { } day ? Day(day) : ""));

    private IReadOnlyList<string> RecipientColumns =>
        [T("column.recipient"), T("column.kind"), T("column.does"), T("column.country"), T("column.safeguard"), T("column.contract"), T("column.until"), T("column.where")];

    private IEnumerable<(string Label, string Text)> Controller()
    {
        var o = record.Catalog.Organisation;
        yield return (T("fact.controller"), $"{o.Name}, {o.Address ?? T("no-address")}, {o.Country}");
        yield return (T("fact.contact"), string.Join(", ", new[] { o.Contact, o.Phone, o.Url }.OfType<string>()));
        foreach (var joint in o.JointControllers)
        {
            yield return (T("fact.joint"), Person(joint));
        }

        yield return (T("fact.representative"), o.Representative is { } representative ? Person(representative) : T("none-named"));
        yield return (T("fact.dpo"), o.Dpo is { } dpo ? Person(dpo) : T("none-named"));
        yield return (T("fact.subjects"), T("subjects"));
    }

    private IEnumerable<DocumentSection> Activity(ProcessingActivity a)
    {
        var p = a.Purpose;
        yield return new DocumentSection(Said(p.Label), [], [T("column.what"), T("column.value")],
        [
            [T("fact.id"), p.Id.Value], [T("fact.why"), Said(p.Why)], [T("fact.basis"), T("basis." + InitiativeCover.Word(p.Basis))], [T("fact.subjects"), T("subjects")], [T("fact.readers"), Readers(p)],
            [T("fact.automated"), T(p.AutomatedDecision ? "yes" : "no")], [T("fact.lasts"), p.ConsentLasts is { } lasts ? periods.Period(lasts) : None],
            [T("fact.necessity"), a.Dpia?.Content.Necessity ?? T("necessity.none")], [T("fact.dpia"), T("dpia." + DpiaState(a), ("path", $"/governance/dpia/purposes/{p.Id}"))], [T("fact.approval"), Approval(a.Approval)],
        ]);
        yield return new DocumentSection(T("section.data", ("purpose", Said(p.Label))), [],
            [T("column.data"), T("column.id"), T("column.category"), T("column.necessity"), T("column.kept"), T("column.hold")],
            [.. a.Data.Select(d => (IReadOnlyList<string>)[Said(d.Label), d.Id.Value, d.Category, T("necessity." + InitiativeCover.Word(p.Uses[d.Id])), d.Retention.Period is { } kept ? periods.Period(kept) : T("kept.customer"), Hold(d)])]);
        yield return new DocumentSection(T("section.recipients", ("purpose", Said(p.Label))), a.Recipients.Count == 0 ? [T("recipients.none")] : [], RecipientColumns, [.. a.Recipients.Select(Row)]);
    }

    private IReadOnlyList<string> Row(RecipientUse use)
    {
        if (use.Declared is not { } r)
        {
            return [use.Name, None, T("recipient.unknown"), None, None, T("contract.none"), None, None];
        }

        return
        [
            r.Name, T("kind." + r.Kind), Said(r.Does), use.IsOutside ? T("country.outside", ("country", r.Country)) : r.Country,
            r.Safeguard is { } safeguard ? T("safeguard." + safeguard) : T(use.IsOutside ? "safeguard.none" : "safeguard.unneeded"),
            r.Contract is { } contract ? Day(contract.SignedOn) : T(r.Kind == RecipientKind.Processor ? "contract.none" : "contract.unneeded"),
            r.Contract?.Until is { } until ? Day(until) : None, r.Contract?.Where ?? None,
        ];
    }

    private string Approval(PurposeApproval? approval) => approval is null ? T("approval.none")
        : T("approval." + approval.Ground, ("path", $"/governance/initiatives/{approval.Initiative}")) + (approval.UntilUs is { } until ? " " + T(until > Micros.From(record.MadeAt) ? "approval.until" : "approval.over", ("day", Time(Micros.ToInstant(until)))) : "");

    private string Readers(Purpose p) => p.BiasAudit ? T("readers.counted") : string.Join(", ",
        [.. p.Roles.Order(StringComparer.Ordinal).Select(r => T("reader.role", ("name", r))), .. p.Services.Order(StringComparer.Ordinal).Select(s => T("reader.service", ("name", s)))]) is { Length: > 0 } all ? all : T("readers.none");

    private string Hold(DataPoint d) => d.LegalHold is { } hold
        ? T("hold", ("period", periods.Period(hold.For)), ("reason", Said(hold.Reason)), ("keeps", string.Join(", ", hold.Keeps))) : None;

    private IEnumerable<string> Running()
    {
        var m = record.Measures;
        yield return T("running.keys", ("version", Number(m.KekVersion)));
        yield return T("running.log", ("n", Number(m.LogEntries)));
        yield return T("running.people", ("people", Number(m.People)), ("factor", Number(m.WithFactor)), ("trained", Number(m.Trained)));
        yield return m.LastBackup is { } at ? T("running.backup", ("when", Time(at))) : T("running.no-backup");
    }

    private string Person(Party party) => string.Join(", ", new[] { party.Name, party.Address, party.Contact, party.Phone }.OfType<string>());

    private string Said(LocalizedText text) => text.OnOneLine(language);

    private string Number(long n) => n.ToString("N0", culture);

    private string Day(DateOnly day) => day.ToString(T("date.day"), culture);

    private string Time(DateTimeOffset at) => at.UtcDateTime.ToString(T("date.time"), culture);
}
