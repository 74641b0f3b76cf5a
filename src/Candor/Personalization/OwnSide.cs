using Candor.Catalog;
using Candor.Kernel;
using Candor.Vault;

namespace Candor.Personalization;

/// <summary>One person's own side of a question: what they viewed and bought, and what they said. Opened by the gate for this answer alone.</summary>
/// <param name="Visit">The current visit: its group and its items in order; null when there is none.</param>
/// <param name="BoughtLately">Items bought so lately that nobody needs to suggest them from a visit.</param>
/// <param name="Dismissed">Items not to suggest: the customer said so, or passed over them often enough in this visit.</param>
/// <param name="Hidden">Items of which nothing is used.</param>
internal sealed record OwnSide(
    string Customer, (string Key, IReadOnlyList<string> Items)? Visit, IReadOnlySet<string> BoughtLately, IReadOnlySet<string> Dismissed, IReadOnlySet<string> Hidden)
{
    /// <summary>How long what was bought is not suggested from a visit.</summary>
    internal static readonly TimeSpan BoughtWithin = TimeSpan.FromDays(14);

    /// <param name="visit">The visit as its events name it; null: the newest.</param>
    /// <param name="passedOver">Items that were shown often enough in a visit.</param>
    public static OwnSide Of(SuggestionPlan plan, OpenedCustomer opened, IReadOnlyList<SuggestionWish> said, string? visit, DateTimeOffset now, Func<string?, IEnumerable<string>> passedOver)
    {
        HashSet<string> Said(WishKind kind) => said.Where(w => w.Kind == kind).Select(w => w.Item).ToHashSet(StringComparer.Ordinal);
        var (dismissed, hidden) = (Said(WishKind.Dismiss), Said(WishKind.Hide));
        IEnumerable<ShopEvent> Of(DataPoint? point) => opened.Values.Where(v => v.DataPoint == point?.Id)
            .Select(v => ShopEvent.Of(v.Json.Span, v.Time, plan.Catalog.Catalog)).OfType<ShopEvent>().Where(e => !hidden.Contains(e.Item));

        // Records come newest first.
        var views = Of(plan.Views).Reverse().ToList();
        var group = visit ?? (views.Count > 0 ? views[^1].Group : null);
        var current = views.Where(e => e.Group == group).Select(e => e.Item).ToList();
        var since = Micros.From(now - BoughtWithin);
        var bought = Of(plan.Purchases).Where(e => e.TimeUs > since).Select(e => e.Item).ToHashSet(StringComparer.Ordinal);
        dismissed.UnionWith(passedOver(group));
        return new OwnSide(opened.Customer.Value, current.Count > 0 ? (group!, current) : null, bought, dismissed, hidden);
    }
}
