using System.Text.RegularExpressions;
using Candor.Kernel;
using YamlDotNet.RepresentationModel;

namespace Candor.Catalog;

/// <summary>Reads who runs this.</summary>
internal sealed partial class OrganisationReader(YamlNodes nodes)
{
    private const string What = "The organisation";

    /// <summary>What could be read of the languages, also when something else is wrong; empty when they could not be read.</summary>
    public IReadOnlyList<string> Languages { get; private set; } = [];

    public Organisation? Read(YamlMappingNode? node)
    {
        if (node is null)
        {
            return null;
        }

        nodes.OnlyKnown(node, What, "name", "contact", "country", "languages", "address", "phone", "url", "holidays", "sites", "coolingOff", "backupsKept",
            "representative", "dpo", "jointControllers", "authority");
        var name = nodes.Text(nodes.Get(node, "name", What), "name", 200);
        var contact = Contact(nodes.Get(node, "contact", What));
        var country = nodes.Country(nodes.Get(node, "country", What));
        Languages = ReadLanguages(nodes.Get(node, "languages", What));
        var address = nodes.Text(YamlNodes.Find(node, "address"), "address", 300);
        var phone = nodes.Text(YamlNodes.Find(node, "phone"), "phone", 300);
        var url = Url(YamlNodes.Find(node, "url"));
        var holidays = Holidays(YamlNodes.Find(node, "holidays"));
        var sites = Sites(YamlNodes.Find(node, "sites"));
        var coolingOff = nodes.Period(YamlNodes.Find(node, "coolingOff"), "coolingOff");
        var backups = nodes.Period(YamlNodes.Find(node, "backupsKept"), "backupsKept");
        var others = new
        {
            Representative = ReadParty(YamlNodes.Find(node, "representative"), "representative"),
            Dpo = ReadParty(YamlNodes.Find(node, "dpo"), "dpo"),
            Joint = ReadJoint(YamlNodes.Find(node, "jointControllers")),
            Authority = nodes.Text(YamlNodes.Find(node, "authority"), "authority", 300),
        };
        if (name is null || contact is null || country is null)
        {
            return null;
        }

        var read = new Organisation(name, contact, country, Languages, address, phone, url) { Holidays = holidays, Sites = sites, CoolingOff = coolingOff, Representative = others.Representative, Dpo = others.Dpo, JointControllers = others.Joint, Authority = others.Authority };
        return backups is null ? read : read with { BackupsKept = backups };
    }

    private Party? ReadParty(YamlNode? at, string name)
    {
        if (nodes.Mapping(at, name) is not { } node)
        {
            return null;
        }

        var what = $"`{name}`";
        nodes.OnlyKnown(node, what, "name", "contact", "address", "phone");
        var (called, contact) = (nodes.Text(nodes.Get(node, "name", what), "name", 200), Contact(nodes.Get(node, "contact", what)));
        var (address, phone) = (nodes.Text(YamlNodes.Find(node, "address"), "address", 300), nodes.Text(YamlNodes.Find(node, "phone"), "phone", 300));
        return called is null || contact is null ? null : new Party(called, contact, address, phone);
    }

    private List<Party> ReadJoint(YamlNode? at)
    {
        if (at is not null and not YamlSequenceNode)
        {
            nodes.Wrong(at, "`jointControllers` is a list of those who decide along, such as `[{ name: Maple Ltd, contact: privacy@maple.example }]`.");
        }

        return [.. ((at as YamlSequenceNode)?.Children ?? []).Select(c => ReadParty(c, "jointControllers")).OfType<Party>()];
    }

    /// <summary>Origins as browsers send them: scheme, host in small letters and, unless usual, port; no path.</summary>
    private List<string> Sites(YamlNode? node)
    {
        var sites = new List<string>();
        foreach (var (text, at) in nodes.Texts(node, "sites"))
        {
            if (SitePattern().IsMatch(text))
            {
                sites.Add(text);
            }
            else
            {
                nodes.Wrong(at, $"`sites` is a list of origins such as `https://shop.example`, without a path; found `{Name.Shown(text)}`.");
            }
        }

        return sites;
    }

    [GeneratedRegex("^https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[1-9][0-9]{0,4})?$", RegexOptions.CultureInvariant)]
    private static partial Regex SitePattern();

    private List<string> ReadLanguages(YamlNode? node)
    {
        if (node is YamlSequenceNode { Children.Count: 0 })
        {
            nodes.Wrong(node, "`languages` names at least one language, such as `[en]`.");
        }

        return [.. nodes.Texts(node, "languages")
            .Select(l => nodes.Code(l.At, "languages", char.IsAsciiLetterLower, "a list of language codes of two small letters, such as `[en, de]`")).OfType<string>()];
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

    private string? Url(YamlNode? node)
    {
        var text = nodes.Text(node, "url", 300);
        if (text is not null && (!text.Contains("://", StringComparison.Ordinal) || text.Split("://", 2) is not ["https" or "http", { Length: > 0 }] || text.Any(char.IsWhiteSpace)))
        {
            nodes.Wrong(node!, $"`url` is an address that begins with `https://`; found `{Name.Shown(text)}`.");
            return null;
        }

        return text;
    }

    private List<DateOnly> Holidays(YamlNode? node)
    {
        var days = new List<DateOnly>();
        foreach (var (text, at) in nodes.Texts(node, "holidays"))
        {
            if (YamlNodes.IsDay(text, out var day))
            {
                days.Add(day);
            }
            else
            {
                nodes.Wrong(at, $"`holidays` is a list of days such as `2026-12-25`; found `{Name.Shown(text)}`.");
            }
        }

        return days;
    }
}
