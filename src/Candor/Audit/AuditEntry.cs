using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Candor.Kernel;

namespace Candor.Audit;

/// <summary>What an entry is about.</summary>
public enum AuditKind : byte
{
    Read = 1,
    Deny = 2,
    ConsentGiven = 3,
    ConsentWithdrawn = 4,
    ConsentOther = 5,
    Collect = 6,
    Import = 7,
    Export = 8,
    Erase = 9,
    Admin = 10,
    Login = 11,
    Catalog = 12,
    KeyRotation = 13,
    System = 14,
    Request = 15,
}

/// <summary>What somebody did, before it is an entry. Nothing in it tells who the customer is.</summary>
public sealed record AuditEvent
{
    public required AuditKind Kind { get; init; }

    /// <summary>Opaque: <c>staff:…</c>, <c>key:…</c>, <c>customer</c>, <c>system:…</c>.</summary>
    public required string Actor { get; init; }

    public string? Session { get; init; }

    public string? Purpose { get; init; }

    public long CatalogVersion { get; init; }

    /// <summary>The customer's consent version that the event rests on, or that it made.</summary>
    public long ConsentVersion { get; init; }

    /// <summary>16 random bytes that stand for the customer; null where none is concerned.</summary>
    public byte[]? CustomerRef { get; init; }

    public IReadOnlyList<string> DataPoints { get; init; } = [];

    /// <summary>Reason code of a denial, or a short word on the event.</summary>
    public string? Reason { get; init; }

    /// <summary>Sealed under the customer's audit key; the tree still verifies when that key is gone.</summary>
    public byte[]? SealedDetail { get; init; }

    /// <summary>What was acted on, where it is no person: a key id, a record id, a file's digest.</summary>
    public string? Subject { get; init; }
}

/// <summary>One entry of the log.</summary>
/// <remarks>Canonical form, big-endian: version 1, kind, instant in µs (8), id (16, UUID version 7), salt (16 random), customer reference (16, zeros for none),
/// catalog version (8), consent version (8), then texts as u16 length and UTF-8 (actor, session, purpose, reason, subject), u16 count and the data
/// points, u32 length and the sealed detail. At most 65,535 bytes in all. The salt keeps a guessed entry from being confirmed by its hash.</remarks>
public sealed record AuditEntry(string Id, DateTimeOffset At, AuditEvent Event)
{
    public const int MaxBytes = 65_535;
    private const byte FormatVersion = 1;
    private const int FixedBytes = 2 + 8 + 16 + 16 + 16 + 8 + 8;

