using Candor.Personalization;

namespace Candor.Tests.Personalization;

/// <summary>Session neighbours as they are described, with loops over everything.</summary>
internal static class SessionOracle
{
    private const double Day = 86_400_000_000;

    private sealed record Neighbour(string Key, IReadOnlyList<string> Items, long TimeUs, double Similarity);

    public static Dictionary<string, double> Score(
        IReadOnlyList<(string Key, IReadOnlyList<string> Items, long TimeUs)> visits, SessionSettings settings, IReadOnlyList<string> current, long nowUs)
    {
        var n = current.Count;
        var place = current.Select((item, i) => (item, p: i + 1)).GroupBy(x => x.item).ToDictionary(g => g.Key, g => g.Max(x => x.p));
        var weight = place.ToDictionary(p => p.Key, p => Math.Exp(-(n - p.Value) / settings.CurrentDecay));
        // Sums run in the order of the index: a difference in the last bit decides which of two equally near visits is a neighbour.
        var oldestFirst = place.OrderBy(p => p.Value).Select(p => p.Key).ToList();
        var norm = Math.Sqrt(Enumerable.Reverse(oldestFirst).Sum(i => weight[i] * weight[i]));
        var neighbours = visits.Where(v => v.Items.Any(place.ContainsKey))
            .OrderByDescending(v => v.TimeUs).ThenByDescending(v => v.Key, StringComparer.Ordinal).Take(settings.NewestVisits)
            .Select(v => new Neighbour(v.Key, v.Items, v.TimeUs,
                oldestFirst.Where(v.Items.Contains).Sum(i => weight[i]) / (norm * Math.Sqrt(v.Items.Distinct().Count()))
                * Math.Exp(-Math.Max(0, nowUs - v.TimeUs) / Day / settings.AgeDecayDays)))
            .OrderByDescending(v => v.Similarity).ThenByDescending(v => v.TimeUs).ThenByDescending(v => v.Key, StringComparer.Ordinal).Take(settings.Neighbours).ToList();

        var scores = new Dictionary<string, double>();
        foreach (var neighbour in neighbours)
        {
            var newest = neighbour.Items.Where(place.ContainsKey).MaxBy(i => place[i])!;
            var q = neighbour.Items.ToList().LastIndexOf(newest);
            var decay = Math.Exp(-(n - place[newest]) / settings.SharedDecay);
            foreach (var item in neighbour.Items.Distinct())
            {
                var nearest = Enumerable.Range(0, neighbour.Items.Count).Where(i => neighbour.Items[i] == item).Min(i => Math.Abs(i - q));
                scores[item] = scores.GetValueOrDefault(item) + neighbour.Similarity * decay * Math.Exp(-nearest / settings.DistanceDecay);
            }
        }

        foreach (var item in scores.Keys.ToList())
        {
            scores[item] *= 1 + settings.Rarity * Math.Log((double)visits.Count / visits.Count(v => v.Items.Contains(item)));
        }

        Blend(visits, settings, current, scores);
        return scores.Where(s => s.Value > 0).ToDictionary();
    }

    private static void Blend(
        IReadOnlyList<(string Key, IReadOnlyList<string> Items, long TimeUs)> visits, SessionSettings settings, IReadOnlyList<string> current, Dictionary<string, double> scores)
    {
        if (settings.Followers == 0)
        {
            return;
        }

        // The newest item that anybody has viewed.
        var last = current.LastOrDefault(i => visits.Any(v => v.Items.Contains(i)));
        var follow = new Dictionary<string, double>();
        foreach (var visit in visits.Where(v => v.Items.Contains(last)).OrderByDescending(v => v.TimeUs).ThenByDescending(v => v.Key, StringComparer.Ordinal).Take(settings.NewestVisits))
        {
            for (var at = 0; at < visit.Items.Count; at++)
            {
                for (var step = 1; visit.Items[at] == last && step <= settings.FollowerSteps && at + step < visit.Items.Count; step++)
                {
                    follow[visit.Items[at + step]] = follow.GetValueOrDefault(visit.Items[at + step]) + 1.0 / step;
                }
            }
        }

        var factor = follow.Count == 0 ? 0 : settings.Followers * scores.Values.Max() / follow.Values.Max();
        foreach (var (item, count) in follow)
        {
            scores[item] = scores.GetValueOrDefault(item) + factor * count;
        }
    }
}
