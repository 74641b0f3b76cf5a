using System.Globalization;
using Candor.Kernel;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Candor.Catalog;

/// <summary>One change of a catalog's text: a member is taken out, or gets another value. Everything else stays as it was written, remarks and order included.</summary>
/// <param name="Path">Names of members from the top down, 2 or more.</param>
/// <param name="Value">A plain word or number; null: the member goes.</param>
public sealed record CatalogEdit(IReadOnlyList<string> Path, string? Value)
{
    /// <summary>As people write it: <c>purposes.news.uses: take out `email`</c>, or <c>purposes.news.active: false</c>.</summary>
    public override string ToString() => Value is null ? $"{string.Join('.', Path.SkipLast(1))}: take out `{Path[^1]}`" : $"{string.Join('.', Path)}: {Value}";

    /// <summary>The text with the change made. It is not checked; whoever applies it does.</summary>
    /// <param name="text">Of a catalog without mistakes.</param>
    /// <exception cref="Fault">Conflict <c>catalog/cannot-edit</c> where the text has no such member, or is written in a way that this does not change: with anchors, or as JSON over several lines.</exception>
    public string ApplyTo(string text)
    {
        var parent = Parent(text);
        var at = parent.Children.ToList().FindIndex(c => c.Key is YamlScalarNode { Value: { } name } && name == Path[^1]);
        return (at, Value) switch
        {
            ( < 0, null) => throw Cannot($"it has no `{string.Join('.', Path)}`"),
            ( < 0, { } value) => Insert(text, parent, value),
            (_, null) => Remove(text, parent, at),
            (_, { } value) => Replace(text, parent.Children.ToList()[at].Value, value),
        };
    }

    private YamlMappingNode Parent(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        var node = stream.Documents[0].RootNode;
        foreach (var name in Path.SkipLast(1))
        {
            node = node is YamlMappingNode mapping && YamlNodes.Find(mapping, name) is { } next ? next : throw Cannot($"it has no `{name}` in `{string.Join('.', Path)}`");
        }

        return node as YamlMappingNode ?? throw Cannot($"`{string.Join('.', Path.SkipLast(1))}` holds no members");
    }

    private static string Replace(string text, YamlNode node, string value) => node is YamlScalarNode { Style: ScalarStyle.Plain or ScalarStyle.SingleQuoted or ScalarStyle.DoubleQuoted } && node.Anchor.IsEmpty
        ? text[..Start(node)] + value + text[End(node)..] : throw Cannot("the value is more than a word");

    private string Insert(string text, YamlMappingNode parent, string value)
    {
        if (parent.Children.Count == 0)
        {
            throw Cannot($"`{string.Join('.', Path.SkipLast(1))}` is empty");
        }

        var start = Start(parent.Children.First().Key);
        if (parent.Style == MappingStyle.Flow)
        {
            return text.Insert(start, $"{Path[^1]}: {value}, ");
        }

        // Before the first member, in its column: what comes after the last one may be a remark of something else.
        return text.Insert(start, $"{Path[^1]}: {value}\n{text[LineStart(text, start)..start]}");
    }

    private string Remove(string text, YamlMappingNode parent, int at)
    {
        var members = parent.Children.ToList();
        if (members.Count == 1)
        {
            throw Cannot($"`{string.Join('.', Path)}` is the only one of its kind, and something has to be there");
        }

        if (parent.Style == MappingStyle.Flow)
        {
            return at + 1 < members.Count
                ? text[..Start(members[at].Key)] + text[Start(members[at + 1].Key)..]
                : text[..EndOf(text, members[at - 1].Value)] + text[EndOf(text, members[at].Value)..];
        }

        var from = LineStart(text, Start(members[at].Key));
        if (text[from..Start(members[at].Key)].Trim(' ').Length > 0)
        {
            throw Cannot("the member does not begin its line");
        }

        return text[..from] + text[LineAfter(text, EndOf(text, members[at].Value))..];
    }

    /// <summary>Where the last letter of a node ends. The library knows only where a mapping or a list begins.</summary>
    private static int EndOf(string text, YamlNode node) => node switch
    {
        YamlMappingNode { Style: MappingStyle.Flow } flow => Closed(text, flow.Children.Count == 0 ? Start(flow) + 1 : EndOf(text, flow.Children.Last().Value)),
        YamlSequenceNode { Style: SequenceStyle.Flow } flow => Closed(text, flow.Children.Count == 0 ? Start(flow) + 1 : EndOf(text, flow.Children[^1])),
        YamlMappingNode { Children.Count: > 0 } block => EndOf(text, block.Children.Last().Value),
        YamlSequenceNode { Children.Count: > 0 } list => EndOf(text, list.Children[^1]),
        // Its end is where the next thing begins, so the line breaks and remarks before that are not its own.
        YamlScalarNode { Style: ScalarStyle.Literal or ScalarStyle.Folded } => throw Cannot("a text over several lines is the last thing there"),
        _ => End(node),
    };

    /// <summary>Behind the bracket that closes, past commas, blanks and remarks.</summary>
    private static int Closed(string text, int at)
    {
        while (text[at] is not ('}' or ']'))
        {
            at = text[at] == '#' ? LineAfter(text, at) : at + 1;
        }

        return at + 1;
    }

    private static int LineStart(string text, int at) => at == 0 ? 0 : text.LastIndexOf('\n', at - 1) + 1;

    private static int LineAfter(string text, int at) => text.IndexOf('\n', at) is var end and >= 0 ? end + 1 : text.Length;

    private static int Start(YamlNode node) => (int)node.Start.Index;

    private static int End(YamlNode node) => (int)node.End.Index;

    private static Fault Cannot(string why) => new(FaultKind.Conflict, "catalog/cannot-edit", string.Create(CultureInfo.InvariantCulture, $"The catalog cannot be changed by itself: {why}. Change the text by hand."));
}
