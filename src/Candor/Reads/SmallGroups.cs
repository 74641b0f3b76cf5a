namespace Candor.Reads;

/// <summary>What was counted of customers of one group.</summary>
/// <param name="Whole">Customers of whom it was counted.</param>
/// <param name="Part">Those for whom it came out as yes.</param>
public readonly record struct Counted(long Whole, long Part)
{
    public static Counted operator +(Counted a, Counted b) => new(a.Whole + b.Whole, a.Part + b.Part);

    public static Counted Add(Counted left, Counted right) => left + right;

    public Counted With(bool isYes) => new(Whole + 1, Part + (isYes ? 1 : 0));
}

/// <summary>Which groups of a count may be told of.</summary>
public static class SmallGroups
{
    /// <summary>Small groups are counted with those who have none; and where so few are there that a total would give them away, the smallest group goes to them as well.</summary>
    /// <param name="groups">In the order in which they are told.</param>
    /// <param name="rest">Customers without a group.</param>
    /// <returns>Groups of somebody, those without a group last, by null; numbers are 0 where there are too few.</returns>
    public static IEnumerable<(string? Group, Counted Count, bool IsTooFew)> Shown(IReadOnlyList<(string Value, Counted Count)> groups, Counted rest)
    {
        var few = groups.Where(g => g.Count.Whole is > 0 and < AggregateRead.MinimumGroup).Select(g => g.Value).ToHashSet(StringComparer.Ordinal);
        rest = groups.Where(g => few.Contains(g.Value)).Aggregate(rest, (sum, g) => sum + g.Count);
        while (rest.Whole is > 0 and < AggregateRead.MinimumGroup && groups.Where(g => g.Count.Whole > 0 && !few.Contains(g.Value)).OrderBy(g => g.Count.Whole).ToList() is [var smallest, ..])
        {
            few.Add(smallest.Value);
            rest += smallest.Count;
        }

        foreach (var (value, count) in groups.Where(g => g.Count.Whole > 0))
        {
            yield return few.Contains(value) ? (value, default, true) : (value, count, false);
        }

        if (rest.Whole > 0)
        {
            yield return rest.Whole < AggregateRead.MinimumGroup ? (null, default, true) : (null, rest, false);
        }
    }
}
