using System.Globalization;
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

        nodes.OnlyKnown(node, What, "name", "contact", "country", "languages", "address", "phone", "url", "holidays", "sites", "coolingOff", "backupsKept");
        var name = nodes.Text(nodes.Get(node, "name", What), "name", 200);
        var contact = Contact(nodes.Get(node, "contact", What));
        var country = Code(nodes.Get(node, "country", What), "country", char.IsAsciiLetterUpper, "a country code of two capital letters, such as `GB`");
        Languages = ReadLanguages(nodes.Get(node, "languages", What));
        var address = nodes.Text(YamlNodes.Find(node, "address"), "address", 300);
        var phone = nodes.Text(YamlNodes.Find(node, "phone"), "phone", 300);
        var url = Url(YamlNodes.Find(node, "url"));
        var holidays = Holidays(YamlNodes.Find(node, "holidays"));
        var sites = Sites(YamlNodes.Find(node, "sites"));
        var coolingOff = nodes.Period(YamlNodes.Find(node, "coolingOff"), "coolingOff");
        var backups = nodes.Period(YamlNodes.Find(node, "backupsKept"), "backupsKept");
        if (name is null || contact is null || country is null)
        {
            return null;
        }

        var read = new Organisation(name, contact, country, Languages, address, phone, url) { Holidays = holidays, Sites = sites, CoolingOff = coolingOff };
        return backups is null ? read : read with { BackupsKept = backups };
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
            .Select(l => Code(l.At, "languages", char.IsAsciiLetterLower, "a list of language codes of two small letters, such as `[en, de]`")).OfType<string>()];
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
            if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
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
}
