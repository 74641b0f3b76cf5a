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

    /// <summary>The number of an order, or what else the catalog names in <c>findBy</c>.</summary>
    public const string Order = "order";
    public const int MaxReferenceLength = 128;

    /// <summary>RFC 5321 4.5.3.1.3, less the angle brackets of a path.</summary>
    public const int MaxEmailLength = 254;

    /// <summary>ITU-T E.164 allows 15 digits.</summary>
    private const int MaxPhoneDigits = 15;
    private const int MinPhoneDigits = 3;

    /// <summary>Longest number of an order, in characters.</summary>
    public const int MaxOrderLength = 64;

    private const int Bytes = 16;
    private readonly byte[] heldKey;
    private readonly Dictionary<string, byte[]> keys;

    public BlindIndex(KeyRing ring) => (heldKey, keys) = (HKDF.DeriveKey(HashAlgorithmName.SHA256, ring.Secret(KeyRing.IndexRoot), Sealing.KeyBytes, [], "bidx|held_key|reference|1"u8.ToArray()),
        new[] { Reference, Email, Phone, Order }.ToDictionary(kind => kind,
        kind => HKDF.DeriveKey(HashAlgorithmName.SHA256, ring.Secret(KeyRing.IndexRoot), Sealing.KeyBytes, [], Encoding.UTF8.GetBytes($"bidx|customer_lookup|{kind}|1"))));

    /// <summary>Digest under which what the law keeps of an erased customer is found; 16 bytes. Made of the look-up's digest, so that erasing needs no reference in clear.</summary>
    internal byte[] OfHeld(ReadOnlySpan<byte> referenceDigest) => HMACSHA256.HashData(heldKey, referenceDigest)[..Bytes];

    /// <summary>Whether a text can be a customer's reference.</summary>
    public static bool IsReference(string? text) => text is { Length: >= 1 and <= MaxReferenceLength } && !text.Any(char.IsControl);

    /// <summary>The kind of look-up that a data point of this category takes part in; null when none.</summary>
    public static string? KindOf(string category) => category switch
    {
        "EmailAddress" => Email,
        "TelephoneNumber" => Phone,
        _ => null,
    };

    /// <summary>The look-up that a value of a data point of this category takes part in; null when none.</summary>
    /// <param name="country">Where phone numbers without a country are from.</param>
    public static (string Kind, string Value)? LookUpOf(string category, string? text, string country) => (KindOf(category), text) switch
    {
        (null, _) or (_, null or "") => null,
        (Phone, _) => (Phone, PhoneNumber.ToE164(text, country)),
        var (kind, _) => (kind, text),
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
        Reference => IsReference(value) ? value
            : throw new Fault(FaultKind.Invalid, "vault/bad-reference", $"A customer's reference has 1 to {MaxReferenceLength} characters without control characters; got `{value.Length}`."),
        Email => NormaliseEmail(value),
        Phone => NormalisePhone(value),
        Order => NormaliseOrder(value),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>NFKC, trimmed, in lower case. Case counts in the part before the @ by the letter of RFC 5321, and to nobody in practice.</summary>
    private static string NormaliseEmail(string value)
    {
        var normal = value.Normalize(NormalizationForm.FormKC).Trim().ToLowerInvariant();
        return normal.Length <= MaxEmailLength && normal.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && at < normal.Length - 1
            ? normal
            : throw new Fault(FaultKind.Invalid, "vault/bad-email", $"An e-mail address has an @ with something on both sides and at most {MaxEmailLength} characters; got `{normal.Length}` characters.");
    }

    /// <summary>NFKC, in capitals, without blanks: people read numbers out and type them in groups.</summary>
    private static string NormaliseOrder(string value)
    {
        var normal = string.Concat(value.Normalize(NormalizationForm.FormKC).ToUpperInvariant().Where(c => !char.IsWhiteSpace(c)));
        return normal.Length is >= 1 and <= MaxOrderLength && !normal.Any(char.IsControl)
            ? normal
            : throw new Fault(FaultKind.Invalid, "vault/bad-order", $"The number of an order has 1 to {MaxOrderLength} characters without control characters; got `{normal.Length}`.");
    }

    /// <summary>E.164: a plus and digits; 00 counts as the plus, and a trunk zero in brackets is dropped. A number without country code stays without.</summary>
    private static string NormalisePhone(string value)
    {
        var text = value.Normalize(NormalizationForm.FormKC).Trim();
        var isInternational = text.StartsWith('+') || text.StartsWith("00", StringComparison.Ordinal);
        var digits = string.Concat((isInternational ? text.Replace("(0)", "", StringComparison.Ordinal) : text).Where(char.IsAsciiDigit));
        var number = isInternational && !text.StartsWith('+') ? digits[2..] : digits;
        return number.Length is >= MinPhoneDigits and <= MaxPhoneDigits
            ? (isInternational ? "+" : "") + number
            : throw new Fault(FaultKind.Invalid, "vault/bad-phone", $"A phone number has {MinPhoneDigits} to {MaxPhoneDigits} digits; got `{number.Length}`.");
    }
}
