using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
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

    /// <summary>Longest row, in characters.</summary>
    private const int MaxRow = 1 << 20;

    /// <summary>A gzip file may unpack to this many times its size, and always to this much: more is a trap, not a shop.</summary>
    private const int MaxRatio = 200;
    private const long AlwaysUnpacked = 1L << 26;

    private readonly FileStream file;
    private readonly CsvDataReader csv;
    private readonly OrderMap map;
    private readonly int customer, order, time;
    private readonly int[] line, data;
    private readonly Dictionary<ulong, int> occurrences = [];
    private long lineNumber = 1;

    public OrderFile(string path, OrderMap map)
    {
        (this.map, file) = (map, new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16));
        try
        {
            var isGzip = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
            file.Position = 0;
            Stream bytes = isGzip ? new Bounded(new GZipStream(file, CompressionMode.Decompress), Math.Max(AlwaysUnpacked, file.Length * MaxRatio)) : file;
            csv = CsvDataReader.Create(new StreamReader(bytes, Encoding.UTF8), new CsvDataReaderOptions { BufferSize = 1 << 16, MaxBufferSize = MaxRow });
            (customer, order, time) = (Ordinal(map.Customer), Ordinal(map.Order), Ordinal(map.TimeColumn));
            (line, data) = ([.. map.Line.Select(Ordinal)], [.. map.Data.Select(d => Ordinal(d.Column))]);
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
        var rows = new List<OrderRow>(most);
        try
        {
            while (rows.Count < most && csv.Read())
            {
                lineNumber++;
                rows.Add(Row());
            }
        }
        catch (Exception e) when (e is CsvFormatException or CsvRecordTooLargeException or InvalidDataException)
        {
            throw new Fault(FaultKind.Invalid, "collection/bad-file", $"Line `{lineNumber + 1}` cannot be read as CSV; what came before it is imported. Mend the line and run the same command again.", e);
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

        var (reference, number) = (csv.GetString(customer), csv.GetString(order));
        if (reference.Length == 0)
        {
            return Rejected(NobodysReason);
        }

        if (reference.Length > Vault.BlindIndex.MaxReferenceLength || number.Length is 0 or > 64)
        {
            return Rejected(number.Length == 0 ? "no order number" : "the customer or the order number is too long");
        }

        if (map.Time(csv.GetString(time)) is not { } at)
        {
            return Rejected("the time is in none of the mapping's formats");
        }

        return Json() is { } json
            ? new OrderRow(lineNumber, null, reference, RecordId(number), at, json, [])
            : Rejected("a number is malformed");
    }

    /// <summary>Order, line columns, and which of equal lines it is: the same file gives the same ids.</summary>
    private string RecordId(string number)
    {
        var id = new StringBuilder(number);
        foreach (var column in line)
        {
            id.Append('-').Append(csv.GetString(column));
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(id.ToString()), digest);
        var key = BinaryPrimitives.ReadUInt64BigEndian(digest);
        var occurrence = occurrences[key] = occurrences.GetValueOrDefault(key) + 1;
        return id.Append('-').Append(CultureInfo.InvariantCulture, $"{occurrence}").ToString();
    }

    private byte[]? Json()
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        for (var i = 0; i < data.Length; i++)
        {
            var (text, member) = (csv.GetString(data[i]), map.Data[i]);
            if (member.Type == "text")
            {
                json.WriteString(member.Name, text);
            }
            else if (decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var number) && (member.Type == "decimal" || number == decimal.Truncate(number)))
            {
                json.WriteNumber(member.Name, number);
            }
            else
            {
                return null;
            }
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
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

    /// <summary>Stops a small file from unpacking without end.</summary>
    private sealed class Bounded(Stream inner, long most) : Stream
    {
        private long read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => read; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var got = inner.Read(buffer, offset, count);
            return (read += got) <= most ? got : throw new Fault(FaultKind.Invalid, "collection/unpacks-too-large", $"The file unpacks to more than `{most}` bytes; unpack it yourself if that is right.");
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
