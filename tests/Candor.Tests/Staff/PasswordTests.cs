using Candor.Staff;
using CsCheck;

namespace Candor.Tests.Staff;

/// <summary>How passwords are kept, and which are taken.</summary>
public sealed class PasswordTests
{
    [Fact] // RFC 9106, section 5.3.
    public void Argon2id_is_that_of_the_standard()
    {
        byte[] Of(byte value, int length) => [.. Enumerable.Repeat(value, length)];
        var tag = PasswordHash.Derive(Of(1, 32), Of(2, 16), Of(3, 8), Of(4, 12), memory: 32, passes: 3, lanes: 4, length: 32);
        Assert.Equal("0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659", Convert.ToHexStringLower(tag));
    }

    [Fact] // The reference implementation's own test: argon2id, v=19, t=2, m=65536 KiB, p=1, "password" with "somesalt".
    public void Kept_hashes_of_other_parameters_are_still_read()
    {
        const string Kept = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        Assert.True(PasswordHash.TryParse(Kept, out var hash));
        Assert.True(hash.IsOf("password"));
        Assert.False(hash.IsOf("Password"));
        Assert.True(hash.IsOld);
        Assert.Equal(Kept, hash.ToString());
    }

    [Fact]
    public void A_password_is_known_by_its_hash_alone()
    {
        var hash = PasswordHash.Of("grün wie ein Fluß");
        Assert.StartsWith("$argon2id$v=19$m=19456,t=2,p=1$", hash.ToString(), StringComparison.Ordinal);
        Assert.True(PasswordHash.TryParse(hash.ToString(), out var kept));
        Assert.False(kept.IsOld);
        // The same letters, composed on another keyboard.
        Assert.True(kept.IsOf("gru\u0308n wie ein Fluß"));
        Assert.False(kept.IsOf("grün wie ein Fluss"));
        Assert.NotEqual(hash.ToString(), PasswordHash.Of("grün wie ein Fluß").ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")]
    [InlineData("$argon2id$v=19$m=99999999,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")]
    [InlineData("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$!!")]
    [InlineData("$argon2id$v=19$m=65536,t=2,p=1$$")]
    public void What_is_no_hash_is_none(string? text) => Assert.False(PasswordHash.TryParse(text, out _));

    [Theory]
    [InlineData("short", PasswordTrouble.TooShort)]
    [InlineData("elevenchars", PasswordTrouble.TooShort)]
    [InlineData("password1234", PasswordTrouble.TooCommon)]
    [InlineData("P4ssw0rd12345", PasswordTrouble.TooCommon)]
    [InlineData("qwertyuiop123456", PasswordTrouble.TooCommon)]
    [InlineData("aaaaaaaaaaaaaaaaaaaa", PasswordTrouble.TooCommon)]
    [InlineData("abcdefghijklmnopqrst", PasswordTrouble.TooCommon)]
    [InlineData("987654321098765", PasswordTrouble.TooCommon)]
    [InlineData("passwordpassword", PasswordTrouble.TooCommon)]
    [InlineData("sam@shop.example", PasswordTrouble.TooCommon)]
    [InlineData("MapleThread2026!", PasswordTrouble.TooCommon)]
    [InlineData("samsamsam2026", PasswordTrouble.TooCommon)]
    [InlineData("tab\tin the middle of it", PasswordTrouble.NotText)]
    [InlineData("maple thread violet canoe", null)]
    [InlineData("correct horse battery staple", null)]
    [InlineData("vier graue Enten am Teich", null)]
    [InlineData("xK9vLq2mRt7w", null)]
    [InlineData("密码应该是很长的一句话吧我想", null)]
    public void Passwords_that_are_guessed_soon_are_not_taken(string password, PasswordTrouble? why) =>
        Assert.Equal(why, PasswordRules.WhyNot(password, "Sam Sample", "sam@shop.example", "Maple & Thread", "candor"));

    [Fact]
    public void Every_known_password_is_refused_as_it_is_and_with_the_usual_ends()
    {
        using var reader = new StreamReader(typeof(PasswordRules).Assembly.GetManifestResourceStream("staff/common-passwords")!);
        var known = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(known.Length > 40_000);
        foreach (var word in known.Where(w => w.Length >= PasswordRules.MinLength))
        {
            Assert.Equal(PasswordTrouble.TooCommon, PasswordRules.WhyNot(word));
            Assert.Equal(PasswordTrouble.TooCommon, PasswordRules.WhyNot(word + "1!"));
            Assert.Equal(PasswordTrouble.TooCommon, PasswordRules.WhyNot(word.ToUpperInvariant()));
        }
    }

    [Fact]
    public void Anything_gets_an_answer_and_length_is_bounded()
    {
        Gen.String.Sample(text => PasswordRules.WhyNot(text, text));
        Assert.Equal(PasswordTrouble.NotText, PasswordRules.WhyNot("half a pair \ud800 in the middle"));
        Assert.Equal(PasswordTrouble.TooLong, PasswordRules.WhyNot(new string('x', PasswordRules.MaxLength + 1)));
        Assert.Equal(PasswordTrouble.TooCommon, PasswordRules.WhyNot(new string('x', PasswordRules.MaxLength)));
    }

    [Fact]
    public void Sixteen_random_letters_are_taken() => Gen.Char['a', 'z'].Array[16].Where(a => a.Distinct().Count() > 8).Sample(a => PasswordRules.WhyNot(new string(a)) is null || PasswordRules.BitsOf(new string(a), []) < PasswordRules.MinBits);
}
