using Candor.Kernel;

namespace Candor.Personalization;

/// <summary>Asks the models and explains what they say, with the same models.</summary>
internal sealed class Suggester(SuggestionModel model)
{
    /// <summary>Most items of a visit for which it is worked out what would be without them, newest first.</summary>
    public const int MaxCounterfactuals = 10;

    private volatile SessionRanking visits = new(model.Visits, new SessionSettings());
    private readonly NextBasket needs = new(model.Buyers);
    private readonly Popularity popularity = new(model.Visits, model.Baskets);

    public OftenTogether Together { get; } = new(model.Baskets);

    public SessionSettings VisitSettings => visits.Settings;

    /// <summary>Answers questions from now on with other settings.</summary>
    public void Use(SessionSettings settings) => visits = new SessionRanking(model.Visits, settings);

    public IReadOnlyList<ExplainedItem> Popular(int count, OwnSide? own)
    {
        var found = popularity.Rank(count, own?.Dismissed);
        var whole = (double)Math.Max(1, found.Sum(p => (long)p.Customers));
        return [.. found.Select(p => new ExplainedItem(p.Item, SuggestionReason.Popular, p.Customers / whole, [], 0, 0, null))];
    }

    /// <summary>Suggestions of a kind; empty when there is nothing of this person to make them from.</summary>
    public IReadOnlyList<ExplainedItem> Personal(SuggestionKind kind, OwnSide own, int count, long nowUs) => kind == SuggestionKind.Visit
        ? FromVisit(own, own.Visit?.Items ?? [], own.BoughtLately, count, nowUs, explained: true)
        : FromPurchases(own, null, count, explained: true);

    /// <summary>What the lists would be without one thing after the other.</summary>
    public IReadOnlyList<Counterfactual> Without(SuggestionKind kind, OwnSide own, SuggestionPlan plan, IReadOnlyList<ExplainedItem> items, int count, long nowUs)
    {
        var carried = items.SelectMany(i => i.Because).GroupBy(p => p.Item, StringComparer.Ordinal)
            .OrderByDescending(g => g.Sum(p => p.Share)).ThenBy(g => g.Key, StringComparer.Ordinal).Take(MaxCounterfactuals).Select(g => g.Key);
        var list = carried.Select(item => new Counterfactual(item, null, Names(kind == SuggestionKind.Visit
            ? FromVisit(own, [.. own.Visit!.Value.Items.Where(i => i != item)], own.BoughtLately, count, nowUs, explained: false)
            : FromPurchases(own, item, count, explained: false), count, own))).ToList();
        list.Add(new Counterfactual(null, (kind == SuggestionKind.Visit ? plan.Views : plan.Purchases)!.Id, [.. Popular(count, own).Select(i => i.Item)]));
        if (kind == SuggestionKind.Visit && own.BoughtLately.Count > 0 && own.Visit is { } visit)
        {
            list.Add(new Counterfactual(null, plan.Purchases!.Id, Names(FromVisit(own, visit.Items, new HashSet<string>(), count, nowUs, explained: false), count, own)));
        }

        return list;
    }

    private IReadOnlyList<string> Names(IReadOnlyList<ExplainedItem> items, int count, OwnSide own) => [.. (items.Count > 0 ? items : Popular(count, own)).Select(i => i.Item)];

    private List<ExplainedItem> FromVisit(OwnSide own, IReadOnlyList<string> viewed, IReadOnlySet<string> bought, int count, long nowUs, bool explained)
    {
        if (viewed.Count == 0)
        {
            return [];
        }

        var found = visits.Rank(new SessionQuestion(viewed, nowUs, count)
        {
            OwnVisit = (own.Customer, own.Visit!.Value.Key),
            LeftOut = own.Hidden,
            NotSuggested = bought.Concat(own.Dismissed).ToHashSet(StringComparer.Ordinal),
            Explained = explained,
        });
        var whole = found.Sum(s => s.Score);
        return [.. found.Select(s => new ExplainedItem(s.Item, SuggestionReason.ViewedWith, s.Score / whole, s.Parts, s.SimilarVisits, 0, null) { IsMoved = s.IsMoved })];
    }

    private List<ExplainedItem> FromPurchases(OwnSide own, string? notBought, int count, bool explained)
    {
        // A dismissed item may still speak for others.
        var found = needs.Rank(own.Customer, count + own.Dismissed.Count, own.Hidden, explained, notBought is null ? null : new HashSet<string>(StringComparer.Ordinal) { notBought })
            .Where(n => n.Score > 0 && !own.Dismissed.Contains(n.Item)).Take(count).ToList();
        var whole = found.Sum(n => n.Score);
        return [.. found.Select(n => new ExplainedItem(
            n.Item, n.TimesBought > 0 ? SuggestionReason.BoughtBefore : SuggestionReason.BoughtBySimilar, n.Score / whole, n.Parts, n.SimilarCustomers, n.TimesBought,
            Micros.ToInstant(n.ExpectedUs)))];
    }
}
