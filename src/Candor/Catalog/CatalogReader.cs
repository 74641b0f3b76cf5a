using System.Collections.Frozen;
using System.Text;
using Candor.Kernel;
using YamlDotNet.RepresentationModel;

namespace Candor.Catalog;

/// <summary>Reads <c>candor.yaml</c> and reports all that is wrong with it at once.</summary>
internal sealed class CatalogReader
{
    /// <summary>Largest catalog file: 1 MiB in UTF-8.</summary>
    public const int MaxBytes = 1_048_576;

    private static readonly FrozenDictionary<string, DataPointKind> Kinds =
        new Dictionary<string, DataPointKind> { ["field"] = DataPointKind.Field, ["history"] = DataPointKind.History }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, Necessity> Necessities =
        new Dictionary<string, Necessity> { ["high"] = Necessity.High, ["medium"] = Necessity.Medium, ["low"] = Necessity.Low }.ToFrozenDictionary();

    internal static readonly FrozenDictionary<string, LegalBasis> Bases = new Dictionary<string, LegalBasis>
    {
        ["consent"] = LegalBasis.Consent,
        ["contract"] = LegalBasis.Contract,
        ["legal-obligation"] = LegalBasis.LegalObligation,
        ["legitimate-interest"] = LegalBasis.LegitimateInterest,
    }.ToFrozenDictionary();

    private readonly YamlNodes nodes;
    private IReadOnlyList<string> languages = [];

    private FrozenSet<string> neverSuggest = [];

    private ProactiveRules proactive = new();

    private IReadOnlyList<Recipient> recipients = [];

    private readonly FairnessReader fairness;
    private readonly RecipientReader receivers;

    private CatalogReader(string file) => (fairness, receivers) = (new FairnessReader(nodes = new YamlNodes(file)), new RecipientReader(nodes));

    public static PurposeCatalog Read(string yaml, string file)
    {
        var (catalog, found) = TryRead(yaml, file);
        return catalog ?? throw CatalogMistakes.ToFault([.. found.Where(m => !m.IsWarning)]);
    }

    /// <summary>The catalog, or null when there is a mistake; and mistakes and warnings in the order of the file.</summary>
    public static (PurposeCatalog? Catalog, IReadOnlyList<CatalogMistake> Found) TryRead(string yaml, string file)
    {
        if (Encoding.UTF8.GetByteCount(yaml) is > MaxBytes and var bytes)
        {
            return (null, [new CatalogMistake(file, 1, 1, $"The file has `{bytes}` bytes; at most `{MaxBytes}` are allowed.")]);
        }

        if (CatalogText.FirstBadCharacter(yaml, file) is { } bad)
        {
            return (null, [bad]);
        }

        var reader = new CatalogReader(file);
        var read = reader.nodes.Load(yaml) is { } root ? reader.ReadRoot(root) : null;
        var found = reader.nodes.Found;
        return (read is var (organisation, points, purposes) && !reader.nodes.HasMistakes
            ? new PurposeCatalog(organisation, points, purposes, yaml, found) { NeverSuggest = reader.neverSuggest, Proactive = reader.proactive, Recipients = reader.recipients.ToFrozenDictionary(r => r.Name, StringComparer.Ordinal) } : null, found);
    }

