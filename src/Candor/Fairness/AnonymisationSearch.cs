using System.Runtime.InteropServices;
using Candor.Kernel;

namespace Candor.Fairness;

/// <summary>What makes records anonymous enough.</summary>
/// <param name="K">Everybody is one of at least this many. 5 unless set; at least 1.</param>
/// <param name="MaxSuppressed">Share of the records that may be left out to reach it: 0.02 unless set, 0 to 1.</param>
/// <param name="DistinctL">Different sensitive values in each class; 1 asks for nothing.</param>
/// <param name="MaxT">Largest distance of a class's sensitive values from everybody's; null asks for nothing.</param>
public sealed record AnonymityGoal(int K = 5, double MaxSuppressed = 0.02, int DistinctL = 1, double? MaxT = null);

/// <summary>A way to make records coarser.</summary>
/// <param name="Levels">By column.</param>
/// <param name="Loss">What is lost, 0 to 1: over records and columns, the mean share of the other values that one is mixed up with; a suppressed record has lost 1 (normalised certainty penalty).</param>
/// <param name="Classes">Of the records that are left, the smallest having <paramref name="K"/>.</param>
public sealed record Anonymisation(IReadOnlyList<int> Levels, double Loss, long Suppressed, long Classes, long K);

/// <summary>Finds the generalisation that loses least among all that reach a goal, with the same level for a whole column.</summary>
/// <remarks>Suppression only adds loss, so the loss of the levels alone is a lower bound, and it is known without looking at a record: nodes are tried in its order, and the search
/// ends at the first whose bound is no better than what is found. The result is the best one, not only a good one.</remarks>
public sealed class AnonymisationSearch
{
    private const int MaxNodes = 2_000_000;

    private readonly IReadOnlyList<GeneralisationHierarchy> hierarchies;

    /// <summary>By column and level: the label of each different record, what a label is called not mattering, and the mean loss over the records.</summary>
    private readonly int[][][] labels;
    private readonly long[][] labelCounts;
    private readonly double[][] losses;
    private readonly double[][][] recordLosses;

    /// <summary>Of each different record, with its sensitive value where there is one.</summary>
    private readonly int[] counts, sensitive, differentOfRecord;
    private readonly long[] sensitiveTotals;
    private readonly long records;

    /// <param name="values">By column, then by record: position among the values that the hierarchy was made of.</param>
    /// <param name="sensitiveValues">By record, from 0; null when nothing is asked of them.</param>
    /// <exception cref="Fault">Invalid <c>fairness/too-many-levels</c>.</exception>
    public AnonymisationSearch(IReadOnlyList<GeneralisationHierarchy> hierarchies, IReadOnlyList<int[]> values, int[]? sensitiveValues = null)
    {
        this.hierarchies = hierarchies;
        records = values[0].Length;
        var classes = ReidentificationRisk.ClassesOf(sensitiveValues is null ? values : [.. values, sensitiveValues]);
        var firsts = new List<int>();
        var sizes = new List<int>();
        for (var i = 0; i < classes.Length; i++)
        {
            if (classes[i] == firsts.Count)
            {
                firsts.Add(i);
                sizes.Add(0);
            }

            sizes[classes[i]]++;
        }

        (differentOfRecord, counts) = (classes, [.. sizes]);
        sensitive = sensitiveValues is null ? [] : [.. firsts.Select(f => sensitiveValues[f])];
        sensitiveTotals = new long[sensitive.Length == 0 ? 0 : sensitive.Max() + 1];
        for (var i = 0; i < sensitive.Length; i++)
        {
            sensitiveTotals[sensitive[i]] += counts[i];
        }

        var columns = hierarchies.Select((h, c) => h.Levels.Select(level => Labelled(level, [.. firsts.Select(f => values[c][f])])).ToArray()).ToArray();
        labels = [.. columns.Select(c => c.Select(l => l.Labels).ToArray())];
        labelCounts = [.. columns.Select(c => c.Select(l => (long)l.Different).ToArray())];
        recordLosses = [.. columns.Select(c => c.Select(l => l.Losses).ToArray())];
        CheckSize();
        losses = [.. recordLosses.Select(c => c.Select(l => l.Zip(counts, (loss, n) => loss * n).Sum() / Math.Max(1, records)).ToArray())];
    }

    /// <summary>The best way to reach the goal; null when even hiding every column does not.</summary>
    public Anonymisation? Find(AnonymityGoal goal, CancellationToken ct)
    {
        Anonymisation? best = null;
        var tooFine = TooFine(goal);
        foreach (var (levels, bound) in Nodes().OrderBy(n => n.Bound))
        {
            // Equal up to rounding is no better.
            if (best is not null && bound >= best.Loss - 1e-12)
            {
                break;
            }

            ct.ThrowIfCancellationRequested();
            var found = IsWithin(levels, tooFine) ? null : At(levels, goal);
            best = found is not null && (best is null || found.Loss < best.Loss - 1e-12) ? found : best;
        }

        return best;
    }

    /// <summary>Levels of two columns that miss the goal with all other columns hidden. Where they do, so does everything finer: a class that is large and diverse enough stays so
    /// when it is put together with others. A class that is near enough to everybody may not, so with a limit on that nothing is known beforehand unless no record may be left out.</summary>
    private List<int[]> TooFine(AnonymityGoal goal)
    {
        var tooFine = new List<int[]>();
        if (goal.MaxT is not null && goal.MaxSuppressed > 0)
        {
            return tooFine;
        }

        var heights = hierarchies.Select(h => h.Levels.Count).ToArray();
        foreach (var (a, b) in from a in Enumerable.Range(0, heights.Length) from b in Enumerable.Range(a + 1, heights.Length - a - 1) select (a, b))
        {
            for (var node = heights[a] * heights[b] - 1; node >= 0; node--)
            {
                var levels = Array.ConvertAll(heights, h => h - 1);
                (levels[a], levels[b]) = Math.DivRem(node, heights[b]);
                if (!IsWithin(levels, tooFine) && At(levels, goal) is null)
                {
                    tooFine.Add(levels);
                }
            }
        }

        return tooFine;
    }

