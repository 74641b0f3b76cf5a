namespace Candor.Personalization;

/// <summary>An item in its place, and whether it stands there so that a share of the exposure is kept.</summary>
/// <param name="IsMoved">True when an item that ranks better comes after it, or is not shown.</param>
public readonly record struct Placed<T>(T Item, bool IsMoved);

/// <summary>Gives some items at least a part of a list's exposure, at the price of others that rank better. Pure, and nothing is drawn by lot.</summary>
/// <remarks>The exposure of place k, from 1, is 1 / log2(k + 1), as in nDCG. From the top down the best item comes next, unless the favoured ones are behind their part by as much as this place is worth,
/// or could no longer reach it in the places that are left. Among themselves the favoured keep their order, and so do the others.</remarks>
public static class RareExposure
{
    /// <summary>Largest part that can be asked for: more would turn the list round.</summary>
    public const double MaxShare = 0.5;

    /// <summary>Candidates a place that are looked at for each list.</summary>
    public const int Depth = 3;

    /// <summary>Exposure of a place, the first being 0.</summary>
    public static double Of(int place) => 1 / Math.Log2(place + 2);

    /// <summary>Makes a list of <paramref name="count"/>, or of all there are.</summary>
    /// <param name="ranked">Best first; more of them than places leave more to choose from.</param>
    /// <param name="isFavoured">One answer for each of them.</param>
    /// <param name="share">0 to <see cref="MaxShare"/>; 0 changes nothing.</param>
    public static IReadOnlyList<Placed<T>> Place<T>(IReadOnlyList<T> ranked, IReadOnlyList<bool> isFavoured, int count, double share)
    {
        if (share is not (>= 0 and <= MaxShare) || ranked.Count != isFavoured.Count)
        {
            throw new ArgumentOutOfRangeException(nameof(share), share, null);
        }

        var places = Math.Min(count, ranked.Count);
        var (favoured, others) = (Numbers(isFavoured, true), Numbers(isFavoured, false));
        var goal = share * Enumerable.Range(0, places).Sum(Of);
        var (list, seen, reached) = (new List<Placed<T>>(places), 0.0, 0.0);
        for (var place = 0; place < places; place++)
        {
            var worth = Of(place);
            seen += worth;
            var isDue = favoured.Count > 0 && share > 0 && (share * seen - reached >= worth
                || (Reach(reached, place, places, favoured.Count) >= goal && Reach(reached, place + 1, places, favoured.Count) < goal));
            var next = isDue || others.Count == 0 || (favoured.Count > 0 && favoured.Peek() < others.Peek()) ? favoured.Dequeue() : others.Dequeue();
            reached += isFavoured[next] ? worth : 0;
            list.Add(new Placed<T>(ranked[next], isFavoured[next] && others.Count > 0 && others.Peek() < next));
        }

        return list;
    }

    /// <summary>Exposure of the favoured when they take every place from here on, as long as there are any.</summary>
    private static double Reach(double reached, int from, int places, int left) => reached + Enumerable.Range(from, Math.Max(0, Math.Min(left, places - from))).Sum(Of);

    private static Queue<int> Numbers(IReadOnlyList<bool> isFavoured, bool which) => new(Enumerable.Range(0, isFavoured.Count).Where(i => isFavoured[i] == which));
}
