using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Candor.Staff;

/// <summary>The text of a module: Markdown to HTML. What would be HTML of the author's own is shown as text.</summary>
internal static class TrainingMarkdown
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().DisableHtml().UsePipeTables().Build();
    private static readonly string[] Schemes = ["https", "mailto"];

    /// <summary>Makes the HTML, and notes what may not stand in a module.</summary>
    /// <param name="firstLine">Where the text begins in its file, 1-based.</param>
    public static string ToHtml(string markdown, string file, int firstLine, TrainingMistakes mistakes)
    {
        var document = Markdown.Parse(markdown, Pipeline);
        foreach (var heading in document.Descendants<HeadingBlock>().Where(h => h.Level == 1))
        {
            mistakes.Add(file, firstLine + heading.Line, "a heading of the first level stands on the page already, as the title; begin with `##`.");
        }

        foreach (var link in document.Descendants<LinkInline>())
        {
            if (link.IsImage)
            {
                mistakes.Add(file, firstLine + LineOf(link), "pictures are not shown; say it in words.");
            }
            else if (!IsSafe(link.Url))
            {
                mistakes.Add(file, firstLine + LineOf(link), $"a link leads to `{Kernel.Name.Shown(link.Url)}`; allowed are `https://…`, `mailto:…` and paths of this site such as `/staff/account`.");
            }
        }

        return document.ToHtml(Pipeline);
    }

    /// <summary>Where the paragraph or table begins that a link stands in: the line that the parser gives to the link itself may lie past the end of the text.</summary>
    private static int LineOf(LinkInline link)
    {
        ContainerInline around = link;
        while (around.Parent is { } parent)
        {
            around = parent;
        }

        return around.ParentBlock?.Line ?? 0;
    }

    /// <summary>A path of this site, or an address with one of the two schemes. Everything else, such as <c>javascript:</c>, is not.</summary>
    private static bool IsSafe(string? url) => url is { Length: > 0 }
        && ((url[0] == '/' && !url.StartsWith("//", StringComparison.Ordinal) && !url.Contains('\\', StringComparison.Ordinal))
            || (Uri.TryCreate(url, UriKind.Absolute, out var address) && Schemes.Contains(address.Scheme)));
}