    private static bool IsWithin(int[] levels, List<int[]> tooFine)
    {
        foreach (var miss in tooFine)
        {
            var isFiner = true;
            for (var c = 0; c < levels.Length && isFiner; c++)
            {
                isFiner = levels[c] <= miss[c];
            }

            if (isFiner)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What these levels come to; null when they do not reach the goal.</summary>
    public Anonymisation? At(IReadOnlyList<int> levels, AnonymityGoal goal)
    {
        var (classes, sizes) = ClassesAt(levels);
        var isKept = Kept(classes, sizes, goal);
        var suppressed = 0L;
        for (var i = 0; i < sizes.Count; i++)
        {
            suppressed += isKept[i] ? 0 : sizes[i];
        }

        if (suppressed > goal.MaxSuppressed * records)
        {
            return null;
        }

        var loss = (double)suppressed;
        for (var c = 0; c < labels.Length; c++)
        {
            var own = recordLosses[c][levels[c]];
            for (var i = 0; i < counts.Length; i++)
            {
                loss += isKept[classes[i]] ? own[i] * counts[i] / labels.Length : 0;
            }
        }

        var left = sizes.Where((_, i) => isKept[i]).ToList();
        return new Anonymisation([.. levels], loss / Math.Max(1, records), suppressed, left.Count, left.Count == 0 ? 0 : left.Min());
    }

    /// <summary>By record: whether it stays when these levels are used to reach the goal.</summary>
    public bool[] KeptAt(IReadOnlyList<int> levels, AnonymityGoal goal)
    {
        var (classes, sizes) = ClassesAt(levels);
        var isKept = Kept(classes, sizes, goal);
        return Array.ConvertAll(differentOfRecord, d => isKept[classes[d]]);
    }

    private bool[] Kept(int[] classes, List<long> sizes, AnonymityGoal goal)
    {
        var isKept = sizes.Select(s => s >= goal.K).ToArray();
        if (sensitive.Length == 0 || (goal.DistinctL <= 1 && goal.MaxT is null))
        {
            return isKept;
        }

        var histograms = sizes.ConvertAll(_ => new Dictionary<int, long>());
        for (var i = 0; i < classes.Length; i++)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(histograms[classes[i]], sensitive[i], out _) += counts[i];
        }

        for (var i = 0; i < isKept.Length; i++)
        {
            isKept[i] &= histograms[i].Count >= goal.DistinctL
                && (goal.MaxT is not { } t || histograms[i].Sum(h => Math.Max(0, (double)h.Value / sizes[i] - (double)sensitiveTotals[h.Key] / records)) <= t);
        }

        return isKept;
    }

    private (int[] Classes, List<long> Sizes) ClassesAt(IReadOnlyList<int> levels)
    {
        var (classes, sizes, numbers) = (new int[counts.Length], new List<long>(), new Dictionary<long, int>());
        for (var i = 0; i < classes.Length; i++)
        {
            var key = 0L;
            for (var c = 0; c < labels.Length; c++)
            {
                key = key * labelCounts[c][levels[c]] + labels[c][levels[c]][i];
            }

            ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, key, out var exists);
            if (!exists)
            {
                number = sizes.Count;
                sizes.Add(0);
            }

            classes[i] = number;
            sizes[number] += counts[i];
        }

        return (classes, sizes);
    }

    private void CheckSize()
    {
        var most = hierarchies.Aggregate(1.0, (n, h) => n * h.Levels.Count);
        var keys = labelCounts.Aggregate(1.0, (n, c) => n * c.Max());
        if (most > MaxNodes || keys > long.MaxValue)
        {
            throw new Fault(FaultKind.Invalid, "fairness/too-many-levels", $"`{hierarchies.Count}` columns with their levels can be combined in more than {MaxNodes} ways, or have too many values; take fewer columns or fewer levels.");
        }
    }

    private IEnumerable<(int[] Levels, double Bound)> Nodes()
    {
        var most = hierarchies.Aggregate(1, (n, h) => n * h.Levels.Count);
        for (var node = 0; node < most; node++)
        {
            var (levels, rest, bound) = (new int[hierarchies.Count], node, 0.0);
            for (var c = levels.Length - 1; c >= 0; c--)
            {
                (rest, levels[c]) = Math.DivRem(rest, hierarchies[c].Levels.Count);
                bound += losses[c][levels[c]] / levels.Length;
            }

            yield return (levels, bound);
        }
    }

    /// <summary>Labels numbered, and what each hides: of the other values, the share that it stands for too.</summary>
    private static (int[] Labels, int Different, double[] Losses) Labelled(IReadOnlyList<string> level, int[] values)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var (numbered, leaves) = (new int[level.Count], new List<int>());
        for (var v = 0; v < level.Count; v++)
        {
            if (!numbers.TryGetValue(level[v], out var number))
            {
                number = numbers[level[v]] = leaves.Count;
                leaves.Add(0);
            }

            numbered[v] = number;
            leaves[number]++;
        }

        return (Array.ConvertAll(values, v => numbered[v]), leaves.Count, Array.ConvertAll(values, v => level.Count < 2 ? 0 : (leaves[numbered[v]] - 1.0) / (level.Count - 1)));
    }
}
