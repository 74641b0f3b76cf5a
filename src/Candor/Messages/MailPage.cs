using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Candor.Messages;

/// <summary>The HTML of a mail, made from its plain text, so that the two never differ: paragraphs, lists, and links. Nothing is loaded from anywhere.</summary>
internal static partial class MailPage
{
    private const string Style =
        ":root{color-scheme:light dark;supported-color-schemes:light dark}"
        + "body{margin:0;background:#f5f3ef;color:#1d1b18;font:16px/1.55 system-ui,-apple-system,'Segoe UI',sans-serif}"
        + "main{max-width:36rem;margin:0 auto;padding:1.5rem;background:#fff}p,ul{margin:0 0 1rem}ul{padding-left:1.25rem}li{margin:0 0 .35rem}"
        + "a{color:#0b5d4b}.end{color:#5a564f;font-size:14px;border-top:1px solid #d9d4cb;padding-top:1rem;margin-top:1.5rem}"
        + "@media (prefers-color-scheme:dark){body{background:#161513;color:#f0ede8}main{background:#211f1c}a{color:#7fd6bf}.end{color:#b8b2a8;border-color:#45413b}}";

    /// <param name="text">The message.</param>
    /// <param name="ending">Why it was sent and how to end it; set apart.</param>
    public static string ToHtml(string subject, string text, string ending, string language)
    {
        var html = new StringBuilder(4096);
        html.Append(CultureInfo.InvariantCulture, $"<!doctype html>\n<html lang=\"{Encoded(language)}\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n")
            .Append(CultureInfo.InvariantCulture, $"<title>{Encoded(subject)}</title>\n<style>{Style}</style>\n</head>\n<body>\n<main>\n");
        AddParagraphs(html, text, "");
        AddParagraphs(html, ending, " class=\"end\"");
        return html.Append("</main>\n</body>\n</html>\n").ToString();
    }

    private static void AddParagraphs(StringBuilder html, string text, string attributes)
    {
        foreach (var paragraph in text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var words = new List<string>();
            var items = new List<string>();
            foreach (var line in paragraph.Split('\n'))
            {
                if (line.StartsWith("- ", StringComparison.Ordinal))
                {
                    items.Add(line[2..]);
                    continue;
                }

                Flush();
                words.Add(line);
            }

            Flush();
            AddWords();

            void Flush()
            {
                if (items.Count > 0)
                {
                    AddWords();
                    html.Append("<ul>").AppendJoin("", items.Select(i => $"<li>{Linked(i)}</li>")).Append("</ul>\n");
                    items.Clear();
                }
            }

            void AddWords()
            {
                if (words.Count > 0)
                {
                    html.Append(CultureInfo.InvariantCulture, $"<p{attributes}>").AppendJoin("<br>\n", words.Select(Linked)).Append("</p>\n");
                    words.Clear();
                }
            }
        }
    }

    /// <summary>Encodes a line and makes a link of each address of a page in it.</summary>
    private static string Linked(string line)
    {
        var html = new StringBuilder(line.Length + 64);
        var at = 0;
        foreach (Match link in Address().Matches(line))
        {
            var address = Encoded(link.Value);
            html.Append(Encoded(line[at..link.Index])).Append(CultureInfo.InvariantCulture, $"<a href=\"{address}\">{address}</a>");
            at = link.Index + link.Length;
        }

        return html.Append(Encoded(line[at..])).ToString();
    }

    private static string Encoded(string text) => WebUtility.HtmlEncode(text);

    [GeneratedRegex(@"https?://[^\s<>""']*[^\s<>""'.,;:!?)]")]
    private static partial Regex Address();
}
