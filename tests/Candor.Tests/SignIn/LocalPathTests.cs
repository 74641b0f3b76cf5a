using Candor.SignIn;
using CsCheck;

namespace Candor.Tests.SignIn;

/// <summary>After signing in nobody is sent to another site.</summary>
public sealed class LocalPathTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/me")]
    [InlineData("/me/data?from=2026-01-01&to=x#choices")]
    [InlineData("/me/%2F%2Fevil.example")]
    public void A_path_of_this_site_is_taken(string path) => Assert.Equal(path, LocalPath.OrHome(path).Value);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("me")]
    [InlineData("//evil.example")]
    [InlineData("///evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("\\/evil.example")]
    [InlineData("\\\\evil.example")]
    [InlineData("/\t/evil.example")]
    [InlineData("/\n/evil.example")]
    [InlineData("\t//evil.example")]
    [InlineData(" //evil.example")]
    [InlineData("https://evil.example")]
    [InlineData("https:evil.example")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/me\r\nSet-Cookie: x=1")]
    [InlineData("/mé")]
    [InlineData("/\u2028/evil.example")]
    public void Anything_else_leads_home(string? path) => Assert.Equal("/me", LocalPath.OrHome(path).Value);

    [Fact]
    public void Whatever_is_taken_stays_on_the_site() => Gen.OneOf(Gen.String, Gen.Char["/\\:.@ \t\nabm?#%"].Array[0, 12].Select(c => new string(c))).Sample(text =>
    {
        var path = LocalPath.OrHome("/" + text);
        return new Uri(new Uri("https://privacy.shop.example/sign-in"), path.Value).Authority == "privacy.shop.example";
    }, iter: 20_000);

    [Fact]
    public void It_has_a_bound() => Assert.Equal("/me", LocalPath.OrHome("/" + new string('a', LocalPath.MaxLength)).Value);
}
