using System.Globalization;
using System.Text.Json;
using Candor.Audit;
using Candor.Catalog;
using Candor.Collection;
using Candor.Consent;
using Candor.Vault;

namespace Candor.Rights;

/// <summary>The tables of an access report: CSV in UTF-8 with a byte order mark, which spreadsheets want, and no text that they would take for a formula.</summary>
internal static class ReportTables
{
    /// <summary>Most members of a history's records that get a column of their own; the rest stands in the JSON file.</summary>
    private const int MaxColumns = 100;

    public static async Task WriteFieldsAsync(ReportContent content, Stream stream, CancellationToken ct)
    {
        var file = Begin(stream, ct, "dataPoint", "label", "value", "source", "since", "keptUntil", "usedFor", "recipients");
        foreach (var (point, values) in content.DataPoints.Where(d => d.Point.Kind == DataPointKind.Field))
        {
            var users = content.UsersOf(point);
            foreach (var value in values)
            {
                await AddAsync(file, point.Id.Value, point.Label.In(content.Language), content.Readable(value.Json, point), value.Source, Instant(value.Time),
                    ReportContent.KeptUntil(point, value) is { } end ? Instant(end) : "while-customer", string.Join("; ", users.Select(u => u.Label.In(content.Language))),
                    string.Join("; ", content.RecipientsOf(point)));
            }
        }

        await file.FlushAsync();
    }

    public static async Task WriteHistoryAsync(DataPoint point, IReadOnlyList<OpenedValue> values, Stream stream, CancellationToken ct)
    {
        var columns = Columns(values);
        var file = Begin(stream, ct, ["id", "time", "source", "keptUntil", .. columns.Keys]);
        var row = new string[4 + columns.Count];
        foreach (var value in values)
        {
            Array.Fill(row, "");
            (row[0], row[1], row[2], row[3]) = (value.RecordId, Instant(value.Time), value.Source, ReportContent.KeptUntil(point, value) is { } end ? Instant(end) : "while-customer");
            using var json = JsonDocument.Parse(value.Json);
            if (json.RootElement.ValueKind == JsonValueKind.Object)
            {
                foreach (var member in json.RootElement.EnumerateObject().Where(m => columns.ContainsKey(m.Name)))
                {
                    row[4 + columns[member.Name]] = member.Value.ToString();
                }
            }
            else
            {
                row[4 + columns[""]] = json.RootElement.ToString();
            }

            await AddAsync(file, row);
        }

        await file.FlushAsync();
    }

    public static async Task WriteChoicesAsync(ReportContent content, Stream stream, CancellationToken ct)
    {
        var file = Begin(stream, ct, "version", "time", "purpose", "event", "method", "language", "expires", "notice", "record");
        foreach (var r in content.Records)
        {
            await AddAsync(file, Number(r.Version), Instant(r.At), r.Purpose?.Value ?? "", r.Event.Code(), r.Method, r.Language,
                r.ExpiresAt is { } end ? Instant(end) : "", r.NoticeHash, r.Id);
        }

        await file.FlushAsync();
    }

    public static async Task WriteEntriesAsync(ReportContent content, Stream stream, CancellationToken ct)
    {
        var file = Begin(stream, ct, "time", "what", "who", "purpose", "dataPoints", "reason", "entry");
        foreach (var e in content.Entries)
        {
            await AddAsync(file, Instant(e.At), Kind(e), e.Event.Actor, e.Event.Purpose ?? "", string.Join("; ", e.Event.DataPoints), e.Event.Reason ?? "", e.Id);
        }

        await file.FlushAsync();
    }

    /// <summary>What happened, as one word of the log.</summary>
    internal static string Kind(AuditEntry e) => JsonNamingPolicy.KebabCaseLower.ConvertName(e.Event.Kind.ToString());

    internal static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Names of the members, in the order in which they first occur; an empty name for records that are no objects.</summary>
    private static Dictionary<string, int> Columns(IReadOnlyList<OpenedValue> values)
    {
        var columns = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var value in values)
        {
            var reader = new Utf8JsonReader(value.Json.Span);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                columns.TryAdd("", columns.Count);
                continue;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                if (columns.Count < MaxColumns)
                {
                    columns.TryAdd(name, columns.Count);
                }

                reader.Skip();
            }
        }

        return columns;
    }

    private static ReportWriter Begin(Stream stream, CancellationToken ct, params string[] header)
    {
        var file = new ReportWriter(stream, ct);
        file.Text.Append('\ufeff');
        Line(file, header);
        return file;
    }

    private static ValueTask AddAsync(ReportWriter file, params string[] row)
    {
        Line(file, row);
        return file.WriteAsync();
    }

    private static void Line(ReportWriter file, string[] row)
    {
        for (var i = 0; i < row.Length; i++)
        {
            file.Text.Append(i > 0 ? "," : "").Append(CsvText.Escape(row[i]));
        }

        file.Text.Append("\r\n");
    }
}
