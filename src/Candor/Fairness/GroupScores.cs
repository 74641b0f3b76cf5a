namespace Candor.Fairness;

/// <summary>One tenth of the scores, compared with what came true in it.</summary>
public sealed record CalibrationBin(long Count, double MeanScore, double BaseRate);

/// <summary>The scores of a group.</summary>
/// <param name="AboveMedian">People above the median score of everybody (New York City Local Law 144, scoring rate).</param>
/// <param name="Auc">Chance that somebody for whom yes is right scores higher than somebody for whom it is not; null where the group has only one kind.</param>
/// <param name="Brier">Mean squared error; null without truth or where scores are no probabilities, as are the members after it.</param>
/// <param name="CalibrationInTheLarge">Mean score less base rate: above 0 the group is scored too high.</param>
/// <param name="CalibrationError">Mean distance of score and truth over ten equal bins (ECE).</param>
public sealed record GroupScores(
    Proportion AboveMedian, double? Mean, double? Auc, double? Brier, double? CalibrationInTheLarge, double? CalibrationError, IReadOnlyList<CalibrationBin?> Bins)
{
    private const int BinCount = 10;

    /// <summary>The median of everybody, the mean of the middle two where their number is even; null without scores.</summary>
    internal static double? MedianOf(IEnumerable<List<(double Score, ScoreTally.Cell Cell)>> groups)
    {
        var all = groups.SelectMany(g => g).OrderBy(s => s.Score).Select(s => (s.Score, s.Cell.Count)).ToList();
        var count = all.Sum(s => s.Count);
        return count == 0 ? null : (At(all, (count - 1) / 2) + At(all, count / 2)) / 2;
    }

    internal static GroupScores Of(List<(double Score, ScoreTally.Cell Cell)> scores, double median, bool areProbabilities)
    {
        var people = scores.Sum(s => s.Cell.Count);
        var above = new Proportion(scores.Where(s => s.Score > median).Sum(s => s.Cell.Count), people);
        double? mean = people == 0 ? null : scores.Sum(s => s.Score * s.Cell.Count) / people;
        var known = scores.Sum(s => s.Cell.Known);
        CalibrationBin?[] bins = areProbabilities && known > 0 ? Binned(scores) : [];
        if (bins.Length == 0)
        {
            return new GroupScores(above, mean, AucOf(scores), null, null, null, bins);
        }

        var brier = scores.Sum(s => s.Cell.Positive * Square(1 - s.Score) + (s.Cell.Known - s.Cell.Positive) * Square(s.Score)) / known;
        var tooHigh = scores.Sum(s => s.Score * s.Cell.Known) / known - (double)scores.Sum(s => s.Cell.Positive) / known;
        return new GroupScores(above, mean, AucOf(scores), brier, tooHigh, bins.OfType<CalibrationBin>().Sum(b => b.Count * Math.Abs(b.MeanScore - b.BaseRate)) / known, bins);
    }

    /// <summary>Mann and Whitney's statistic; equal scores count half.</summary>
    private static double? AucOf(List<(double Score, ScoreTally.Cell Cell)> scores)
    {
        var (wins, below) = (0.0, 0L);
        foreach (var (_, cell) in scores)
        {
            var negative = cell.Known - cell.Positive;
            wins += cell.Positive * (below + negative / 2.0);
            below += negative;
        }

        var positive = scores.Sum(s => s.Cell.Positive);
        return positive == 0 || below == 0 ? null : wins / ((double)positive * below);
    }

    private static CalibrationBin?[] Binned(List<(double Score, ScoreTally.Cell Cell)> scores)
    {
        var sums = new (long Known, double Score, long Positive)[BinCount];
        foreach (var (score, cell) in scores)
        {
            ref var sum = ref sums[Math.Min(BinCount - 1, (int)(score * BinCount))];
            sum = (sum.Known + cell.Known, sum.Score + score * cell.Known, sum.Positive + cell.Positive);
        }

        return [.. sums.Select(s => s.Known == 0 ? null : new CalibrationBin(s.Known, s.Score / s.Known, (double)s.Positive / s.Known))];
    }

    private static double At(List<(double Score, long Count)> sorted, long position)
    {
        foreach (var (score, count) in sorted)
        {
            if ((position -= count) < 0)
            {
                return score;
            }
        }

        return sorted[^1].Score;
    }

    private static double Square(double x) => x * x;
}
