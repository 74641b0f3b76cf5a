using Candor.Kernel;

namespace Candor.Personalization;

/// <summary>How the newest list that was judged of one customer came out.</summary>
/// <param name="IsMade">Something was suggested that was made for them.</param>
/// <param name="IsHit">At least one of the items that came was in the list.</param>
public readonly record struct JudgedList(bool IsMade, bool IsHit);

/// <summary>Whom an evaluation found in the models, and how the lists it held back came out for each of them. In memory until that is counted by group; never stored.</summary>
/// <remarks>A customer counts once, by the newest list: whoever comes often would otherwise count as many people.</remarks>
public sealed class EvaluatedCustomers
{
    private readonly Dictionary<(string Customer, SuggestionKind Kind), int> records = [];
    private readonly Dictionary<(string Customer, SuggestionKind Kind, bool IsWithRare), JudgedList> lists = [];

    /// <summary>How many visits or orders of a customer the models hold; 0: they are not in them.</summary>
    public int RecordsOf(CustomerId customer, SuggestionKind kind) => records.GetValueOrDefault((customer.Value, kind));

    /// <summary>Null when no list of this customer was held back.</summary>
    /// <param name="isWithRare">With the part for rarer items that was measured too.</param>
    public JudgedList? ListOf(CustomerId customer, SuggestionKind kind, bool isWithRare) => lists.TryGetValue((customer.Value, kind, isWithRare), out var list) ? list : null;

    internal void Hold(ShopRecords held)
    {
        foreach (var (customer, kind) in held.Visits.Where(v => v.Customer is not null).Select(v => (v.Customer!, SuggestionKind.Visit)).Concat(held.Baskets.Select(b => (b.Customer, SuggestionKind.Needs))))
        {
            records[(customer, kind)] = records.GetValueOrDefault((customer, kind)) + 1;
        }
    }

    /// <param name="customers">One for each list of the tally, oldest first; null where nobody is known.</param>
    internal void Judge(SuggestionKind kind, bool isWithRare, IEnumerable<string?> customers, EvaluationTally tally)
    {
        foreach (var (customer, list) in customers.Zip(tally.Lists).Where(c => c.First is not null))
        {
            lists[(customer!, kind, isWithRare)] = list;
        }
    }
}
