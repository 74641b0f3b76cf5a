using System.Globalization;
using System.Text;
using Candor.Kernel;
using Sylvan.Data.Csv;

namespace Candor.Fairness;

/// <summary>Which column of a file of lists is what.</summary>
/// <param name="Groups">A column each, or several joined with <c>*</c> for their intersection. At least one.</param>
/// <param name="Came">Null takes the column <c>came</c> where the file has one, as do the next three with <c>price</c>, <c>seller</c> and <c>sellerGroup</c>.</param>
public sealed record ListColumns(
    IReadOnlyList<string> Groups, string Customer = "customer", string Rank = "rank", string Item = "item", string? Came = null, string? Price = null, string? Seller = null, string? SellerGroup = null)
{
    public IReadOnlyList<Grouping> Groupings => [.. Groups.Select(Grouping.Parse)];
}

/// <summary>Reads a CSV file of lists, plain or gzip: one row a suggested item, a row without an item for a customer who got none, and one without a customer for an item that is offered.</summary>
public sealed class ListFile(string path, ListColumns columns)
{
    /// <summary>Longest row, in characters.</summary>
    private const int MaxRow = 1 << 20;

    /// <exception cref="Fault">NotFound <c>fairness/no-such-file</c>; Invalid <c>fairness/bad-file</c>, <c>fairness/no-such-column</c>, <c>fairness/bad-value</c>, <c>fairness/cut-off</c>.</exception>
    public SuggestedLists Read(CancellationToken ct)
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
            var rows = new Rows(csv, columns);
            var keeper = new ListKeeper(rows.GroupColumns);
            while (csv.Read())
            {
                ct.ThrowIfCancellationRequested();
                line++;
                keeper.Add(rows.Take(line), line);
                // A quoted field may hold line breaks.
                line += csv.GetRawRecordSpan().TrimEnd("\r\n").Count('\n');
            }

            return keeper.Lists();
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
        private readonly List<string> names;
        private readonly int customer, rank, item, came, price, seller, sellerGroup;
        private readonly int[] groups;

        public Rows(CsvDataReader csv, ListColumns columns)
        {
            this.csv = csv;
            names = [.. Enumerable.Range(0, csv.FieldCount).Select(csv.GetName)];
            (customer, rank, item) = (Ordinal(columns.Customer), Ordinal(columns.Rank), Ordinal(columns.Item));
            came = columns.Came is { } c ? Ordinal(c) : names.IndexOf("came");
            price = columns.Price is { } p ? Ordinal(p) : names.IndexOf("price");
            seller = columns.Seller is { } s ? Ordinal(s) : names.IndexOf("seller");
            sellerGroup = columns.SellerGroup is { } g ? Ordinal(g) : names.IndexOf("sellerGroup");
            GroupColumns = [.. columns.Groupings.SelectMany(x => x.Columns).Distinct(StringComparer.Ordinal)];
            groups = [.. GroupColumns.Select(Ordinal)];
        }

        public IReadOnlyList<string> GroupColumns { get; }

        public ListRow Take(long line)
        {
            if (csv.RowFieldCount != csv.FieldCount)
            {
                throw Bad($"Line `{line}` has `{csv.RowFieldCount}` fields, and the first line names {csv.FieldCount}; mend it and run the same command again.");
            }

            return new ListRow(
                Text(customer), [.. groups.Select(Text)], Text(rank) is { } r ? Whole(r, line) : null, Text(item), Text(came) is { } c ? Answer(c, line) : null, Text(price) is { } p ? Number(p, line) : null,
                Text(seller), Text(sellerGroup));
        }

        private string? Text(int ordinal) => ordinal >= 0 && csv.GetFieldSpan(ordinal).Trim() is { IsEmpty: false } text ? text.ToString() : null;

        private static int Whole(string text, long line) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var rank) ? rank
                : throw Bad($"Line `{line}`: the rank is `{Name.Shown(text)}`; it is a whole number from 1, the first place.");

        private static double Number(string text, long line) =>
            double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var price) && double.IsFinite(price) ? price
                : throw Bad($"Line `{line}`: the price is `{Name.Shown(text)}`; it is a number from 0 with a point, such as 9.90, or empty.");

        private static bool Answer(string text, long line) =>
            text is "1" || text.Equals("true", StringComparison.OrdinalIgnoreCase) || text.Equals("yes", StringComparison.OrdinalIgnoreCase)
                || (text is "0" || text.Equals("false", StringComparison.OrdinalIgnoreCase) || text.Equals("no", StringComparison.OrdinalIgnoreCase) ? false
                    : throw Bad($"Line `{line}`: what came is `{Name.Shown(text)}`; allowed are 1 and 0, true and false, yes and no, or nothing."));

        private int Ordinal(string column) => names.IndexOf(column) is var at and >= 0 ? at : throw new Fault(FaultKind.Invalid, "fairness/no-such-column",
            $"There is no column `{Name.Shown(column)}`; the file has {string.Join(", ", names.Select(n => $"`{Name.Shown(n)}`"))}.");

        private static Fault Bad(string sentence) => new(FaultKind.Invalid, "fairness/bad-value", sentence);
    }
}
