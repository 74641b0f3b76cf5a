using System.Collections.Frozen;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;

namespace Candor.Governance;

/// <summary>Words that people use about their health, in each language that ships. Whole words, whatever their case; who finds one has found a hint and no more.</summary>
public static partial class HealthWords
{
    private const string Prefix = "governance/health.";

    /// <summary>Words to one entry of the lists.</summary>
    private const int Longest = 3;

    private static readonly FrozenSet<string> All = Read();

    /// <summary>Places of such words in a text, the longest first where several begin at one.</summary>
    public static IEnumerable<FoundSpan> Find(string text)
    {
        var words = Word().Matches(text);
        for (var i = 0; i < words.Count; i++)
        {
            for (var n = Math.Min(Longest, words.Count - i); n > 0; n--)
            {
                if (All.Contains(string.Join(' ', words.Skip(i).Take(n).Select(w => w.Value.ToLowerInvariant()))))
                {
                    var last = words[i + n - 1];
                    yield return new FoundSpan(FoundKind.Health, words[i].Index, last.Index + last.Length - words[i].Index);
                    i += n - 1;
                    break;
                }
            }
        }
    }

    /// <summary>The lists: one entry a line, <c>#</c> before a remark.</summary>
    private static FrozenSet<string> Read()
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in Assembly.GetExecutingAssembly().GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!, Encoding.UTF8);
            while (reader.ReadLine() is { } line)
            {
                if (line.Length > 0 && line[0] != '#')
                {
                    found.Add(line);
                }
            }
        }

        return found.ToFrozenSet(StringComparer.Ordinal);
    }

    [GeneratedRegex(@"\p{L}[\p{L}\p{M}]*")]
    private static partial Regex Word();
}
