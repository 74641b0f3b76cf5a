using System.Security.Cryptography;
using System.Text;
using Candor.Kernel;

namespace Candor.Vault;

/// <summary>Keyed digests under which a customer is found without their e-mail, phone or reference standing anywhere.</summary>
/// <remarks>HMAC-SHA256 of the normalised value, cut to 128 bits, with a key of its own for each kind. Equal values have equal digests; that
/// much a stolen database shows, and no more.</remarks>
public sealed class BlindIndex
{
    public const string Reference = "reference";
    public const string Email = "email";
    public const string Phone = "phone";
    public const int MaxReferenceLength = 128;

    private const int Bytes = 16;
    private readonly Dictionary<string, byte[]> keys;

    public BlindIndex(KeyRing ring) => keys = new[] { Reference, Email, Phone }.ToDictionary(kind => kind,
        kind => HKDF.DeriveKey(HashAlgorithmName.SHA256, ring.Secret(KeyRing.IndexRoot), Sealing.KeyBytes, [], Encoding.UTF8.GetBytes($"bidx|customer_lookup|{kind}|1")));

    /// <summary>The kind of look-up that a data point of this category takes part in; null when none.</summary>
    public static string? KindOf(string category) => category switch
    {
        "EmailAddress" => Email,
        "TelephoneNumber" => Phone,
        _ => null,
    };

    /// <summary>Digest of a value, 16 bytes.</summary>
    /// <exception cref="Fault">Invalid when the value is no reference, e-mail address or phone number.</exception>
    public byte[] Of(string kind, string value)
    {
        var normal = Normalise(kind, value);
        Span<byte> full = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Span<byte> text = normal.Length <= 256 ? stackalloc byte[1024] : new byte[normal.Length * 4];
        HMACSHA256.HashData(keys[kind], text[..Encoding.UTF8.GetBytes(normal, text)], full);
        return full[..Bytes].ToArray();
    }

    private static string Normalise(string kind, string value) => kind switch
    {
        Reference => value is { Length: >= 1 and <= MaxReferenceLength } && !value.Any(char.IsControl) ? value
            : throw new Fault(FaultKind.Invalid, "vault/bad-reference", $"A customer's reference has 1 to {MaxReferenceLength} characters without control characters; got `{value.Length}`."),
        Email => value.Normalize(NormalizationForm.FormKC).Trim().ToLowerInvariant(),
        _ => NormalisePhone(value),
    };

    /// <summary>E.164: digits after a plus; 00 counts as plus. A number without country code stays without.</summary>
    private static string NormalisePhone(string value)
    {
        var digits = string.Concat(value.Normalize(NormalizationForm.FormKC).Where(char.IsAsciiDigit));
        var international = value.TrimStart().StartsWith('+') || digits.StartsWith("00", StringComparison.Ordinal);
        return (international ? "+" : "") + (value.TrimStart().StartsWith('+') ? digits : digits.StartsWith("00", StringComparison.Ordinal) ? digits[2..] : digits);
    }
}
