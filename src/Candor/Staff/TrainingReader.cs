using System.Collections.Frozen;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Candor.Kernel;

namespace Candor.Staff;

/// <summary>Reads one module in one language: lines <c>name: value</c> between two lines <c>---</c>, Markdown to read, and questions.</summary>
/// <remarks>A question is a heading <c>## ? …</c>, answers <c>- [x] …</c> and <c>- [ ] …</c>, and an explanation <c>&gt; …</c>. See docs/training.md.</remarks>
internal sealed class TrainingReader
{
    private const int MaxTitle = 120;
    private const int MaxLine = 1000;
    private const int MaxQuestions = 100;
    private const int MaxAnswers = 8;
    private const string Fence = "---";
    private const string QuestionMark = "## ?";
    private const string Names = "`id`, `title`, `edition`, `validity`, `passMark`, `roles`, `minutes`";
    private readonly string file;
    private readonly string[] lines;
    private readonly TrainingMistakes mistakes;
    private readonly Dictionary<string, (string Value, int Line)> head = [];

    private TrainingReader(string text, string file, TrainingMistakes mistakes) =>
        (lines, this.file, this.mistakes) = (text.ReplaceLineEndings("\n").Split('\n'), file, mistakes);

    /// <summary>A module with one text; null when something is wrong with it, which <paramref name="mistakes"/> then tells.</summary>
    /// <param name="file">As messages name it; its last part is <c>ID.LANGUAGE.md</c>.</param>
    public static TrainingModule? Read(string text, string file, TrainingMistakes mistakes)
    {
        var before = mistakes.Found.Count;
        var module = new TrainingReader(text, file, mistakes).ReadModule(text);
        return mistakes.Found.Count == before ? module : null;
    }

