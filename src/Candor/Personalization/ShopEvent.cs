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
    private static readonly string[] AllMembers = [.. ItemMembers, .. GroupMembers, CategoryMember];

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

    /// <summary>The same from a stored record's text, in one pass: a model is made of millions.</summary>
    public static ShopEvent? Of(ReadOnlySpan<byte> json, DateTimeOffset time, PurposeCatalog catalog)
    {
        var texts = Texts(json);
        return First(texts.AsSpan(0, ItemMembers.Length)) is not { } item || catalog.NeverSuggest.Contains(item) || (texts[^1] is { } category && catalog.NeverSuggest.Contains(category))
            ? null : new ShopEvent(item, First(texts.AsSpan(ItemMembers.Length, GroupMembers.Length)) ?? DayOf(time), Micros.From(time));
    }

    private static string? First(ReadOnlySpan<string?> texts)
    {
        foreach (var text in texts)
        {
            if (text is not null)
            {
                return text;
            }
        }

        return null;
    }

    /// <summary>What <see cref="Find"/> finds for each of <see cref="AllMembers"/>.</summary>
    private static string?[] Texts(ReadOnlySpan<byte> json)
    {
        var texts = new string?[AllMembers.Length];
        var reader = new Utf8JsonReader(json);
        if (reader.Read() && reader.TokenType != JsonTokenType.StartObject)
        {
            return texts;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var at = AllMembers.Length - 1;
            while (at >= 0 && !reader.ValueTextEquals(AllMembers[at]))
            {
                at--;
            }

            reader.Read();
            if (at >= 0)
            {
                texts[at] = reader.TokenType == JsonTokenType.String && reader.GetString() is { Length: > 0 and <= MaxLength } text ? text : null;
            }

            reader.Skip();
        }

        return texts;
    }

    /// <summary>The visit or order of a record; without one, its day.</summary>
    public static string GroupOf(JsonElement data, DateTimeOffset time) => Find(data, GroupMembers) ?? DayOf(time);

    private static string DayOf(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

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
