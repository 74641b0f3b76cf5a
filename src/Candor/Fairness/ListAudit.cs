using Candor.Kernel;
using Candor.Personalization;

namespace Candor.Fairness;

/// <summary>How an audit of lists is done.</summary>
/// <param name="Length">Places of a list that are looked at (the K of nDCG and hit rate); 10 unless set, 1 to 1,000.</param>
/// <param name="MinRatio">Limit: hit rate of a group / that of the group with the largest, 0 for none; 0 to 1.</param>
/// <param name="MaxPriceGap">Limit: largest difference of the price level to all others that may be sure, 0 to 1; 0 unless set.</param>
/// <param name="MinimumGroupSize">Fewer customers are "too few"; 10 unless set, at least 1.</param>
public sealed record ListPlan(int Length = ListPlan.DefaultLength, double MinRatio = 0.8, double MaxPriceGap = 0, int MinimumGroupSize = AuditPlan.DefaultMinimum)
{
    public const int DefaultLength = 10;
    public const int MaxLength = 1000;

    internal AuditPlan Shares => new(new AuditLimits(MinRatio), MinimumGroupSize, Resamples: 0);

    /// <exception cref="Fault">Invalid <c>fairness/bad-limit</c>.</exception>
    public void Check()
    {
        Shares.Check();
        if (!(MaxPriceGap is >= 0 and <= 1))
        {
            throw Bad(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"A limit is a number from 0 to 1, such as 0.05; got `{MaxPriceGap}`."));
        }

        if (Length is < 1 or > MaxLength)
        {
            throw Bad($"The places of a list that are looked at are 1 to {MaxLength}; got `{Length}`.");
        }
    }

    private static Fault Bad(string sentence) => new(FaultKind.Invalid, "fairness/bad-limit", sentence);
}

/// <summary>How suggestions came out for a group.</summary>
/// <param name="Got">Customers, and of them who got any suggestion (<see cref="Rate.Selection"/>).</param>
/// <param name="Hits">Customers with a list of which it is known what came, and of them who had something of its first places; null where there are none.</param>
/// <param name="Ndcg">Of the customers for whom something of their list came: the gain of the first places / that of the best order of the same list.</param>
/// <param name="Price">Price level of the first places, the mean of the customers' means: an item's place among the prices of all items of the file, 0 cheapest to 1 dearest, so that neither the
/// currency nor a few very dear items matter.</param>
/// <param name="SteersByPrice">The price level differs from all others', beyond doubt and by more than the limit.</param>
public sealed record ListGroup(GroupAudit Got, GroupAudit? Hits, MeanToRest Ndcg, MeanToRest Price, bool SteersByPrice);

/// <param name="Groups">Sorted by their values; "not given" comes last.</param>
/// <param name="HitLimit">Groups whose hit rate is under the limit, by the rule of the audit of decisions.</param>
public sealed record ListGrouping(Grouping Grouping, IReadOnlyList<ListGroup> Groups, IReadOnlyList<LimitCrossed> HitLimit);

/// <summary>Suggestions by group of customers, and who is seen in them.</summary>
/// <param name="Sellers">Null when no item has a seller, as <paramref name="SellerGroups"/> without groups of sellers.</param>
public sealed record ListAudit(ListPlan Plan, int Customers, IReadOnlyList<ListGrouping> Groupings, Exposure Items, Exposure? Sellers, Exposure? SellerGroups)
{
    /// <summary>A price difference is sure, or a limit of the hit rate is broken together with its interval.</summary>
    public bool IsBroken => Groupings.Any(g => g.Groups.Any(x => x.SteersByPrice) || g.HitLimit.Any(c => c.IsBroken));

    /// <exception cref="Fault">Invalid <c>fairness/bad-limit</c>.</exception>
    public static ListAudit Of(SuggestedLists lists, IReadOnlyList<Grouping> groupings, ListPlan plan)
    {
        plan.Check();
        var levels = PriceLevels.Of(lists.Items);
        var figures = lists.Customers.Select(c => ListFigures.Of(c, levels, plan.Length)).ToList();
        var (got, hits) = (new OutcomeTally(groupings, hasScores: false), new OutcomeTally(groupings, hasScores: false));
        var ordinals = OrdinalsOf(got.Columns, lists);
        foreach (var (customer, own) in lists.Customers.Zip(figures))
        {
            Count(got, ordinals, customer, customer.Items.Count > 0);
            if (own.IsHit is { } isHit)
            {
                Count(hits, ordinals, customer, isHit);
            }
        }

        var (gotAudit, hitAudit) = (AuditReport.Of(got, plan.Shares with { Limits = new AuditLimits(0) }), AuditReport.Of(hits, plan.Shares));
        return new ListAudit(
            plan, lists.Customers.Count, [.. gotAudit.Groupings.Zip(hitAudit.Groupings).Select(g => Of(g.First, g.Second, lists, figures, plan))], Exposure.Of(lists, i => i.Name, plan.Length),
            lists.Items.Any(i => i.Seller is not null) ? Exposure.Of(lists, i => i.Seller, plan.Length) : null,
            lists.Items.Any(i => i.SellerGroup is not null) ? Exposure.Of(lists, i => i.SellerGroup, plan.Length) : null);
    }

