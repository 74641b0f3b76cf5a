using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Candor.Kernel;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Candor.Collection;

/// <summary>How the columns of a CSV file become records of a history.</summary>
/// <remarks>Every member is described in docs/import-your-shop.md.</remarks>
public sealed class OrderMap
{
    private static readonly string[] ReadyNames = ["online-retail"];

    private OrderMap(Document document, string text)
    {
        (Source, Customer, Order, Line, KeepOld) = (document.Source!, document.Customer!, document.Order!, document.Line ?? [], document.KeepOld);
        DataPoint = DataPointId.Parse(document.DataPoint!);
        (TimeColumn, TimeFormats, Zone) = (document.Time!.Column!, document.Time.Formats!, TimeZoneInfo.FindSystemTimeZoneById(document.Time.Zone ?? "UTC"));
        (Culture, TextEncoding) = (CultureInfo.GetCultureInfo(document.Culture ?? "", predefinedOnly: true), EncodingOf(document.Encoding));
        Data = [.. document.Data!.Select(d => new Member(d.Key, d.Value.Column!, d.Value.Type ?? "text"))];
        Refuse = [.. (document.Refuse ?? []).Select(r => new Refusal(r.Column!, r.Is, r.StartsWith, r.Reason!))];
        Digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>One member of the stored record.</summary>
    /// <param name="Type"><c>text</c>, <c>integer</c> or <c>decimal</c>.</param>
    public sealed record Member(string Name, string Column, string Type);

    /// <summary>Rows to refuse: those whose column is, or starts with, a text.</summary>
    public sealed record Refusal(string Column, string? Is, string? StartsWith, string Reason)
    {
        public bool Matches(string text) => text == Is || (StartsWith is { Length: > 0 } start && text.StartsWith(start, StringComparison.Ordinal));
    }

    public string Source { get; }

    public DataPointId DataPoint { get; }

    public string Customer { get; }

    public string Order { get; }

    /// <summary>Columns that, with the order, tell one line from another.</summary>
    public IReadOnlyList<string> Line { get; }

    public string TimeColumn { get; }

    public string[] TimeFormats { get; }

    public TimeZoneInfo Zone { get; }

    /// <summary>Takes rows that are older than the data point's retention.</summary>
    public bool KeepOld { get; }

    public IReadOnlyList<Member> Data { get; }

    public IReadOnlyList<Refusal> Refuse { get; }

    /// <summary>How numbers and month names are written.</summary>
    public CultureInfo Culture { get; }

    public Encoding TextEncoding { get; }

    public string Digest { get; }

    /// <summary>All columns that it names.</summary>
    public IEnumerable<string> Columns => [Customer, Order, .. Line, TimeColumn, .. Data.Select(d => d.Column), .. Refuse.Select(r => r.Column)];

    /// <summary>A mapping that ships.</summary>
    public static OrderMap Ready(string name)
    {
        if (!ReadyNames.Contains(name))
        {
            throw new Fault(FaultKind.Invalid, "collection/no-such-map", $"There is no file and no ready mapping `{Name.Shown(name)}`; ready is `online-retail`.");
        }

        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream($"map/{name}.yaml")!);
        return Read(reader.ReadToEnd(), name + ".yaml");
    }

