using System.Collections.Frozen;
using Candor.Kernel;
using YamlDotNet.RepresentationModel;

namespace Candor.Catalog;

/// <summary>Reads <c>candor.yaml</c> and reports all that is wrong with it at once.</summary>
internal sealed class CatalogReader
{
    /// <summary>Largest catalog file, in characters.</summary>
    public const int MaxLength = 1_048_576;

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

    private CatalogReader(string file) => nodes = new YamlNodes(file);

    public static PurposeCatalog Read(string yaml, string file)
    {
        if (yaml.Length > MaxLength)
        {
            throw CatalogMistakes.ToFault([new CatalogMistake(file, 1, 1, $"The file has `{yaml.Length}` characters; at most `{MaxLength}` are allowed.")]);
        }

        var reader = new CatalogReader(file);
        var catalog = reader.nodes.Load(yaml) is { } root ? reader.ReadRoot(root, yaml) : null;
        return reader.nodes.Mistakes.Count == 0 ? catalog! : throw CatalogMistakes.ToFault(reader.nodes.Mistakes);
    }

    private PurposeCatalog? ReadRoot(YamlMappingNode root, string yaml)
    {
        nodes.OnlyKnown(root, "A catalog", "organisation", "dataPoints", "purposes");
        var organisation = ReadOrganisation(nodes.Mapping(nodes.Get(root, "organisation", "A catalog"), "organisation"));
        var dataPointNodes = nodes.Mapping(nodes.Get(root, "dataPoints", "A catalog"), "dataPoints");
        var purposeNodes = nodes.Mapping(nodes.Get(root, "purposes", "A catalog"), "purposes");
        if (dataPointNodes is null || purposeNodes is null)
        {
            return null;
        }

        var purposeNames = purposeNodes.Children.Keys.Select(k => k.ToString()).ToHashSet();
        var dataPoints = Entries(dataPointNodes, "data point").Select(e => ReadDataPoint(e.Name, e.Node, purposeNames)).OfType<DataPoint>().ToList();
        var names = dataPointNodes.Children.Keys.Select(k => k.ToString()).ToHashSet();
        var purposes = Entries(purposeNodes, "purpose").Select(e => ReadPurpose(e.Name, e.Node, names)).OfType<Purpose>().ToList();
        return organisation is null || nodes.Mistakes.Count > 0 ? null : new PurposeCatalog(organisation, dataPoints, purposes, yaml);
    }

