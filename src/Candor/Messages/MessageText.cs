using System.Text;
using System.Text.RegularExpressions;
using Candor.Kernel;

namespace Candor.Messages;

/// <summary>The words of one template in one language: a subject, and a plain text with blanks in braces.</summary>
/// <remarks>A line with a blank that nothing fills is left out. A paragraph of which nothing is left goes, and with it the one before if that ends with a colon.</remarks>
internal sealed partial record MessageText(string Subject, IReadOnlyList<string> Lines)
{
    private const string SubjectMark = "Subject:";
    private const int MaxSubject = 150;

    /// <summary>Reads a text: notes that start with #, one line <c>Subject: …</c>, an empty line, then the body.</summary>
    /// <param name="fileName">As messages name it.</param>
    /// <exception cref="Fault">Invalid <c>messages/bad-text</c>, with file and line.</exception>
    public static MessageText Read(string template, string text, string fileName)
    {
        var lines = text.ReplaceLineEndings("\n").Normalize(NormalizationForm.FormC).Split('\n');
        var at = Array.FindIndex(lines, l => !l.StartsWith('#') && l.Trim().Length > 0);
        if (at < 0 || !lines[at].StartsWith(SubjectMark, StringComparison.Ordinal) || lines[at][SubjectMark.Length..].Trim() is not { Length: > 0 and <= MaxSubject } subject)
        {
            throw Bad(fileName, Math.Max(at, 0), $"the first line is `{SubjectMark} …` with 1 to {MaxSubject} characters");
        }

        var body = lines[(at + 1)..];
        if (body.All(l => l.Trim().Length == 0))
        {
            throw Bad(fileName, at, "a text follows the subject");
        }

        for (var i = at; i < lines.Length; i++)
        {
            foreach (var blank in BlanksOf(lines[i]).Where(b => !TemplateBlanks.Of(template).Contains(b)))
            {
                throw Bad(fileName, i, $"`{{{Name.Shown(blank)}}}` is no blank of `{template}`, which has {string.Join(", ", TemplateBlanks.Of(template).Order(StringComparer.Ordinal).Select(b => $"`{{{b}}}`"))}");
            }
        }

        return new MessageText(subject, [.. body.SkipWhile(l => l.Trim().Length == 0).Select(l => l.TrimEnd())]);
    }

    /// <summary>The subject and the text, filled. Values are put in once: what looks like a blank in a value stays as it is.</summary>
    public (string Subject, string Text) Fill(IReadOnlyDictionary<string, string> values)
    {
        var kept = new List<string>();
        foreach (var paragraph in string.Join('\n', Lines).Split("\n\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var lines = paragraph.Split('\n').Where(l => BlanksOf(l).All(b => values.GetValueOrDefault(b) is { Length: > 0 })).Select(l => Filled(l, values)).ToList();
            if (lines.Count > 0)
            {
                kept.Add(string.Join('\n', lines));
            }
            else if (kept is [.., var lead] && lead.EndsWith(':'))
            {
                kept.RemoveAt(kept.Count - 1);
            }
        }

        return (Letter.OneLine(Filled(Subject, values)), string.Join("\n\n", kept) + "\n");
    }

    private static string Filled(string line, IReadOnlyDictionary<string, string> values) => Blank().Replace(line, m => values.GetValueOrDefault(m.Groups[1].Value, ""));

    private static IEnumerable<string> BlanksOf(string line) => Blank().Matches(line).Select(m => m.Groups[1].Value);

    private static Fault Bad(string fileName, int line, string allowed) =>
        new(FaultKind.Invalid, "messages/bad-text", $"{fileName}({line + 1}): {allowed}.");

    [GeneratedRegex(@"\{([^{}\s]*)\}")]
    private static partial Regex Blank();
}
