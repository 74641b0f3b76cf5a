using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Candor.Kernel;
using Sylvan.Data.Csv;

namespace Candor.Collection;

/// <summary>One row of an order file: a record, or why it is none.</summary>
/// <param name="Line">1-based line of the row in the unpacked file, the header being 1.</param>
internal readonly record struct OrderRow(long Line, string? Reason, string Customer, string RecordId, DateTimeOffset Time, byte[] Json, string[] Raw);

/// <summary>Reads an order file, plain or gzip, row by row.</summary>
internal sealed class OrderFile : IDisposable
{
    public const string NobodysReason = "belongs to nobody: no customer";

    private const string UnreadableReason = "a text is not readable in the mapping's encoding";

    /// <summary>U+FFFD, which the decoder puts where bytes are no text.</summary>
    private const char Unreadable = '\uFFFD';

    /// <summary>Longest order number, in characters.</summary>
    private const int MaxOrder = 64;

    /// <summary>Longest record id that is kept as it is, in bytes of UTF-8; a longer one is named by its digest.</summary>
    private const int MaxRecordId = 160;

    /// <summary>Longest row, in characters.</summary>
    private const int MaxRow = 1 << 20;

    /// <summary>A gzip file may unpack to this many times its size, and always to this much: more is a trap, not a shop.</summary>
    private const int MaxRatio = 200;
    private const long AlwaysUnpacked = 1L << 26;

    private readonly FileStream file;
    private readonly CsvDataReader csv;
    private readonly OrderMap map;
    private readonly int customer, order, time;
    private readonly int[] line, data, refuse;
    private readonly Dictionary<ulong, int> occurrences = [];
    private long lineNumber = 1, nextLine = 2;
    private Fault? broken;

