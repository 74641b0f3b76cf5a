using System.Text;
using Candor.Kernel;

namespace Candor.Fairness;

/// <summary>An item in a customer's list.</summary>
/// <param name="Rank">From 1, the first.</param>
/// <param name="Item">Position in <see cref="SuggestedLists.Items"/>.</param>
/// <param name="Came">Whether it was then looked at or bought; null when it is not known.</param>
public readonly record struct ListedItem(int Rank, int Item, bool? Came);

/// <summary>A customer and their list, by rank; empty when they got none.</summary>
/// <param name="Groups">Their value of each column of groups; null is "not given".</param>
public sealed record ListedCustomer(string Id, IReadOnlyList<string?> Groups, IReadOnlyList<ListedItem> Items);

/// <param name="Price">In any one currency, 0 or more; null when it is not known.</param>
public sealed record OfferedItem(string Name, double? Price, string? Seller, string? SellerGroup);

/// <summary>What each customer was suggested. One list a customer.</summary>
/// <param name="Columns">The columns of groups.</param>
/// <param name="Customers">In the order of their identifiers, so that the order of a file makes no difference to any figure.</param>
/// <param name="Items">All that are suggested or offered, each once.</param>
public sealed record SuggestedLists(IReadOnlyList<string> Columns, IReadOnlyList<ListedCustomer> Customers, IReadOnlyList<OfferedItem> Items);

/// <summary>One row of a file of lists. Empty texts are "not given".</summary>
/// <param name="Customer">Null for an item that is offered and in nobody's list.</param>
/// <param name="Item">Null for a customer without a list.</param>
public sealed record ListRow(string? Customer, IReadOnlyList<string?> Groups, int? Rank, string? Item, bool? Came, double? Price, string? Seller, string? SellerGroup);

/// <summary>Puts rows together to lists, in whatever order they come.</summary>
public sealed class ListKeeper(IReadOnlyList<string> columns)
{
    private readonly Dictionary<string, (IReadOnlyList<string?> Groups, SortedList<int, ListedItem> Items)> customers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);
    private readonly List<OfferedItem> items = [];

    /// <exception cref="Fault">Invalid <c>fairness/bad-value</c>; it names the line and no customer.</exception>
    public void Add(ListRow row, long line)
    {
        var item = row.Item is null ? -1 : ItemOf(row, line);
        if (row.Customer is null)
        {
            if (item < 0 || row.Rank is not null || row.Came is not null)
            {
                throw Bad(line, "there is no customer; only an item that is offered and in nobody's list has none, and no rank then");
            }

            return;
        }

        var groups = row.Groups.Select(Plain).ToList();
        if (!customers.TryGetValue(row.Customer, out var known))
        {
            known = customers[row.Customer] = (groups, []);
        }

        if (groups.Zip(known.Groups).Select((g, i) => (g.First, g.Second, Column: i)).FirstOrDefault(g => g.First != g.Second) is { } other && other.First != other.Second)
        {
            throw Bad(line, $"the customer has another `{Name.Shown(columns[other.Column])}` than in an earlier line; give each customer one");
        }

        if (item < 0)
        {
            return;
        }

        var rank = row.Rank is { } r and >= 1 ? r : throw Bad(line, $"the rank is `{row.Rank}`; it is a whole number from 1, the first place");
        if (!known.Items.TryAdd(rank, new ListedItem(rank, item, row.Came)))
        {
            throw Bad(line, $"the customer has two items of the rank `{rank}`; a file holds one list a customer, so keep one");
        }
    }

    public SuggestedLists Lists() => new(columns, [.. customers.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => new ListedCustomer(c.Key, c.Value.Groups, [.. c.Value.Items.Values]))], items);

    private int ItemOf(ListRow row, long line)
    {
        var named = new OfferedItem(row.Item!, row.Price, Plain(row.Seller), Plain(row.SellerGroup));
        if (named.Price is { } price && !(price >= 0 && double.IsFinite(price)))
        {
            throw Bad(line, "a price is a number from 0, such as 9.90");
        }

        if (!numbers.TryGetValue(named.Name, out var number))
        {
            items.Add(named);
            return numbers[named.Name] = items.Count - 1;
        }

        var known = items[number];
        var same = new OfferedItem(known.Name, Same("price", known.Price, named.Price), Same("seller", known.Seller, named.Seller), Same("group of sellers", known.SellerGroup, named.SellerGroup));
        items[number] = same;
        return number;

        T? Same<T>(string what, T? first, T? second) => first is null ? second : second is null || first.Equals(second) ? first
            : throw Bad(line, $"the item `{Name.Shown(row.Item)}` has another {what} than in an earlier line; give each item one");
    }

    /// <summary>As decisions are read: spaces around a value and the way accents are encoded make no difference.</summary>
    private static string? Plain(string? text) => text?.Trim() is { Length: > 0 } value ? value.Normalize(NormalizationForm.FormC) : null;

    private static Fault Bad(long line, string what) => new(FaultKind.Invalid, "fairness/bad-value", $"Line `{line}`: {what}.");
}