    private IEnumerable<(string Name, YamlMappingNode Node)> Entries(YamlMappingNode parent, string what)
    {
        if (parent.Children.Count == 0)
        {
            nodes.Wrong(parent, $"A catalog declares at least one {what}.");
        }

        foreach (var (key, value) in parent.Children)
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

    private Organisation? ReadOrganisation(YamlMappingNode? node)
    {
        if (node is null)
        {
            return null;
        }

        nodes.OnlyKnown(node, "The organisation", "name", "contact", "country", "languages", "address", "phone", "url");
        var name = nodes.Text(nodes.Get(node, "name", "The organisation"), "name", 200);
        var contact = Contact(nodes.Get(node, "contact", "The organisation"));
        var country = Code(nodes.Get(node, "country", "The organisation"), "country", char.IsAsciiLetterUpper, "a country code of two capital letters, such as `GB`");
        var languageNode = nodes.Get(node, "languages", "The organisation");
        languages = [.. nodes.Texts(languageNode, "languages").Select(l => Code(l.At, "languages", char.IsAsciiLetterLower, "a list of language codes of two small letters, such as `[en, de]`")).OfType<string>()];
        if (languages.Count == 0 && languageNode is not null)
        {
            nodes.Wrong(languageNode, "`languages` names at least one language, such as `[en]`.");
        }

        string? Optional(string member) => nodes.Text(YamlNodes.Find(node, member), member, 300);
        return name is null || contact is null || country is null
            ? null
            : new Organisation(name, contact, country, languages, Optional("address"), Optional("phone"), Optional("url"));
    }

    private string? Contact(YamlNode? node)
    {
        var text = nodes.Text(node, "contact", 254);
        if (text is not null && (text.Count(c => c == '@') != 1 || text.StartsWith('@') || text.EndsWith('@') || text.Any(char.IsWhiteSpace)))
        {
            nodes.Wrong(node!, $"`contact` is an e-mail address for privacy questions; found `{Name.Shown(text)}`.");
            return null;
        }

        return text;
    }

    private string? Code(YamlNode? node, string name, Func<char, bool> letter, string allowed)
    {
        var text = nodes.Text(node, name);
        if (text is not null && (text.Length != 2 || !text.All(letter)))
        {
            nodes.Wrong(node!, $"`{name}` is {allowed}; found `{Name.Shown(text)}`.");
            return null;
        }

        return text;
    }

    private DataPoint? ReadDataPoint(string name, YamlMappingNode node, HashSet<string> purposes)
    {
        var what = $"The data point `{name}`";
        nodes.OnlyKnown(node, what, "kind", "label", "category", "retention", "legalHold", "collectedWith");
        var kind = nodes.Choice(nodes.Get(node, "kind", what), "kind", Kinds, DataPointKind.Field);
        var label = Localized(nodes.Get(node, "label", what), "label");
        var category = nodes.Choice(nodes.Get(node, "category", what), "category", Vocabulary.Categories, "");
        var retention = ReadRetention(nodes.Get(node, "retention", what));
        var hold = ReadLegalHold(nodes.Mapping(YamlNodes.Find(node, "legalHold"), "legalHold"), name);
        var withNode = YamlNodes.Find(node, "collectedWith");
        var with = nodes.Text(withNode, "collectedWith");
        if (with is not null && !purposes.Contains(with))
        {
            nodes.Wrong(withNode!, $"`collectedWith` names a purpose of this catalog; found `{Name.Shown(with)}`.{YamlNodes.Nearest(with, purposes)}");
            with = null;
        }

        return label is null ? null : new DataPoint(DataPointId.Parse(name), kind, label, category, retention, hold, with is null ? null : PurposeId.Parse(with));
    }

    private Retention ReadRetention(YamlNode? node)
    {
        if (node is YamlScalarNode { Value: "while-customer" } or null)
        {
            return new Retention(null);
        }

        var period = node is YamlScalarNode { Value: { } text } && Period.TryParse(text, null, out var parsed) ? parsed : null;
        if (period is null)
        {
            nodes.Wrong(node, $"`retention` is `while-customer` or a period such as `P90D`, `P6M` or `P2Y`; found `{Name.Shown(node.ToString())}`.");
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
        var keeps = nodes.Texts(nodes.Get(node, "keeps", what), "keeps").Select(k => k.Value).ToList();
        return reason is null || period is null ? null : new LegalHold(reason, period, keeps);
    }

    private Purpose? ReadPurpose(string name, YamlMappingNode node, HashSet<string> dataPoints)
    {
        var what = $"The purpose `{name}`";
        nodes.OnlyKnown(node, what, "label", "why", "basis", "uses", "roles", "services", "recipients", "needsCase", "consentLasts", "remindEvery",
            "automatedDecision", "active", "dpvPurpose");
        var label = Localized(nodes.Get(node, "label", what), "label");
        var why = Localized(nodes.Get(node, "why", what), "why");
        var basis = nodes.Choice(nodes.Get(node, "basis", what), "basis", Bases, LegalBasis.Consent);
        var uses = ReadUses(nodes.Mapping(nodes.Get(node, "uses", what), "uses"), dataPoints);
        var lasts = nodes.Period(YamlNodes.Find(node, "consentLasts"), "consentLasts");
        if (basis == LegalBasis.Consent != (YamlNodes.Find(node, "consentLasts") is not null) && YamlNodes.Find(node, "basis") is not null)
        {
            nodes.Wrong(node, basis == LegalBasis.Consent
                ? $"{what} rests on consent, so it says how long a consent lasts: `consentLasts: P12M`."
                : $"{what} does not rest on consent, so `consentLasts` has no meaning here.");
        }

        var read = new
        {
            Remind = nodes.Period(YamlNodes.Find(node, "remindEvery"), "remindEvery"),
            Roles = Names(node, "roles"),
            Services = Names(node, "services"),
            Recipients = nodes.Texts(YamlNodes.Find(node, "recipients"), "recipients").Select(t => t.Value).ToFrozenSet(StringComparer.Ordinal),
            Case = nodes.Flag(YamlNodes.Find(node, "needsCase"), "needsCase", false),
            Automated = nodes.Flag(YamlNodes.Find(node, "automatedDecision"), "automatedDecision", false),
            Active = nodes.Flag(YamlNodes.Find(node, "active"), "active", true),
            Dpv = nodes.Choice(YamlNodes.Find(node, "dpvPurpose"), "dpvPurpose", Vocabulary.Purposes, Vocabulary.DefaultPurpose(basis)),
        };
        return label is null || why is null ? null : new Purpose
        {
            Id = PurposeId.Parse(name), Label = label, Why = why, Basis = basis, Uses = uses, ConsentLasts = lasts, RemindEvery = read.Remind, Roles = read.Roles,
            Services = read.Services, Recipients = read.Recipients, NeedsCase = read.Case, AutomatedDecision = read.Automated, Active = read.Active, DpvPurpose = read.Dpv,
        };
    }

    private FrozenDictionary<DataPointId, Necessity> ReadUses(YamlMappingNode? node, HashSet<string> dataPoints)
    {
        var uses = new Dictionary<DataPointId, Necessity>();
        foreach (var (key, value) in node is null ? [] : node.Children.ToList())
        {
            var name = key.ToString();
            if (!dataPoints.Contains(name) || !Name.IsValid(name))
            {
                nodes.Wrong(key, $"`uses` names data points of this catalog; found `{Name.Shown(name)}`.{YamlNodes.Nearest(name, dataPoints)}");
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
            return nodes.Text(node, name) is { } text ? new LocalizedText([new("", text)]) : null;
        }

        nodes.OnlyKnown(mapping, $"`{name}`", [.. languages]);
        var texts = new List<KeyValuePair<string, string>>();
        foreach (var language in languages)
        {
            if (nodes.Text(nodes.Get(mapping, language, $"`{name}`"), name) is { } text)
            {
                texts.Add(new(language, text));
            }
        }

        return texts.Count > 0 ? new LocalizedText(texts) : null;
    }
}
