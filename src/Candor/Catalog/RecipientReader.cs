using System.Collections.Frozen;
using Candor.Kernel;
using YamlDotNet.RepresentationModel;

namespace Candor.Catalog;

/// <summary>Reads who receives data, and warns of recipients that are named and not declared, or declared and not named.</summary>
internal sealed class RecipientReader(YamlNodes nodes)
{
    private static readonly FrozenDictionary<string, RecipientKind> Kinds =
        new Dictionary<string, RecipientKind> { ["processor"] = RecipientKind.Processor, ["controller"] = RecipientKind.Controller }.ToFrozenDictionary();

    internal static readonly FrozenDictionary<string, TransferSafeguard> Safeguards = new Dictionary<string, TransferSafeguard>
    {
        ["adequacy"] = TransferSafeguard.Adequacy,
        ["standard-contractual-clauses"] = TransferSafeguard.StandardContractualClauses,
        ["binding-corporate-rules"] = TransferSafeguard.BindingCorporateRules,
        ["code-of-conduct"] = TransferSafeguard.CodeOfConduct,
        ["certification"] = TransferSafeguard.Certification,
        ["derogation"] = TransferSafeguard.Derogation,
    }.ToFrozenDictionary();

    /// <param name="localized">Reads a text in the languages of the catalog.</param>
    public List<Recipient> Read(YamlMappingNode? node, Func<YamlNode?, string, LocalizedText?> localized)
    {
        var read = new List<Recipient>();
        foreach (var (key, value) in node?.Children.ToList() ?? [])
        {
            if (nodes.Text(key, "recipients", 200) is not { } name)
            {
                continue;
            }

            if (read.Exists(r => r.Name == name))
            {
                nodes.Wrong(key, $"`{Name.Shown(name)}` stands twice in `recipients`; once is enough.");
            }
            else if (nodes.Mapping(value, name) is { } mapping && ReadOne(name, mapping, localized) is { } recipient)
            {
                read.Add(recipient);
            }
        }

        return read;
    }

    /// <summary>What can be used as it stands, and leaves a gap in the documents.</summary>
    public void Advise(YamlMappingNode? recipientNodes, YamlMappingNode purposeNodes, Organisation organisation, IReadOnlyList<Purpose> purposes, IReadOnlyList<Recipient> recipients)
    {
        var known = recipients.Select(r => r.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var (purpose, name) in purposes.SelectMany(p => p.Recipients.Order(StringComparer.Ordinal).Select(r => (p, r))).Where(x => !known.Contains(x.r)))
        {
            nodes.Warn(KeyOf(purposeNodes, purpose.Id.Value), $"`{purpose.Id}` gives data to `{Name.Shown(name)}`, and `recipients` does not say who that is; documents will say that no contract is recorded.");
        }

        foreach (var recipient in recipients)
        {
            var at = KeyOf(recipientNodes!, recipient.Name);
            if (!purposes.Any(p => p.Recipients.Contains(recipient.Name)))
            {
                nodes.Warn(at, $"No purpose names `{Name.Shown(recipient.Name)}` in its `recipients`, so nobody may give data to it.");
            }

            if (recipient.Safeguard is null && Recipient.IsOutside(organisation.Country, recipient.Country))
            {
                nodes.Warn(at, $"`{Name.Shown(recipient.Name)}` has the data in `{recipient.Country}`, which is outside; say with `safeguard` what makes that lawful: {Spelling.List([.. Safeguards.Keys.Order(StringComparer.Ordinal)])}.");
            }
        }
    }

    private static YamlNode KeyOf(YamlMappingNode parent, string name) => parent.Children.Keys.First(k => k.ToString().Trim() == name);

    private Recipient? ReadOne(string name, YamlMappingNode node, Func<YamlNode?, string, LocalizedText?> localized)
    {
        var what = $"The recipient `{Name.Shown(name)}`";
        nodes.OnlyKnown(node, what, "kind", "does", "country", "safeguard", "contract");
        var kind = nodes.Choice(YamlNodes.Find(node, "kind"), "kind", Kinds, RecipientKind.Processor);
        var does = localized(nodes.Get(node, "does", what), "does");
        var country = nodes.Country(nodes.Get(node, "country", what));
        var safeguardNode = YamlNodes.Find(node, "safeguard");
        var safeguard = safeguardNode is null ? (TransferSafeguard?)null : nodes.Choice(safeguardNode, "safeguard", Safeguards, TransferSafeguard.Adequacy);
        var contract = ReadContract(nodes.Mapping(YamlNodes.Find(node, "contract"), "contract"), name);
        return does is null || country is null ? null : new Recipient(name, kind, does, country, safeguard, contract);
    }

    private RecipientContract? ReadContract(YamlMappingNode? node, string recipient)
    {
        if (node is null)
        {
            return null;
        }

        var what = $"The contract with `{Name.Shown(recipient)}`";
        nodes.OnlyKnown(node, what, "signed", "until", "where");
        var signed = Day(nodes.Get(node, "signed", what), "signed");
        var untilNode = YamlNodes.Find(node, "until");
        var until = Day(untilNode, "until");
        if (until < signed)
        {
            nodes.Wrong(untilNode!, $"`until` is the day on which the contract ends or is looked at again, not before `signed`; found `{Name.Shown(untilNode!.ToString())}`.");
        }

        var where = nodes.Text(YamlNodes.Find(node, "where"), "where", 300);
        return signed is null ? null : new RecipientContract(signed.Value, until, where);
    }

    private DateOnly? Day(YamlNode? node, string name)
    {
        if (nodes.Text(node, name) is not { } text)
        {
            return null;
        }

        if (YamlNodes.IsDay(text, out var day))
        {
            return day;
        }

        nodes.Wrong(node!, $"`{name}` is a day such as `2026-12-25`; found `{Name.Shown(text)}`.");
        return null;
    }
}
