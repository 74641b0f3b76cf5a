using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Candor.Tests.SignIn;

/// <summary>Signs tokens as a shop or a provider does, with a key of either kind, rightly or wrongly.</summary>
public sealed class TestSigner(string keyId, bool isRsa = false) : IDisposable
{
    private readonly ECDsa curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly RSA rsa = RSA.Create(2048);

    public string Algorithm => isRsa ? "RS256" : "ES256";

    /// <summary>The public key as an entry of a key set.</summary>
    public string PublicKey
    {
        get
        {
            var (point, numbers) = (curve.ExportParameters(false).Q, rsa.ExportParameters(false));
            return isRsa
                ? $$"""{"kty":"RSA","kid":"{{keyId}}","n":"{{Base64Url.EncodeToString(numbers.Modulus)}}","e":"{{Base64Url.EncodeToString(numbers.Exponent)}}"}"""
                : $$"""{"kty":"EC","crv":"P-256","kid":"{{keyId}}","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}""";
        }
    }

    public string KeySet => $$"""{"keys":[{{PublicKey}}]}""";

    public string Sign(object claims, object? header = null) =>
        SignText(JsonSerializer.Serialize(header ?? new { alg = Algorithm, kid = keyId, typ = "JWT" }), JsonSerializer.Serialize(claims));

    public string SignText(string header, string claims)
    {
        var signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}";
        var bytes = Encoding.ASCII.GetBytes(signed);
        var signature = isRsa
            ? rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : curve.SignData(bytes, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    public void Dispose()
    {
        curve.Dispose();
        rsa.Dispose();
    }
}
