namespace Candor.Personalization;

/// <summary>Takes the scores of the chosen suggestions apart: which current item carried which share. The model's own sums, run again; not a second model.</summary>
internal static class SessionParts
{
    public static List<Suggestion> Of(
        SessionIndex held, bool explained, CurrentItems current, SessionScratch scratch, int[] best, SessionSettings settings, double follow)
    {
        var parts = explained ? Split(held, current, scratch, best, settings, follow) : null;
        var suggestions = new List<Suggestion>(best.Length);
        for (var i = 0; i < best.Length; i++)
        {
            suggestions.Add(new Suggestion(
                held.Items.Name(best[i]), scratch.Score(best[i]), scratch.Visits(best[i]), parts is null ? [] : Shares(held, current, parts[i])));
        }

        return suggestions;
    }

    /// <summary>Score by suggestion and current item. A neighbour's word is split by the weights of the items that made it similar; followers belong to the newest item.</summary>
    private static double[][] Split(SessionIndex held, CurrentItems current, SessionScratch scratch, int[] best, SessionSettings settings, double follow)
    {
        var parts = best.Select(_ => new double[current.Count]).ToArray();
        foreach (ref readonly var neighbour in scratch.Kept)
        {
            var items = held.Visits[neighbour.Slot].Items!;
            var (place, step) = scratch.NewestShared(items);
            var weight = neighbour.Similarity * Math.Exp(-(step - 1) / settings.SharedDecay);
            var shared = SharedWeight(items, current);
            for (var i = 0; i < best.Length; i++)
            {
                if (Distance(items, best[i], place) is not { } distance)
                {
                    continue;
                }

                var score = weight * scratch.Decay(distance, settings.DistanceDecay);
                for (var c = 0; c < current.Count; c++)
                {
                    parts[i][c] += items.AsSpan().Contains(current.Numbers[c]) ? score * current.Weights[c] / shared : 0;
                }
            }
        }

        for (var i = 0; i < best.Length; i++)
        {
            var rarity = 1 + settings.Rarity * Math.Log((double)held.Count / held.ListOf(best[i]).Count);
            for (var c = 0; c < current.Count; c++)
            {
                parts[i][c] *= rarity;
            }

            parts[i][^1] += follow * scratch.Follow(best[i]);
        }

        return parts;
    }

    private static double SharedWeight(ReadOnlySpan<int> items, CurrentItems current)
    {
        var shared = 0.0;
        for (var c = 0; c < current.Count; c++)
        {
            shared += items.Contains(current.Numbers[c]) ? current.Weights[c] : 0;
        }

        return shared;
    }

    private static int? Distance(ReadOnlySpan<int> items, int item, int place)
    {
        int? nearest = null;
        for (var i = 0; i < items.Length; i++)
        {
            nearest = items[i] == item && Math.Abs(i - place) is var distance && (nearest is null || distance < nearest) ? distance : nearest;
        }

        return nearest;
    }

    private static List<ScorePart> Shares(SessionIndex held, CurrentItems current, double[] parts)
    {
        var whole = parts.Sum();
        var shares = new List<ScorePart>();
        for (var c = 0; c < parts.Length; c++)
        {
            if (parts[c] > 0)
            {
                shares.Add(new ScorePart(held.Items.Name(current.Numbers[c]), parts[c] / whole));
            }
        }

        shares.Sort((a, b) => a.Share != b.Share ? b.Share.CompareTo(a.Share) : string.CompareOrdinal(a.Item, b.Item));
        return shares;
    }
}
