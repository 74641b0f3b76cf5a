using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Candor.Kernel;
using Candor.SignIn;
using CsCheck;

namespace Candor.Tests.SignIn;

/// <summary>Signatures: published vectors, and everything near them that must not pass.</summary>
public sealed class SignedTokenTests : IDisposable
{
    private const string Payload = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

    // RFC 7515, appendix A.2.
    private const string RsaToken = "eyJhbGciOiJSUzI1NiJ9." + Payload + ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4"
        + "BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    private const string RsaKey = """{"keys":[{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}]}""";

    // RFC 7515, appendix A.3.
    private const string CurveToken = "eyJhbGciOiJFUzI1NiJ9." + Payload + ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    private const string CurveKey = """{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}""";

    private readonly TestSigner signer = new("k1");

    public static TheoryData<string, string> Vectors => new() { { RsaToken, RsaKey }, { CurveToken, CurveKey } };

    public void Dispose() => signer.Dispose();

    [Theory]
    [MemberData(nameof(Vectors))]
    public void The_published_tokens_are_signed_by_the_published_keys(string token, string keys)
    {
        Assert.True(SignedToken.TryParse(token, out var parsed));
        Assert.True(parsed.IsSignedBy(Assert.Single(WebKey.ReadSet(keys))));
        Assert.Equal("joe", parsed.Payload.GetProperty("iss").GetString());
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void No_single_changed_character_passes(string token, string keys)
    {
        var key = Assert.Single(WebKey.ReadSet(keys));
        Gen.Select(Gen.Int[0, token.Length - 1], Gen.Int[0, 63]).Sample((at, letter) =>
        {
            var changed = new StringBuilder(token) { [at] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[letter] }.ToString();
            return changed == token || !SignedToken.TryParse(changed, out var parsed) || !parsed.IsSignedBy(key);
        }, iter: 2000);
    }

    [Fact]
    public void Cut_joined_and_padded_tokens_are_refused()
    {
        var key = Assert.Single(WebKey.ReadSet(CurveKey));
        for (var length = 0; length < CurveToken.Length; length++)
        {
            Assert.False(SignedToken.TryParse(CurveToken[..length], out var parsed) && parsed.IsSignedBy(key));
        }

        foreach (var near in new[] { CurveToken + "=", CurveToken + ".", "." + CurveToken, CurveToken + "\n", " " + CurveToken, CurveToken + CurveToken, CurveToken.Replace('.', ',') })
        {
            Assert.False(SignedToken.TryParse(near, out _), near);
        }

        Assert.False(SignedToken.TryParse(new string('a', SignedToken.MaxLength + 1), out _));
    }

    [Theory]
    [InlineData("""{"alg":"none"}""")]
    [InlineData("""{"alg":"None"}""")]
    [InlineData("""{"alg":"HS256"}""")]
    [InlineData("""{"alg":"ES384"}""")]
    [InlineData("""{"alg":"PS256"}""")]
    [InlineData("""{"alg":["ES256"]}""")]
    [InlineData("""{"alg":"ES256","alg":"none"}""")]
    [InlineData("""{"alg":"ES256","crit":["exp"],"exp":1}""")]
    [InlineData("""{"alg":"ES256","b64":false}""")]
    [InlineData("""{"alg":"ES256","kid":7}""")]
    [InlineData("""{"kid":"k1"}""")]
    [InlineData("""["ES256"]""")]
    [InlineData("ES256")]
    public void Only_the_two_algorithms_and_a_plain_header_are_taken(string header) => Assert.False(SignedToken.TryParse(signer.SignText(header, "{}"), out _));

    [Fact]
    public void A_public_key_used_as_a_shared_secret_signs_nothing()
    {
        var signed = $"{Base64Url.EncodeToString("""{"alg":"HS256"}"""u8)}.{Payload}";
        foreach (var secret in new[] { CurveKey, signer.PublicKey, RsaKey })
        {
            var mac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(signed));
            Assert.False(SignedToken.TryParse($"{signed}.{Base64Url.EncodeToString(mac)}", out _));
        }
    }

    [Fact]
    public void The_type_of_the_key_fixes_the_algorithm()
    {
        using var rsa = new TestSigner("k1", isRsa: true);
        Assert.True(SignedToken.TryParse(signer.Sign(new { a = 1 }, new { alg = "RS256", kid = "k1" }), out var wrong));
        Assert.False(wrong.IsSignedBy(Assert.Single(WebKey.ReadSet(signer.KeySet))));
        Assert.False(wrong.IsSignedBy(Assert.Single(WebKey.ReadSet(rsa.KeySet))));
        Assert.True(SignedToken.TryParse(rsa.Sign(new { a = 1 }), out var right));
        Assert.True(right.IsSignedBy(Assert.Single(WebKey.ReadSet(rsa.KeySet))));
    }

    [Theory]
    [InlineData("""{"iss":"a","iss":"b"}""")]
    [InlineData("""{"iss":"\ud800"}""")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("{")]
    public void A_payload_is_an_object_that_says_each_thing_once(string claims) =>
        Assert.False(SignedToken.TryParse(signer.SignText("""{"alg":"ES256","kid":"k1"}""", claims), out _));

    [Theory]
    [InlineData("""{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a1"}]}""")]
    [InlineData("""{"keys":[{"kty":"EC","crv":"P-384","x":"AA","y":"AA"}]}""")]
    [InlineData("""{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}""")]
    [InlineData("""{"keys":[{"kty":"EC","crv":"P-256","use":"enc","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}""")]
    [InlineData("""{"keys":[{"kty":"RSA","n":"wJENcRev-eXZKvhhWLiV3Lz2MvO-naQRHo59g3vaNQnbgyduN_L4krlrJ5c6FiikXdtJNb_QrsAHSyJWCu8j3T9CruiwbidGAk2W0RuViTVspjHUTsIHExx9euWM0UomGvYkoqXahdhPL_zViVSJt-Rt8bHLsMvpb8RquTIb9iKY3SMV2tCofNmyCSgVbghq_y7lKORtV_IRguWs6R22fbkb0r2MCYoNAbZ9dqnbRIFNZBC7itYtUoTEresRWcyFMh0zfAIJycWOJlVLDLqkY2SmIx8u7fuysCg1wcoSZoStuDq02nZEMw1dx8HGzE0hynpHlloRLByuIuOAfMCCYw","e":""}]}""")]
    public void A_key_that_is_off_its_curve_or_for_something_else_is_left_out(string keys) => Assert.Empty(WebKey.ReadSet(keys));

    [Fact]
    public void A_short_rsa_key_is_left_out()
    {
        using var rsa = RSA.Create(1024);
        var numbers = rsa.ExportParameters(false);
        Assert.Empty(WebKey.ReadSet($$"""{"keys":[{"kty":"RSA","n":"{{Base64Url.EncodeToString(numbers.Modulus)}}","e":"AQAB"}]}"""));
    }

    [Theory]
    [InlineData("", "sign-in/bad-key-set")]
    [InlineData("[]", "sign-in/bad-key-set")]
    [InlineData("""{"keys":{}}""", "sign-in/bad-key-set")]
    [InlineData("""{"keys":[1]}""", "sign-in/bad-key-set")]
    [InlineData("""{"keys":[{"kty":"EC","crv":"P-256","x":"a","y":"b","d":"c"}]}""", "sign-in/private-key")]
    [InlineData("""{"keys":[{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qz"}]}""", "sign-in/private-key")]
    public void What_is_no_key_set_is_refused_and_so_is_a_private_key(string text, string what) => Assert.Equal(what, Assert.Throws<Fault>(() => WebKey.ReadSet(text)).What);
}
