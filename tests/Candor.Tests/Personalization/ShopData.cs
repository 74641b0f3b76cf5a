using System.Globalization;
using System.IO.Compression;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Tests.House;
using Sylvan.Data.Csv;

namespace Candor.Tests.Personalization;

/// <summary>Public data sets, read once.</summary>
internal static class ShopData
{
    private static readonly Lazy<(IReadOnlyList<VisitRecord> Train, IReadOnlyList<VisitRecord> Test)> Clicks =
        new(() => (ReadClicks("datasets/rsc15-100k/train.tsv.gz"), ReadClicks("datasets/rsc15-100k/test.tsv.gz")));

    /// <summary>Clicks of the RecSys Challenge 2015, the session-rec sample: training visits and later test visits.</summary>
    public static (IReadOnlyList<VisitRecord> Train, IReadOnlyList<VisitRecord> Test) Rsc15 => Clicks.Value;

    private static readonly Lazy<IReadOnlyList<BasketRecord>> Invoices = new(() => [.. ReadInvoices()]);

    /// <summary>Invoices of the Online Retail data set as baskets.</summary>
    /// <remarks>Rows with no customer, cancelled invoices, quantity or price not above 0, and stock codes whose first five characters are not digits are dropped.</remarks>
    public static IReadOnlyList<BasketRecord> OnlineRetail => Invoices.Value;

    private static IEnumerable<BasketRecord> ReadInvoices()
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(Repository.Shared("datasets/online-retail/online_retail.csv.gz")), CompressionMode.Decompress));
        using var csv = CsvDataReader.Create(reader);
        var baskets = new Dictionary<string, (string Customer, long TimeUs, HashSet<string> Items)>();
        while (csv.Read())
        {
            var (invoice, code, customer) = (csv.GetString(0), csv.GetString(1), csv.GetString(6));
            if (customer.Length == 0 || invoice.StartsWith('C') || csv.GetInt32(3) <= 0 || csv.GetDecimal(5) <= 0 || code.Length < 5 || !code.AsSpan(0, 5).ContainsOnlyDigits())
            {
                continue;
            }

            var time = Micros.From(new DateTimeOffset(csv.GetDateTime(4), TimeSpan.Zero));
            (baskets.TryGetValue(invoice, out var known) ? known : baskets[invoice] = (customer, time, [])).Items.Add(code);
        }

        return baskets.Select(b => new BasketRecord(b.Value.Customer, b.Key, [.. b.Value.Items], b.Value.TimeUs));
    }

    private static bool ContainsOnlyDigits(this ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');

    private static List<VisitRecord> ReadClicks(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(Repository.Shared(path)), CompressionMode.Decompress));
        reader.ReadLine();
        var visits = new Dictionary<string, (List<string> Items, List<long> Times)>();
        while (reader.ReadLine() is { } line)
        {
            var cells = line.Split('\t');
            var visit = visits.TryGetValue(cells[0], out var known) ? known : visits[cells[0]] = ([], []);
            visit.Items.Add(cells[1]);
            visit.Times.Add((long)(double.Parse(cells[2], CultureInfo.InvariantCulture) * 1e6));
        }

        return [.. visits.Select(v => new VisitRecord(v.Key, v.Value.Items, v.Value.Times))];
    }
}
