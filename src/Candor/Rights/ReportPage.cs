using System.Globalization;
using System.Net;
using System.Text;
using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Vault;

namespace Candor.Rights;

/// <summary>The page of an access report that a person reads and prints: no script, nothing from elsewhere.</summary>
internal static class ReportPage
{
    /// <summary>Newest records of a history on the page; all are in its table.</summary>
    private const int MaxRecords = 100;

    /// <summary>Newest looks on the page; the table has more.</summary>
    private const int MaxLooks = 200;

    public static async Task WriteAsync(ReportContent content, Stream stream, CancellationToken ct)
    {
        var file = new ReportWriter(stream, ct);
        Begin(content, file.Text);
        Heading(file.Text, content.Text["data"]);
        foreach (var (point, values) in content.DataPoints)
        {
            Point(content, file.Text, point, values);
            await file.WriteAsync();
        }

        Purposes(content, file.Text);
        await file.WriteAsync();
        Choices(content, file.Text);
        await file.WriteAsync();
        Looks(content, file.Text);
        await file.WriteAsync();
        Rights(content, file.Text);
        file.Text.Append("</main>\n</body>\n</html>\n");
        await file.FlushAsync();
    }

    private static void Begin(ReportContent content, StringBuilder html)
    {
        var organisation = content.Catalog.Catalog.Organisation;
        var title = content.Text.Texts.Text("title", ("organisation", organisation.Name));
        html.Append(CultureInfo.InvariantCulture, $"<!doctype html>\n<html lang=\"{content.Language}\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n")
            .Append(CultureInfo.InvariantCulture, $"<title>{Encoded(title)}</title>\n<style>{Style}</style>\n</head>\n<body>\n<main>\n<h1>{Encoded(title)}</h1>\n");
        Paragraph(html, content.Text.Texts.Text("lead", ("day", content.Text.Day(content.At))));
        Paragraph(html, content.Text.Texts.Text("who", ("organisation", organisation.Name), ("address", organisation.Address ?? organisation.Country), ("contact", organisation.Contact)));
        Paragraph(html, content.Text.Texts.Text("you", ("reference", content.Opened.Reference ?? "–"), ("id", content.Opened.Customer.Value)));
        foreach (var (name, day) in content.Days)
        {
            Paragraph(html, content.Text.Texts.Text("day." + name, ("day", content.Text.Day(new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero)))));
        }

