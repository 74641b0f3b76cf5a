using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Candor.Kernel;

namespace Candor.Catalog;

/// <summary>A processor that a business names when it begins.</summary>
/// <param name="Safeguard">As the catalog writes it; null: none was named.</param>
public sealed record StartProcessor(string Name, string Country, string? Safeguard)
{
    /// <summary>Reads <c>Mailwell, US, standard-contractual-clauses</c>; the last part may be missing.</summary>
    /// <exception cref="Fault">Invalid <c>catalog/bad-answer</c>.</exception>
    public static StartProcessor Parse(string text)
    {
        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        if (parts.Length is not (2 or 3) || parts[0].Length is 0 or > 200 || parts[0].Any(char.IsControl))
        {
            throw GuidedStart.Bad($"Write the name and the country where they have the data, such as `Mailwell, DE`; outside your area also what makes it lawful, such as `Mailwell, US, adequacy`; found `{Kernel.Name.Shown(text)}`.");
        }

        var country = GuidedStart.Country(parts[1]);
        if (parts.Length == 3 && !RecipientReader.Safeguards.ContainsKey(parts[2]))
        {
            throw GuidedStart.Bad($"What makes a transfer lawful is one of {Spelling.List([.. RecipientReader.Safeguards.Keys.Order(StringComparer.Ordinal)])}; found `{Kernel.Name.Shown(parts[2])}`.");
        }

        return new StartProcessor(parts[0], country, parts.Length == 3 ? parts[2] : null);
    }
}

/// <summary>What a business says of itself when it begins.</summary>
/// <param name="Ready">Name of the ready catalog it begins from.</param>
/// <param name="Purposes">Names of the purposes that are done from the first day; the others are drafts.</param>
/// <param name="Retention">Of histories that the ready catalog keeps two years.</param>
public sealed record StartAnswers(
    string Ready, string Name, string Contact, string Country, IReadOnlyList<string> Languages, string? Address, IReadOnlyList<string> Purposes, StartProcessor? Mail, StartProcessor? Payment, string Retention)
{
    /// <summary>What is taken when every question is answered with Enter.</summary>
    public static StartAnswers From(string ready)
    {
        var catalog = PurposeCatalog.Read(ReadyCatalogs.Text(ready), ready + ".yaml");
        return new StartAnswers(
            ready, "My business", "me@business.example", "GB", catalog.Organisation.Languages, null,
            [.. catalog.Purposes.Values.Where(p => p.Active).Select(p => p.Id.Value).Order(StringComparer.Ordinal)], null, null, GuidedStart.UsualRetention);
    }
}

/// <summary>Writes a catalog from a ready one and a few answers. It stays a text with its remarks, for people to go on with.</summary>
public static partial class GuidedStart
{
    internal const string UsualRetention = "P2Y";

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The catalog, which reads without a mistake.</summary>
    /// <exception cref="Fault">Invalid <c>catalog/mistakes</c>: an answer does not fit.</exception>
    public static string Write(StartAnswers answers)
    {
        var text = Section().Replace(OnlyIn(ReadyCatalogs.Text(answers.Ready), answers.Languages), _ => Organisation(answers), 1);
        text = text.Replace($"retention: {UsualRetention}", $"retention: {answers.Retention}", StringComparison.Ordinal);
        text = text.Replace("country: GB }", $"country: {answers.Country} }}", StringComparison.Ordinal);
        var ready = PurposeCatalog.Read(ReadyCatalogs.Text(answers.Ready), answers.Ready + ".yaml");
        foreach (var purpose in ready.Purposes.Values)
        {
            text = InPurpose(text, purpose.Id.Value, block => Purpose(block, purpose, answers));
        }

        text = AddRecipients(text, answers);
        PurposeCatalog.Read(text, "candor.yaml");
        return text;
    }

    /// <summary>A country as the catalog takes it.</summary>
    /// <exception cref="Fault">Invalid <c>catalog/bad-answer</c>.</exception>
    public static string Country(string text) => text.Length == 2 && text.All(char.IsAsciiLetterUpper) ? text
        : throw Bad($"A country is two capital letters, such as `GB`, `DE` or `US`; found `{Kernel.Name.Shown(text)}`.");

    /// <summary>An answer that cannot be taken.</summary>
    internal static Fault Bad(string sentence) => new(FaultKind.Invalid, "catalog/bad-answer", sentence);

    private static string Organisation(StartAnswers a)
    {
        var text = new StringBuilder("organisation:\n");
        text.Append(CultureInfo.InvariantCulture, $"  name: {Quoted(a.Name)}\n  contact: {Quoted(a.Contact)}\n  country: {a.Country}\n  languages: [{string.Join(", ", a.Languages)}]\n");
        if (a.Address is { } address)
        {
            text.Append(CultureInfo.InvariantCulture, $"  address: {Quoted(address)}\n");
        }

        return text.Append("  # If you have one: dpo: { name: …, contact: … }\n\n").ToString();
    }

