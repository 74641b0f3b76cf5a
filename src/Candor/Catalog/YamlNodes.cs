using System.Globalization;
using System.Text.RegularExpressions;
using Candor.Kernel;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Candor.Catalog;

/// <summary>A YAML document with its places, and the list of what is wrong with it.</summary>
internal sealed partial class YamlNodes(string file)
{
    /// <summary>Mistakes and warnings that are listed; a file with more is something else than a catalog.</summary>
    public const int MaxListed = 500;

    private readonly List<CatalogMistake> found = [];

    /// <summary>What is wrong and what should be looked at, in the order of the file.</summary>
    public IReadOnlyList<CatalogMistake> Found => [.. found.OrderBy(m => m.Line).ThenBy(m => m.Column)];

    public bool HasMistakes => found.Exists(m => !m.IsWarning);

    /// <summary>The top mapping; null when the text is no YAML mapping at all.</summary>
    public YamlMappingNode? Load(string yaml)
    {
        var parser = new Parser(new StringReader(yaml));
        try
        {
            var stream = new YamlStream();
            stream.Load(new YamlEvents(parser, (at, text) => Add(at, text, isWarning: false)));
            if (stream.Documents is [{ RootNode: YamlMappingNode root }])
            {
                return root;
            }

            var what = stream.Documents is [] or [{ RootNode: YamlScalarNode { Value: null or "" } }] ? "The file is empty" : "The file is something else";
            Add(Mark.Empty, $"{what}; a catalog is one mapping with `organisation`, `dataPoints` and `purposes`.", isWarning: false);
        }
        catch (YamlException e)
        {
            AddSyntax(yaml, e);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // The library's answer to some texts that are not YAML; it has no place, so the last one that could be read stands for it.
            Add(parser.Current?.End ?? Mark.Empty, "This is not YAML from here on; look for a missing quote, bracket or comma.", isWarning: false);
        }

        return null;
    }

    public void Wrong(YamlNode at, string text) => Add(at.Start, text, isWarning: false);

    public void Warn(YamlNode at, string text) => Add(at.Start, text, isWarning: true);

    /// <summary>" Did you mean …?"; nothing once so much is wrong that it would only cost time.</summary>
    public string Nearest(string name, IEnumerable<string> allowed) => found.Count < MaxListed ? Spelling.Nearest(name, allowed) : "";

    /// <summary>Names the members of a mapping that do not belong there.</summary>
    public void OnlyKnown(YamlMappingNode mapping, string what, params string[] known)
    {
        foreach (var key in mapping.Children.Keys.Where(k => k is not YamlScalarNode { Value: { } v } || !known.Contains(v)))
        {
            Wrong(key, $"{what} has no `{Name.Shown(key.ToString())}`.{Nearest(key.ToString(), known)} Allowed are {Spelling.List(known)}.");
        }
    }

    public static YamlNode? Find(YamlMappingNode mapping, string name) =>
        mapping.Children.TryGetValue(new YamlScalarNode(name), out var node) ? node : null;

    /// <summary>A member that must be there.</summary>
    public YamlNode? Get(YamlMappingNode mapping, string name, string what)
    {
        var node = Find(mapping, name);
        if (node is null)
        {
            Wrong(mapping, $"{what} needs `{name}`.");
        }

        return node;
    }

    /// <summary>A single text; null with a mistake when it is something else.</summary>
    /// <param name="maxLength">In code points, inclusive.</param>
    /// <param name="manyLines">It may have line breaks inside.</param>
    public string? Text(YamlNode? node, string name, int maxLength = 1000, bool manyLines = false)
    {
        if (node is null)
        {
            return null;
        }

        if (node is not YamlScalarNode { Value: { } value } scalar || string.IsNullOrWhiteSpace(value) || value.EnumerateRunes().Count() > maxLength)
        {
            Wrong(node, $"`{name}` is one text of 1 to {maxLength} characters.");
            return null;
        }

        if (scalar.Style == ScalarStyle.Plain && OtherKind(value) is { } kind)
        {
            Wrong(node, $"`{name}` is a text, and YAML reads `{Name.Shown(value)}` as {kind}; write it in quotes.");
            return null;
        }

        if (value.Trim().Any(c => char.IsControl(c) && !(manyLines && c is ('\n' or '\r'))))
        {
            Wrong(node, $"`{name}` has {(manyLines ? "" : "line breaks or ")}control characters inside.");
            return null;
        }

        return value.Trim();
    }

    /// <summary>A value out of a few; the default with a mistake when it is another.</summary>
    public T Choice<T>(YamlNode? node, string name, IReadOnlyDictionary<string, T> allowed, T otherwise)
    {
        if (Text(node, name) is not { } text)
        {
            return otherwise;
        }

        if (allowed.TryGetValue(text, out var value))
        {
            return value;
        }

        var names = allowed.Keys.Order(StringComparer.Ordinal).ToList();
        Wrong(node!, $"`{name}` is one of {Spelling.List(names)}; found `{Name.Shown(text)}`.{Nearest(text, names)}");
        return otherwise;
    }

    /// <summary>A country as ISO 3166-1 writes it in two letters.</summary>
    public string? Country(YamlNode? node) => Code(node, "country", char.IsAsciiLetterUpper, "a country code of two capital letters, such as `GB`");

