namespace Candor.Personalization;

/// <summary>A visit with the time of each of its steps, as evaluation needs it.</summary>
/// <param name="Items">In order, at least one.</param>
/// <param name="TimesUs">One an item, not falling.</param>
public sealed record VisitRecord(string Key, IReadOnlyList<string> Items, IReadOnlyList<long> TimesUs)
{
    /// <summary>Whose visit it is; null when that is not known.</summary>
    public string? Customer { get; init; }

    public long EndUs => TimesUs[^1];

    /// <summary>Splits off the newest tenth, or another part, by the time a visit ended.</summary>
    /// <param name="newest">Part for the second list, between 0 and 1.</param>
    public static (IReadOnlyList<VisitRecord> Older, IReadOnlyList<VisitRecord> Newer) SplitByTime(IReadOnlyList<VisitRecord> visits, double newest)
    {
        var sorted = visits.OrderBy(v => v.EndUs).ThenBy(v => v.Key, StringComparer.Ordinal).ToList();
        var cut = sorted.Count - (int)(sorted.Count * newest);
        return (sorted[..cut], sorted[cut..]);
    }
}
