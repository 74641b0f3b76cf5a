using System.Text.Json;
using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Vault;

namespace Candor.Rights;

/// <summary>The JSON files of an access report.</summary>
internal static class ReportJson
{
    private const string Format = "candor-access-report/1";
    private const string PortableFormat = "candor-portability/1";

    // Names and texts of people are in many alphabets; the file is read as it is, never put into a page.
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Everything.</summary>
    public static async Task WriteAsync(ReportContent content, Stream stream, CancellationToken ct)
    {
        await using var json = new Utf8JsonWriter(stream, Options);
        Begin(json, content, Format);
        json.WriteStartArray("dataPoints");
        foreach (var (point, values) in content.DataPoints)
        {
            json.WriteStartObject();
            WritePoint(json, content, point);
            await WriteValuesAsync(json, point, values, ct);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("days");
        foreach (var (name, day) in content.Days)
        {
            json.WriteString(name, day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
        }

        json.WriteEndObject();
        WritePurposes(json, content);
        WriteChoices(json, content);
        WriteEntries(json, content);
        json.WriteEndObject();
        await json.FlushAsync(ct);
    }

    /// <summary>What the customer may take elsewhere: provided and observed, on the ground of consent or contract.</summary>
    public static async Task WritePortableAsync(ReportContent content, Stream stream, CancellationToken ct)
    {
        await using var json = new Utf8JsonWriter(stream, Options);
        Begin(json, content, PortableFormat);
        json.WriteStartArray("dataPoints");
        foreach (var (point, values) in content.DataPoints.Where(d => ReportContent.IsPortable(content.UsersOf(d.Point))))
        {
            json.WriteStartObject();
            json.WriteString("id", point.Id.Value);
            json.WriteString("label", point.Label.In(content.Language));
            json.WriteString("category", "https://w3id.org/dpv/pd#" + point.Category);
            await WriteValuesAsync(json, point, values, ct);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        await json.FlushAsync(ct);
    }

    private static void Begin(Utf8JsonWriter json, ReportContent content, string format)
    {
        var organisation = content.Catalog.Catalog.Organisation;
        json.WriteStartObject();
        json.WriteString("format", format);
        json.WriteString("madeAt", content.At);
        json.WriteString("entry", content.Entry);
        json.WriteStartObject("controller");
        json.WriteString("name", organisation.Name);
        json.WriteString("contact", organisation.Contact);
        json.WriteString("country", organisation.Country);
        json.WriteString("address", organisation.Address);
        json.WriteEndObject();
        json.WriteStartObject("customer");
        json.WriteString("id", content.Opened.Customer.Value);
        json.WriteString("reference", content.Opened.Reference);
        json.WriteEndObject();
    }

    private static void WritePoint(Utf8JsonWriter json, ReportContent content, DataPoint point)
    {
        json.WriteString("id", point.Id.Value);
        json.WriteString("label", point.Label.In(content.Language));
        json.WriteString("category", "https://w3id.org/dpv/pd#" + point.Category);
        json.WriteString("kept", point.Retention.ToString());
        Texts(json, "usedFor", content.UsersOf(point).Select(p => p.Id.Value));
        Texts(json, "recipients", content.RecipientsOf(point));
        if (point.LegalHold is { } hold)
        {
            json.WriteStartObject("keptAfterErasure");
            json.WriteString("for", hold.For.Text);
            json.WriteString("reason", hold.Reason.In(content.Language));
            Texts(json, "members", hold.Keeps);
            json.WriteEndObject();
        }
    }

    private static async ValueTask WriteValuesAsync(Utf8JsonWriter json, DataPoint point, IReadOnlyList<OpenedValue> values, CancellationToken ct)
    {
        json.WriteStartArray("values");
        foreach (var value in values)
        {
            json.WriteStartObject();
            if (value.RecordId.Length > 0)
            {
                json.WriteString("id", value.RecordId);
            }

            json.WriteString(value.RecordId.Length > 0 ? "time" : "since", value.Time);
            json.WriteString("source", value.Source);
            if (ReportContent.KeptUntil(point, value) is { } end)
            {
                json.WriteString("keptUntil", end);
            }

            json.WritePropertyName("value");
            json.WriteRawValue(value.Json.Span);
            json.WriteEndObject();
            if (json.BytesPending > ReportArchive.Chunk)
            {
                await json.FlushAsync(ct);
            }
        }

        json.WriteEndArray();
    }

    private static void WritePurposes(Utf8JsonWriter json, ReportContent content)
    {
        json.WriteStartArray("purposes");
        foreach (var purpose in content.Catalog.Catalog.Purposes.Values.Where(p => p.Active).OrderBy(p => p.Id.Value, StringComparer.Ordinal))
        {
            json.WriteStartObject();
            json.WriteString("id", purpose.Id.Value);
            json.WriteString("label", purpose.Label.In(content.Language));
            json.WriteString("why", purpose.Why.In(content.Language));
            json.WriteString("basis", JsonNamingPolicy.KebabCaseLower.ConvertName(purpose.Basis.ToString()));
            json.WriteBoolean("allowedNow", content.IsOn(purpose));
            json.WriteBoolean("automatedDecision", purpose.AutomatedDecision);
            Texts(json, "dataPoints", purpose.Uses.Keys.Select(d => d.Value).Order(StringComparer.Ordinal));
            Texts(json, "recipients", purpose.Recipients.Order(StringComparer.Ordinal));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteChoices(Utf8JsonWriter json, ReportContent content)
    {
        json.WriteBoolean("restricted", content.IsRestricted);
        json.WriteStartArray("choices");
        foreach (var record in content.Records)
        {
            json.WriteStartObject();
            json.WriteNumber("version", record.Version);
            json.WriteString("time", record.At);
            json.WriteString("purpose", record.Purpose?.Value);
            json.WriteString("event", record.Event.Code());
            json.WriteString("method", record.Method);
            json.WriteString("notice", record.NoticeHash);
            if (record.ExpiresAt is { } end)
            {
                json.WriteString("expires", end);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteEntries(Utf8JsonWriter json, ReportContent content)
    {
        json.WriteStartArray("whoLooked");
        foreach (var entry in content.Entries)
        {
            json.WriteStartObject();
            json.WriteString("entry", entry.Id);
            json.WriteString("time", entry.At);
            json.WriteString("what", ReportTables.Kind(entry));
            json.WriteString("who", entry.Event.Actor);
            json.WriteString("purpose", entry.Event.Purpose);
            Texts(json, "dataPoints", entry.Event.DataPoints);
            json.WriteString("reason", entry.Event.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Texts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }
}
