using System.Diagnostics;

namespace Candor.Personalization;

/// <summary>One purchase of a customer.</summary>
public sealed record BasketRecord(string Customer, string Key, IReadOnlyList<string> Items, long TimeUs);

/// <summary>How good next needs are: of each customer's last basket, how much is among the suggestions made from the baskets before?</summary>
public static class BasketEvaluation
{
    /// <summary>Length of the list that is judged.</summary>
    public const int ListLength = 10;

    /// <summary>Takes the last basket of each customer who has two or more as the target.</summary>
    public static (IReadOnlyList<BasketRecord> Training, IReadOnlyList<BasketRecord> Targets) Split(IReadOnlyList<BasketRecord> baskets)
    {
        var targets = baskets.GroupBy(b => b.Customer).Where(g => g.Count() > 1)
            .Select(g => g.OrderBy(b => b.TimeUs).ThenBy(b => b.Key, StringComparer.Ordinal).Last()).ToHashSet();
        return ([.. baskets.Where(b => !targets.Contains(b))], [.. targets]);
    }

    public static BasketIndex Index(IEnumerable<BasketRecord> baskets, BasketSettings settings)
    {
        var index = new BasketIndex(settings);
        index.BeginFill();
        foreach (var customer in baskets.GroupBy(b => b.Customer))
        {
            index.PutMany(customer.Key, customer.Select(b => (b.Key, (IEnumerable<string>)b.Items, b.TimeUs)));
        }

        index.EndFill();
        return index;
    }

    public static EvaluationResult Run(BasketIndex index, IReadOnlyList<BasketRecord> targets, int length = ListLength) =>
        Judge(index, targets, length).Result(index.ItemCount, Popularity(index));

    internal static Func<string, int> Popularity(BasketIndex index) => item => index.Items.TryFind(item, out var n) ? index.BuyersOf(n).Baskets : 0;

    /// <summary>Customers of whom the index holds nothing are suggested what most baskets hold, as in service.</summary>
    internal static EvaluationTally Judge(BasketIndex index, IReadOnlyList<BasketRecord> targets, int length = ListLength)
    {
        var (next, tally) = (new NextBasket(index), new EvaluationTally(length));
        IReadOnlyList<string> popular =
            [.. index.Items.Held.OrderByDescending(i => index.BuyersOf(i.Value).Baskets).ThenBy(i => i.Key, StringComparer.Ordinal).Take(length).Select(i => i.Key)];
        foreach (var target in targets)
        {
            var clock = Stopwatch.GetTimestamp();
            var answer = next.Rank(target.Customer, length);
            var took = Stopwatch.GetElapsedTime(clock);
            tally.Add(answer.Count > 0 ? [.. answer.Select(n => n.Item)] : popular, target.Items, took, answer.Count > 0);
        }

        return tally;
    }
}
