using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Candor.Consent;
using Candor.Kernel;

namespace Candor.Tests.Consent;

public sealed class ReceiptSignerTests : IDisposable
{
    private static readonly byte[] Payload = Encoding.UTF8.GetBytes("""{"said":"yes"}""");

    private readonly ReceiptSigner signer = ReceiptSigner.Open(NewKey());

    public void Dispose() => signer.Dispose();

    internal static byte[] NewKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKey();
    }

    [Fact]
    public void A_signed_receipt_verifies_and_names_algorithm_and_key()
    {
        var jws = signer.Sign(Payload);
        Assert.Equal(Payload, Receipt.Verify(jws, signer.PublicKey));
        using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(jws.Split('.')[0]));
        Assert.Equal("ES256", header.RootElement.GetProperty("alg").GetString());
        Assert.Equal(signer.PublicKey.Thumbprint, header.RootElement.GetProperty("kid").GetString());
        Assert.Equal(64, Base64Url.DecodeFromChars(jws.Split('.')[2]).Length);
    }

    [Fact]
    public void Any_flipped_bit_makes_it_void()
    {
        var bytes = Encoding.ASCII.GetBytes(signer.Sign(Payload));
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var bent = (byte[])bytes.Clone();
            bent[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(Receipt.Verify(Encoding.Latin1.GetString(bent), signer.PublicKey));
        }
    }

    [Fact]
    public void Another_key_verifies_nothing_and_a_list_of_keys_finds_its_own()
    {
        using var other = ReceiptSigner.Open(NewKey());
        var jws = signer.Sign(Payload);
        Assert.Null(Receipt.Verify(jws, other.PublicKey));
        Assert.Equal(Payload, Receipt.Verify(jws, other.PublicKey, signer.PublicKey));
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a.b")]
    [InlineData("a.b.c.d")]
    [InlineData("eyJhbGciOiJub25lIn0.e30.")]
    public void What_is_no_signed_receipt_is_void(string jws) => Assert.Null(Receipt.Verify(jws, signer.PublicKey));

    [Fact]
    public void The_header_cannot_choose_another_algorithm()
    {
        var parts = signer.Sign(Payload).Split('.');
        var none = Base64Url.EncodeToString(Encoding.UTF8.GetBytes($$"""{"alg":"none","kid":"{{signer.PublicKey.Thumbprint}}"}"""));
        Assert.Null(Receipt.Verify($"{none}.{parts[1]}.{parts[2]}", signer.PublicKey));
    }

    // The P-256 key of RFC 7517 appendix A.1. Its thumbprint: SHA-256 over the members of RFC 7638 section 3.2, computed apart from this code with sha256sum.
    [Fact]
    public void The_thumbprint_is_that_of_RFC_7638()
    {
        var key = new ReceiptKey("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM");
        Assert.Equal("cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s", key.Thumbprint);
    }

    [Fact]
    public void The_example_of_RFC_7515_appendix_A_3_verifies()
    {
        var key = new ReceiptKey("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
        const string Text = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        var signature = Base64Url.DecodeFromChars("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
        Assert.True(key.HasSigned(Text, signature));
        signature[0] ^= 1;
        Assert.False(key.HasSigned(Text, signature));
    }

    [Fact]
    public void A_key_on_another_curve_is_refused()
    {
        using var wrong = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Assert.Equal("consent/bad-receipt-key", Assert.Throws<Fault>(() => ReceiptSigner.Open(wrong.ExportPkcs8PrivateKey())).What);
        Assert.Equal("consent/bad-receipt-key", Assert.Throws<Fault>(() => ReceiptSigner.Open([1, 2, 3])).What);
    }

    [Fact]
    public void The_published_key_is_a_public_JWK()
    {
        using var jwk = JsonDocument.Parse(signer.PublicKey.ToJwk());
        Assert.Equal(["alg", "crv", "kid", "kty", "use", "x", "y"], jwk.RootElement.EnumerateObject().Select(p => p.Name).Order());
    }
}
