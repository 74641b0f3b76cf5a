namespace Candor.Fairness;

/// <summary>Picks one cut a group so that the rates lie close together and the most decisions are right. Exact: of all combinations none does better.</summary>
/// <remarks>In any combination the smallest rate is a rate of some cut. So for each of those the other groups take, of their cuts from there up to the allowed difference, the one with the most
/// right decisions: a window that moves up once, with the best of each group at hand. There is always one: nobody gets a yes.</remarks>
internal static class ThresholdSearch
{
    /// <summary>Rates are fractions of counts; two that differ by less are the same.</summary>
    private const double Same = 1e-12;

    /// <param name="rates">Of each group, never falling.</param>
    /// <param name="right">Of each group, right decisions at each cut.</param>
    /// <returns>The cut of each group.</returns>
    public static int[] Find(IReadOnlyList<IReadOnlyList<double>> rates, IReadOnlyList<IReadOnlyList<long>> right, double maxGap)
    {
        var starts = rates.SelectMany(r => r).Distinct().Order().ToList();
        var windows = rates.Select((r, g) => new BestInWindow(r, right[g])).ToList();
        var (best, most) = (new int[rates.Count], long.MinValue);
        foreach (var from in starts)
        {
            var cuts = windows.ConvertAll(w => w.Move(from - Same, from + maxGap + Same));
            if (cuts.Contains(-1))
            {
                continue;
            }

            var sum = cuts.Select((c, g) => right[g][c]).Sum();
            if (sum > most)
            {
                (best, most) = ([.. cuts], sum);
            }
        }

        return best;
    }

    /// <summary>The best cut of one group in a window of rates that only moves up.</summary>
    private sealed class BestInWindow(IReadOnlyList<double> rates, IReadOnlyList<long> right)
    {
        /// <summary>Cuts in the window that no later one beats, best first.</summary>
        private readonly LinkedList<int> kept = [];
        private int next;

        /// <summary>The cut with the most right decisions, of several the one with the fewest yes; -1 when the window holds none.</summary>
        public int Move(double from, double to)
        {
            for (; next < rates.Count && rates[next] <= to; next++)
            {
                while (kept.Last is { } last && right[last.Value] < right[next])
                {
                    kept.RemoveLast();
                }

                kept.AddLast(next);
            }

            while (kept.First is { } first && rates[first.Value] < from)
            {
                kept.RemoveFirst();
            }

            return kept.First?.Value ?? -1;
        }
    }
}
