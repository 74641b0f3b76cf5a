using System.Text;
using Candor.Kernel;
using Sylvan.Data.Csv;

namespace Candor.Fairness;

/// <summary>Chosen columns of a CSV file, each value as a number. What a file of records to be exported is measured by.</summary>
/// <param name="Values">By column, the different values in the order in which they came.</param>
/// <param name="Numbers">By column, then by record: position in <paramref name="Values"/>.</param>
public sealed record RecordFile(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Values, IReadOnlyList<int[]> Numbers)
{
    public int Records => Numbers.Count == 0 ? 0 : Numbers[0].Length;

    /// <exception cref="Fault">Invalid <c>fairness/bad-file</c>, <c>fairness/no-such-column</c>.</exception>
    public static RecordFile Read(Stream stream, IReadOnlyList<string> columns, CancellationToken ct)
    {
        try
        {
            using var csv = CsvDataReader.Create(new StreamReader(stream, Encoding.UTF8));
            var names = Enumerable.Range(0, csv.FieldCount).Select(csv.GetName).ToList();
            var ordinals = columns.Select(c => names.IndexOf(c) is var at and >= 0 ? at : throw new Fault(FaultKind.Invalid, "fairness/no-such-column",
                $"There is no column `{Name.Shown(c)}`; the file has {string.Join(", ", names.Select(n => $"`{Name.Shown(n)}`"))}.")).ToArray();
            var seen = ordinals.Select(_ => new Dictionary<string, int>(StringComparer.Ordinal)).ToArray();
            var numbers = ordinals.Select(_ => new List<int>()).ToArray();
            while (csv.Read())
            {
                ct.ThrowIfCancellationRequested();
                for (var i = 0; i < ordinals.Length; i++)
                {
                    var text = ordinals[i] < csv.RowFieldCount ? csv.GetFieldSpan(ordinals[i]).Trim() : default;
                    var look = seen[i].GetAlternateLookup<ReadOnlySpan<char>>();
                    if (!look.TryGetValue(text, out var number))
                    {
                        look[text] = number = seen[i].Count;
                    }

                    numbers[i].Add(number);
                }
            }

            return new RecordFile(columns, [.. seen.Select(s => (IReadOnlyList<string>)[.. s.Keys])], [.. numbers.Select(n => n.ToArray())]);
        }
        catch (Exception e) when (e is CsvFormatException or CsvRecordTooLargeException or CsvMissingHeadersException or InvalidDataException)
        {
            throw new Fault(FaultKind.Invalid, "fairness/bad-file", "The file cannot be read as CSV with a first line that names its columns; mend it and run the same command again.", e);
        }
    }
}
