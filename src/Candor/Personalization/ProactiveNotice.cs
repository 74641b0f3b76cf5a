using System.Text.Json;
using Candor.Catalog;

namespace Candor.Personalization;

/// <summary>What the rules find in records that somebody opened for a purpose. Pure: no clock, no storage, no second way to data.</summary>
internal static class ProactiveNotice
{
    /// <summary>An open order that is later than this has lost its events, not its parcel.</summary>
    private static readonly TimeSpan LateFor = TimeSpan.FromDays(60);

    /// <summary>Whoever has not bought again for so long has gone another way.</summary>
    private static readonly TimeSpan RunOutFor = TimeSpan.FromDays(14);

    /// <summary>A reminder of a cart that comes a day late is no reminder any more.</summary>
    private static readonly TimeSpan CartFor = TimeSpan.FromDays(1);

    /// <summary>Fewest intervals from which a date is guessed; as for next needs.</summary>
    private const int LeastIntervals = 2;

    private const int MostItems = 20;
    private const double MostAtOnce = 12;
    private static readonly string[] OrderMembers = ["order", "invoiceNumber"];
    private static readonly string[] SubjectMembers = ["order", "invoiceNumber", "about", "subject", "topic", "product", "item"];
    private static readonly string[] NameMembers = ["item", "name", "product", "sku"];
    private static readonly string[] ItemMembers = ["product", "item", "sku"];
    private static readonly string[] Ended = ["delivered", "cancelled", "returned", "refunded"];

    /// <param name="records">Oldest first.</param>
    /// <param name="leftOut">Items that the customer does not want used or suggested.</param>
    /// <returns>What holds now and what will hold later, by instant.</returns>
    public static IReadOnlyList<ProactiveFinding> Find(ProactiveRule rule, IReadOnlyList<OpenedRecord> records, PurposeCatalog catalog, IReadOnlySet<string> leftOut) =>
    [
        .. (rule switch
        {
            LateOrderRule late => LateOrders(late, records),
            RepeatedContactRule contacts => RepeatedContacts(contacts, records),
            RunningOutRule running => RunningOut(running, records, catalog, leftOut),
            LeftCartRule cart => LeftCart(cart, records, catalog),
            _ => throw new InvalidOperationException($"Nobody knows how to notice `{rule.Name}`."),
        }).OrderBy(f => f.At).ThenBy(f => f.Thing, StringComparer.Ordinal),
    ];

    /// <summary>The state that a cart record says: <c>open</c> unless it says another.</summary>
    public static bool IsOpenCart(JsonElement data) => ShopEvent.Find(data, ["state"]) is null or "open";

    private static IEnumerable<ProactiveFinding> LateOrders(LateOrderRule rule, IReadOnlyList<OpenedRecord> records)
    {
        foreach (var order in records.Where(r => r.Find(OrderMembers) is not null).GroupBy(r => r.Find(OrderMembers)!, StringComparer.Ordinal))
        {
            if (order.FirstOrDefault(r => r.DataPoint == rule.History) is { } first && !order.Any(r => Ends(rule, r)))
            {
                // A day that was promised is over when it is over.
                var at = order.Select(r => r.FindInstant("promised")).Max() is { } promised ? EndOf(promised) : rule.After.After(first.Time);
                yield return new ProactiveFinding(rule, order.Key, order.Key, at, at + LateFor, first.Time, 1);
            }
        }
    }

    private static DateTimeOffset EndOf(DateTimeOffset promised) => promised.TimeOfDay == TimeSpan.Zero ? promised.AddDays(1) : promised;

    /// <summary>True when a record says that its order is no longer open.</summary>
    public static bool Ends(LateOrderRule rule, OpenedRecord record) =>
        record.Find("status") is { } status ? Ended.Contains(status, StringComparer.OrdinalIgnoreCase) : record.Says("delivered") || (record.DataPoint == rule.EndedBy && rule.EndedBy != rule.History);

    private static IEnumerable<ProactiveFinding> RepeatedContacts(RepeatedContactRule rule, IReadOnlyList<OpenedRecord> records)
    {
        foreach (var subject in records.Where(r => r.Find(SubjectMembers) is not null).GroupBy(r => r.Find(SubjectMembers)!, StringComparer.OrdinalIgnoreCase))
        {
            var times = subject.Select(r => r.Time).ToList();
            // The newest run of contacts that lie within the period.
            var run = times.Count(t => rule.Within.After(t) > times[^1]);
            if (run >= rule.Times)
            {
                yield return new ProactiveFinding(rule, subject.Key, subject.Key, times[times.Count - run + rule.Times - 1], rule.Within.After(times[^1]), times[^run], run);
            }
        }
    }

