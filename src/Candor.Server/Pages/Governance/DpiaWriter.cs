using Candor.Catalog;
using Candor.Governance;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Server.Pages.Admin;

namespace Candor.Server.Pages.Governance;

/// <summary>Puts a use, and what was written about it, into an assessment.</summary>
/// <param name="models">The version of the models that the assessment describes; null for the defaults, and where it is kept no longer.</param>
internal sealed class DpiaWriter(AdminView view, Func<string, string> name, StoredEvaluation? models)
{
    public static readonly IReadOnlyList<string> Safeguards = ["gate", "staff", "sealed", "log", "erasure", "choices", "approval", "backups"];

    /// <param name="dpia">Null while nothing is written: then it is the description alone.</param>
    public WrittenDocument Write(DpiaUse use, Dpia? dpia, bool isOutdated)
    {
        var title = use.Title ?? use.Purposes[0].Label.In(view.Language);
        var sections = new List<DocumentSection>();
        foreach (var purpose in use.Purposes)
        {
            sections.AddRange(Describe(use, purpose));
        }

        sections.Add(new DocumentSection(view.T("section.flow"), [.. Flow(use)], [], []));
        if (dpia?.Content is { } content)
        {
            sections.Add(new DocumentSection(view.T("section.necessity"), [content.Necessity], [], []));
            sections.Add(Risks(content));
        }

        sections.Add(new DocumentSection(view.T("section.measures"), [.. Safeguards.Select(s => view.T("safeguard." + s))], [], []));
        sections.Add(new DpiaModels(view, models).Write(use));
        if (dpia is not null)
        {
            sections.Add(new DocumentSection(view.T("section.advice"), [dpia.Content.Advice], [], []));
            sections.Add(new DocumentSection(view.T("section.views"), [dpia.Content.Views], [], []));
            sections.Add(new DocumentSection(view.T("section.sign"), [Signed(dpia)], [], []));
        }

        return new WrittenDocument(view.T("document.title", ("what", title)), Standing(dpia, isOutdated), sections);
    }

    /// <summary>How an assessment stands, in one word.</summary>
    public static string StateOf(Dpia? dpia, bool isOutdated) => dpia is null ? "none" : isOutdated ? "outdated" : dpia.SignedBy is null ? "unsigned" : "signed";

    private string Standing(Dpia? dpia, bool isOutdated) => view.T("standing." + StateOf(dpia, isOutdated), ("version", dpia is null ? "" : view.Number(dpia.Version)));

    private IEnumerable<DocumentSection> Describe(DpiaUse use, Purpose p)
    {
        var (organisation, language) = (use.Catalog.Organisation, view.Language);
        string YesNo(bool yes) => view.T(yes ? "yes" : "no");
        yield return new DocumentSection(view.T("section.description", ("purpose", p.Label.In(language))), [p.Why.In(language)], [view.T("column.what"), view.T("column.value")],
        [
            [view.T("fact.controller"), $"{organisation.Name}, {organisation.Country}, {organisation.Contact}"], [view.T("fact.purpose"), p.Id.Value], [view.T("fact.basis"), view.T("basis." + InitiativeCover.Word(p.Basis))],
            [view.T("fact.class"), p.DpvPurpose], [view.T("fact.automated"), YesNo(p.AutomatedDecision)], [view.T("fact.case"), YesNo(p.NeedsCase)], [view.T("fact.emergency"), YesNo(p.Emergency)],
            [view.T("fact.lasts"), p.ConsentLasts?.Text ?? "–"], [view.T("fact.off"), p.IfOff?.In(language) ?? "–"], [view.T("fact.hold-out"), view.Number(p.HoldOutPercent) + " %"], [view.T("fact.catalog"), view.Number(use.CatalogVersion)],
        ]);
        yield return new DocumentSection(view.T("section.data"), [],
            [view.T("column.data"), view.T("column.id"), view.T("column.category"), view.T("column.necessity"), view.T("column.kept"), view.T("column.hold"), view.T("column.with")],
            [
                .. use.Catalog.DataPointsOf(p).Select(d => (IReadOnlyList<string>)
                [
                    d.Label.In(language), d.Id.Value, d.Category, view.T("necessity." + InitiativeCover.Word(p.Uses[d.Id])), d.Retention.ToString(),
                    d.LegalHold is { } hold ? $"{hold.For}, {hold.Reason.In(language)}" : "–", d.CollectedWith?.Value ?? "–",
                ]),
            ]);
        yield return new DocumentSection(view.T("section.who"), [], [view.T("column.kind"), view.T("column.who")],
            [
                .. Named("role", p.Roles.Select(r => r)), .. Named("service", p.Services), .. Named("recipient", p.Recipients),
            ]);
    }

    private IEnumerable<IReadOnlyList<string>> Named(string kind, IEnumerable<string> who) => who.Order(StringComparer.Ordinal).Select(w => (IReadOnlyList<string>)[view.T("kind." + kind), w]);

    private IEnumerable<string> Flow(DpiaUse use)
    {
        yield return view.T("flow.in");
        yield return view.T("flow.read");
        if (use.Settings.Length > 0)
        {
            yield return view.T("flow.model");
            yield return view.T("flow.settings", ("settings", use.Settings));
        }
    }

    private DocumentSection Risks(DpiaContent content) => new(
        view.T("section.risks"), [view.T("risks.scale"), .. content.Risks.Any(r => r.After >= DpiaRisk.High) ? (string[])[view.T("risks.consult")] : []],
        [view.T("column.risk"), view.T("column.likelihood"), view.T("column.severity"), view.T("column.before"), view.T("column.measures"), view.T("column.likelihood-after"), view.T("column.severity-after"), view.T("column.after")],
        [.. content.Risks.Select(r => (IReadOnlyList<string>)[r.Risk, view.Number(r.Likelihood), view.Number(r.Severity), view.Number(r.Before), r.Measures, view.Number(r.LikelihoodAfter), view.Number(r.SeverityAfter), view.Number(r.After)])]);

    private string Signed(Dpia dpia)
    {
        var written = view.T("sign.written", ("who", name(dpia.WrittenBy)), ("when", view.Time(dpia.WrittenAt)));
        return dpia is { SignedBy: { } by, SignedAt: { } at } ? $"{written} {view.T("sign.signed", ("who", name(by)), ("when", view.Time(at)))}" : $"{written} {view.T("sign.not")}";
    }
}
