using System.Text.Json;
using Candor.Catalog;
using Candor.Kernel;
using Candor.Messages;
using Candor.Reads;
using Candor.Vault;

namespace Candor.Rights;

/// <summary>Whom to tell that an erasure is done. In clear, and in memory alone: read before the key is gone.</summary>
/// <param name="Address">E-mail address; null when none is known, and then no farewell is sent.</param>
/// <param name="Language">In which the customer is written to; a language of the catalog.</param>
/// <param name="Reference">Under which the business's other systems know the customer; null when it was never kept.</param>
public sealed record ErasureContact(string? Address, string? Name, string Language, string? Reference)
{
    /// <summary>Template of the message.</summary>
    public const string Template = "erased";

    private static readonly string[] Categories = ["EmailAddress", "Name", "Language"];

    internal static bool Needs(DataPoint point) => point.Kind == DataPointKind.Field && Categories.Contains(point.Category);

    /// <summary>Null when the read was refused.</summary>
    internal static ErasureContact? Of(SystemRead.Outcome read)
    {
        var (catalog, values) = (read.Catalog.Catalog, read.Opened?.Values ?? []);
        var languages = catalog.Organisation.Languages;
        var language = Text("Language")?.ToLowerInvariant();
        return read.Opened is { } opened
            ? new ErasureContact(Text("EmailAddress"), Text("Name"), languages.FirstOrDefault(l => l == language) ?? languages[0], opened.Reference)
            : null;

        string? Text(string category) => values.Where(v => catalog.DataPoints[v.DataPoint].Category == category)
            .OrderBy(v => v.DataPoint.Value, StringComparer.Ordinal).Select(AsText).FirstOrDefault(t => !string.IsNullOrWhiteSpace(t));
    }

    /// <summary>The message: what is gone, what the law keeps and until when, how long backups live. Null without an address.</summary>
    internal Farewell? Farewell(Erased erased, PurposeCatalog catalog)
    {
        var words = new RightsText(Language);
        var kept = words.Kept(catalog, erased.Held);
        return Address is null ? null : new Farewell(Template, Address, Name, Language, new Dictionary<string, string>
        {
            ["request"] = erased.Entry,
            ["kept"] = kept.Count == 0 ? words["kept.nothing"] : string.Join(" ", kept),
            ["until"] = erased.Held.Count == 0 ? "–" : words.Day(erased.Held.Max(h => h.LastUntil)),
            ["backups"] = words.Day(erased.BackupsUntil),
            ["checked"] = words.Texts.Text("checked", ("tables", erased.Scan.Tables.ToString(System.Globalization.CultureInfo.InvariantCulture))),
        });
    }

    private static string? AsText(OpenedValue value)
    {
        using var json = JsonDocument.Parse(value.Json);
        return json.RootElement.ValueKind == JsonValueKind.String ? json.RootElement.GetString() : null;
    }
}
