using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Candor.Kernel;

namespace Candor.Vault;

/// <summary>The sealed form of a value: <c>0x01 version | 0x01 algorithm | u32 key version | 12 B nonce | ciphertext | 16 B tag</c>, AES-256-GCM.</summary>
/// <remarks>The plaintext is padded to buckets of <see cref="Bucket"/> bytes, because GCM shows its length, and yes is longer than no.
/// Additional data: length-prefixed parts in fixed order, so that a sealed value fits only the place it was made for.</remarks>
internal static class Sealing
{
    public const int KeyBytes = 32;
    public const int TagBytes = 16;
    public const int Bucket = 16;

    /// <summary>Longest name of a record, in bytes of UTF-8.</summary>
    public const int MaxRecordBytes = 256;

    public const int Overhead = 2 + 4 + NonceBytes + TagBytes;

    private const byte Version = 1;
    private const byte AesGcm256 = 1;
    private const int NonceBytes = 12;

    /// <summary>Version of the additional data's make-up.</summary>
    private const string Schema = "1";
    private const string Platform = "candor";

    /// <summary>Where a sealed value belongs. Any other place refuses it.</summary>
    /// <param name="RecordVersion">Rises with each change of a field, so that an older value cannot be put back.</param>
    public readonly record struct Place(string Customer, string Record, string DataPoint, long RecordVersion);

    /// <exception cref="Fault">Invalid <c>vault/long-record-id</c> when the record's name is longer than <see cref="MaxRecordBytes"/>.</exception>
    public static byte[] Seal(AesGcm key, uint keyVersion, in Place place, ReadOnlySpan<byte> plaintext)
    {
        if (Encoding.UTF8.GetByteCount(place.Record) > MaxRecordBytes)
        {
            throw new Fault(FaultKind.Invalid, "vault/long-record-id", $"The id of a record has at most `{MaxRecordBytes}` bytes.");
        }

        // One marker byte, then zeros up to the bucket: ISO/IEC 7816-4 padding.
        var padded = (plaintext.Length + Bucket) / Bucket * Bucket;
        var sealed_ = new byte[Overhead + padded];
        Span<byte> plain = padded <= 1024 ? stackalloc byte[padded] : new byte[padded];
        plain.Clear();
        plaintext.CopyTo(plain);
        plain[plaintext.Length] = 0x80;
        sealed_[0] = Version;
        sealed_[1] = AesGcm256;
        BinaryPrimitives.WriteUInt32BigEndian(sealed_.AsSpan(2), keyVersion);
        RandomNumberGenerator.Fill(sealed_.AsSpan(6, NonceBytes));
        Span<byte> context = stackalloc byte[MaxContext];
        key.Encrypt(sealed_.AsSpan(6, NonceBytes), plain, sealed_.AsSpan(6 + NonceBytes, padded), sealed_.AsSpan(^TagBytes), Context(context, place, keyVersion));
        CryptographicOperations.ZeroMemory(plain);
        return sealed_;
    }

    /// <exception cref="Fault">Unavailable <c>vault/damaged</c> when the bytes are not what was sealed for this place with this key.</exception>
    public static ReadOnlyMemory<byte> Open(AesGcm key, in Place place, ReadOnlySpan<byte> sealed_)
    {
        if (sealed_.Length < Overhead + Bucket || (sealed_.Length - Overhead) % Bucket != 0 || sealed_[0] != Version || sealed_[1] != AesGcm256)
        {
            throw Damaged(null);
        }

        var plain = new byte[sealed_.Length - Overhead];
        Span<byte> context = stackalloc byte[MaxContext];
        try
        {
            key.Decrypt(sealed_.Slice(6, NonceBytes), sealed_[(6 + NonceBytes)..^TagBytes], sealed_[^TagBytes..], plain,
                Context(context, place, BinaryPrimitives.ReadUInt32BigEndian(sealed_[2..])));
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw Damaged(e);
        }

        var end = plain.AsSpan().LastIndexOf((byte)0x80);
        return plain.AsMemory(0, end);
    }

    /// <summary>Longest additional data: platform, customer, data point and schema (together under 256 bytes), the record, two numbers, lengths.</summary>
    private const int MaxContext = MaxRecordBytes + 512;

    private static ReadOnlySpan<byte> Context(Span<byte> buffer, in Place place, uint keyVersion)
    {
        Span<byte> numbers = stackalloc byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(numbers, keyVersion);
        BinaryPrimitives.WriteInt64BigEndian(numbers[4..], place.RecordVersion);
        var length = 0;
        Put(buffer, ref length, Platform);
        Put(buffer, ref length, place.Customer);
        Put(buffer, ref length, place.Record);
        Put(buffer, ref length, place.DataPoint);
        Put(buffer, ref length, Schema);
        numbers.CopyTo(buffer[length..]);
        return buffer[..(length + 12)];
    }

    private static void Put(Span<byte> buffer, ref int length, string part)
    {
        var bytes = Encoding.UTF8.GetBytes(part, buffer[(length + 2)..]);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[length..], checked((ushort)bytes));
        length += 2 + bytes;
    }

    private static Fault Damaged(Exception? inner) =>
        new(FaultKind.Unavailable, "vault/damaged", "A stored value is not what was sealed: it was changed, moved or belongs to another key. `candor doctor` says more.", inner);
}
