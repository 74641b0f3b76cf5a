using System.Globalization;
using System.Net;
using System.Text;
using Candor.Kernel;

namespace Candor.Consent;

/// <summary>A receipt for people: what was chosen, in the language of the notice, as a page to print and as plain text.</summary>
public sealed class ReceiptPage
{
    private readonly string language;
    private readonly string title;
    private readonly string lead;
    private readonly string keepIt;
    private readonly IReadOnlyList<(string Name, IReadOnlyList<string> Values)> rows;

    private ReceiptPage(Wording wording, ConsentEvent what, IReadOnlyList<(string Name, IReadOnlyList<string> Values)> rows)
    {
        this.rows = rows;
        language = wording.Language;
        title = wording.Text("receipt.title");
        lead = wording.Text("receipt." + what.Code());
        keepIt = wording.Text("receipt.keepit");
    }

    internal static ReceiptPage Of(ReceiptFacts facts)
    {
        var wording = Wording.In(facts.Language);
        var rows = new List<(string, IReadOnlyList<string>)>();
        Add("purpose", facts.Purpose.Label.In(facts.Language));
        Add("why", facts.Purpose.Why.In(facts.Language));
        Add("when", Instant(facts.Record.At));
        if (facts.Record.Event is ConsentEvent.Given or ConsentEvent.Renewed)
        {
            Add("until", facts.Record.ExpiresAt is { } end ? Instant(end) : wording.Text("receipt.until.open"));
        }

        Add("how", facts.Record.Method);
        Add("data", [.. facts.DataPoints.Select(p => $"{p.Label.In(facts.Language)} – {Kept(p.Retention.Period, wording)}")]);
        Add("recipients", facts.Recipients.Count > 0 ? [.. facts.Recipients] : [wording.Text("receipt.recipients.none", ("organisation", facts.Organisation.Name))]);
        Add("controller", facts.Organisation.Name);
        Add("address", facts.Organisation.Address is { Length: > 0 } address ? address : facts.Organisation.Country);
        Add("contact", facts.Organisation.Contact);
        Add("mind", wording.Text("receipt.mind.text", ("page", wording.Text("page.me")), ("url", facts.ChoicesUrl.AbsoluteUri)));
        Add("rights", [.. NoticeText.Rights.Select(r => wording.Text("notice.rights." + r))]);
        Add("notice", facts.NoticeUrl.AbsoluteUri);
        Add("number", facts.Id);
        Add("record", facts.Record.Id);
        Add("customer", facts.Record.Customer.Value);
        Add("key", facts.KeyThumbprint);
        return new ReceiptPage(wording, facts.Record.Event, rows);

        void Add(string name, params string[] values) => rows.Add((wording.Text("receipt." + name), values));
    }

    /// <summary>A whole page: no script, nothing from elsewhere, light on paper.</summary>
    public string ToHtml()
    {
        var html = new StringBuilder(4096);
        html.Append(CultureInfo.InvariantCulture, $"<!doctype html>\n<html lang=\"{Encoded(language)}\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n")
            .Append(CultureInfo.InvariantCulture, $"<title>{Encoded(title)}</title>\n<style>{Style}</style>\n</head>\n<body>\n<main>\n")
            .Append(CultureInfo.InvariantCulture, $"<h1>{Encoded(title)}</h1>\n<p class=\"lead\">{Encoded(lead)}</p>\n<dl>\n");
        foreach (var (name, values) in rows)
        {
            html.Append(CultureInfo.InvariantCulture, $"<dt>{Encoded(name)}</dt>\n");
            foreach (var value in values)
            {
                html.Append(CultureInfo.InvariantCulture, $"<dd>{Encoded(value)}</dd>\n");
            }
        }

        return html.Append(CultureInfo.InvariantCulture, $"</dl>\n<p>{Encoded(keepIt)}</p>\n</main>\n</body>\n</html>\n").ToString();
    }

    /// <summary>The same for a mail or a terminal, with LF.</summary>
    public string ToText()
    {
        var text = new StringBuilder(2048).Append(title).Append('\n').Append('=', title.Length).Append("\n\n").Append(lead).Append('\n');
        foreach (var (name, values) in rows)
        {
            text.Append('\n').Append(name).Append(":\n");
            foreach (var value in values)
            {
                text.Append("  ").Append(value.ReplaceLineEndings(" ")).Append('\n');
            }
        }

        return text.Append('\n').Append(keepIt).Append('\n').ToString();
    }

    private const string Style =
        ":root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;margin:2rem auto;max-width:42rem;padding:0 1rem}" +
        ".lead{font-size:1.25rem}dt{font-weight:600;margin-top:1rem}dd{margin:0;overflow-wrap:anywhere}" +
        "@media print{:root{color-scheme:light}body{margin:0;max-width:none}dt,dd{break-inside:avoid}}";

    private static string Kept(Period? period, Wording wording) => period is null ? wording.Text("receipt.keep.customer") : wording.Period(period);

    private static string Instant(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string Encoded(string text) => WebUtility.HtmlEncode(text);
}