        if (content.IsRestricted)
        {
            Paragraph(html, content.Text["restricted"]);
        }
    }

    private static void Point(ReportContent content, StringBuilder html, DataPoint point, IReadOnlyList<OpenedValue> values)
    {
        var (text, language) = (content.Text, content.Language);
        html.Append(CultureInfo.InvariantCulture, $"<section>\n<h3>{Encoded(point.Label.In(language))}</h3>\n<dl>\n");
        Pair(html, text["used"], Joined(content.UsersOf(point).Select(p => p.Label.In(language)), text["used.none"]));
        Pair(html, text["kept"], point.Retention.Period is { } period ? text.Common.Period(period) : text["kept.customer"]);
        Pair(html, text["recipients"], Joined(content.RecipientsOf(point), text["recipients.none"]));
        if (content.Catalog.Catalog.AggregateOnly.Contains(point.Id))
        {
            Pair(html, text["counted"], text["counted.text"]);
        }

        if (point.LegalHold is { } hold)
        {
            Pair(html, text["hold"], text.Texts.Text("hold.text", ("members", text.Common.List([.. hold.Keeps])), ("period", text.Common.Period(hold.For)), ("reason", hold.Reason.In(language))));
        }

        html.Append("</dl>\n");
        Table(html, [text["value"], text["source"], text[point.Kind == DataPointKind.Field ? "since" : "time"], text["until"]], values.Take(MaxRecords).Select(v => (string[])
        [
            content.Readable(v.Json, point), v.Source, text.Day(v.Time), ReportContent.KeptUntil(point, v) is { } end ? text.Day(end) : text["kept.customer"],
        ]));
        if (values.Count > MaxRecords)
        {
            Paragraph(html, text.Texts.Text("more", ("shown", Number(MaxRecords)), ("all", Number(values.Count)), ("file", $"history-{point.Id}.csv")));
        }

        html.Append("</section>\n");
    }

    private static void Purposes(ReportContent content, StringBuilder html)
    {
        var (text, language) = (content.Text, content.Language);
        Heading(html, text["purposes"]);
        Table(html, [text["purpose"], text["why"], text["basis"], text["now"], text["computer"]],
            content.Catalog.Catalog.Purposes.Values.Where(p => p.Active).OrderBy(p => p.Basis).ThenBy(p => p.Id.Value, StringComparer.Ordinal).Select(p => (string[])
            [
                p.Label.In(language), p.Why.In(language), text["basis." + p.Basis], text[content.IsOn(p) ? "now.on" : "now.off"], text[p.AutomatedDecision ? "computer.yes" : "computer.no"],
            ]));
    }

    private static void Choices(ReportContent content, StringBuilder html)
    {
        var text = content.Text;
        Heading(html, text["choices"]);
        Paragraph(html, text.Texts.Text("choices.lead", ("n", Number(content.Receipts.Count))));
        Table(html, [text["time"], text["purpose"], text["choice"], text["how"]], content.Records.Reverse().Select(r => (string[])
        [
            ReportTables.Instant(r.At), r.Purpose is { } p ? Label(content, p) : text["every"], text["event." + r.Event.Code()], r.Method,
        ]));
    }

    private static void Looks(ReportContent content, StringBuilder html)
    {
        var text = content.Text;
        var looks = content.Entries.Where(e => e.Event.Kind is AuditKind.Read or AuditKind.Export).ToList();
        Heading(html, text["looks"]);
        Paragraph(html, text.Texts.Text("looks.lead", ("n", Number(content.Entries.Count)), ("proofs", Number(content.Proofs.Count))));
        Table(html, [text["time"], text["who.column"], text["purpose"], text["what"]], looks.Take(MaxLooks).Select(e => (string[])
        [
            ReportTables.Instant(e.At), content.Names.AssistantOf(e) is { } assistant ? text.Texts.Text("actor.assistant", ("name", assistant)) : text["actor." + e.Event.Actor.Split(':')[0]],
            PurposeId.TryParse(e.Event.Purpose, null, out var purpose) ? Label(content, purpose) : text[e.Event.Actor == "customer" ? "looks.own" : "looks.answer"],
            string.Join(", ", e.Event.DataPoints.Select(d => text.Label(content.Catalog.Catalog, d))),
        ]));
    }

    private static void Rights(ReportContent content, StringBuilder html)
    {
        Heading(html, content.Text["rights"]);
        html.Append("<ul>\n");
        foreach (var right in NoticeText.Rights)
        {
            html.Append(CultureInfo.InvariantCulture, $"<li>{Encoded(content.Text.Common.Text("notice.rights." + right))}</li>\n");
        }

        html.Append("</ul>\n");
        Paragraph(html, content.Text.Common.Text("notice.contact", ("contact", content.Catalog.Catalog.Organisation.Contact)));
        Paragraph(html, content.Text.Texts.Text("entry", ("entry", content.Entry)));
    }

    private static string Label(ReportContent content, PurposeId purpose) =>
        content.Catalog.Catalog.Purposes.TryGetValue(purpose, out var known) ? known.Label.In(content.Language) : purpose.Value;

    private static void Heading(StringBuilder html, string text) => html.Append(CultureInfo.InvariantCulture, $"<h2>{Encoded(text)}</h2>\n");

    private static void Paragraph(StringBuilder html, string text) => html.Append(CultureInfo.InvariantCulture, $"<p>{Encoded(text)}</p>\n");

    private static void Pair(StringBuilder html, string name, string value) => html.Append(CultureInfo.InvariantCulture, $"<dt>{Encoded(name)}</dt><dd>{Encoded(value)}</dd>\n");

    private static void Table(StringBuilder html, string[] header, IEnumerable<string[]> rows)
    {
        html.Append("<div class=\"wide\" tabindex=\"0\"><table>\n<thead><tr>");
        foreach (var name in header)
        {
            html.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\">{Encoded(name)}</th>");
        }

        html.Append("</tr></thead>\n<tbody>\n");
        foreach (var row in rows)
        {
            html.Append("<tr>");
            foreach (var cell in row)
            {
                html.Append(CultureInfo.InvariantCulture, $"<td>{Encoded(cell)}</td>");
            }

            html.Append("</tr>\n");
        }

        html.Append("</tbody>\n</table></div>\n");
    }

    private static string Joined(IEnumerable<string> texts, string none) => string.Join(", ", texts) is { Length: > 0 } joined ? joined : none;

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Encoded(string text) => WebUtility.HtmlEncode(text);

    private const string Style =
        ":root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}h2{margin-top:2.5rem}" +
        "dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}.wide{overflow-x:auto}" +
        "table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #8888;padding:.25rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}" +
        "@media print{:root{color-scheme:light}body{margin:0;max-width:none}tr,dt,dd{break-inside:avoid}.wide{overflow:visible}}";
}