    /// <summary>Two letters; null with a mistake when it is something else.</summary>
    public string? Code(YamlNode? node, string name, Func<char, bool> letter, string allowed)
    {
        var text = Text(node, name);
        if (text is not null && (text.Length != 2 || !text.All(letter)))
        {
            Wrong(node!, $"`{name}` is {allowed}; found `{Name.Shown(text)}`.");
            return null;
        }

        return text;
    }

    /// <summary>A day such as <c>2026-12-25</c>.</summary>
    public static bool IsDay(string text, out DateOnly day) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);

    public Period? Period(YamlNode? node, string name)
    {
        if (Text(node, name) is not { } text)
        {
            return null;
        }

        if (Kernel.Period.TryParse(text, null, out var period))
        {
            return period;
        }

        Wrong(node!, $"`{name}` is a period such as `P90D`, `P6M` or `P2Y`, at most 100 years; found `{Name.Shown(text)}`.");
        return null;
    }

    /// <summary>A whole number, both bounds inclusive; null when absent, or with a mistake when it is something else.</summary>
    public int? Number(YamlNode? node, string name, int least, int most)
    {
        if (node is YamlScalarNode { Style: ScalarStyle.Plain, Value: { Length: <= 4 } value } && int.TryParse(value, System.Globalization.NumberStyles.None, null, out var number)
            && number >= least && number <= most)
        {
            return number;
        }

        if (node is not null)
        {
            Wrong(node, $"`{name}` is a whole number from {least} to {most}, without quotes; found `{Name.Shown(node.ToString())}`.");
        }

        return null;
    }

    public bool Flag(YamlNode? node, string name, bool otherwise)
    {
        if (node is YamlScalarNode { Style: ScalarStyle.Plain, Value: { } value } && OtherKind(value) == Truth)
        {
            return bool.Parse(value);
        }

        if (node is not null)
        {
            Wrong(node, $"`{name}` is `true` or `false`, without quotes; found `{Name.Shown(node.ToString())}`.");
        }

        return otherwise;
    }

    /// <summary>A list of texts, each once; empty when absent.</summary>
    public IReadOnlyList<(string Value, YamlNode At)> Texts(YamlNode? node, string name)
    {
        if (node is not YamlSequenceNode sequence)
        {
            if (node is not null)
            {
                Wrong(node, $"`{name}` is a list, such as `[first, second]`.");
            }

            return [];
        }

        var texts = new Dictionary<string, YamlNode>(StringComparer.Ordinal);
        foreach (var item in sequence.Children)
        {
            if (Text(item, name, 200) is { } text && !texts.TryAdd(text, item))
            {
                Wrong(item, $"`{Name.Shown(text)}` stands twice in `{name}`; once is enough.");
            }
        }

        return [.. texts.Select(t => (t.Key, t.Value))];
    }

    /// <summary>A mapping; null with a mistake when it is something else.</summary>
    public YamlMappingNode? Mapping(YamlNode? node, string name)
    {
        if (node is not null and not YamlMappingNode)
        {
            Wrong(node, $"`{Name.Shown(name)}` is a mapping of names to values.");
        }

        return node as YamlMappingNode;
    }

    private const string Truth = "true or false";

    /// <summary>What a plain value is to the core schema of YAML 1.2 (section 10.3.2); null when it is a text.</summary>
    private static string? OtherKind(string plain) => plain switch
    {
        "" or "~" or "null" or "Null" or "NULL" => "nothing",
        "true" or "True" or "TRUE" or "false" or "False" or "FALSE" => Truth,
        _ => Number().IsMatch(plain) ? "a number" : null,
    };

    /// <summary>A tab in the indentation is the usual reason, and the parser names another place for it.</summary>
    private void AddSyntax(string yaml, YamlException e)
    {
        var reason = string.Concat(e.Message[..1].ToLowerInvariant(), e.Message.AsSpan(1)).TrimEnd('.');
        var lines = yaml.Split('\n');
        var isTab = reason.Contains("tab", StringComparison.Ordinal);
        var line = isTab ? Array.FindIndex(lines, l => TabIn(l) >= 0) : (int)Math.Clamp(e.Start.Line - 1, 0, lines.Length - 1);
        var tab = line < 0 ? -1 : TabIn(lines[line]);
        Add(tab < 0 ? e.Start : new Mark(0, line + 1, tab + 1),
            $"This is not YAML as a catalog uses it: {(tab < 0 ? reason : "a tab stands at the beginning of this line; indent with spaces")}.", isWarning: false);
    }

    /// <summary>Index of the first tab in the indentation of a line; -1 when there is none.</summary>
    private static int TabIn(string line) => line.AsSpan(0, line.Length - line.AsSpan().TrimStart().Length).IndexOf('\t');

    private void Add(Mark at, string text, bool isWarning)
    {
        if (found.Count < MaxListed)
        {
            found.Add(new CatalogMistake(file, Math.Max(1, at.Line), Math.Max(1, at.Column), text, isWarning));
        }
        else if (found.Count == MaxListed)
        {
            found.Add(new CatalogMistake(file, long.MaxValue, 1, $"More than {MaxListed} mistakes; the rest is not listed.", IsWarning: false));
        }
    }

    [GeneratedRegex(@"\A(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\z")]
    private static partial Regex Number();
}
