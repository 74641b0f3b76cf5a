using System.Globalization;
using System.Net;
using System.Text;

namespace Candor.Consent;

/// <summary>A notice as HTML: headings, paragraphs and lists, all text encoded. The frame of the page is the caller's.</summary>
public static class NoticePage
{
    /// <param name="text">As <see cref="NoticeText.Text"/> or <see cref="Notice.Text"/> has it.</param>
    /// <param name="topHeading">Level of its title, 1 to 5.</param>
    public static string ToHtml(string text, int topHeading = 1)
    {
        var html = new StringBuilder(text.Length + 512);
        var inList = false;
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var isItem = line.StartsWith("- ", StringComparison.Ordinal);
            if (isItem != inList)
            {
                html.Append(isItem ? "<ul>\n" : "</ul>\n");
                inList = isItem;
            }

            var (tag, rest) = line switch
            {
                ['-', ' ', ..] => ("li", line[2..]),
                ['#', ' ', ..] => (Heading(topHeading), line[2..]),
                ['#', '#', ' ', ..] => (Heading(topHeading + 1), line[3..]),
                _ => ("p", line),
            };
            html.Append(CultureInfo.InvariantCulture, $"<{tag}>{WebUtility.HtmlEncode(rest)}</{tag}>\n");
        }

        return html.Append(inList ? "</ul>\n" : "").ToString();
    }

    private static string Heading(int level) => string.Create(CultureInfo.InvariantCulture, $"h{level}");
}
