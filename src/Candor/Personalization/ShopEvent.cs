using System.Text.Json;
using Candor.Catalog;
using Candor.Kernel;

namespace Candor.Personalization;

/// <summary>What the models take from one record of a history: which item, when, and what it belongs to. Nothing else: no price, no amount, no words.</summary>
/// <remarks>The default names nothing and is never kept.</remarks>
/// <param name="Group">The visit or order that it belongs to.</param>
internal readonly record struct ShopEvent(string Item, string Group, long TimeUs)
{
    /// <summary>Longest name of an item or group that is taken.</summary>
    public const int MaxLength = 200;

    private static readonly string[] ItemMembers = ["product", "item", "sku"];
    private static readonly string[] GroupMembers = ["session", "visit", "order", "invoiceNumber"];
    private const string CategoryMember = "category";

    /// <summary>Reads a record; null when it names no item, or one that is never suggested.</summary>
    /// <remarks>The item is in <c>product</c>, <c>item</c> or <c>sku</c>; the visit or order in <c>session</c>, <c>visit</c>, <c>order</c> or <c>invoiceNumber</c>, and
    /// without one all of a day (UTC) belongs together; <c>category</c> tells sensitive items.</remarks>
    public static ShopEvent? Of(JsonElement data, DateTimeOffset time, PurposeCatalog catalog)
    {
        if (Find(data, ItemMembers) is not { } item || catalog.NeverSuggest.Contains(item) || (Find(data, [CategoryMember]) is { } category && catalog.NeverSuggest.Contains(category)))
        {
            return null;
        }

        return new ShopEvent(item, GroupOf(data, time), Micros.From(time));
    }

    /// <summary>The visit or order of a record; without one, its day.</summary>
    public static string GroupOf(JsonElement data, DateTimeOffset time) => Find(data, GroupMembers) ?? time.UtcDateTime.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The first of some members that is a text of 1 to <see cref="MaxLength"/> characters; null when none is.</summary>
    public static string? Find(JsonElement data, string[] members)
    {
        foreach (var member in data.ValueKind == JsonValueKind.Object ? members : [])
        {
            if (data.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= MaxLength } text)
            {
                return text;
            }
        }

        return null;
    }
}