    private static int[] OrdinalsOf(IReadOnlyList<string> columns, SuggestedLists lists) => [.. columns.Select(c => lists.Columns.ToList().IndexOf(c))];

    /// <param name="ordinals">Of the tally's columns in the lists.</param>
    private static void Count(OutcomeTally tally, int[] ordinals, ListedCustomer customer, bool decision) =>
        tally.Add([.. ordinals.Select((o, i) => tally.NumberOf(i, customer.Groups[o]))], decision, null);

    private static ListGrouping Of(GroupingAudit got, GroupingAudit hits, SuggestedLists lists, List<ListFigures> figures, ListPlan plan)
    {
        var ordinals = OrdinalsOf(got.Grouping.Columns, lists);
        var members = lists.Customers.Zip(figures).ToLookup(c => KeyOf([.. ordinals.Select(o => c.First.Groups[o])]), c => c.Second);
        var known = hits.Groups.ToDictionary(g => KeyOf(g.Values));
        var ndcg = MeanToRest.Of(Figures(f => f.Ndcg), plan.MinimumGroupSize);
        var price = MeanToRest.Of(Figures(f => f.Price), plan.MinimumGroupSize);
        return new ListGrouping(
            got.Grouping, [.. got.Groups.Select((g, i) => new ListGroup(g, known.GetValueOrDefault(KeyOf(g.Values)), ndcg[i], price[i], price[i].IsSure && Math.Abs(price[i].Difference!.Value) > plan.MaxPriceGap))],
            hits.Crossed);

        List<double[]> Figures(Func<ListFigures, double?> of) => [.. got.Groups.Select(g => members[KeyOf(g.Values)].Select(of).OfType<double>().ToArray())];
    }

    /// <summary>Values may hold any character, so each tells its length.</summary>
    private static string KeyOf(IReadOnlyList<string?> values) => string.Concat(values.Select(v => v is null ? "-" : $"{v.Length}:{v}"));
}

/// <summary>The figures of one customer.</summary>
/// <param name="IsHit">Null without a list, or when nothing is known of what came.</param>
/// <param name="Ndcg">Null where nothing of the list came.</param>
/// <param name="Price">Null where no item of the first places has a price.</param>
internal readonly record struct ListFigures(bool? IsHit, double? Ndcg, double? Price)
{
    /// <param name="levels">Price level by item.</param>
    public static ListFigures Of(ListedCustomer customer, IReadOnlyList<double?> levels, int length)
    {
        var first = customer.Items.Where(i => i.Rank <= length).ToList();
        var came = customer.Items.Count(i => i.Came == true);
        var best = Enumerable.Range(0, Math.Min(came, length)).Sum(RareExposure.Of);
        var prices = first.Select(i => levels[i.Item]).OfType<double>().ToList();
        return new ListFigures(
            customer.Items.Any(i => i.Came is not null) ? first.Any(i => i.Came == true) : null,
            came == 0 ? null : first.Where(i => i.Came == true).Sum(i => RareExposure.Of(i.Rank - 1)) / best,
            prices.Count == 0 ? null : prices.Average());
    }
}

/// <summary>Where an item's price stands among all prices: the share of items that are cheaper, and half of those that cost the same.</summary>
internal static class PriceLevels
{
    /// <summary>By item; null without a price.</summary>
    public static IReadOnlyList<double?> Of(IReadOnlyList<OfferedItem> items)
    {
        var levels = new Dictionary<double, double>();
        var (below, priced) = (0, items.Count(i => i.Price is not null));
        foreach (var same in items.Where(i => i.Price is not null).GroupBy(i => i.Price!.Value).OrderBy(g => g.Key))
        {
            levels[same.Key] = (below + same.Count() / 2.0) / priced;
            below += same.Count();
        }

        return [.. items.Select(i => i.Price is { } p ? levels[p] : (double?)null)];
    }
}
