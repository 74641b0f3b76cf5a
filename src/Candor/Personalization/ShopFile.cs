using System.Globalization;
using Candor.Kernel;
using Sylvan.Data.Csv;

namespace Candor.Personalization;

/// <summary>Reads clicks or purchases from a CSV file, plain or gzip, comma, semicolon or tab: an item a row, with the visit or the order that it belongs to, and when.</summary>
/// <remarks>Columns are found by name, whatever their case: see <see cref="Names"/>. A row without an item, a time or what it belongs to is left out, and so is one whose
/// quantity or price is there and not above 0, or whose order is cancelled (a number that begins with C and goes on in digits).</remarks>
public sealed class ShopFile
{
    private static readonly string[] Items = ["item", "product", "sku", "itemid", "productid", "stockcode"];
    private static readonly string[] Visits = ["session", "visit", "sessionid", "visitid"];
    private static readonly string[] Orders = ["order", "invoice", "basket", "orderid", "invoiceno", "invoicenumber", "basketid"];
    private static readonly string[] Customers = ["customer", "user", "customerid", "userid", "visitor", "visitorid"];
    private static readonly string[] Times = ["time", "timestamp", "date", "invoicedate", "orderdate"];
    private static readonly string[] Above0 = ["quantity", "price", "unitprice"];

    private readonly Dictionary<string, string> pool = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string? Customer, List<(string Item, long TimeUs)> Rows)> groups = new(StringComparer.Ordinal);

    /// <summary>What the header may call each column, for people.</summary>
    public static string Names => $"{string.Join("/", Items)}; {string.Join("/", Visits)} or {string.Join("/", Orders)}; {string.Join("/", Customers)}; {string.Join("/", Times)}";

    /// <summary>Rows that were used.</summary>
    public long Used { get; private set; }

    /// <summary>Rows that were left out.</summary>
    public long LeftOut { get; private set; }

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="Fault">Invalid <c>personalization/bad-file</c> when the columns that are needed are not there.</exception>
    public ShopRecords Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            using var csv = CsvDataReader.Create(new StreamReader(UnpackedFile.Open(file, "personalization")), new CsvDataReaderOptions { BufferSize = 1 << 16 });
            return Read(csv);
        }
        catch (Exception e) when (e is CsvFormatException or CsvRecordTooLargeException or CsvMissingHeadersException or InvalidDataException)
        {
            throw new Fault(FaultKind.Invalid, "personalization/bad-file", "The file cannot be read as CSV with a header.", e);
        }
    }

    private ShopRecords Read(CsvDataReader csv)
    {
        int Find(string[] names) => Enumerable.Range(0, csv.FieldCount).FirstOrDefault(
            i => names.Contains(csv.GetName(i).Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant()), -1);
        var (item, visit, order, customer, time) = (Find(Items), Find(Visits), Find(Orders), Find(Customers), Find(Times));
        var isVisits = visit >= 0;
        if (item < 0 || time < 0 || (!isVisits && (order < 0 || customer < 0)))
        {
            throw new Fault(FaultKind.Invalid, "personalization/bad-file",
                $"A file of clicks needs columns for item, visit and time; one of purchases for item, order, customer and time. Names that are known: {Names}.");
        }

        int[] above0 = [.. Above0.Select(n => Find([n])).Where(i => i >= 0)];
        while (csv.Read())
        {
            var group = csv.GetString(isVisits ? visit : order);
            var who = customer < 0 ? "" : csv.GetString(customer);
            var isWhole = csv.GetString(item).Length > 0 && group.Length > 0 && (isVisits || (who.Length > 0 && !IsCancelled(group)));
            if (!isWhole || !above0.All(i => decimal.TryParse(csv.GetString(i), CultureInfo.InvariantCulture, out var n) && n > 0) || TimeOf(csv.GetString(time)) is not { } at)
            {
                LeftOut++;
                continue;
            }

            Used++;
            Add(isVisits ? group : $"{who}/{group}", who, csv.GetString(item), at);
        }

        return isVisits ? new ShopRecords([.. groups.Select(VisitOf)], []) : new ShopRecords([], [.. groups.Select(BasketOf)]);
    }

    private void Add(string key, string who, string item, long at)
    {
        if (!groups.TryGetValue(key, out var group))
        {
            groups[key] = group = (who.Length > 0 ? Pooled(who) : null, []);
        }

        group.Rows.Add((Pooled(item), at));
    }

    private string Pooled(string text) => pool.TryGetValue(text, out var known) ? known : pool[text] = text;

    private static VisitRecord VisitOf(KeyValuePair<string, (string? Customer, List<(string Item, long TimeUs)> Rows)> group)
    {
        var rows = group.Value.Rows.OrderBy(r => r.TimeUs).ToList();
        return new VisitRecord(group.Key, rows.ConvertAll(r => r.Item), rows.ConvertAll(r => r.TimeUs)) { Customer = group.Value.Customer };
    }

    private static BasketRecord BasketOf(KeyValuePair<string, (string? Customer, List<(string Item, long TimeUs)> Rows)> group) =>
        new(group.Value.Customer!, group.Key, [.. group.Value.Rows.Select(r => r.Item).Distinct(StringComparer.Ordinal)], group.Value.Rows[^1].TimeUs);

    private static bool IsCancelled(string order) => order.Length > 1 && order[0] is 'C' && !order.AsSpan(1).ContainsAnyExceptInRange('0', '9');

    /// <summary>A date and time, UTC unless it says otherwise; or seconds, milliseconds or microseconds since 1970, told apart by their size.</summary>
    private static long? TimeOf(string text)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            return number is > 0 and < 1e17 ? (long)(number < 1e11 ? number * 1e6 : number < 1e14 ? number * 1e3 : number) : null;
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? Micros.From(at) : null;
    }
}
