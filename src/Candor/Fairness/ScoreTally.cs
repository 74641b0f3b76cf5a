using System.Runtime.InteropServices;

namespace Candor.Fairness;

/// <summary>People by group and score, in bounded memory: when there are too many different scores they are rounded, and the report says to how many bits.</summary>
internal sealed class ScoreTally(int maxCells = ScoreTally.DefaultMaxCells)
{
    /// <summary>Different pairs of group and score that are kept; about 20 MB.</summary>
    public const int DefaultMaxCells = 1 << 18;

    /// <summary>Bits after the first of a score as it comes.</summary>
    public const int AllBits = 52;

    private static readonly int[] Steps = [AllBits, 16, 12, 9, 7, 5, 3, 1];

    private Dictionary<(int Group, double Score), Cell> cells = [];
    private int step;

    /// <summary>People with one score in one group.</summary>
    internal struct Cell
    {
        public long Count, Known, Positive;
    }

    /// <summary>Significant bits that scores are kept to; <see cref="AllBits"/> is exact.</summary>
    public int Bits => Steps[step];

    public double Lowest { get; private set; } = double.PositiveInfinity;

    public double Highest { get; private set; } = double.NegativeInfinity;

    public void Add(int group, double score, bool? truth)
    {
        (Lowest, Highest) = (Math.Min(Lowest, score), Math.Max(Highest, score));
        ref var cell = ref CollectionsMarshal.GetValueRefOrAddDefault(cells, (group, Rounded(score)), out _);
        cell.Count++;
        cell.Known += truth is null ? 0 : 1;
        cell.Positive += truth == true ? 1 : 0;
        while (cells.Count > maxCells && step < Steps.Length - 1)
        {
            Coarsen();
        }
    }

    /// <summary>Each group's scores from low to high; groups without a score are empty.</summary>
    public List<(double Score, Cell Cell)>[] ByGroup(int groups)
    {
        var sorted = new List<(double Score, Cell Cell)>[groups];
        for (var g = 0; g < groups; g++)
        {
            sorted[g] = [];
        }

        foreach (var ((group, score), cell) in cells)
        {
            sorted[group].Add((score, cell));
        }

        Array.ForEach(sorted, s => s.Sort((a, b) => a.Score.CompareTo(b.Score)));
        return sorted;
    }

    private void Coarsen()
    {
        step++;
        var before = cells;
        cells = new(before.Count / 2);
        foreach (var ((group, score), was) in before)
        {
            ref var cell = ref CollectionsMarshal.GetValueRefOrAddDefault(cells, (group, Rounded(score)), out _);
            cell.Count += was.Count;
            cell.Known += was.Known;
            cell.Positive += was.Positive;
        }
    }

    /// <summary>To the nearest number with the bits that are kept. Order is kept; -0 becomes 0.</summary>
    private double Rounded(double score)
    {
        var drop = AllBits - Bits;
        var bits = BitConverter.DoubleToUInt64Bits(score + 0.0);
        return drop == 0 ? score + 0.0 : BitConverter.UInt64BitsToDouble(unchecked(bits + (1UL << (drop - 1))) >> drop << drop);
    }
}
