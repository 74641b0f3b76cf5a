namespace Candor.Personalization;

/// <summary>The visits and purchases that an evaluation works on.</summary>
public sealed record ShopRecords(IReadOnlyList<VisitRecord> Visits, IReadOnlyList<BasketRecord> Baskets)
{
    /// <summary>What the live models hold: what customers' choices allow at this moment.</summary>
    internal static ShopRecords Of(SuggestionModel model) => new(
        model.Visits.Look(held => Held(held, (v, items) => new VisitRecord($"{v.Customer}/{v.Key}", items, [.. items.Select(_ => v.TimeUs)]) { Customer = v.Customer })),
        model.Baskets.Look(held => Held(held, (v, items) => new BasketRecord(v.Customer!, v.Key!, [.. items.Distinct()], v.TimeUs))));

    private static List<T> Held<T>(SessionIndex held, Func<SessionIndex.Visit, string[], T> make)
    {
        var list = new List<T>();
        foreach (var visit in held.Visits)
        {
            if (visit.Items is { } items)
            {
                list.Add(make(visit, [.. items.Select(held.Items.Name)]));
            }
        }

        return list;
    }
}

/// <summary>How much data an evaluation had.</summary>
/// <param name="Records">Views and purchased items in all.</param>
/// <param name="From">Time of the oldest record; null when there is none.</param>
/// <param name="To">Time of the newest.</param>
public sealed record DataSize(int Visits, int Baskets, int Customers, int Items, long Records, DateTimeOffset? From, DateTimeOffset? To)
{
    public static DataSize Of(ShopRecords records)
    {
        var times = records.Visits.Select(v => v.EndUs).Concat(records.Baskets.Select(b => b.TimeUs)).DefaultIfEmpty(0).ToList();
        var isEmpty = records.Visits.Count + records.Baskets.Count == 0;
        return new DataSize(
            records.Visits.Count, records.Baskets.Count,
            records.Visits.Select(v => v.Customer).OfType<string>().Concat(records.Baskets.Select(b => b.Customer)).Distinct(StringComparer.Ordinal).Count(),
            records.Visits.SelectMany(v => v.Items).Concat(records.Baskets.SelectMany(b => b.Items)).Distinct(StringComparer.Ordinal).Count(),
            records.Visits.Sum(v => (long)v.Items.Count) + records.Baskets.Sum(b => (long)b.Items.Count),
            isEmpty ? null : Kernel.Micros.ToInstant(times.Min()), isEmpty ? null : Kernel.Micros.ToInstant(times.Max()));
    }
}