    private static IEnumerable<ProactiveFinding> RunningOut(RunningOutRule rule, IReadOnlyList<OpenedRecord> records, PurposeCatalog catalog, IReadOnlySet<string> leftOut)
    {
        var items = records.Select(r => (Record: r, Event: ShopEvent.Of(r.Data, r.Time, catalog))).Where(r => r.Event is { } e && !leftOut.Contains(e.Item));
        foreach (var item in items.GroupBy(r => r.Event!.Value.Item, StringComparer.Ordinal))
        {
            var last = item.Last().Record;
            if (EndOf(rule, item.Key, [.. item.Select(r => r.Record)]) is { } end)
            {
                var thing = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{item.Key}|{Kernel.Micros.From(last.Time)}");
                yield return new ProactiveFinding(rule, thing, last.Find(NameMembers) ?? item.Key, rule.Before.Before(end), end + RunOutFor, last.Time, item.Count());
            }
        }
    }

    /// <summary>When the last purchase of an item is used up: what the record says, what the catalog says, or what the customer's own intervals say.</summary>
    private static DateTimeOffset? EndOf(RunningOutRule rule, string item, IReadOnlyList<OpenedRecord> bought)
    {
        var last = bought[^1];
        if (last.FindInstant("ends", "validUntil", "until") is { } says)
        {
            return says;
        }

        if (rule.Lasts.TryGetValue(item, out var lasts) || (last.Find("category") is { } category && rule.Lasts.TryGetValue(category, out lasts)))
        {
            return last.Time + TimeSpan.FromDays(Math.Round(lasts.ApproximateDays * Quantity(last)));
        }

        var times = bought.Select(r => r.Time).Distinct().ToList();
        var intervals = times.Zip(times.Skip(1), (a, b) => b - a).Order().ToList();
        return intervals.Count < LeastIntervals ? null : times[^1] + intervals[intervals.Count / 2];
    }

    private static double Quantity(OpenedRecord record) =>
        record.Data.TryGetProperty("quantity", out var quantity) && quantity.ValueKind == JsonValueKind.Number && quantity.TryGetDouble(out var number) ? Math.Clamp(number, 1, MostAtOnce) : 1;

    /// <summary>A customer has one cart, the newest.</summary>
    private static IEnumerable<ProactiveFinding> LeftCart(LeftCartRule rule, IReadOnlyList<OpenedRecord> records, PurposeCatalog catalog)
    {
        if (records is [.., var last] && IsOpenCart(last.Data) && ItemsOf(last.Data, catalog) is { Count: > 0 } items)
        {
            var thing = last.Find("cart") ?? ShopEvent.GroupOf(last.Data, last.Time);
            var at = last.Time + rule.After.Time;
            yield return new ProactiveFinding(rule, thing, string.Join('\n', items), at, at + CartFor, last.Time, 1);
        }
    }

    /// <summary>Names of what is in a cart: texts, or objects that name an item. What is never suggested is not named in a mail either, and neither is any amount.</summary>
    private static List<string> ItemsOf(JsonElement data, PurposeCatalog catalog)
    {
        IEnumerable<JsonElement> items = data.ValueKind == JsonValueKind.Object && data.TryGetProperty("items", out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : [data];
        return
        [
            .. items.Select(NamesOf)
                .Where(i => i.Name is { Length: > 0 and <= ShopEvent.MaxLength } && !new[] { i.Name, i.Item, i.Category }.Any(n => n is not null && catalog.NeverSuggest.Contains(n)))
                .Select(i => string.Concat(i.Name!.Select(c => char.IsControl(c) ? ' ' : c)).Trim()).Where(n => n.Length > 0).Distinct(StringComparer.Ordinal).Take(MostItems),
        ];
    }

    private static (string? Name, string? Item, string? Category) NamesOf(JsonElement item) => item.ValueKind == JsonValueKind.String
        ? (item.GetString(), item.GetString(), null)
        : (ShopEvent.Find(item, NameMembers), ShopEvent.Find(item, ItemMembers), ShopEvent.Find(item, ["category"]));
}
