using System.Text;

namespace Candor.Server.Pages.Governance;

/// <summary>One part of a document.</summary>
/// <param name="Texts">Paragraphs before the table.</param>
/// <param name="Rows">Cells in the order of <paramref name="Columns"/>; none: there is no table.</param>
public sealed record DocumentSection(string Heading, IReadOnlyList<string> Texts, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);

/// <summary>A document, such as an impact assessment or a record, as the page and the file have it alike.</summary>
public sealed record WrittenDocument(string Title, string Standing, IReadOnlyList<DocumentSection> Sections)
{
    /// <summary>The text in Markdown, with tables.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder($"# {Title}\n\n{Standing}\n");
        foreach (var section in Sections)
        {
            text.Append("\n## ").Append(section.Heading).Append('\n');
            foreach (var paragraph in section.Texts)
            {
                text.Append('\n').Append(paragraph).Append('\n');
            }

            if (section.Rows.Count > 0)
            {
                text.Append('\n').Append(Row(section.Columns)).Append(Row([.. section.Columns.Select(_ => "---")]));
                text.AppendJoin("", section.Rows.Select(Row));
            }
        }

        return text.ToString();
    }

    private static string Row(IReadOnlyList<string> cells) => $"| {string.Join(" | ", cells.Select(c => c.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ")))} |\n";
}
