using Candor.Fairness;
using Candor.Governance;
using Candor.Personalization;
using Candor.Server.Pages.Admin;

namespace Candor.Server.Pages.Governance;

/// <summary>The part of an assessment that says which version of the models it describes, and what its audits found.</summary>
/// <param name="models">Null for the defaults, and where the version is kept no longer.</param>
internal sealed class DpiaModels(AdminView view, StoredEvaluation? models)
{
    private readonly FairnessWords words = new(view.Staff, "models");

    public DocumentSection Write(DpiaUse use)
    {
        var heading = view.T("section.bias");
        if (use.Settings.Length == 0)
        {
            return new DocumentSection(heading, [view.T("bias.none")], [], []);
        }

        if (models?.Audit is not { } stored)
        {
            return new DocumentSection(heading, [use.Evaluation is { } number ? view.T("bias.gone", ("number", view.Number(number))) : view.T("bias.defaults")], [], []);
        }

        var (audit, isRare) = (ModelAudit.Of(stored), models.Report.Visits is { RareShare: > 0 });
        var uses = audit.Uses.Where(u => use.Purposes.Any(p => p.Id.Value == u.Purpose)).ToList();
        var rows = uses.SelectMany(u => Rows(audit, u, isRare)).ToList();
        return new DocumentSection(heading, [.. Texts(audit, uses, isRare)], rows.Count == 0 ? [] : [words.T("col.group"), words.T("col.models"), words.T("col.all"), words.T("outcome.hit"), words.T("col.others")], rows);
    }

    private IEnumerable<string> Texts(ModelAudit audit, IReadOnlyList<AuditedUse> uses, bool isRare)
    {
        yield return view.T("bias.version", ("number", view.Number(models!.Number)), ("when", view.Time(models.At)));
        foreach (var use in uses)
        {
            yield return words.T("in", ("in", words.Number(use.InModels)), ("all", words.Number(use.Customers)));
            var missing = audit.Presence(use).SelectMany(t => t.Rows.Where(r => r.IsMissing).Select(r => $"{words.Attribute(t.Attribute)}: {words.Group(t.Attribute, r.Group)}")).ToList();
            yield return missing.Count == 0 ? words.T("missing.none") : view.T("bias.missing", ("groups", string.Join("; ", missing)));
        }

        var broken = audit.Broken(isRare).Where(f => uses.Any(u => u.Purpose == f.Purpose.Value)).Select(f => $"{words.Attribute(f.Attribute.Value)}: {words.Group(f.Attribute.Value, f.Group)}").Distinct().ToList();
        yield return broken.Count == 0 ? view.T("bias.clear") : view.T("bias.broken", ("groups", string.Join("; ", broken)), ("reason", models.Hold?.Reason ?? "–"));
        yield return view.T("bias.page");
    }

    /// <summary>Each group that is large enough, in the models and on what was held back.</summary>
    private IEnumerable<IReadOnlyList<string>> Rows(ModelAudit audit, AuditedUse use, bool isRare)
    {
        var results = audit.Results(use, isRare).Where(t => t.Outcome == ModelAudit.Hit).SelectMany(t => t.Rows.Select(r => (t.Attribute, Row: r))).ToList();
        return audit.Presence(use).SelectMany(t => t.Rows.Where(r => !r.IsTooFew).Select(r =>
        {
            var result = results.FirstOrDefault(x => x.Attribute == t.Attribute && x.Row.Group == r.Group).Row;
            return (IReadOnlyList<string>)
            [
                $"{words.Attribute(t.Attribute)}: {words.Group(t.Attribute, r.Group)}", words.Share(r.Models), words.Share(r.All), words.Share(result?.Count ?? default),
                result?.ToRest is { } two ? words.Points(two.Difference) : "–",
            ];
        }));
    }
}