    /// <summary>Leaves the texts of other languages out. A ready catalog has each text in one language, or in English and then German.</summary>
    private static string OnlyIn(string text, IReadOnlyList<string> languages)
    {
        if (!languages.Contains("de"))
        {
            text = GermanLine().Replace(GermanPart().Replace(text, " }"), "");
        }

        return languages.Contains("en") ? text : EnglishLine().Replace(EnglishPart().Replace(text, "{ de:"), "");
    }

    private static string InPurpose(string text, string id, Func<string, string> change)
    {
        var start = text.IndexOf($"\n  {id}:\n", text.IndexOf("\npurposes:", StringComparison.Ordinal), StringComparison.Ordinal) + 1;
        var rest = NextEntry().Match(text, start + id.Length + 4);
        var end = rest.Success ? rest.Index : text.Length;
        return string.Concat(text.AsSpan(0, start), change(text[start..end]), text.AsSpan(end));
    }

    private static string Purpose(string block, Purpose purpose, StartAnswers a)
    {
        block = block.Replace("    active: false\n", "", StringComparison.Ordinal);
        if (!a.Purposes.Contains(purpose.Id.Value))
        {
            return block.TrimEnd('\n') + "\n    active: false\n";
        }

        var recipients = purpose.Recipients.Order(StringComparer.Ordinal).ToList();
        if (a.Mail is { } mail && purpose.Uses.ContainsKey(DataPointId.Parse("email")))
        {
            recipients.Add(mail.Name);
        }

        if (a.Payment is { } payment && purpose is { Basis: LegalBasis.Contract, NeedsCase: false })
        {
            recipients.Add(payment.Name);
        }

        return recipients.Count == purpose.Recipients.Count ? block
            : RecipientLine().Replace(block, "").TrimEnd('\n') + $"\n    recipients: [{string.Join(", ", recipients.Distinct().Select(Quoted))}]\n";
    }

    private static string AddRecipients(string text, StartAnswers a)
    {
        var both = a.Mail is { } m && a.Payment is { } p && m.Name == p.Name;
        var added = new[]
        {
            (By: a.Mail, Kind: "processor", English: "Sends our mail", German: "Verschickt unsere Mails"),
            (By: both ? null : a.Payment, Kind: "controller", English: "Takes your payment", German: "Nimmt Ihre Zahlung an"),
        }.Where(r => r.By is not null).Select(r => Entry(r.By!, r.Kind, r.English, r.German, a.Languages)).ToList();
        return added.Count == 0 ? text
            : text.Contains("\nrecipients:\n", StringComparison.Ordinal) ? text.Replace("\nrecipients:\n", "\nrecipients:\n" + string.Concat(added), StringComparison.Ordinal)
            : text.TrimEnd('\n') + "\n\nrecipients:\n" + string.Concat(added);
    }

    private static string Entry(StartProcessor by, string kind, string english, string german, IReadOnlyList<string> languages)
    {
        var does = string.Join(", ", languages.Select(l => $"{l}: {(l == "de" ? german : english)}"));
        return $"  {Quoted(by.Name)}: {{ kind: {kind}, does: {{ {does} }}, country: {by.Country}{(by.Safeguard is { } s ? $", safeguard: {s}" : "")} }}\n"
            + (kind == "processor" ? "    # Add the contract: contract: { signed: 2026-01-31, until: 2028-01-31, where: … }\n" : "");
    }

    /// <summary>As YAML takes it whatever is in it.</summary>
    private static string Quoted(string text) => JsonSerializer.Serialize(text, Plain);

    [GeneratedRegex(@"^organisation:.*?(?=^dataPoints:)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Section();

    [GeneratedRegex(@", de: (?:""[^""]*""|[^}""]*?) \}")]
    private static partial Regex GermanPart();

    [GeneratedRegex(@"^ +de: .*\n", RegexOptions.Multiline)]
    private static partial Regex GermanLine();

    [GeneratedRegex(@"\{ en: (?:""[^""]*""|[^,""]*), de:")]
    private static partial Regex EnglishPart();

    [GeneratedRegex(@"^ +en: .*\n", RegexOptions.Multiline)]
    private static partial Regex EnglishLine();

    [GeneratedRegex(@"^ {0,2}\S", RegexOptions.Multiline)]
    private static partial Regex NextEntry();

    [GeneratedRegex(@"^    recipients: .*\n", RegexOptions.Multiline)]
    private static partial Regex RecipientLine();
}
