using Candor.Catalog;
using Candor.Trust;

namespace Candor.Server.Pages.Trust;

/// <summary>A report as the blanks of the mail about it, in the first language of the catalog like all mail to staff.</summary>
internal static class TrustMail
{
    public static IReadOnlyDictionary<string, string> InWords(ActiveCatalog active, TrustReport report, Uri site)
    {
        var words = new TrustWords(active.Catalog, active.Catalog.Organisation.Languages[0]);
        var facts = new Dictionary<string, string>
        {
            ["span"] = words.Span(report.Span.From, report.Span.To),
            ["index"] = IndexOf(report, words),
            ["alerts"] = string.Join('\n', report.Alerts.Select(a => "- " + words.Alert(a, report.Span))),
            ["moved"] = string.Join('\n', report.Figures.Where(f => f.Change is { IsSure: true } && report.Alerts.All(a => a.Figure != f)).Select(f => Moved(f, words))),
            ["link"] = new Uri(site, "trust?period=" + TrustSpan.Lengths.First(l => l.Value == report.Span.Weeks).Key).AbsoluteUri,
        };
        facts["still"] = facts["alerts"].Length + facts["moved"].Length == 0 ? words.T("mail.still") : "";
        return facts;
    }

    private static string IndexOf(TrustReport report, TrustWords words)
    {
        if (report.Index.Value is not { } value)
        {
            return words.T("mail.index.none");
        }

        var now = words.T("mail.index", ("value", words.Value(TrustUnit.Score, value)), ("interval", words.Interval(TrustUnit.Score, report.Index.Interval)));
        return report.IndexBefore.Value is { } before ? now + " " + words.T("mail.index.before", ("value", words.Value(TrustUnit.Score, before))) : now;
    }

    private static string Moved(TrustFigure figure, TrustWords words) => "- " + words.T(figure.About.Length > 0 ? "mail.moved.purpose" : "mail.moved",
        ("figure", words.Title(figure.Id)), ("purpose", words.About(figure.About)), ("before", words.Value(figure.Unit, figure.Before!.Value)), ("now", words.Value(figure.Unit, figure.Now!.Value)));
}
