using System.Text.Json;
using Candor.Catalog;
using Candor.Kernel;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Messages;

/// <summary>The data points that a message is addressed with: where it goes, how its receiver is called, in which language.</summary>
internal static class Addresses
{
    private const string Email = "EmailAddress";
    private static readonly string[] Categories = [Email, "Name", "Language"];

    /// <summary>Those data points of a catalog, by name.</summary>
    public static IReadOnlyList<DataPointId> Of(PurposeCatalog catalog) => Fields(catalog, Categories);

    /// <summary>True when an e-mail address is stored for this customer; it is not opened.</summary>
    public static async ValueTask<bool> HasAsync(Transaction tx, PersonalVault vault, CustomerKey key, ActiveCatalog catalog, CancellationToken ct) =>
        (await vault.LoadAsync(tx, key, Fields(catalog.Catalog, [Email]), 0, ct)).Values.Count > 0;

    /// <summary>Reads the receiver from what was opened; null without a usable address.</summary>
    /// <param name="fallback">Language for a customer of whom none is known.</param>
    public static Receiver? Find(PurposeCatalog catalog, OpenedCustomer opened, string? fallback)
    {
        return Value(Email)?.Trim() is { } address && Letter.IsAddress(address) ? new Receiver(address, Value("Name"), Value("Language"), fallback) : null;

        string? Value(string category) => opened.Values.Where(v => catalog.DataPoints.GetValueOrDefault(v.DataPoint)?.Category == category)
            .OrderBy(v => v.DataPoint.Value, StringComparer.Ordinal).Select(v => Text(v.Json)).FirstOrDefault(t => t is { Length: > 0 });
    }

    private static string? Text(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind == JsonValueKind.String ? document.RootElement.GetString() : null;
    }

    private static IReadOnlyList<DataPointId> Fields(PurposeCatalog catalog, string[] categories) =>
        [.. catalog.DataPoints.Values.Where(d => d.Kind == DataPointKind.Field && categories.Contains(d.Category)).Select(d => d.Id).OrderBy(d => d.Value, StringComparer.Ordinal)];
}
