using Candor.Kernel;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Candor.Catalog;

/// <summary>A YAML document with its places, and the list of what is wrong with it.</summary>
internal sealed class YamlNodes(string file)
{
    private readonly List<CatalogMistake> mistakes = [];

    public IReadOnlyList<CatalogMistake> Mistakes => mistakes;

    /// <summary>The top mapping; null when the text is no YAML mapping at all.</summary>
    public YamlMappingNode? Load(string yaml)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new NoAliases(new Parser(new StringReader(yaml))));
            if (stream.Documents is [{ RootNode: YamlMappingNode root }])
            {
                return root;
            }

            mistakes.Add(new CatalogMistake(file, 1, 1, "The file is one mapping with `organisation`, `dataPoints` and `purposes`."));
        }
        catch (YamlException e)
        {
            var reason = e.InnerException is ArgumentException ? "a name stands here twice" : e.Message.Split(": ", 2)[^1].TrimEnd('.');
            mistakes.Add(new CatalogMistake(file, Math.Max(1, e.Start.Line), Math.Max(1, e.Start.Column), $"This is not YAML: {reason}."));
        }

        return null;
    }

    public void Wrong(YamlNode at, string text) => mistakes.Add(new CatalogMistake(file, at.Start.Line, at.Start.Column, text));

    /// <summary>Names the members of a mapping that do not belong there.</summary>
    public void OnlyKnown(YamlMappingNode mapping, string what, params string[] known)
    {
        foreach (var key in mapping.Children.Keys.Where(k => k is not YamlScalarNode { Value: { } v } || !known.Contains(v)))
        {
            Wrong(key, $"{what} has no `{Name.Shown(key.ToString())}`;{Nearest(key.ToString(), known)} allowed are {List(known)}.");
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

    /// <summary>A single value; null with a mistake when it is a list, a mapping or empty.</summary>
    public string? Text(YamlNode? node, string name, int maxLength = 1000)
    {
        switch (node)
        {
            case null:
                return null;
            case YamlScalarNode { Value: { Length: > 0 } value } when value.Length <= maxLength && !string.IsNullOrWhiteSpace(value):
                return value.Trim();
            default:
                Wrong(node, $"`{name}` is one text of 1 to {maxLength} characters.");
                return null;
        }
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

        Wrong(node!, $"`{name}` is {List(allowed.Keys)}; found `{Name.Shown(text)}`.{Nearest(text, allowed.Keys)}");
        return otherwise;
    }

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

        Wrong(node!, $"`{name}` is a period such as `P90D`, `P6M` or `P2Y`; found `{Name.Shown(text)}`.");
        return null;
    }

    public bool Flag(YamlNode? node, string name, bool otherwise) =>
        Choice(node, name, new Dictionary<string, bool> { ["true"] = true, ["false"] = false }, otherwise);

    /// <summary>A list of texts; empty when absent.</summary>
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

        return [.. sequence.Children.Select(c => (Text(c, name), c)).Where(t => t.Item1 is not null).Select(t => (t.Item1!, t.c))];
    }

    /// <summary>A mapping; null with a mistake when it is something else.</summary>
    public YamlMappingNode? Mapping(YamlNode? node, string name)
    {
        if (node is YamlMappingNode mapping)
        {
            return mapping;
        }

        if (node is not null)
        {
            Wrong(node, $"`{name}` is a mapping of names to values.");
        }

        return null;
    }

    public static string List(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"`{n}`"));

    /// <summary>" Did you mean …?" when one allowed name is at most two edits away.</summary>
    public static string Nearest(string found, IEnumerable<string> allowed)
    {
        var best = allowed.Select(a => (Name: a, Distance: Distance(found, a))).OrderBy(a => a.Distance).FirstOrDefault();
        return best.Name is not null && best.Distance <= 2 && best.Distance < found.Length ? $" Did you mean `{best.Name}`?" : "";
    }

    /// <summary>Levenshtein distance, ignoring case.</summary>
    private static int Distance(string a, string b)
    {
        if (Math.Abs(a.Length - b.Length) > 2)
        {
            return int.MaxValue;
        }

        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var (previous, diagonal) = (i, i - 1);
            for (var j = 1; j <= b.Length; j++)
            {
                var same = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]);
                (previous, diagonal, row[j - 1]) = (Math.Min(Math.Min(row[j], previous) + 1, diagonal + (same ? 0 : 1)), row[j], previous);
            }

            row[b.Length] = previous;
        }

        return row[b.Length];
    }

    /// <summary>Aliases can make a small file unfold into a huge one, and a catalog needs none.</summary>
    private sealed class NoAliases(IParser inner) : IParser
    {
        private const int MaxDepth = 16;
        private int depth;

        public YamlDotNet.Core.Events.ParsingEvent? Current => inner.Current;

        public bool MoveNext()
        {
            var more = inner.MoveNext();
            depth += more ? inner.Current!.NestingIncrease : 0;
            return inner.Current switch
            {
                YamlDotNet.Core.Events.AnchorAlias alias => throw new YamlException(alias.Start, alias.End, "references (`*name`) are not used in a catalog"),
                { } e when depth > MaxDepth => throw new YamlException(e.Start, e.End, $"more than {MaxDepth} levels"),
                _ => more,
            };
        }
    }
}