    public OrderFile(string path, OrderMap map)
    {
        (this.map, file) = (map, new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16));
        try
        {
            var bytes = UnpackedFile.Open(file, "collection", Math.Max(AlwaysUnpacked, file.Length * MaxRatio));
            csv = CsvDataReader.Create(new StreamReader(bytes, map.TextEncoding), new CsvDataReaderOptions { BufferSize = 1 << 16, MaxBufferSize = MaxRow });
            (customer, order, time) = (Ordinal(map.Customer), Ordinal(map.Order), Ordinal(map.TimeColumn));
            (line, data, refuse) = ([.. map.Line.Select(Ordinal)], [.. map.Data.Select(d => Ordinal(d.Column))], [.. map.Refuse.Select(r => Ordinal(r.Column))]);
        }
        catch (Exception e) when (e is CsvFormatException or CsvRecordTooLargeException or CsvMissingHeadersException or InvalidDataException)
        {
            file.Dispose();
            throw new Fault(FaultKind.Invalid, "collection/bad-file", "The file's first line cannot be read as the header of a CSV file.", e);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public long BytesRead => file.Position;

    public long BytesTotal => file.Length;

    public IReadOnlyList<string> Header => [.. Enumerable.Range(0, csv.FieldCount).Select(csv.GetName)];

    /// <summary>The next rows, at most <paramref name="most"/>; none at the end.</summary>
    public List<OrderRow> Read(int most)
    {
        if (broken is not null)
        {
            throw broken;
        }

        var rows = new List<OrderRow>(most);
        try
        {
            while (rows.Count < most && csv.Read())
            {
                // A quoted field may hold line breaks.
                lineNumber = nextLine;
                nextLine += 1 + csv.GetRawRecordSpan().TrimEnd("\r\n").Count('\n');
                rows.Add(Row());
            }
        }
        catch (Exception e) when (e is CsvFormatException or CsvRecordTooLargeException or InvalidDataException)
        {
            // The rows before it come first, so that the sentence is true.
            broken = new Fault(FaultKind.Invalid, "collection/bad-file", $"Line `{nextLine}` cannot be read as CSV; what came before it is imported. Mend the line and run the same command again.", e);
            return rows.Count > 0 ? rows : throw broken;
        }

        return rows;
    }

    public void Dispose()
    {
        csv.Dispose();
        file.Dispose();
    }

    private OrderRow Row()
    {
        if (csv.RowFieldCount != csv.FieldCount)
        {
            return Rejected($"has {csv.RowFieldCount} fields instead of {csv.FieldCount}");
        }

        for (var i = 0; i < refuse.Length; i++)
        {
            if (map.Refuse[i].Matches(csv.GetString(refuse[i])))
            {
                return Rejected(map.Refuse[i].Reason);
            }
        }

        return Taken();
    }

    private OrderRow Taken()
    {
        var (reference, number) = (csv.GetString(customer), csv.GetString(order));
        if (reference.Length == 0)
        {
            return Rejected(NobodysReason);
        }

        if (reference.Length > Vault.BlindIndex.MaxReferenceLength || number.Length is 0 or > MaxOrder)
        {
            return Rejected(number.Length == 0 ? "no order number" : "the customer or the order number is too long");
        }

        var lineParts = Array.ConvertAll(line, csv.GetString);
        if (lineParts.Append(reference).Append(number).Any(t => t.AsSpan().ContainsAnyInRange('\0', '\x1f') || t.Contains('\x7f', StringComparison.Ordinal)))
        {
            return Rejected("the customer, the order or the line has a control character");
        }

        if (map.Time(csv.GetString(time)) is not { } at)
        {
            return Rejected("the time is in none of the mapping's formats");
        }

        var (json, why) = Json();
        return lineParts.Append(reference).Append(number).Any(t => t.Contains(Unreadable, StringComparison.Ordinal)) ? Rejected(UnreadableReason)
            : why is not null ? Rejected(why)
            : new OrderRow(lineNumber, null, reference, RecordId(number, lineParts), at, json, []);
    }

    /// <summary>Order, line columns, and which of equal lines it is: the same file gives the same ids, and different orders and lines never the same.</summary>
    private string RecordId(string number, string[] lineParts)
    {
        var id = string.Join('|', lineParts.Prepend(number).Select(p => p.Replace("\\", @"\\", StringComparison.Ordinal).Replace("|", @"\|", StringComparison.Ordinal)));
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(id), digest);
        var key = BinaryPrimitives.ReadUInt64BigEndian(digest);
        var occurrence = occurrences[key] = occurrences.GetValueOrDefault(key) + 1;
        return string.Create(CultureInfo.InvariantCulture, $"{(Encoding.UTF8.GetByteCount(id) <= MaxRecordId ? id : "sha256:" + Convert.ToHexStringLower(digest))}#{occurrence}");
    }

    private (byte[] Json, string? WhyNot) Json()
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        for (var i = 0; i < data.Length; i++)
        {
            var (text, member) = (csv.GetString(data[i]), map.Data[i]);
            if (member.Type != "text")
            {
                if (map.Number(text, member.Type) is not { } number)
                {
                    return ([], "a number is malformed");
                }

                json.WriteNumber(member.Name, number);
            }
            else if (text.Contains(Unreadable, StringComparison.Ordinal))
            {
                return ([], UnreadableReason);
            }
            else
            {
                json.WriteString(member.Name, text);
            }
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenCount <= EventCollection.MaxDataBytes
            ? (buffer.WrittenSpan.ToArray(), null)
            : ([], string.Create(CultureInfo.InvariantCulture, $"the record is larger than {EventCollection.MaxDataBytes} bytes"));
    }

    private OrderRow Rejected(string reason)
    {
        var raw = new string[csv.RowFieldCount];
        for (var i = 0; i < raw.Length; i++)
        {
            raw[i] = csv.GetString(i);
        }

        return new OrderRow(lineNumber, reason, "", "", default, [], raw);
    }

    private int Ordinal(string column)
    {
        for (var i = 0; i < csv.FieldCount; i++)
        {
            if (csv.GetName(i) == column)
            {
                return i;
            }
        }

        throw new Fault(FaultKind.Invalid, "collection/no-such-column",
            $"The mapping names the column `{column}`, and the file has {string.Join(", ", Header.Select(h => $"`{Name.Shown(h)}`"))}.");
    }
}