    private (Organisation Organisation, List<DataPoint> Points, List<Purpose> Purposes)? ReadRoot(YamlMappingNode root)
    {
        const string what = "A catalog";
        nodes.OnlyKnown(root, what, "organisation", "dataPoints", "purposes", "neverSuggest", "proactive", "recipients");
        neverSuggest = nodes.Texts(YamlNodes.Find(root, "neverSuggest"), "neverSuggest").Select(t => t.Value).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        var organisations = new OrganisationReader(nodes);
        var organisation = organisations.Read(nodes.Mapping(nodes.Get(root, "organisation", what), "organisation"));
        languages = organisations.Languages;
        var pointNodes = nodes.Mapping(nodes.Get(root, "dataPoints", what), "dataPoints");
        var purposeNodes = nodes.Mapping(nodes.Get(root, "purposes", what), "purposes");
        var pointNames = NamesOf(pointNodes);
        var purposeNames = NamesOf(purposeNodes);
        var points = Entries(pointNodes, "data point").Select(e => ReadDataPoint(e.Name, e.Node, purposeNames)).OfType<DataPoint>().ToList();
        var purposes = Entries(purposeNodes, "purpose").Select(e => ReadPurpose(e.Name, e.Node, pointNames)).OfType<Purpose>().ToList();
        fairness.Check(purposeNodes, pointNodes, points, purposes);
        proactive = new ProactiveReader(nodes, pointNames, purposeNames, points, purposes).Read(nodes.Mapping(YamlNodes.Find(root, "proactive"), "proactive"));
        var recipientNodes = nodes.Mapping(YamlNodes.Find(root, "recipients"), "recipients");
        recipients = receivers.Read(recipientNodes, Localized);
        if (organisation is null || pointNodes is null || purposeNodes is null || nodes.HasMistakes)
        {
            return null;
        }

        new CatalogAdvice(nodes, pointNodes, purposeNodes).Give(points, purposes);
        receivers.Advise(recipientNodes, purposeNodes, organisation, purposes, recipients);
        return (organisation, points, purposes);
    }

    private static HashSet<string> NamesOf(YamlMappingNode? node) => node is null ? [] : [.. node.Children.Keys.Select(k => k.ToString())];

    private IEnumerable<(string Name, YamlMappingNode Node)> Entries(YamlMappingNode? parent, string what)
    {
        if (parent is { Children.Count: 0 })
        {
            nodes.Wrong(parent, $"A catalog declares at least one {what}.");
        }

        foreach (var (key, value) in parent?.Children.ToList() ?? [])
        {
            if (!Name.IsValid(key.ToString()))
            {
                nodes.Wrong(key, $"The name of a {what} is {Name.Allowed}; found `{Name.Shown(key.ToString())}`.");
            }
            else if (nodes.Mapping(value, key.ToString()) is { } mapping)
            {
                yield return (key.ToString(), mapping);
            }
        }
    }

    private DataPoint? ReadDataPoint(string name, YamlMappingNode node, HashSet<string> purposes)
    {
        var what = $"The data point `{name}`";
        nodes.OnlyKnown(node, what, "kind", "label", "category", "retention", "legalHold", "collectedWith", "correctionNeedsApproval", "findBy", "values");
        var kind = nodes.Choice(nodes.Get(node, "kind", what), "kind", Kinds, DataPointKind.Field);
        var label = Localized(nodes.Get(node, "label", what), "label");
        var category = nodes.Choice(nodes.Get(node, "category", what), "category", Vocabulary.Categories, "");
        var retention = ReadRetention(nodes.Get(node, "retention", what));
        var hold = ReadLegalHold(nodes.Mapping(YamlNodes.Find(node, "legalHold"), "legalHold"), name);
        var withNode = YamlNodes.Find(node, "collectedWith");
        var with = nodes.Text(withNode, "collectedWith");
        if (with is not null && (!purposes.Contains(with) || !Name.IsValid(with)))
        {
            nodes.Wrong(withNode!, $"`collectedWith` names a purpose of this catalog: {Spelling.List(purposes)}; found `{Name.Shown(with)}`.{nodes.Nearest(with, purposes)}");
            with = null;
        }

        var findNode = YamlNodes.Find(node, "findBy");
        var findBy = nodes.Text(findNode, "findBy", 200);
        if (kind != DataPointKind.History && findNode is not null)
        {
            nodes.Wrong(findNode, $"{what} is no history, so `findBy` has no meaning here.");
        }

        var approval = nodes.Flag(YamlNodes.Find(node, "correctionNeedsApproval"), "correctionNeedsApproval", false);
        return label is null ? null : new DataPoint(DataPointId.Parse(name), kind, label, category, retention, hold, with is null ? null : PurposeId.Parse(with))
        {
            CorrectionNeedsApproval = approval, FindBy = findBy, Values = fairness.ReadValues(node, what, kind, (n, name) => Localized(n, name)),
        };
    }

