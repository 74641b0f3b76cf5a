namespace Candor.Personalization;

/// <summary>An item and how many different customers bought or viewed it.</summary>
public sealed record Popular(string Item, int Customers);

/// <summary>What is popular in the shop: the suggestion for whoever has not agreed to one of their own. It uses nothing about the person who sees it.</summary>
public sealed class Popularity(SessionIndex visits, SessionIndex baskets)
{
    /// <summary>Fewest customers of a popular item: what fewer did could point at one of them.</summary>
    public const int LeastCustomers = OftenTogether.LeastCustomers;

    /// <summary>Most customers first, its buyers or its viewers, whichever are more; ties by item name.</summary>
    public IReadOnlyList<Popular> Rank(int count, IReadOnlySet<string>? leftOut = null)
    {
        var customers = new Dictionary<string, int>(StringComparer.Ordinal);
        Count(baskets, customers);
        Count(visits, customers);
        return
        [
            .. customers.Where(c => c.Value >= LeastCustomers && leftOut?.Contains(c.Key) != true).Select(c => new Popular(c.Key, c.Value))
                .OrderByDescending(p => p.Customers).ThenBy(p => p.Item, StringComparer.Ordinal).Take(count),
        ];
    }

    private static void Count(SessionIndex index, Dictionary<string, int> customers) => index.Look(held =>
    {
        foreach (var (name, number) in held.Items.Held)
        {
            customers[name] = Math.Max(customers.GetValueOrDefault(name), held.ListOf(number).Customers);
        }

        return true;
    });
}
