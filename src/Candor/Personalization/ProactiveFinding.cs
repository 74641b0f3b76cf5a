using System.Text.Json;
using Candor.Catalog;
using Candor.Kernel;
using Candor.Vault;

namespace Candor.Personalization;

/// <summary>Something that a rule found, or will find at a later instant if nothing happens until then.</summary>
/// <param name="Thing">What it is about, so that nobody is told twice: an order, a subject, an item and its last purchase, a cart.</param>
/// <param name="Shown">The same as a person reads it; several lines for a cart. Never a price.</param>
/// <param name="At">From when on it holds, inclusive.</param>
/// <param name="Until">When there is no point in it any more, exclusive.</param>
/// <param name="Since">What it is counted from: the order, the first contact, the last purchase, the cart.</param>
/// <param name="Times">How often, where that matters; else 1.</param>
internal sealed record ProactiveFinding(ProactiveRule Rule, string Thing, string Shown, DateTimeOffset At, DateTimeOffset Until, DateTimeOffset Since, int Times)
{
    public bool HoldsAt(DateTimeOffset now) => At <= now && now < Until;
}

/// <summary>One record of a history, opened.</summary>
internal sealed record OpenedRecord(DataPointId DataPoint, DateTimeOffset Time, JsonElement Data)
{
    /// <summary>What lies outside is a mistake, and adding a period to it might have no date.</summary>
    private const int FirstYear = 1970;
    private const int LastYear = 2300;

    /// <summary>The records of some histories, oldest first.</summary>
    public static IReadOnlyList<OpenedRecord> Of(OpenedCustomer opened, IReadOnlyList<DataPointId> histories) =>
        [.. opened.Values.Where(v => v.RecordId.Length > 0 && histories.Contains(v.DataPoint)).Reverse().Select(v => new OpenedRecord(v.DataPoint, v.Time, JsonElement.Parse(v.Json.Span))).OrderBy(r => r.Time)];

    /// <summary>The first of some members that is a text.</summary>
    public string? Find(params string[] members) => ShopEvent.Find(Data, members);

    /// <summary>A member that is a day or an instant; a day is its first instant, UTC.</summary>
    public DateTimeOffset? FindInstant(params string[] members) =>
        Find(members) is { } text && DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal | System.Globalization.DateTimeStyles.AdjustToUniversal, out var at)
            && at.Year is >= FirstYear and <= LastYear ? at : null;

    /// <summary>True when a member is there and says anything but no.</summary>
    public bool Says(string member) => Data.ValueKind == JsonValueKind.Object && Data.TryGetProperty(member, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False or JsonValueKind.Undefined);
}