    private Retention ReadRetention(YamlNode? node)
    {
        var period = node is YamlScalarNode { Value: { } text } && Period.TryParse(text, null, out var parsed) ? parsed : null;
        if (period is null && node is not null and not YamlScalarNode { Value: "while-customer" })
        {
            nodes.Wrong(node, $"`retention` is `while-customer` or a period such as `P90D`, `P6M` or `P2Y`, at most 100 years; found `{Name.Shown(node.ToString())}`.");
        }

        return new Retention(period);
    }

    private LegalHold? ReadLegalHold(YamlMappingNode? node, string dataPoint)
    {
        if (node is null)
        {
            return null;
        }

        var what = $"The legal hold of `{dataPoint}`";
        nodes.OnlyKnown(node, what, "reason", "for", "keeps");
        var reason = Localized(nodes.Get(node, "reason", what), "reason");
        var period = nodes.Period(nodes.Get(node, "for", what), "for");
        var keepNode = nodes.Get(node, "keeps", what);
        var keeps = nodes.Texts(keepNode, "keeps").Select(k => k.Value).ToList();
        if (keepNode is YamlSequenceNode { Children.Count: 0 })
        {
            nodes.Wrong(keepNode, "`keeps` names at least one member of the record that the law makes you keep.");
        }

        return reason is null || period is null ? null : new LegalHold(reason, period, keeps);
    }

    private Purpose? ReadPurpose(string name, YamlMappingNode node, HashSet<string> dataPoints)
    {
        var what = $"The purpose `{name}`";
        nodes.OnlyKnown(node, what, "label", "why", "basis", "uses", "roles", "services", "recipients", "needsCase", "consentLasts", "remindEvery",
            "automatedDecision", "active", "dpvPurpose", "askAgainAfter", "ifOff", "emergency", "holdOut", "biasAudit", "fairness");
        var label = Localized(nodes.Get(node, "label", what), "label");
        var why = Localized(nodes.Get(node, "why", what), "why");
        var basis = ReadBasis(name, node, what);
        var uses = ReadUses(nodes.Mapping(nodes.Get(node, "uses", what), "uses"), dataPoints);
        var lastsNode = YamlNodes.Find(node, "consentLasts");
        var lasts = nodes.Period(lastsNode, "consentLasts");
        if (basis != LegalBasis.Consent && lastsNode is not null)
        {
            nodes.Wrong(lastsNode, $"{what} does not rest on consent, so `consentLasts` has no meaning here.");
        }

        var againNode = YamlNodes.Find(node, "askAgainAfter");
        var again = nodes.Period(againNode, "askAgainAfter");
        if (basis != LegalBasis.Consent && againNode is not null)
        {
            nodes.Wrong(againNode, $"{what} does not rest on consent, so `askAgainAfter` has no meaning here.");
        }

        var read = new
        {
            IfOff = YamlNodes.Find(node, "ifOff") is { } offNode ? Localized(offNode, "ifOff") : null,
            Remind = nodes.Period(YamlNodes.Find(node, "remindEvery"), "remindEvery"),
            Roles = Names(node, "roles"),
            Services = Names(node, "services"),
            Recipients = nodes.Texts(YamlNodes.Find(node, "recipients"), "recipients").Select(t => t.Value).ToFrozenSet(StringComparer.Ordinal),
            Emergency = nodes.Flag(YamlNodes.Find(node, "emergency"), "emergency", false),
            Case = nodes.Flag(YamlNodes.Find(node, "needsCase"), "needsCase", false),
            Automated = nodes.Flag(YamlNodes.Find(node, "automatedDecision"), "automatedDecision", false),
            Active = nodes.Flag(YamlNodes.Find(node, "active"), "active", true),
            Dpv = nodes.Choice(YamlNodes.Find(node, "dpvPurpose"), "dpvPurpose", Vocabulary.Purposes, Vocabulary.DefaultPurpose(basis)),
        };
        return label is null || why is null ? null : new Purpose
        {
            Id = PurposeId.Parse(name), Label = label, Why = why, Basis = basis, Uses = uses, ConsentLasts = lasts, RemindEvery = read.Remind, Roles = read.Roles,
            Services = read.Services, Recipients = read.Recipients, NeedsCase = read.Case, AutomatedDecision = read.Automated, Active = read.Active, DpvPurpose = read.Dpv,
            AskAgainAfter = again, IfOff = read.IfOff, Emergency = read.Emergency, HoldOut = ReadHoldOut(node, what, basis), BiasAudit = fairness.ReadAudit(node, what, basis), Fairness = fairness.ReadRule(node, what, basis),
        };
    }

