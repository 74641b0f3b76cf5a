using System.Globalization;
using System.Text;
using Candor.Kernel;
using Sylvan.Data.Csv;

namespace Candor.Fairness;

/// <summary>What was read of a file of decisions.</summary>
/// <param name="Rows">All rows after the header.</param>
/// <param name="WithoutDecision">Rows whose decision is empty; they are left out.</param>
/// <param name="WithoutTruth">Rows that have a decision and no truth; they count for the selection rate alone.</param>
/// <param name="WithoutScore">Rows that have a decision and no score.</param>
public sealed record DecisionsRead(long Rows, long WithoutDecision, long WithoutTruth, long WithoutScore);

/// <summary>Reads a CSV file of decisions, plain or gzip, row by row, so that its size does not matter.</summary>
public sealed class DecisionFile(string path, DecisionColumns columns)
{
    /// <summary>Longest row, in characters.</summary>
    private const int MaxRow = 1 << 20;

    private const int RowsBetweenReports = 1 << 14;

    /// <summary>Counts all rows into <paramref name="tally"/>.</summary>
    /// <param name="progress">Told the share of the file that is read.</param>
    /// <exception cref="Fault">NotFound <c>fairness/no-such-file</c>; Invalid <c>fairness/bad-file</c>, <c>fairness/no-such-column</c>, <c>fairness/bad-value</c>, <c>fairness/cut-off</c>.</exception>
    public DecisionsRead ReadInto(OutcomeTally tally, Action<double>? progress, CancellationToken ct)
    {
        if (!File.Exists(path))
        {
            throw new Fault(FaultKind.NotFound, "fairness/no-such-file", $"There is no file `{path}`.");
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        using var bytes = UnpackedFile.Open(file, "fairness");
        var line = 1L;
        try
        {
            using var csv = CsvDataReader.Create(new StreamReader(bytes, Encoding.UTF8), new CsvDataReaderOptions { BufferSize = 1 << 16, MaxBufferSize = MaxRow });
            var rows = new Rows(csv, columns, tally);
            while (csv.Read())
            {
                line++;
                rows.Take(line);
                // A quoted field may hold line breaks.
                line += csv.GetRawRecordSpan().TrimEnd("\r\n").Count('\n');
                if (rows.Count % RowsBetweenReports == 0)
                {
                    ct.ThrowIfCancellationRequested();
                    progress?.Invoke((double)file.Position / Math.Max(1, file.Length));
                }
            }

            return rows.Read;
        }
        catch (Exception e) when (e is CsvFormatException or CsvRecordTooLargeException or CsvMissingHeadersException or InvalidDataException)
        {
            throw new Fault(FaultKind.Invalid, "fairness/bad-file",
                line == 1 ? $"`{path}` has no first line that names the columns of a CSV file." : $"Line `{line + 1}` of `{path}` cannot be read as CSV; mend it and run the same command again.", e);
        }
    }

    /// <summary>One row after the other. Its columns are looked up once.</summary>
    private sealed class Rows
    {
        private readonly CsvDataReader csv;
        private readonly DecisionColumns columns;
        private readonly OutcomeTally tally;
        private readonly int decision, truth, score;
        private readonly int[] groups, values;
        private long withoutDecision, withoutTruth, withoutScore;

        public Rows(CsvDataReader csv, DecisionColumns columns, OutcomeTally tally)
        {
            (this.csv, this.columns, this.tally) = (csv, columns, tally);
            (decision, truth, score) = (Ordinal(columns.Decision), Ordinal(columns.Truth), Ordinal(columns.Score));
            groups = [.. tally.Columns.Select(c => Ordinal(c))];
            values = new int[groups.Length];
        }

        public long Count { get; private set; }

        public DecisionsRead Read => new(Count, withoutDecision, withoutTruth, withoutScore);

        public void Take(long line)
        {
            Count++;
            if (csv.RowFieldCount != csv.FieldCount)
            {
                throw Bad($"Line `{line}` has `{csv.RowFieldCount}` fields, and the first line names {csv.FieldCount}; mend it and run the same command again.");
            }

            if (Answer(decision, columns.DecisionYes, "decision", line) is not { } decided)
            {
                withoutDecision++;
                return;
            }

            for (var i = 0; i < groups.Length; i++)
            {
                values[i] = tally.NumberOf(i, csv.GetFieldSpan(groups[i]));
            }

            var right = truth < 0 ? null : Answer(truth, columns.TruthYes, "truth", line);
            var points = score < 0 ? null : Points(line);
            withoutTruth += truth >= 0 && right is null ? 1 : 0;
            withoutScore += score >= 0 && points is null ? 1 : 0;
            tally.Add(values, decided, right, points);
        }

        /// <summary>Yes or no; null when the field is empty.</summary>
        private bool? Answer(int ordinal, string? yes, string what, long line)
        {
            var text = csv.GetFieldSpan(ordinal).Trim();
            if (text.IsEmpty)
            {
                return null;
            }

            if (yes is not null)
            {
                return text.SequenceEqual(yes);
            }

            return text is "1" || text.Equals("true", StringComparison.OrdinalIgnoreCase) || text.Equals("yes", StringComparison.OrdinalIgnoreCase) ? true
                : text is "0" || text.Equals("false", StringComparison.OrdinalIgnoreCase) || text.Equals("no", StringComparison.OrdinalIgnoreCase) ? false
                : throw Bad($"Line `{line}`: the {what} is `{Name.Shown(text.ToString())}`; allowed are 1 and 0, true and false, yes and no, or name the value that means yes with --{what}-yes.");
        }

        private double? Points(long line)
        {
            var text = csv.GetFieldSpan(score).Trim();
            return text.IsEmpty ? null
                : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var points) && double.IsFinite(points) ? points
                : throw Bad($"Line `{line}`: the score is `{Name.Shown(text.ToString())}`; it is a number such as 0.75, or empty.");
        }

        private int Ordinal(string? column)
        {
            if (column is null)
            {
                return -1;
            }

            var names = Enumerable.Range(0, csv.FieldCount).Select(csv.GetName).ToList();
            return names.IndexOf(column) is var at and >= 0 ? at : throw new Fault(FaultKind.Invalid, "fairness/no-such-column",
                $"There is no column `{Name.Shown(column)}`; the file has {string.Join(", ", names.Select(n => $"`{Name.Shown(n)}`"))}.");
        }

        private static Fault Bad(string sentence) => new(FaultKind.Invalid, "fairness/bad-value", sentence);
    }
}
