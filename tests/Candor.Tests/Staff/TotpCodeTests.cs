using System.Text;
using Candor.Staff;

namespace Candor.Tests.Staff;

/// <summary>Codes of authenticators, against the published vectors.</summary>
public sealed class TotpCodeTests
{
    private static readonly byte[] Secret = Encoding.ASCII.GetBytes("12345678901234567890");

    [Theory] // RFC 6238, appendix B, SHA-1.
    [InlineData(59, "94287082")]
    [InlineData(1111111109, "07081804")]
    [InlineData(1111111111, "14050471")]
    [InlineData(1234567890, "89005924")]
    [InlineData(2000000000, "69279037")]
    [InlineData(20000000000, "65353130")]
    public void Codes_are_those_of_the_standard(long second, string code)
    {
        var at = DateTimeOffset.FromUnixTimeSeconds(second);
        Assert.Equal(code, TotpCode.At(Secret, TotpCode.StepAt(at), digits: 8));
        Assert.Equal(code[2..], TotpCode.At(Secret, TotpCode.StepAt(at)));
    }

    [Theory] // RFC 4226, appendix D.
    [InlineData(0, "755224")]
    [InlineData(1, "287082")]
    [InlineData(9, "520489")]
    public void Counters_are_those_of_the_standard(long counter, string code) => Assert.Equal(code, TotpCode.At(Secret, counter));

    [Fact]
    public void The_code_of_now_and_the_one_before_count_and_no_other()
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_000_000_000);
        var step = TotpCode.StepAt(now);
        for (var by = -20; by <= 20; by++)
        {
            Assert.Equal(by is 0 or -1 ? step + by : null, TotpCode.Match(Secret, TotpCode.At(Secret, step + by), now));
        }

        foreach (var wrong in new[] { "", "1", TotpCode.At(Secret, step) + "0", "０００００１" })
        {
            Assert.Null(TotpCode.Match(Secret, wrong, now));
        }
    }

    [Theory] // RFC 4648, section 10.
    [InlineData("fooba", "MZXW6YTB")]
    public void The_secret_is_told_in_base32(string bytes, string text) => Assert.Equal(text, TotpCode.TextOf(Encoding.ASCII.GetBytes(bytes)));

    [Fact]
    public void The_address_names_who_it_is_for() => Assert.Equal(
        "otpauth://totp/Maple%20%26%20Thread:sam%40shop.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Maple%20%26%20Thread&algorithm=SHA1&digits=6&period=30",
        TotpCode.AddressOf(Secret, "Maple & Thread", "sam@shop.example"));
}