    private TrainingModule ReadModule(string text)
    {
        var parts = Path.GetFileName(file).Split('.');
        if (parts is not [_, { Length: 2 }, "md"] || !parts[1].All(char.IsAsciiLetterLower))
        {
            Wrong(1, "a module is in a file `ID.LANGUAGE.md`, such as `phishing.en.md`.");
            parts = ["", "en"];
        }

        var bodyAt = ReadHead();
        var questionsAt = Array.FindIndex(lines, bodyAt, l => l.StartsWith(QuestionMark, StringComparison.Ordinal)) is var found and >= 0 ? found : lines.Length;
        var body = string.Join('\n', lines[bodyAt..questionsAt]);
        if (string.IsNullOrWhiteSpace(body))
        {
            Wrong(bodyAt, "there is nothing to read before the questions.");
        }

        return new TrainingModule
        {
            Id = ReadId(parts[0]),
            Validity = Take("validity", "P12M", "a period such as `P12M`", v => Period.TryParse(v, null, out var p) ? p : null) ?? Period.Parse("P12M"),
            PassMark = Number("passMark", 80, 1, 100),
            Minutes = Number("minutes", 10, 1, 240),
            Roles = ReadRoles(),
            Editions = [new TrainingEdition(TrainingEdition.Everybody, Number("edition", 1, 1, 9999).ToString(CultureInfo.InvariantCulture))],
            Texts =
            [
                new TrainingText(
                    parts[1], Take("title", null, $"a text of 1 to {MaxTitle} characters", v => v.Length is > 0 and <= MaxTitle ? v : null) ?? "",
                    TrainingMarkdown.ToHtml(body, file, bodyAt + 1, mistakes), ReadQuestions(questionsAt), Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))),
            ],
        };
    }

    /// <returns>Index of the first line of the text to read.</returns>
    private int ReadHead()
    {
        var end = lines[0].Trim() == Fence ? Array.FindIndex(lines, 1, l => l.Trim() == Fence) : -1;
        if (end < 0)
        {
            Wrong(1, $"the file begins with a line `{Fence}`, lines `name: value` and another line `{Fence}`.");
            return lines.Length;
        }

        for (var i = 1; i < end; i++)
        {
            var line = lines[i].Trim();
            if (line.Length == 0 || line.StartsWith('#'))
            {
                continue;
            }

            var (name, value) = line.Split(':', 2, StringSplitOptions.TrimEntries) is [var n, var v] ? (n, v.Trim('"')) : (line, "");
            if (!Names.Contains($"`{name}`", StringComparison.Ordinal))
            {
                Wrong(i + 1, $"found `{Name.Shown(name)}`; a line here is `name: value` with one of {Names}.");
            }
            else if (!head.TryAdd(name, (value, i + 1)))
            {
                Wrong(i + 1, $"`{name}` stands in line {head[name].Line} already.");
            }
        }

        return end + 1;
    }

    private string ReadId(string fromName)
    {
        var id = Take("id", null, $"{Name.Allowed}, and none of {string.Join(", ", TrainingModule.Reserved.Select(r => $"`{r}`"))}", v => Name.IsValid(v) && !TrainingModule.Reserved.Contains(v) ? v : null);
        if (id is not null && fromName.Length > 0 && id != fromName)
        {
            Wrong(head["id"].Line, $"the module is called `{id}` and its file `{Name.Shown(fromName)}`; both must be the same.");
        }

        return id ?? "";
    }

    private FrozenSet<string> ReadRoles()
    {
        if (!head.TryGetValue("roles", out var given))
        {
            return [];
        }

        var roles = given.Value.Trim('[', ']').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var wrong in roles.Where(r => !AccessRegister.KnownRoles.Contains(r)))
        {
            Wrong(given.Line, $"there is no role `{Name.Shown(wrong)}`; allowed are {string.Join(", ", AccessRegister.KnownRoles.Select(r => $"`{r}`"))}.");
        }

        if (roles.Length == 0)
        {
            Wrong(given.Line, "`roles` names at least one role, such as `roles: [agent]`; without the line the module is for everybody.");
        }

        return roles.ToFrozenSet(StringComparer.Ordinal);
    }

    private int Number(string name, int otherwise, int least, int most) => Take(name, otherwise.ToString(CultureInfo.InvariantCulture), $"a whole number from {least} to {most}",
        v => int.TryParse(v, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n >= least && n <= most ? (object)n : null) is int number ? number : otherwise;

    private T? Take<T>(string name, string? otherwise, string allowed, Func<string, T?> parse)
        where T : class
    {
        if (!head.TryGetValue(name, out var given))
        {
            if (otherwise is null)
            {
                Wrong(1, $"`{name}` is missing; it is {allowed}.");
                return null;
            }

            given = (otherwise, 1);
        }

        if (parse(given.Value) is { } value)
        {
            return value;
        }

        Wrong(given.Line, $"`{name}` is `{Name.Shown(given.Value)}`; allowed is {allowed}.");
        return null;
    }

    private List<TrainingQuestion> ReadQuestions(int first)
    {
        var questions = new List<TrainingQuestion>();
        for (var at = first; at < lines.Length;)
        {
            var end = Array.FindIndex(lines, at + 1, l => l.StartsWith(QuestionMark, StringComparison.Ordinal)) is var next and >= 0 ? next : lines.Length;
            questions.Add(ReadQuestion(at, end));
            at = end;
        }

        if (questions.Count is 0 or > MaxQuestions)
        {
            Wrong(Math.Min(first + 1, lines.Length), $"a module has 1 to {MaxQuestions} questions, each a heading `{QuestionMark} …`; found `{questions.Count}`.");
        }

        return questions;
    }

    private TrainingQuestion ReadQuestion(int first, int end)
    {
        var answers = new List<TrainingAnswer>();
        var explanation = new List<string>();
        for (var i = first + 1; i < end; i++)
        {
            var line = lines[i].Trim();
            if (line.Length > MaxLine)
            {
                Wrong(i + 1, $"a line of a question has at most {MaxLine} characters; this one has `{line.Length}`.");
            }
            else if (line.StartsWith("- [x] ", StringComparison.OrdinalIgnoreCase) || line.StartsWith("- [ ] ", StringComparison.Ordinal))
            {
                answers.Add(new TrainingAnswer(line[6..].Trim(), line[3] is not ' '));
            }
            else if (line.StartsWith('>'))
            {
                explanation.Add(line[1..].Trim());
            }
            else if (line.Length > 0)
            {
                Wrong(i + 1, $"found `{Name.Shown(line)}`; after a question come answers `- [x] right` and `- [ ] wrong`, and an explanation `> …`.");
            }
        }

        var question = new TrainingQuestion(lines[first][QuestionMark.Length..].Trim(), answers, string.Join(' ', explanation), first + 1);
        CheckQuestion(question);
        return question;
    }

    private void CheckQuestion(TrainingQuestion question)
    {
        if (question.Text.Length is 0 or > MaxLine)
        {
            Wrong(question.Line, $"a question has 1 to {MaxLine} characters.");
        }

        if (question.Answers.Count is < 2 or > MaxAnswers)
        {
            Wrong(question.Line, $"this question has `{question.Answers.Count}` answers; allowed are 2 to {MaxAnswers}.");
        }
        else if (question.Answers.All(a => a.IsRight) || !question.Answers.Any(a => a.IsRight))
        {
            Wrong(question.Line, "at least one answer is right, `- [x]`, and at least one is wrong, `- [ ]`.");
        }

        if (question.Answers.Select(a => a.Text).Distinct().Count() != question.Answers.Count || question.Answers.Any(a => a.Text.Length == 0))
        {
            Wrong(question.Line, "every answer says something, and no two say the same.");
        }

        if (question.Explanation.Length == 0)
        {
            Wrong(question.Line, "the explanation is missing: a line `> …` that says why.");
        }
    }

    private void Wrong(int line, string text) => mistakes.Add(file, line, text);
}
