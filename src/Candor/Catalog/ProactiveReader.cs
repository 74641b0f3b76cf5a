using System.Collections.Frozen;
using Candor.Kernel;
using YamlDotNet.RepresentationModel;

namespace Candor.Catalog;

/// <summary>Reads what is noticed by itself, once data points and purposes are known: each rule reads for a purpose, and nothing beyond it.</summary>
internal sealed class ProactiveReader(YamlNodes nodes, IReadOnlySet<string> pointNames, IReadOnlySet<string> purposeNames, IReadOnlyList<DataPoint> points, IReadOnlyList<Purpose> purposes)
{
    private const string Email = "EmailAddress";
    private const string History = "history";
    private const string LinesFor = "linesFor";
    private const string MessagesFor = "messagesFor";
    private static readonly LegalBasis[] ConsentAlone = [LegalBasis.Consent];

    /// <summary>Where a rule stands, and what it is called in messages.</summary>
    private sealed record Place(YamlMappingNode Node, string Name)
    {
        public string What => $"`{Name}`";
    }

    public ProactiveRules Read(YamlMappingNode? node)
    {
        if (node is null)
        {
            return new ProactiveRules();
        }

        nodes.OnlyKnown(node, "`proactive`", "messagesAtMost", "itemShownAtMost", LateOrderRule.Member, RepeatedContactRule.Member, RunningOutRule.Member, LeftCartRule.Member);
        ProactiveRule?[] rules =
        [
            At(node, LateOrderRule.Member) is { } late ? ReadLate(late) : null,
            At(node, RepeatedContactRule.Member) is { } contacts ? ReadContacts(contacts) : null,
            At(node, RunningOutRule.Member) is { } running ? ReadRunningOut(running) : null,
            At(node, LeftCartRule.Member) is { } cart ? ReadCart(cart) : null,
        ];
        return new ProactiveRules
        {
            Rules = [.. rules.OfType<ProactiveRule>()],
            MessagesAtMost = ReadCap(nodes.Mapping(YamlNodes.Find(node, "messagesAtMost"), "messagesAtMost")),
            ItemShownAtMost = nodes.Number(YamlNodes.Find(node, "itemShownAtMost"), "itemShownAtMost", 1, 100),
        };
    }

    private MessageCap? ReadCap(YamlMappingNode? node)
    {
        const string what = "`messagesAtMost`";
        if (node is null)
        {
            return null;
        }

        nodes.OnlyKnown(node, what, "count", "per");
        var count = nodes.Number(nodes.Get(node, "count", what), "count", 1, 100);
        var per = nodes.Period(nodes.Get(node, "per", what), "per");
        return count is { } n && per is not null ? new MessageCap(n, per) : null;
    }

    private LateOrderRule? ReadLate(Place at)
    {
        nodes.OnlyKnown(at.Node, at.What, History, "endedBy", "after", LinesFor, MessagesFor);
        var history = ReadHistory(at, History, isNeeded: true);
        var endedBy = ReadHistory(at, "endedBy", isNeeded: false);
        var after = nodes.Period(nodes.Get(at.Node, "after", at.What), "after");
        var (lines, messages) = ReadPurposes(at, [LegalBasis.Consent, LegalBasis.Contract], history, endedBy);
        return history is null || after is null ? null : new LateOrderRule(history, lines, messages, endedBy, after);
    }

    private RepeatedContactRule? ReadContacts(Place at)
    {
        nodes.OnlyKnown(at.Node, at.What, History, "times", "within", LinesFor);
        var history = ReadHistory(at, History, isNeeded: true);
        var times = nodes.Number(nodes.Get(at.Node, "times", at.What), "times", 2, 100);
        var within = nodes.Period(nodes.Get(at.Node, "within", at.What), "within");
        var lines = ReadPurpose(at, LinesFor, nodes.Get(at.Node, LinesFor, at.What), null, history);
        return history is null || times is null || within is null ? null : new RepeatedContactRule(history, lines, times.Value, within);
    }

    private RunningOutRule? ReadRunningOut(Place at)
    {
        nodes.OnlyKnown(at.Node, at.What, History, "before", "lasts", LinesFor, MessagesFor);
        var history = ReadHistory(at, History, isNeeded: true);
        var before = nodes.Period(YamlNodes.Find(at.Node, "before"), "before") ?? Period.Parse("P3D");
        var lasts = new Dictionary<string, Period>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in nodes.Mapping(YamlNodes.Find(at.Node, "lasts"), "lasts")?.Children.ToList() ?? [])
        {
            if (nodes.Period(value, key.ToString()) is { } period)
            {
                lasts[key.ToString()] = period;
            }
        }

