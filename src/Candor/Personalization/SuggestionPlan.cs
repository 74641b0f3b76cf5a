using Candor.Catalog;
using Candor.Kernel;

namespace Candor.Personalization;

/// <summary>The two kinds of suggestions that are made for a person.</summary>
public enum SuggestionKind
{
    /// <summary>From what is viewed in this visit.</summary>
    Visit,
    /// <summary>From what was bought before.</summary>
    Needs,
}

/// <summary>Which purposes of a catalog are about suggestions, and which histories they may use.</summary>
/// <param name="Visits">The purpose of suggestions from a visit; null: the catalog has none, or it is a draft.</param>
/// <param name="Needs">The purpose of next needs; null: the catalog has none, or it is a draft.</param>
/// <param name="Views">The history of what was viewed.</param>
/// <param name="Purchases">The history of what was bought.</param>
internal sealed record SuggestionPlan(ActiveCatalog Catalog, Purpose? Visits, Purpose? Needs, DataPoint? Views, DataPoint? Purchases)
{
    private const string ViewsCategory = "Interest";
    private const string PurchasesCategory = "PurchasesAndSpendingHabit";

    /// <summary>Found by what the catalog says of them: a purpose of recommendations (<c>dpvPurpose</c>) that uses a history of interests, or one of purchases alone.</summary>
    public static SuggestionPlan Of(ActiveCatalog catalog)
    {
        var views = HistoryOf(catalog.Catalog, ViewsCategory);
        var purchases = HistoryOf(catalog.Catalog, PurchasesCategory);
        var purposes = catalog.Catalog.Purposes.Values
            .Where(p => p.Active && p.MakesSuggestions).OrderBy(p => p.Id.Value, StringComparer.Ordinal).ToList();
        return new SuggestionPlan(
            catalog,
            purposes.FirstOrDefault(p => views is not null && p.Uses.ContainsKey(views.Id)),
            purposes.FirstOrDefault(p => purchases is not null && p.Uses.ContainsKey(purchases.Id) && (views is null || !p.Uses.ContainsKey(views.Id))),
            views, purchases);
    }

    public IEnumerable<(SuggestionKind Kind, Purpose Purpose)> All()
    {
        if (Visits is not null)
        {
            yield return (SuggestionKind.Visit, Visits);
        }

        if (Needs is not null)
        {
            yield return (SuggestionKind.Needs, Needs);
        }
    }

    public SuggestionKind? KindOf(PurposeId purpose) => All().Where(p => p.Purpose.Id == purpose).Select(p => (SuggestionKind?)p.Kind).FirstOrDefault();

    /// <summary>Share of customers who are held out of a purpose that makes suggestions, in percent; 0 for others.</summary>
    public int PercentOf(PurposeId purpose) => All().Where(p => p.Purpose.Id == purpose).Select(p => p.Purpose.HoldOutPercent).FirstOrDefault();

    public Purpose? PurposeOf(SuggestionKind kind) => kind == SuggestionKind.Visit ? Visits : Needs;

    /// <summary>The histories that a kind reads: those that both the models and the purpose use.</summary>
    public IReadOnlyList<DataPointId> DataPointsOf(SuggestionKind kind) =>
        [.. new[] { Views, Purchases }.OfType<DataPoint>().Select(d => d.Id).Where(d => PurposeOf(kind)!.Uses.ContainsKey(d) && (kind == SuggestionKind.Visit || d == Purchases?.Id))];

    /// <summary>The history of what was bought, whether or not anything is suggested from it.</summary>
    public static DataPoint? PurchasesOf(PurposeCatalog catalog) => HistoryOf(catalog, PurchasesCategory);

    private static DataPoint? HistoryOf(PurposeCatalog catalog, string category) => catalog.DataPoints.Values
        .Where(d => d.Kind == DataPointKind.History && d.Category == category).OrderBy(d => d.Id.Value, StringComparer.Ordinal).FirstOrDefault();
}
