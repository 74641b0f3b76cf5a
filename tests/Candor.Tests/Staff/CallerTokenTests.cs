using Candor.Staff;

namespace Candor.Tests.Staff;

public sealed class CallerTokenTests
{
    [Fact]
    public void A_fresh_key_parses_to_its_id_and_digest()
    {
        var (text, token) = CallerToken.NewKey("live");
        Assert.True(CallerToken.TryParse(text, out var parsed));
        Assert.Equal(token.KeyId, parsed.KeyId);
        Assert.Equal(token.Hash, parsed.Hash);
    }

    [Fact]
    public void A_key_with_any_one_character_changed_is_refused_before_a_look_up()
    {
        var (text, _) = CallerToken.NewKey("live");
        for (var i = 0; i < text.Length; i++)
        {
            var changed = text.Remove(i, 1).Insert(i, text[i] == 'a' ? "b" : "a");
            Assert.False(CallerToken.TryParse(changed, out _), changed);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("cds_short")]
    [InlineData("cdp_live_a_b_c")]
    [InlineData("Bearer x")]
    public void What_is_no_token_is_refused(string? text) => Assert.False(CallerToken.TryParse(text, out _));
}
