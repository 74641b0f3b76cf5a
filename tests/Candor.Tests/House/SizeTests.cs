using System.Text.RegularExpressions;

namespace Candor.Tests.House;

/// <summary>Past 300 lines a file, or 40 a method, a noun is missing.</summary>
public sealed partial class SizeTests
{
    private const int MaxFileLines = 300;
    private const int MaxMethodLines = 40;

    /// <summary>Methods that may be longer, each with its reason.</summary>
    private static readonly Dictionary<string, string> LongMethods = [];

    [Fact]
    public void No_file_has_more_than_300_lines_of_code()
    {
        var offences =
            from file in Repository.Files("src", ".cs", ".razor").Concat(Repository.Files("test", ".cs")).Concat(Repository.Files("tests", ".cs")).Concat(Repository.Files("bench", ".cs"))
            let lines = LinesOfCode(file)
            where lines > MaxFileLines
            select $"{file}: {lines}";
        Offences.None(offences);
    }

    [Fact]
    public void No_method_has_more_than_40_lines()
    {
        var offences =
            from file in Repository.Files("src", ".cs")
            from method in Methods(Repository.Read(file).Split('\n'))
            where method.Lines > MaxMethodLines && !LongMethods.ContainsKey($"{Path.GetFileNameWithoutExtension(file)}.{method.Name}")
            select $"{file}: {method.Name} has {method.Lines}";
        Offences.None(offences);
    }

    private static int LinesOfCode(string file)
    {
        var source = Repository.Read(file);
        var lines = source.Split('\n');
        return file.EndsWith(".cs", StringComparison.Ordinal)
            ? lines.Count(l => l.Trim() is { Length: > 0 } text && !text.StartsWith("//", StringComparison.Ordinal))
            : lines.Count(l => l.Trim().Length > 0);
    }

    /// <summary>Bodies between braces on lines of their own under a header with parentheses; and arrow bodies up to the blank line after them.</summary>
    internal static IEnumerable<(string Name, int Lines)> Methods(string[] lines)
    {
        for (var i = 1; i < lines.Length; i++)
        {
            var indent = lines[i].Length - lines[i].TrimStart().Length;
            if (lines[i].Trim() == "{" && Header(lines, i - 1) is { } name)
            {
                var end = Array.FindIndex(lines, i, l => l.StartsWith(new string(' ', indent) + "}", StringComparison.Ordinal));
                yield return (name, end < 0 ? 0 : end - i - 1);
            }
            else if (indent == 4 && ArrowHeader().Match(lines[i]) is { Success: true } arrow && !TypeHeader().IsMatch(lines[i]))
            {
                var end = Array.FindIndex(lines, i, l => l.Trim().Length == 0 || l.TrimEnd() == "}");
                yield return (arrow.Groups["name"].Value, end < 0 ? 0 : end - i - 1);
            }
        }
    }

    private static string? Header(string[] lines, int last)
    {
        var first = last;
        while (first > 0 && lines[first - 1].Trim() is { Length: > 0 } before && !before.EndsWith(';') && !before.EndsWith('}') && !before.EndsWith('{')
            && !before.StartsWith("//", StringComparison.Ordinal) && !before.EndsWith(']'))
        {
            first--;
        }

        var header = string.Join(' ', lines[first..(last + 1)].Select(l => l.Trim()));
        var match = BlockHeader().Match(header);
        return match.Success && !TypeHeader().IsMatch(header) ? match.Groups["name"].Value : null;
    }

    [GeneratedRegex(@"^(?:(?:public|private|protected|internal|static|async|override|virtual|sealed|partial|unsafe|new|readonly)\s+)*(?!(?:if|for|while|switch|using|lock|catch|foreach|else|do|try|fixed|return|await|new|throw|var)\b)[\w<>\[\],.?()]+(?:\s[\w<>\[\],.?()]+)*?\s(?<name>\w+)(?:<[\w, ]+>)?\(")]
    private static partial Regex BlockHeader();

    [GeneratedRegex(@"^\s*(?:(?:public|private|protected|internal|static|sealed|abstract|partial|readonly|file)\s+)*(?:class|record|struct|interface|enum)\b")]
    private static partial Regex TypeHeader();

    [GeneratedRegex(@"^    (?:public|private|protected|internal|static)[^=;]*?\b(?<name>\w+)(?:<[\w, ]+>)?\([^=]*(?:=>|$)")]
    private static partial Regex ArrowHeader();
}
