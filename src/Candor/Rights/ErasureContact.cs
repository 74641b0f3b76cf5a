using System.Text.Json;
using Candor.Catalog;
using Candor.Kernel;
using Candor.Messages;
using Candor.Reads;
using Candor.Vault;

namespace Candor.Rights;

/// <summary>Whom to tell that an erasure is done. In clear, and in memory alone: read before the key is gone.</summary>
/// <param name="Language">In which the customer is written to; a language of the catalog.</param>
public sealed record ErasureContact(string Address, string? Name, string Language)
{
    /// <summary>Template of the message.</summary>
    public const string Template = "erased";

    private static readonly string[] Categories = ["EmailAddress", "Name", "Language"];

    internal static bool Needs(DataPoint point) => point.Kind == DataPointKind.Field && Categories.Contains(point.Category);

    /// <summary>Null when the read gave no address.</summary>
    internal static ErasureContact? Of(SystemRead.Outcome read)
    {
        var (catalog, values) = (read.Catalog.Catalog, read.Opened?.Values ?? []);
        var languages = catalog.Organisation.Languages;
        var language = Text("Language")?.ToLowerInvariant();
        return Text("EmailAddress") is { } address ? new ErasureContact(address, Text("Name"), languages.FirstOrDefault(l => l == language) ?? languages[0]) : null;

        string? Text(string category) => values.Where(v => catalog.DataPoints[v.DataPoint].Category == category)
            .OrderBy(v => v.DataPoint.Value, StringComparer.Ordinal).Select(AsText).FirstOrDefault(t => !string.IsNullOrWhiteSpace(t));
    }

    /// <summary>The message: what is gone, what the law keeps and until when, how long backups live.</summary>
    internal Farewell Farewell(Erased erased, PurposeCatalog catalog)
    {
        var words = new RightsText(Language);
        var kept = words.Kept(catalog, erased.Held);
        return new Farewell(Template, Address, Name, Language, new Dictionary<string, string>
        {
            ["date"] = words.Day(erased.At),
            ["kept"] = kept.Count == 0 ? words["kept.nothing"] : string.Join("\n", kept.Prepend(words["kept.title"])),
            ["backups"] = words.Backups(catalog, erased.BackupsUntil),
            ["checked"] = words.Texts.Text("checked", ("tables", erased.Scan.Tables.ToString(System.Globalization.CultureInfo.InvariantCulture))),
            ["entry"] = erased.Entry,
        });
    }

    private static string? AsText(OpenedValue value)
    {
        using var json = JsonDocument.Parse(value.Json);
        return json.RootElement.ValueKind == JsonValueKind.String ? json.RootElement.GetString() : null;
    }
}
