using System.Security.Cryptography;
using System.Text.Json;
using Candor.Kernel;

namespace Candor.SignIn;

/// <summary>A public key of somebody who signs tokens (JSON Web Key, RFC 7517). Its type fixes the algorithm: P-256 is ES256, RSA is RS256.</summary>
public sealed record WebKey
{
    /// <summary>Shortest RSA key taken (RFC 7518 section 3.3), and the longest, because checking costs time.</summary>
    public const int MinRsaBits = 2048;
    public const int MaxRsaBits = 8192;

    /// <summary>Most keys in one set.</summary>
    private const int MaxKeys = 100;
    private const int CoordinateBytes = 32;
    private readonly ECParameters curve;
    private readonly RSAParameters rsa;

    private WebKey(string? id, ECParameters curve) => (Id, Algorithm, this.curve) = (id, SignedToken.Es256, curve);

    private WebKey(string? id, RSAParameters rsa) => (Id, Algorithm, this.rsa) = (id, SignedToken.Rs256, rsa);

    public string? Id { get; }

    public string Algorithm { get; }

    /// <summary>Reads a key set (RFC 7517 section 5). Keys for other uses or algorithms are left out.</summary>
    /// <exception cref="Fault">Invalid when it is no key set, or holds a private or shared key, which nobody but its owner may have.</exception>
    public static IReadOnlyList<WebKey> ReadSet(string json)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
        }
        catch (JsonException e)
        {
            throw Bad("it is not JSON", e);
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("keys", out var keys)
                || keys.ValueKind != JsonValueKind.Array || keys.GetArrayLength() > MaxKeys || keys.EnumerateArray().Any(k => k.ValueKind != JsonValueKind.Object))
            {
                throw Bad($"it has no `keys`, or more than {MaxKeys}", null);
            }

            if (keys.EnumerateArray().Any(k => k.TryGetProperty("d", out _) || k.TryGetProperty("k", out _)))
            {
                throw new Fault(FaultKind.Invalid, "sign-in/private-key", "The key set holds a private or shared key; give the public keys alone, and replace that key, since it has been shown.");
            }

            return [.. keys.EnumerateArray().Select(Read).OfType<WebKey>()];
        }
    }

    /// <summary>True when this key made the signature. Safe on any thread.</summary>
    internal bool Verifies(byte[] signed, byte[] signature)
    {
        if (Algorithm == SignedToken.Es256)
        {
            using var ec = ECDsa.Create(curve);
            return signature.Length == 2 * CoordinateBytes && ec.VerifyData(signed, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }

        using var key = RSA.Create(rsa);
        return key.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    private static WebKey? Read(JsonElement key)
    {
        var (use, algorithm) = (SignedToken.TextOf(key, "use"), SignedToken.TextOf(key, "alg"));
        if (use is not (null or "sig"))
        {
            return null;
        }

        try
        {
            return (SignedToken.TextOf(key, "kty"), SignedToken.TextOf(key, "crv")) switch
            {
                ("EC", "P-256") when algorithm is null or SignedToken.Es256 => ReadCurve(key),
                ("RSA", _) when algorithm is null or SignedToken.Rs256 => ReadRsa(key),
                _ => null,
            };
        }
        catch (CryptographicException)
        {
            // A point off its curve, or numbers that make no key: of no use to anybody.
            return null;
        }
    }

    private static WebKey? ReadCurve(JsonElement key)
    {
        if (Number(key, "x") is not { Length: CoordinateBytes } x || Number(key, "y") is not { Length: CoordinateBytes } y)
        {
            return null;
        }

        var parameters = new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y } };
        using var tried = ECDsa.Create(parameters);
        return new WebKey(SignedToken.TextOf(key, "kid"), parameters);
    }

    private static WebKey? ReadRsa(JsonElement key)
    {
        if (Number(key, "n") is not { } modulus || Number(key, "e") is not { Length: >= 1 and <= 8 } exponent)
        {
            return null;
        }

        var parameters = new RSAParameters { Modulus = modulus, Exponent = exponent };
        using var tried = RSA.Create(parameters);
        return tried.KeySize is >= MinRsaBits and <= MaxRsaBits ? new WebKey(SignedToken.TextOf(key, "kid"), parameters) : null;
    }

    private static byte[]? Number(JsonElement key, string name) => SignedToken.TextOf(key, name) is { } text ? SignedToken.Decode(text) : null;

    private static Fault Bad(string why, Exception? inner) =>
        new(FaultKind.Invalid, "sign-in/bad-key-set", $"The keys are not a JSON Web Key Set (RFC 7517): {why}.", inner);
}
