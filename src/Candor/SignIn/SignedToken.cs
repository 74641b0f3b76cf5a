using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Candor.SignIn;

/// <summary>A signed token in compact form (RFC 7515 section 7.1), parsed but not yet believed.</summary>
/// <remarks>At most <see cref="MaxLength"/> characters. Names stand once in header and payload, <c>crit</c> is refused, and of the algorithms only
/// <c>ES256</c> and <c>RS256</c> are known: neither <c>none</c> nor a shared secret can stand for a signature.</remarks>
public sealed record SignedToken
{
    public const int MaxLength = 8 * 1024;
    public const string Es256 = "ES256";
    public const string Rs256 = "RS256";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    private SignedToken(string algorithm, string? keyId, JsonElement payload, byte[] signed, byte[] signature) =>
        (Algorithm, KeyId, Payload, Signed, Signature) = (algorithm, keyId, payload, signed, signature);

    public string Algorithm { get; }

    /// <summary>Which key signed it, as it says; null when it says nothing.</summary>
    public string? KeyId { get; }

    /// <summary>The claims: an object.</summary>
    public JsonElement Payload { get; }

    /// <summary>What the signature covers.</summary>
    internal byte[] Signed { get; }

    internal byte[] Signature { get; }

    public static bool TryParse([NotNullWhen(true)] string? text, [MaybeNullWhen(false)] out SignedToken token)
    {
        token = null;
        if (text is not { Length: > 0 and <= MaxLength } || !Ascii.IsValid(text) || text.Split('.') is not [var header, var payload, var signature]
            || Decode(signature) is not { } signatureBytes || ReadObject(header) is not { } head || ReadObject(payload) is not { } claims
            || TextOf(head, "alg") is not (Es256 or Rs256) || head.TryGetProperty("crit", out _) || head.TryGetProperty("b64", out _))
        {
            return false;
        }

        var keyId = TextOf(head, "kid");
        if (keyId is null && head.TryGetProperty("kid", out _))
        {
            return false;
        }

        token = new SignedToken(TextOf(head, "alg")!, keyId, claims, Encoding.ASCII.GetBytes($"{header}.{payload}"), signatureBytes);
        return true;
    }

    /// <summary>True when this key made the signature.</summary>
    public bool IsSignedBy(WebKey key) => key.Algorithm == Algorithm && key.Verifies(Signed, Signature);

    /// <summary>A claim that is a text; null for anything else.</summary>
    internal static string? TextOf(JsonElement at, string name) =>
        at.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A claim that is an instant in whole or broken seconds (RFC 7519 NumericDate); null for anything else.</summary>
    internal static DateTimeOffset? InstantOf(JsonElement at, string name) =>
        at.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is >= 0 and < 253_402_300_799
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds) : null;

    /// <summary>True when <c>aud</c> is this audience, or a list of texts with it among them.</summary>
    internal static bool IsFor(JsonElement at, string audience) => at.TryGetProperty("aud", out var aud) && (aud.ValueKind switch
    {
        JsonValueKind.String => aud.GetString() == audience,
        JsonValueKind.Array => aud.EnumerateArray().Any(a => a.ValueKind == JsonValueKind.String && a.GetString() == audience),
        _ => false,
    });

    /// <summary>Base64url without padding, in the one canonical spelling; null for anything else.</summary>
    internal static byte[]? Decode(string text)
    {
        try
        {
            var bytes = Base64Url.DecodeFromChars(text);
            return Base64Url.EncodeToString(bytes) == text ? bytes : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static JsonElement? ReadObject(string part)
    {
        if (Decode(part) is not { } bytes || !System.Text.Unicode.Utf8.IsValid(bytes))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(bytes, Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object && AreTextsReadable(document.RootElement) ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The parser lets halves of surrogate pairs through until somebody reads them.</summary>
    private static bool AreTextsReadable(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString() is not null,
                JsonValueKind.Array => value.EnumerateArray().All(AreTextsReadable),
                JsonValueKind.Object => value.EnumerateObject().All(m => m.Name is not null && AreTextsReadable(m.Value)),
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
