using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Candor.Tests.Governance;

/// <summary>A part of a document as it was read back.</summary>
internal sealed record ReadSection(string Heading, IReadOnlyList<string[]> Rows)
{
    /// <summary>A table of two columns as names and values.</summary>
    public Dictionary<string, string> Facts => Rows.ToDictionary(r => r[0], r => r[1]);
}

/// <summary>Reads documents back: Markdown with its tables, pages, and CSV.</summary>
internal static partial class DocumentReader
{
    public static IReadOnlyList<ReadSection> Markdown(string text) =>
        [.. text.Split("\n## ")[1..].Select(s => new ReadSection(s.Split('\n')[0], [.. s.Split('\n')[1..].Where(l => l.StartsWith('|')).Skip(2).Select(Cells)]))];

    /// <summary>The sections of a page that hold a document.</summary>
    public static IReadOnlyList<ReadSection> Page(string html) =>
        [.. Section().Matches(html).Select(s => new ReadSection(
            Decoded(s.Groups["heading"].Value), [.. Row().Matches(s.Groups["rest"].Value).Select(r => Cell().Matches(r.Groups[1].Value).Select(c => Decoded(c.Groups[1].Value)).ToArray()).Where(c => c.Length > 0)]))];

    /// <summary>The rows of a table after its names (RFC 4180).</summary>
    public static IReadOnlyList<Dictionary<string, string>> Csv(string text)
    {
        var rows = new List<List<string>> { new() };
        var cell = new StringBuilder();
        var isQuoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (isQuoted && c == '"' && i + 1 < text.Length && text[i + 1] == '"')
            {
                cell.Append(text[++i]);
            }
            else if (c == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (!isQuoted && c is (',' or '\n'))
            {
                rows[^1].Add(cell.ToString());
                cell.Clear();
                if (c == '\n')
                {
                    rows.Add([]);
                }
            }
            else if (isQuoted || c != '\r')
            {
                cell.Append(c);
            }
        }

        Assert.Empty(rows[^1]);
        Assert.All(rows[..^1], r => Assert.Equal(rows[0].Count, r.Count));
        return [.. rows[1..^1].Select(r => rows[0].Zip(r).ToDictionary(p => p.First, p => p.Second))];
    }

    /// <summary>A period in words, as the catalog writes it: <c>2 years</c> is <c>P2Y</c>.</summary>
    public static string Period(string words) => "P" + string.Concat(Part().Matches(words).Select(m => m.Groups[1].Value + char.ToUpperInvariant(m.Groups[2].Value[0])));

    private static string[] Cells(string line) => [.. Bar().Split(line)[1..^1].Select(c => c.Trim().Replace("\\|", "|", StringComparison.Ordinal))];

    private static string Decoded(string html) => WebUtility.HtmlDecode(html).Trim();

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex Bar();

    [GeneratedRegex(@"<section aria-labelledby=""part-\d+"">\s*<h2[^>]*>(?<heading>.*?)</h2>(?<rest>.*?)</section>", RegexOptions.Singleline)]
    private static partial Regex Section();

    [GeneratedRegex("<tr>(.*?)</tr>", RegexOptions.Singleline)]
    private static partial Regex Row();

    [GeneratedRegex("<t(?:d|h scope=\"row\")[^>]*>(.*?)</t[dh]>", RegexOptions.Singleline)]
    private static partial Regex Cell();

    [GeneratedRegex("([0-9]+) (year|month|day)")]
    private static partial Regex Part();
}
