namespace Candor.Personalization;

/// <summary>Fills a list that came out short: the suggestions found so far are asked about as if they had been viewed, the best last.</summary>
/// <remarks>Rare items have few neighbours. On the public click data one list in twenty is short, and a tenth of its misses are found this way.</remarks>
internal static class SecondHop
{
    /// <summary>What was found near, then what its items lead to; a further suggestion scores below every near one.</summary>
    public static List<Suggestion> Fill(SessionQuestion question, List<Suggestion> near, Func<SessionQuestion, List<Suggestion>> rank)
    {
        var taken = near.Select(s => s.Item).ToHashSet(StringComparer.Ordinal);
        taken.UnionWith(question.NotSuggested ?? Enumerable.Empty<string>());
        if (!question.MayRepeat)
        {
            taken.UnionWith(question.Viewed);
        }

        var further = rank(question with
        {
            Viewed = [.. near.AsEnumerable().Reverse().Select(s => s.Item)],
            Count = question.Count + taken.Count,
            MayRepeat = true,
            NotSuggested = null,
        });
        var scale = further.Count > 0 ? near[^1].Score / (2 * further[0].Score) : 0;
        var sources = near.ToDictionary(s => s.Item, s => s.Parts, StringComparer.Ordinal);
        return
        [
            .. near,
            .. further.Where(s => !taken.Contains(s.Item)).Take(question.Count - near.Count).Select(s => s with { Score = s.Score * scale, Parts = Through(s.Parts, sources) }),
        ];
    }

    /// <summary>A step led here from items that steps of the visit led to, so their parts multiply.</summary>
    private static List<ScorePart> Through(IReadOnlyList<ScorePart> parts, Dictionary<string, IReadOnlyList<ScorePart>> sources)
    {
        var shares = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (between, share) in parts)
        {
            foreach (var (item, first) in sources[between])
            {
                shares[item] = shares.GetValueOrDefault(item) + share * first;
            }
        }

        return [.. shares.Select(s => new ScorePart(s.Key, s.Value)).OrderByDescending(p => p.Share).ThenBy(p => p.Item, StringComparer.Ordinal)];
    }
}
