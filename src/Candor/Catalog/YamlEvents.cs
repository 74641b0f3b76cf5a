using Candor.Kernel;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Candor.Catalog;

/// <summary>The events of a YAML file as far as a catalog uses them. A name that stands twice, a name that is no text, a tag or an anchor is reported
/// and passed over, so that reading goes on; a reference, a second document or too deep a nesting ends it.</summary>
internal sealed class YamlEvents(IParser inner, Action<Mark, string> wrong) : IParser
{
    /// <summary>Levels of mappings and lists; a catalog needs six.</summary>
    public const int MaxDepth = 16;

    private readonly Stack<Level> levels = new();
    private int documents;

    public ParsingEvent? Current => inner.Current;

    public bool MoveNext()
    {
        while (inner.MoveNext())
        {
            Check(inner.Current!);
            if (!IsPassedOver(inner.Current!))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Keeps track of names; true when a whole member was read and is left out.</summary>
    private bool IsPassedOver(ParsingEvent e)
    {
        if (e is MappingEnd or SequenceEnd)
        {
            levels.Pop();
            return false;
        }

        if (e is not NodeEvent)
        {
            return false;
        }

        var level = levels.TryPeek(out var top) ? top : null;
        if (level?.Names is { } names)
        {
            level.AtValue = !level.AtValue;
            if (level.AtValue && e is not Scalar)
            {
                return PassOver(e, "A name is one word before a colon, not a list or a mapping.", level);
            }

            if (level.AtValue && e is Scalar name && !names.Add(name.Value))
            {
                return PassOver(e, $"`{Name.Shown(name.Value)}` stands here twice; each name is allowed once.", level);
            }
        }

        if (e is MappingStart or SequenceStart)
        {
            levels.Push(new Level(e is MappingStart ? [] : null));
        }

        return false;
    }

    private bool PassOver(ParsingEvent at, string text, Level level)
    {
        wrong(at.Start, text);
        level.AtValue = false;
        ToEndOf(at.NestingIncrease);
        inner.MoveNext();
        Check(inner.Current!);
        ToEndOf(inner.Current!.NestingIncrease);
        return true;
    }

    private void ToEndOf(int open)
    {
        while (open > 0 && inner.MoveNext())
        {
            Check(inner.Current!);
            open += inner.Current!.NestingIncrease;
            Limit(inner.Current, levels.Count + open);
        }
    }

    private void Check(ParsingEvent e)
    {
        Limit(e, levels.Count + 1);
        switch (e)
        {
            case AnchorAlias alias:
                throw new YamlException(alias.Start, alias.End, $"a catalog uses no references, found `*{Name.Shown(alias.Value.Value)}`; write the value out");
            case DocumentStart when ++documents > 1:
                throw new YamlException(e.Start, e.End, "a second document begins here; a catalog is one");
            case NodeEvent { Anchor.IsEmpty: false } node:
                wrong(node.Start, $"A catalog uses no anchors, found `&{Name.Shown(node.Anchor.Value)}`; write each value out.");
                break;
            case NodeEvent { Tag.IsEmpty: false } node:
                wrong(node.Start, $"A catalog uses no tags, found `{Name.Shown(node.Tag.ToString())}`.");
                break;
        }
    }

    private static void Limit(ParsingEvent e, int depth)
    {
        if (e.NestingIncrease > 0 && e is NodeEvent && depth > MaxDepth)
        {
            throw new YamlException(e.Start, e.End, $"more than {MaxDepth} levels");
        }
    }

    /// <param name="names">Names so far in a mapping; null in a list.</param>
    private sealed class Level(HashSet<string>? names)
    {
        public HashSet<string>? Names => names;

        /// <summary>The last event of this level was a name.</summary>
        public bool AtValue { get; set; }
    }
}
