namespace Candor.Personalization;

/// <summary>Takes the scores of next needs apart: what the customer bought of the item itself counts for that item; what neighbours say is split by the purchases that make
/// them neighbours.</summary>
internal static class NeedParts
{
    /// <summary>The parts of each of these items, in their order; empty for one that nothing of the customer led to.</summary>
    public static IReadOnlyList<ScorePart>[] Of(BasketIndex held, Shopper own, IReadOnlyList<int> neighbours, NeedScratch scratch, int[] best)
    {
        var parts = new double[best.Length][];
        var ranks = new Dictionary<int, int>();
        for (var b = 0; b < best.Length; b++)
        {
            (parts[b], ranks[best[b]]) = (new double[own.Items.Length], b);
            if (scratch.PlaceOf(best[b]) is var at and >= 0)
            {
                parts[b][at] += held.Settings.OwnShare * own.Weights[at];
            }
        }

        var (shared, said) = (new List<(int Place, double Product)>(), new List<(int Rank, double Weight)>());
        foreach (var slot in neighbours)
        {
            var other = held.ShopperAt(slot);
            shared.Clear();
            said.Clear();
            for (var i = 0; i < other.Items.Length; i++)
            {
                if (scratch.PlaceOf(other.Items[i]) is var place and >= 0)
                {
                    shared.Add((place, own.Weights[place] * other.Weights[i]));
                }

                if (ranks.TryGetValue(other.Items[i], out var rank))
                {
                    said.Add((rank, (1 - held.Settings.OwnShare) * other.Weights[i] / neighbours.Count));
                }
            }

            Share(parts, shared, said);
        }

        return [.. best.Select((item, b) => scratch.ScoreOf(item) > 0 ? Named(held, own, parts[b]) : (IReadOnlyList<ScorePart>)[])];
    }

    private static void Share(double[][] parts, List<(int Place, double Product)> shared, List<(int Rank, double Weight)> said)
    {
        var whole = 0.0;
        foreach (var (_, product) in shared)
        {
            whole += product;
        }

        foreach (var (rank, weight) in said)
        {
            foreach (var (place, product) in shared)
            {
                parts[rank][place] += weight * product / whole;
            }
        }
    }

    private static List<ScorePart> Named(BasketIndex held, Shopper own, double[] parts)
    {
        var whole = parts.Sum();
        return [.. own.Items.Zip(parts, (i, p) => new ScorePart(held.Items.Name(i), p / whole)).Where(p => p.Share > 0)
            .OrderByDescending(p => p.Share).ThenBy(p => p.Item, StringComparer.Ordinal)];
    }
}