    /// <summary>Reads a mapping file.</summary>
    public static OrderMap Read(string yaml, string fileName)
    {
        try
        {
            var document = new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).Build().Deserialize<Document?>(yaml)
                ?? throw Wrong(fileName, 1, "the file is empty");
            if (document.WhatIsMissing() is { } missing)
            {
                throw Wrong(fileName, 1, $"`{missing}` is missing");
            }

            if (document.Data!.FirstOrDefault(d => d.Value.Type is not (null or "text" or "integer" or "decimal")) is { Key: { } bad })
            {
                throw Wrong(fileName, 1, $"the type of `{bad}` is `text`, `integer` or `decimal`; found `{Name.Shown(document.Data![bad].Type)}`");
            }

            if (document.Encoding is not (null or "utf-8" or "iso-8859-1" or "windows-1252"))
            {
                throw Wrong(fileName, 1, $"`encoding` is `utf-8`, `iso-8859-1` or `windows-1252`; found `{Name.Shown(document.Encoding)}`");
            }

            return new OrderMap(document, yaml);
        }
        catch (YamlException e)
        {
            throw Wrong(fileName, e.Start.Line, (e.InnerException?.Message ?? e.Message).TrimEnd('.'));
        }
        catch (CultureNotFoundException)
        {
            throw Wrong(fileName, 1, "`culture` is a language and region such as `de-DE`");
        }
        catch (Exception e) when (e is TimeZoneNotFoundException or InvalidTimeZoneException)
        {
            throw Wrong(fileName, 1, "`time.zone` is a time zone such as `Europe/London`");
        }
    }

    /// <summary>Reads an instant; null when no format fits. A time that names its own offset (<c>K</c>, <c>zzz</c>) is taken by it.</summary>
    internal DateTimeOffset? Time(string text)
    {
        if (!DateTime.TryParseExact(text, TimeFormats, Culture, DateTimeStyles.AllowWhiteSpaces | DateTimeStyles.AdjustToUniversal, out var local))
        {
            return null;
        }

        return new DateTimeOffset(local.Kind == DateTimeKind.Utc ? local : TimeZoneInfo.ConvertTimeToUtc(Zone.IsInvalidTime(local) ? local.AddHours(1) : local, Zone));
    }

    /// <summary>Reads a number; null when it is none of its type. No separators of thousands: `2,50` would be read as 250.</summary>
    internal decimal? Number(string text, string type) =>
        decimal.TryParse(text, NumberStyles.Number & ~NumberStyles.AllowThousands, Culture, out var number) && (type == "decimal" || number == decimal.Truncate(number)) ? number : null;

    private static Encoding EncodingOf(string? name) => name switch
    {
        null or "utf-8" => Encoding.UTF8,
        "iso-8859-1" => Encoding.Latin1,
        _ => CodePagesEncodingProvider.Instance.GetEncoding(name)!,
    };

    private static Fault Wrong(string file, long line, string what) =>
        new(FaultKind.Invalid, "collection/bad-map", $"{file}:{line}: {what}. docs/import-your-shop.md describes a mapping file.");

    private sealed class Document
    {
        public string? Source { get; set; }

        public string? DataPoint { get; set; }

        public string? Customer { get; set; }

        public string? Order { get; set; }

        public List<string>? Line { get; set; }

        public TimeOfRow? Time { get; set; }

        public bool KeepOld { get; set; }

        public string? Culture { get; set; }

        public string? Encoding { get; set; }

        public List<RefusedRow>? Refuse { get; set; }

        public Dictionary<string, DataColumn>? Data { get; set; }

        public string? WhatIsMissing() =>
            Source is null ? "source" : !DataPointId.TryParse(DataPoint, null, out _) ? "dataPoint" : Customer is null ? "customer" : Order is null ? "order"
            : Time?.Column is null ? "time.column" : Time.Formats is not { Length: > 0 } ? "time.formats" : Data is not { Count: > 0 } || Data.Values.Any(d => d?.Column is null) ? "data"
            : Line?.Any(l => l is null) == true ? "line"
            : Refuse?.Any(r => r is not { Column: not null, Reason.Length: > 0 } || (r.Is is null) == (r.StartsWith is null)) == true ? "refuse: column, reason, and one of is and startsWith" : null;
    }

    private sealed class TimeOfRow
    {
        public string? Column { get; set; }

        public string[]? Formats { get; set; }

        public string? Zone { get; set; }
    }

    private sealed class RefusedRow
    {
        public string? Column { get; set; }

        public string? Is { get; set; }

        public string? StartsWith { get; set; }

        public string? Reason { get; set; }
    }

    private sealed class DataColumn
    {
        public string? Column { get; set; }

        public string? Type { get; set; }
    }
}
