namespace Candor.Personalization;

/// <summary>An item and how often it was bought with another.</summary>
/// <param name="Baskets">Number of the newest baskets that hold both.</param>
public sealed record Together(string Item, int Baskets);

/// <summary>What is often bought together, for the page of an item: whole counts over the newest baskets that hold it, made when asked.</summary>
/// <remarks>It says nothing about whoever looks at the page, so everybody may see it.</remarks>
public sealed class OftenTogether(SessionIndex baskets)
{
    /// <summary>Newest baskets with the item that are counted.</summary>
    public const int NewestBaskets = 5000;

    /// <summary>Fewest customers who bought both: what fewer did could point at one of them.</summary>
    public const int LeastCustomers = 5;

    /// <summary>Most often first; ties by item name.</summary>
    public IReadOnlyList<Together> Rank(string item, int count, IReadOnlySet<string>? leftOut = null) => baskets.Look(held =>
    {
        if (!held.Items.TryFind(item, out var number) || leftOut?.Contains(item) == true)
        {
            return (IReadOnlyList<Together>)[];
        }

        var counts = new Dictionary<int, (int Baskets, HashSet<string> Customers)>();
        var entries = held.ListOf(number).Entries;
        for (var i = Math.Max(0, entries.Length - NewestBaskets); i < entries.Length; i++)
        {
            ref readonly var basket = ref held.Visits[entries[i].Slot];
            for (var place = 0; place < basket.Items!.Length; place++)
            {
                var other = basket.Items[place];
                if (basket.Items.AsSpan(0, place).Contains(other))
                {
                    // A basket counts once, however often the item is in it.
                    continue;
                }

                var (times, customers) = counts.TryGetValue(other, out var known) ? known : (0, []);
                if (customers.Count < LeastCustomers)
                {
                    customers.Add(basket.Customer!);
                }

                counts[other] = (times + 1, customers);
            }
        }

        return [.. counts.Where(c => c.Key != number && c.Value.Customers.Count >= LeastCustomers)
            .Select(c => new Together(held.Items.Name(c.Key), c.Value.Baskets)).Where(t => leftOut?.Contains(t.Item) != true)
            .OrderByDescending(t => t.Baskets).ThenBy(t => t.Item, StringComparer.Ordinal).Take(count)];
    });
}