    private LegalBasis ReadBasis(string name, YamlMappingNode node, string what)
    {
        var at = nodes.Get(node, "basis", what);
        var basis = nodes.Choice(at, "basis", Bases, LegalBasis.Consent);
        if (name == PurposeCatalog.AiAssistance.Value && basis != LegalBasis.Consent)
        {
            nodes.Wrong(at!, $"{what} is what customers agree to before an AI assistant reads about them, so its `basis` is `consent`; found `{WordOf(basis)}`.");
        }

        return basis;
    }

    private int? ReadHoldOut(YamlMappingNode node, string what, LegalBasis basis)
    {
        var at = YamlNodes.Find(node, "holdOut");
        if (at is not null && basis is (LegalBasis.Contract or LegalBasis.LegalObligation))
        {
            nodes.Wrong(at, $"{what} is owed to every customer, so `holdOut` has no meaning here.");
            return null;
        }

        return nodes.Number(at, "holdOut", 0, Purpose.MaxHoldOut);
    }

    internal static string WordOf(LegalBasis basis) => Bases.First(b => b.Value == basis).Key;

    private FrozenDictionary<DataPointId, Necessity> ReadUses(YamlMappingNode? node, HashSet<string> dataPoints)
    {
        var uses = new Dictionary<DataPointId, Necessity>();
        foreach (var (key, value) in node?.Children.ToList() ?? [])
        {
            var name = key.ToString();
            if (!dataPoints.Contains(name) || !Name.IsValid(name))
            {
                nodes.Wrong(key, $"`uses` names data points of this catalog: {Spelling.List(dataPoints)}; found `{Name.Shown(name)}`.{nodes.Nearest(name, dataPoints)}");
                continue;
            }

            uses[DataPointId.Parse(name)] = nodes.Choice(value, name, Necessities, Necessity.Low);
        }

        if (node is { Children.Count: 0 })
        {
            nodes.Wrong(node, "A purpose uses at least one data point.");
        }

        return uses.ToFrozenDictionary();
    }

    private FrozenSet<string> Names(YamlMappingNode node, string member)
    {
        var texts = nodes.Texts(YamlNodes.Find(node, member), member);
        foreach (var (value, at) in texts.Where(t => !Name.IsValid(t.Value)))
        {
            nodes.Wrong(at, $"A name in `{member}` is {Name.Allowed}; found `{Name.Shown(value)}`.");
        }

        return texts.Select(t => t.Value).ToFrozenSet(StringComparer.Ordinal);
    }

    private LocalizedText? Localized(YamlNode? node, string name)
    {
        if (node is not YamlMappingNode mapping)
        {
            var text = nodes.Text(node, name, manyLines: true);
            if (text is not null && languages.Count > 1)
            {
                nodes.Warn(node!, $"`{name}` is said once for all languages; write `{{ {string.Join(", ", languages.Select(l => l + ": …"))} }}`.");
            }

            return text is null ? null : new LocalizedText([new("", text)]);
        }

        // Without languages that could be read, what stands here is taken as it is: one mistake is enough.
        IReadOnlyList<string> expected = languages.Count > 0 ? languages : [.. mapping.Children.Keys.Select(k => k.ToString())];
        nodes.OnlyKnown(mapping, $"`{name}`", [.. expected]);
        var texts = new List<KeyValuePair<string, string>>();
        foreach (var language in expected)
        {
            if (nodes.Text(nodes.Get(mapping, language, $"`{name}`"), name, manyLines: true) is { } text)
            {
                texts.Add(new(language, text));
            }
        }

        return texts.Count > 0 ? new LocalizedText(texts) : null;
    }
}