    /// <summary>Makes the canonical bytes of a new entry, with a fresh id and salt.</summary>
    internal static (string Id, byte[] Bytes) Encode(AuditEvent e, DateTimeOffset at)
    {
        if (e.CustomerRef is not null and not { Length: 16 })
        {
            throw new Fault(FaultKind.Invalid, "audit/bad-reference", $"A customer reference has 16 bytes, got `{e.CustomerRef.Length}`.");
        }

        var bytes = new byte[Length(e)];
        var id = bytes.AsSpan(10, 16);
        Guid.CreateVersion7(at).TryWriteBytes(id, bigEndian: true, out _);
        (bytes[0], bytes[1]) = (FormatVersion, (byte)e.Kind);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(2), Micros.From(at));
        RandomNumberGenerator.Fill(bytes.AsSpan(26, 16));
        e.CustomerRef?.CopyTo(bytes.AsSpan(42, 16));
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(58), e.CatalogVersion);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(66), e.ConsentVersion);
        var at0 = FixedBytes;
        Put(bytes, ref at0, e.Actor);
        Put(bytes, ref at0, e.Session);
        Put(bytes, ref at0, e.Purpose);
        Put(bytes, ref at0, e.Reason);
        Put(bytes, ref at0, e.Subject);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(at0), checked((ushort)e.DataPoints.Count));
        at0 += 2;
        for (var i = 0; i < e.DataPoints.Count; i++)
        {
            Put(bytes, ref at0, e.DataPoints[i]);
        }

        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(at0), e.SealedDetail?.Length ?? 0);
        e.SealedDetail?.CopyTo(bytes.AsSpan(at0 + 4));
        return (Convert.ToHexStringLower(id), bytes);
    }

    /// <summary>Reads canonical bytes.</summary>
    /// <exception cref="Fault">Invalid <c>audit/bad-entry</c> for anything that <see cref="Encode"/> does not make.</exception>
    public static AuditEntry Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is < FixedBytes or > MaxBytes || bytes[0] != FormatVersion || !Enum.IsDefined((AuditKind)bytes[1]))
        {
            throw Bad();
        }

        var customer = bytes.Slice(42, 16);
        var time = BinaryPrimitives.ReadInt64BigEndian(bytes[2..]);
        if (time is < 0 or > MaxTimeUs)
        {
            throw Bad();
        }

        var rest = bytes[FixedBytes..];
        var e = new AuditEvent
        {
            Kind = (AuditKind)bytes[1],
            CustomerRef = customer.ContainsAnyExcept((byte)0) ? customer.ToArray() : null,
            CatalogVersion = BinaryPrimitives.ReadInt64BigEndian(bytes[58..]),
            ConsentVersion = BinaryPrimitives.ReadInt64BigEndian(bytes[66..]),
            Actor = Take(ref rest) ?? "",
            Session = Take(ref rest),
            Purpose = Take(ref rest),
            Reason = Take(ref rest),
            Subject = Take(ref rest),
            DataPoints = TakeMany(ref rest),
            SealedDetail = TakeDetail(ref rest),
        };
        return rest.IsEmpty ? new AuditEntry(Convert.ToHexStringLower(bytes.Slice(10, 16)), Micros.ToInstant(time), e) : throw Bad();
    }

    /// <summary>As <see cref="Decode"/>, for those who only look for something: null for bytes that are no entry. That they are there is what the log's checks find.</summary>
    internal static AuditEntry? Find(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Decode(bytes);
        }
        catch (Fault)
        {
            return null;
        }
    }

    /// <summary>31 December 9999.</summary>
    private const long MaxTimeUs = 253_402_300_799_999_999;

    private static int Length(AuditEvent e)
    {
        var length = FixedBytes + 5 * 2 + 2 + 4 + (e.SealedDetail?.Length ?? 0)
            + Size(e.Actor) + Size(e.Session) + Size(e.Purpose) + Size(e.Reason) + Size(e.Subject);
        for (var i = 0; i < e.DataPoints.Count; i++)
        {
            length += 2 + Size(e.DataPoints[i]);
        }

        return length <= MaxBytes ? length
            : throw new Fault(FaultKind.Invalid, "audit/entry-too-long", $"A log entry has at most `{MaxBytes}` bytes; this one would have `{length}`.");
    }

    private static int Size(string? text) => text is null ? 0 : Encoding.UTF8.GetByteCount(text);

    private static void Put(byte[] bytes, ref int at, string? text)
    {
        var length = text is null ? 0 : Encoding.UTF8.GetBytes(text, bytes.AsSpan(at + 2));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(at), checked((ushort)length));
        at += 2 + length;
    }

    private static string? Take(ref ReadOnlySpan<byte> rest)
    {
        if (rest.Length < 2 || rest.Length - 2 < BinaryPrimitives.ReadUInt16BigEndian(rest))
        {
            throw Bad();
        }

        var text = rest.Slice(2, BinaryPrimitives.ReadUInt16BigEndian(rest));
        rest = rest[(2 + text.Length)..];
        try
        {
            return text.IsEmpty ? null : StrictUtf8.GetString(text);
        }
        catch (DecoderFallbackException)
        {
            throw Bad();
        }
    }

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private static string[] TakeMany(ref ReadOnlySpan<byte> rest)
    {
        if (rest.Length < 2)
        {
            throw Bad();
        }

        var many = new string[BinaryPrimitives.ReadUInt16BigEndian(rest)];
        rest = rest[2..];
        for (var i = 0; i < many.Length; i++)
        {
            many[i] = Take(ref rest) ?? throw Bad();
        }

        return many;
    }

    private static byte[]? TakeDetail(ref ReadOnlySpan<byte> rest)
    {
        if (rest.Length < 4 || BinaryPrimitives.ReadInt32BigEndian(rest) != rest.Length - 4)
        {
            throw Bad();
        }

        var detail = rest[4..].ToArray();
        rest = [];
        return detail.Length == 0 ? null : detail;
    }

    private static Fault Bad() => new(FaultKind.Invalid, "audit/bad-entry", "These bytes are not a log entry.");
}