        var (lines, messages) = ReadPurposes(at, ConsentAlone, history);
        return history is null ? null : new RunningOutRule(history, lines, messages, before, lasts.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase));
    }

    private LeftCartRule? ReadCart(Place at)
    {
        nodes.OnlyKnown(at.Node, at.What, History, "after", "atMostEvery", MessagesFor);
        var history = ReadHistory(at, History, isNeeded: true);
        var after = ReadDelay(YamlNodes.Find(at.Node, "after"), "PT4H");
        var every = nodes.Period(YamlNodes.Find(at.Node, "atMostEvery"), "atMostEvery") ?? Period.Parse("P7D");
        var messages = ReadPurpose(at, MessagesFor, nodes.Get(at.Node, MessagesFor, at.What), ConsentAlone, history);
        return history is null || messages is null || after is null ? null : new LeftCartRule(history, messages, after, every);
    }

    private Delay? ReadDelay(YamlNode? node, string otherwise)
    {
        var text = nodes.Text(node, "after");
        if (Delay.TryParse(text ?? otherwise, out var delay))
        {
            return delay;
        }

        nodes.Wrong(node!, $"`after` is a time such as `PT4H`, `PT30M` or `P1D`, at most 30 days; found `{Name.Shown(text)}`.");
        return null;
    }

    private DataPointId? ReadHistory(Place at, string member, bool isNeeded)
    {
        var node = isNeeded ? nodes.Get(at.Node, member, at.What) : YamlNodes.Find(at.Node, member);
        if (nodes.Text(node, member) is not { } name)
        {
            return null;
        }

        var histories = points.Where(p => p.Kind == DataPointKind.History).Select(p => p.Id.Value).Order(StringComparer.Ordinal).ToList();
        if (histories.Contains(name))
        {
            return DataPointId.Parse(name);
        }

        // A data point with a mistake of its own is not told of twice.
        if (!pointNames.Contains(name) || points.Any(p => p.Id.Value == name))
        {
            nodes.Wrong(node!, $"`{member}` names a history of this catalog: {Spelling.List(histories)}; found `{Name.Shown(name)}`.{nodes.Nearest(name, histories)}");
        }

        return null;
    }

    private (PurposeId? Lines, PurposeId? Messages) ReadPurposes(Place at, LegalBasis[] mayWrite, params DataPointId?[] histories)
    {
        var (lines, messages) = (YamlNodes.Find(at.Node, LinesFor), YamlNodes.Find(at.Node, MessagesFor));
        if (lines is null && messages is null)
        {
            nodes.Wrong(at.Node, $"{at.What} needs `{LinesFor}`, `{MessagesFor}`, or both.");
        }

        return (ReadPurpose(at, LinesFor, lines, null, histories), ReadPurpose(at, MessagesFor, messages, mayWrite, histories));
    }

    /// <param name="mayWrite">The legal bases on which the customer may be written to for this; null where nobody is written to.</param>
    private PurposeId? ReadPurpose(Place at, string member, YamlNode? node, LegalBasis[]? mayWrite, params DataPointId?[] histories)
    {
        if (nodes.Text(node, member) is not { } name)
        {
            return null;
        }

        if (!purposeNames.Contains(name))
        {
            nodes.Wrong(node!, $"`{member}` names a purpose of this catalog: {Spelling.List(purposeNames)}; found `{Name.Shown(name)}`.{nodes.Nearest(name, purposeNames)}");
            return null;
        }

        if (purposes.FirstOrDefault(p => p.Id.Value == name) is not { } purpose)
        {
            return null;
        }

        foreach (var missing in histories.OfType<DataPointId>().Distinct().Where(h => !purpose.Uses.ContainsKey(h)))
        {
            nodes.Wrong(node!, $"`{member}` of {at.What} names `{name}`, which does not use `{missing}`; a rule reads what its purpose uses and nothing beyond.");
        }

        if (mayWrite is not null && !mayWrite.Contains(purpose.Basis))
        {
            nodes.Wrong(node!, $"`{member}` of {at.What} names `{name}`, which rests on {CatalogReader.WordOf(purpose.Basis)}; allowed is {string.Join(" or ", mayWrite.Select(CatalogReader.WordOf))}.");
        }

        if (mayWrite is not null && !points.Any(p => p.Category == Email && purpose.Uses.ContainsKey(p.Id)))
        {
            nodes.Wrong(node!, $"`{member}` of {at.What} names `{name}`, which uses no data point of category `{Email}` that a message could go to.");
        }

        return purpose.Id;
    }

    private Place? At(YamlMappingNode node, string name) => nodes.Mapping(YamlNodes.Find(node, name), name) is { } found ? new Place(found, name) : null;
}
