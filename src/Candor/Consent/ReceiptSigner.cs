using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Candor.Kernel;

namespace Candor.Consent;

/// <summary>Signs receipts as JWS in compact form (RFC 7515) with ES256 (RFC 7518 section 3.4).</summary>
/// <remarks>The key names itself by its thumbprint (RFC 7638), so anyone who holds the published key can tell which one signed.
/// A lock guards the key: one <see cref="ECDsa"/> is not made for several threads at once.</remarks>
public sealed class ReceiptSigner : IDisposable
{
    private readonly ECDsa key;
    private readonly Lock turn = new();
    private readonly string header;

    private ReceiptSigner(ECDsa key)
    {
        this.key = key;
        PublicKey = ReceiptKey.Of(key);
        header = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(
            new JsonObject { ["alg"] = "ES256", ["kid"] = PublicKey.Thumbprint, ["typ"] = "JWS" }.ToJsonString()));
    }

    /// <summary>What others verify with; publish it.</summary>
    public ReceiptKey PublicKey { get; }

    /// <param name="pkcs8">A P-256 private key as PKCS#8, as the key ring keeps it under <c>receipt-signing</c>.</param>
    /// <exception cref="Fault">Invalid <c>consent/bad-receipt-key</c>.</exception>
    public static ReceiptSigner Open(ReadOnlySpan<byte> pkcs8)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportPkcs8PrivateKey(pkcs8, out _);
            return new ReceiptSigner(key);
        }
        catch (Exception e) when (e is CryptographicException or Fault)
        {
            key.Dispose();
            throw e as Fault ?? new Fault(FaultKind.Invalid, "consent/bad-receipt-key", "The receipt key is not a P-256 private key in PKCS#8.", e);
        }
    }

    /// <returns>Three parts in base64url with dots between: header, payload, signature of 64 bytes.</returns>
    public string Sign(ReadOnlySpan<byte> payload)
    {
        var signed = header + "." + Base64Url.EncodeToString(payload);
        lock (turn)
        {
            return signed + "." + Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
        }
    }

    public void Dispose() => key.Dispose();
}

/// <summary>The public half of a receipt key: a point of P-256.</summary>
/// <param name="X">32 bytes in base64url.</param>
/// <param name="Y">32 bytes in base64url.</param>
public sealed record ReceiptKey(string X, string Y)
{
    /// <summary>Oid of the curve that Windows calls nistP256, OpenSSL prime256v1 and RFC 7518 P-256.</summary>
    private const string P256 = "1.2.840.10045.3.1.7";

    /// <summary>SHA-256 in base64url of the key's required members in the order of their names (RFC 7638 section 3).</summary>
    public string Thumbprint => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes($$"""{"crv":"P-256","kty":"EC","x":"{{X}}","y":"{{Y}}"}""")));

    /// <summary>The key as a JWK (RFC 7517), for publishing.</summary>
    public string ToJwk() => new JsonObject
    {
        ["kty"] = "EC", ["crv"] = "P-256", ["x"] = X, ["y"] = Y, ["use"] = "sig", ["alg"] = "ES256", ["kid"] = Thumbprint,
    }.ToJsonString();

    internal static ReceiptKey Of(ECDsa key)
    {
        var parameters = key.ExportParameters(includePrivateParameters: false);
        return parameters.Curve.Oid.Value == P256 || key.KeySize == 256 && parameters.Curve.Oid.FriendlyName is "nistP256" or "ECDSA_P256"
            ? new ReceiptKey(Base64Url.EncodeToString(parameters.Q.X), Base64Url.EncodeToString(parameters.Q.Y))
            : throw new Fault(FaultKind.Invalid, "consent/bad-receipt-key", "A receipt key lies on the curve P-256.");
    }

    /// <summary>The payload of a signed text, if this key signed exactly that; else null.</summary>
    /// <remarks>Only ES256 and only this key: the header chooses nothing (RFC 8725 section 3.1). Base64url must be canonical, or two texts would carry one signature.</remarks>
    public byte[]? Verify(string jws)
    {
        var parts = jws.Split('.');
        if (parts.Length != 3 || Decode(parts[0]) is not { } header || Decode(parts[1]) is not { } payload || Decode(parts[2]) is not { Length: 64 } signature || !IsOurs(header))
        {
            return null;
        }

        return HasSigned(string.Concat(parts[0], ".", parts[1]), signature) ? payload : null;
    }

    /// <summary>Whether the key signed this text; <paramref name="signature"/> is r and s, 32 bytes each.</summary>
    internal bool HasSigned(string text, byte[] signature)
    {
        using var key = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.CreateFromValue(P256),
            Q = new ECPoint { X = Base64Url.DecodeFromChars(X), Y = Base64Url.DecodeFromChars(Y) },
        });
        return key.VerifyData(Encoding.ASCII.GetBytes(text), signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private bool IsOurs(byte[] header)
    {
        try
        {
            using var json = JsonDocument.Parse(header, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("alg", out var alg) && alg.ValueKind == JsonValueKind.String && alg.ValueEquals("ES256")
                && json.RootElement.TryGetProperty("kid", out var kid) && kid.ValueKind == JsonValueKind.String && kid.ValueEquals(Thumbprint)
                && !json.RootElement.TryGetProperty("crit", out _);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static byte[]? Decode(string part)
    {
        try
        {
            var bytes = Base64Url.DecodeFromChars(part);
            return Base64Url.EncodeToString(bytes) == part ? bytes : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
