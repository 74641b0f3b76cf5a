using System.Text;

namespace Candor.Tests.House;

/// <summary>C# source taken apart: the code without comments and texts, and the text literals by themselves.</summary>
/// <param name="Code">Same line numbers as the source; comments and the insides of literals are blank.</param>
/// <param name="Literals">The insides of the string literals, interpolated ones with their holes as written.</param>
internal sealed record CSharpText(string Code, IReadOnlyList<CSharpText.Literal> Literals)
{
    internal sealed record Literal(string Text, bool IsInterpolated, int Line);

    public IEnumerable<Literal> Sql => Literals.Where(l => SqlStart.Any(s => l.Text.TrimStart().StartsWith(s, StringComparison.Ordinal)));

    private static readonly string[] SqlStart = ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "WITH ", "SELECT\n", "WITH\n"];

    public static CSharpText Of(string source) => new Scanner(source).Run();

    private sealed class Scanner(string source)
    {
        private readonly StringBuilder code = new();
        private readonly List<Literal> literals = [];
        private int at;

        public CSharpText Run()
        {
            while (at < source.Length)
            {
                if (Starts("//"))
                {
                    Blank(LineEnd());
                }
                else if (Starts("/*"))
                {
                    Blank(After("*/", at + 2));
                }
                else if (source[at] == '"')
                {
                    TakeLiteral();
                }
                else if (source[at] == '\'' && CharEnd() is var end and > 0)
                {
                    Blank(end);
                }
                else
                {
                    code.Append(source[at++]);
                }
            }

            return new CSharpText(code.ToString(), literals);
        }

        private void TakeLiteral()
        {
            var quotes = Run('"', at);
            var isInterpolated = at > 0 && (source[at - 1] == '$' || (at > 1 && source[at - 1] == '@' && source[at - 2] == '$'));
            var isVerbatim = at > 0 && (source[at - 1] == '@' || (at > 1 && source[at - 1] == '$' && source[at - 2] == '@'));
            var (start, end) = quotes >= 3
                ? (at + quotes, After(new string('"', quotes), at + quotes))
                : (at + 1, QuoteEnd(isVerbatim, isInterpolated));
            var line = source.AsSpan(0, at).Count('\n') + 1;
            literals.Add(new Literal(source[start..Math.Max(start, end - (quotes >= 3 ? quotes : 1))], isInterpolated, line));
            code.Append('"');
            Blank(end);
            code.Append('"');
        }

        private int QuoteEnd(bool isVerbatim, bool isInterpolated)
        {
            var depth = 0;
            for (var i = at + 1; i < source.Length; i++)
            {
                if (source[i] == '\\' && !isVerbatim)
                {
                    i++;
                }
                else if (isInterpolated && source[i] is '{' or '}')
                {
                    depth += isInterpolated ? (source[i] == '{' ? 1 : -1) : 0;
                }
                else if (source[i] == '"' && depth <= 0)
                {
                    if (isVerbatim && i + 1 < source.Length && source[i + 1] == '"')
                    {
                        i++;
                        continue;
                    }

                    return i + 1;
                }
            }

            return source.Length;
        }

        private int CharEnd()
        {
            var end = at + 1 < source.Length && source[at + 1] == '\\' ? source.IndexOf('\'', at + 3) : at + 2;
            return end > 0 && end < source.Length && source[end] == '\'' && end - at < 9 ? end + 1 : -1;
        }

        private bool Starts(string what) => string.CompareOrdinal(source, at, what, 0, what.Length) == 0;

        private int LineEnd() => source.IndexOf('\n', at) is var end and >= 0 ? end : source.Length;

        private int After(string what, int from) => source.IndexOf(what, from, StringComparison.Ordinal) is var i and >= 0 ? i + what.Length : source.Length;

        private int Run(char c, int from) => source.AsSpan(from).IndexOfAnyExcept(c) is var n and >= 0 ? n : source.Length - from;

        private void Blank(int end)
        {
            for (; at < end; at++)
            {
                if (source[at] is '\n')
                {
                    code.Append('\n');
                }
            }
        }
    }
}
