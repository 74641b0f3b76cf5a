using Candor.Kernel;

namespace Candor.Fairness;

/// <summary>A table of people counted by two things, to be published with its totals.</summary>
public sealed class CountTable
{
    private readonly long[,] counts;

    /// <exception cref="Fault">Invalid <c>fairness/bad-table</c>.</exception>
    public CountTable(long[,] counts) =>
        this.counts = counts.Cast<long>().All(c => c >= 0) ? counts : throw new Fault(FaultKind.Invalid, "fairness/bad-table", "A table counts people, so no cell is below `0`.");

    private int Rows => counts.GetLength(0);

    private int Columns => counts.GetLength(1);

    private IEnumerable<(int Row, int Column)> Cells => from r in Enumerable.Range(0, Rows) from c in Enumerable.Range(0, Columns) select (r, c);

    /// <summary>Hides cells of 1 to <paramref name="minimum"/> - 1 people, and with them others, until somebody who has the totals and the other cells is left with
    /// <paramref name="minimum"/> or more beyond one value for each. Of the ways found for a cell, the one that hides the fewest people is taken.</summary>
    /// <returns>True where a cell is hidden. Where the whole table is, look at <see cref="IsSafe"/>: the totals may still give too much away.</returns>
    public bool[,] Suppress(long minimum)
    {
        var hidden = new bool[Rows, Columns];
        foreach (var (row, column) in Cells)
        {
            hidden[row, column] = counts[row, column] > 0 && counts[row, column] < minimum;
        }

        while (Open(hidden, minimum) is { } open)
        {
            // Three more cells make a rectangle with it, in which people can be moved without changing a total.
            var best = Rectangles(open, hidden).OrderBy(r => Width(open, r.Hidden) < minimum).ThenBy(r => r.People).FirstOrDefault();
            if (best.Hidden is null)
            {
                Cells.ToList().ForEach(c => hidden[c.Row, c.Column] = true);
                break;
            }

            hidden = best.Hidden;
        }

        return hidden;
    }

    /// <summary>Whether every hidden cell could have values at least <paramref name="minimum"/> apart.</summary>
    public bool IsSafe(bool[,] hidden, long minimum) => Open(hidden, minimum) is null;

    /// <summary>The smallest and the largest value that a hidden cell can have, as somebody sees who has the totals and the cells that are not hidden.</summary>
    /// <remarks>These are the bounds of the linear program; with totals by row and by column it is a flow between rows and columns.</remarks>
    public (long Low, long High) Bounds(int row, int column, bool[,] hidden)
    {
        var here = counts[row, column];
        var (asRow, asColumn) = (row, Rows + column);
        return (here - Flow(asColumn, asRow, (row, column), hidden, here), here + Flow(asRow, asColumn, (row, column), hidden, long.MaxValue));
    }

    private (int Row, int Column)? Open(bool[,] hidden, long minimum)
    {
        foreach (var cell in Cells.Where(c => hidden[c.Row, c.Column]))
        {
            if (Width(cell, hidden) < minimum)
            {
                return cell;
            }
        }

        return null;
    }

    private long Width((int Row, int Column) cell, bool[,] hidden)
    {
        var (low, high) = Bounds(cell.Row, cell.Column, hidden);
        return high - low;
    }

    private IEnumerable<(bool[,] Hidden, long People)> Rectangles((int Row, int Column) cell, bool[,] hidden)
    {
        foreach (var (row, column) in Cells.Where(c => c.Row != cell.Row && c.Column != cell.Column))
        {
            (int Row, int Column)[] more = [(cell.Row, column), (row, cell.Column), (row, column)];
            var added = more.Where(c => !hidden[c.Row, c.Column]).ToList();
            if (added.Count > 0)
            {
                var wider = (bool[,])hidden.Clone();
                added.ForEach(c => wider[c.Row, c.Column] = true);
                yield return (wider, added.Sum(c => counts[c.Row, c.Column]));
            }
        }
    }

    /// <summary>How many people can go from a row to a column, or the other way, through the other hidden cells: a cell loses at most what it has, and gains without bound.</summary>
    private long Flow(int from, int to, (int Row, int Column) without, bool[,] hidden, long most)
    {
        var (left, moved) = ((long[,])counts.Clone(), 0L);
        while (moved < most && Path(from, to, Capacity) is { } path)
        {
            var step = Math.Min(most - moved, path.Zip(path.Skip(1), Capacity).Min());
            foreach (var (a, b) in path.Zip(path.Skip(1)))
            {
                if (a < Rows)
                {
                    left[a, b - Rows] -= step;
                }
                else
                {
                    left[b, a - Rows] += step;
                }
            }

            moved += step;
        }

        return moved;

        long Capacity(int a, int b)
        {
            var (row, column) = a < Rows ? (a, b - Rows) : (b, a - Rows);
            return !hidden[row, column] || (row, column) == without ? 0 : a < Rows ? left[row, column] : long.MaxValue;
        }
    }

    /// <summary>A shortest path; rows are numbered from 0, columns after them.</summary>
    private List<int>? Path(int from, int to, Func<int, int, long> capacity)
    {
        var before = new Dictionary<int, int> { [from] = -1 };
        var queue = new Queue<int>([from]);
        while (queue.TryDequeue(out var at))
        {
            foreach (var next in at < Rows ? Enumerable.Range(Rows, Columns) : Enumerable.Range(0, Rows))
            {
                if (capacity(at, next) > 0 && before.TryAdd(next, at))
                {
                    queue.Enqueue(next);
                }
            }
        }

        if (!before.ContainsKey(to))
        {
            return null;
        }

        var path = new List<int>();
        for (var at = to; at >= 0; at = before[at])
        {
            path.Insert(0, at);
        }

        return path;
    }
}
