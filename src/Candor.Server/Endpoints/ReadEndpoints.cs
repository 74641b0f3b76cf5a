using System.Buffers;
using System.Text.Json;
using Candor.Gate;
using Candor.Kernel;
using Candor.Reads;
using Candor.Server.Web;
using Candor.Vault;

namespace Candor.Server.Endpoints;

/// <summary>The gated read.</summary>
internal static class ReadEndpoints
{
    /// <summary>Most data points named in one request.</summary>
    private const int MaxFields = 64;

    public static void MapReads(this IEndpointRouteBuilder app) => app.MapGet("/v1/customers/{reference}", ReadAsync)
        .WithTags("Reads").WithSummary("Read data points of one customer for one purpose")
        .WithDescription("`purpose` is required. `fields` names data points, separated by commas; without it, all that the purpose uses. `case` where the purpose needs one. `limit` bounds each history, 100 unless set.")
        .Produces(StatusCodes.Status200OK, contentType: "application/json").ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status400BadRequest);

    private static async Task ReadAsync(string reference, string purpose, string? fields, string? @case, int? limit, ConsentedRead reads, HttpContext http)
    {
        var ct = http.RequestAborted;
        var request = new ReadRequest(http.Token(), reference, PurposeId.Parse(purpose), ParseFields(string.IsNullOrEmpty(fields) ? [] : fields.Split(',')), ParseCase(@case), ParseLimit(limit));
        var outcome = await reads.RunAsync(request, ct);
        switch (outcome)
        {
            case null:
                await Problems.Unknown(http).ExecuteAsync(http);
                break;
            case { Decision: Decision.Allowed allowed }:
                await WriteAsync(http, purpose, allowed, outcome, ct);
                break;
            default:
                await Problems.Denied(outcome.ShownReason!.Value, outcome.Entry).ExecuteAsync(http);
                break;
        }
    }

    internal static List<DataPointId> ParseFields(IReadOnlyList<string> names)
    {
        if (names.Count > MaxFields)
        {
            throw new Fault(FaultKind.Invalid, "reads/too-many-fields", $"At most `{MaxFields}` fields are read at once; got `{names.Count}`.");
        }

        var parsed = new List<DataPointId>(names.Count);
        foreach (var name in names)
        {
            var id = DataPointId.Parse(name);
            if (!parsed.Contains(id))
            {
                parsed.Add(id);
            }
        }

        return parsed;
    }

    internal static string? ParseCase(string? text) => text is null or { Length: >= 1 and <= 64 } && text?.Any(char.IsControl) != true
        ? text
        : throw new Fault(FaultKind.Invalid, "reads/bad-case", $"A case has 1 to 64 characters; got `{text.Length}`.");

    internal static int ParseLimit(int? limit) => limit switch
    {
        null => 100,
        >= 1 and <= ReadRequest.MaxHistory => limit.Value,
        _ => throw new Fault(FaultKind.Invalid, "reads/bad-limit", $"`limit` is 1 to {ReadRequest.MaxHistory}; got `{limit}`."),
    };

    /// <summary>Written by hand because the values are JSON already: <c>{purpose, fields, withheld, entry}</c>.</summary>
    private static async Task WriteAsync(HttpContext http, string purpose, Decision.Allowed allowed, ReadOutcome outcome, CancellationToken ct)
    {
        http.Response.ContentType = "application/json; charset=utf-8";
        using (var json = new Utf8JsonWriter((IBufferWriter<byte>)http.Response.BodyWriter, new JsonWriterOptions { SkipValidation = true }))
        {
            json.WriteStartObject();
            json.WriteString("purpose"u8, purpose);
            json.WriteStartObject("fields"u8);
            WriteValues(json, outcome.Opened!.Values);
            json.WriteEndObject();
            json.WriteStartArray("withheld"u8);
            foreach (var (dataPoint, reason) in allowed.Withheld)
            {
                json.WriteStartObject();
                json.WriteString("dataPoint"u8, dataPoint.Value);
                json.WriteString("reason"u8, reason.Code());
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("entry"u8, outcome.Entry);
            json.WriteEndObject();
        }

        await http.Response.BodyWriter.FlushAsync(ct);
    }

    /// <summary>Fields as their values; histories as arrays of <c>{id, time, data}</c>, newest first. INVARIANT: records of a history stand together.</summary>
    internal static void WriteValues(Utf8JsonWriter json, IReadOnlyList<OpenedValue> values)
    {
        DataPointId? history = null;
        foreach (var value in values)
        {
            if (history is not null && history != value.DataPoint)
            {
                json.WriteEndArray();
                history = null;
            }

            if (value.RecordId.Length == 0)
            {
                json.WritePropertyName(value.DataPoint.Value);
                json.WriteRawValue(value.Json.Span, skipInputValidation: true);
                continue;
            }

            if (history is null)
            {
                json.WriteStartArray(value.DataPoint.Value);
                history = value.DataPoint;
            }

            json.WriteStartObject();
            json.WriteString("id"u8, value.RecordId);
            json.WriteString("time"u8, value.Time);
            json.WritePropertyName("data"u8);
            json.WriteRawValue(value.Json.Span, skipInputValidation: true);
            json.WriteEndObject();
        }

        if (history is not null)
        {
            json.WriteEndArray();
        }
    }
}
