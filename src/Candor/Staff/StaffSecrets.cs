using System.Security.Cryptography;
using System.Text;

namespace Candor.Staff;

/// <summary>What protects the secrets of staff at rest, under keys of this installation that are not in the database.</summary>
/// <param name="root">32 bytes.</param>
public sealed class StaffSecrets(byte[] root)
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const byte Version = 1;

    private readonly byte[] sealing = HKDF.DeriveKey(HashAlgorithmName.SHA256, root, 32, info: "staff|seal|v1"u8.ToArray());
    private readonly byte[] marking = HKDF.DeriveKey(HashAlgorithmName.SHA256, root, 32, info: "staff|mark|v1"u8.ToArray());

    /// <summary>Keyed digest of 32 bytes: equal for equal values, and tells nothing without the key.</summary>
    public byte[] Mark(string kind, params ReadOnlySpan<byte> value) => HMACSHA256.HashData(marking, (byte[])[.. Encoding.UTF8.GetBytes(kind + "|"), .. value]);

    public byte[] Mark(string kind, string value) => Mark(kind, Encoding.UTF8.GetBytes(value));

    /// <summary>Seals a value (AES-256-GCM) for one member of staff: version, nonce, sealed bytes, tag.</summary>
    internal byte[] Seal(string staffId, ReadOnlySpan<byte> value)
    {
        var output = new byte[1 + NonceBytes + value.Length + TagBytes];
        output[0] = Version;
        RandomNumberGenerator.Fill(output.AsSpan(1, NonceBytes));
        using var aes = new AesGcm(sealing, TagBytes);
        aes.Encrypt(output.AsSpan(1, NonceBytes), value, output.AsSpan(1 + NonceBytes, value.Length), output.AsSpan(1 + NonceBytes + value.Length), Bound(staffId));
        return output;
    }

    /// <summary>Opens what was sealed for this member of staff.</summary>
    internal byte[] Open(string staffId, ReadOnlySpan<byte> sealedValue)
    {
        var value = new byte[sealedValue.Length - 1 - NonceBytes - TagBytes];
        using var aes = new AesGcm(sealing, TagBytes);
        aes.Decrypt(sealedValue.Slice(1, NonceBytes), sealedValue.Slice(1 + NonceBytes, value.Length), sealedValue[^TagBytes..], value, Bound(staffId));
        return value;
    }

    private static byte[] Bound(string staffId) => [Version, .. Encoding.UTF8.GetBytes("totp|" + staffId)];
}
