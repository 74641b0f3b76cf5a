using Candor.Kernel;
using Candor.SignIn;
using Microsoft.Extensions.Time.Testing;

namespace Candor.Tests.SignIn;

/// <summary>Keys are kept, asked for again in time, and not at a stranger's pace.</summary>
public sealed class WebKeySourceTests : IDisposable
{
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 6, 1, 9, 0, 0, TimeSpan.Zero));
    private readonly TestSigner first = new("k1");
    private readonly TestSigner second = new("k2");
    private readonly WebKeySource source;
    private string served;
    private int asked;
    private bool isDown;

    public WebKeySourceTests()
    {
        served = first.KeySet;
        source = new WebKeySource(_ =>
        {
            asked++;
            return isDown ? Task.FromException<string>(new IOException("down")) : Task.FromResult(served);
        }, clock);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        first.Dispose();
        second.Dispose();
    }

    [Fact]
    public async Task Keys_are_asked_for_once_an_hour()
    {
        for (var i = 0; i < 5; i++)
        {
            Assert.True(await IsKnownAsync(first));
        }

        Assert.Equal(1, asked);
        clock.Advance(WebKeySource.MaxAge);
        Assert.True(await IsKnownAsync(first));
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task A_new_key_is_found_at_once_and_made_up_ones_cannot_hurry_it()
    {
        Assert.True(await IsKnownAsync(first));
        clock.Advance(WebKeySource.MinInterval);
        served = $$"""{"keys":[{{first.PublicKey}},{{second.PublicKey}}]}""";
        Assert.True(await IsKnownAsync(second));
        Assert.Equal(2, asked);
        for (var i = 0; i < 100; i++)
        {
            using var made = new TestSigner("x" + i);
            Assert.False(await IsKnownAsync(made));
        }

        Assert.Equal(2, asked);
        clock.Advance(WebKeySource.MinInterval);
        using var other = new TestSigner("y");
        Assert.False(await IsKnownAsync(other));
        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task A_source_that_does_not_answer_leaves_the_keys_for_a_day()
    {
        Assert.True(await IsKnownAsync(first));
        isDown = true;
        clock.Advance(TimeSpan.FromHours(23));
        Assert.True(await IsKnownAsync(first));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal("sign-in/no-keys", (await Assert.ThrowsAsync<Fault>(() => IsKnownAsync(first))).What);
        isDown = false;
        clock.Advance(WebKeySource.MinInterval);
        Assert.True(await IsKnownAsync(first));
    }

    [Fact]
    public async Task A_token_without_a_key_id_is_checked_only_when_there_is_one_key()
    {
        var bare = first.Sign(new { a = 1 }, new { alg = "ES256" });
        Assert.True(SignedToken.TryParse(bare, out var token));
        Assert.Single(await source.FindAsync(token, Ct));
        clock.Advance(WebKeySource.MaxAge);
        served = $$"""{"keys":[{{first.PublicKey}},{{second.PublicKey}}]}""";
        Assert.Empty(await source.FindAsync(token, Ct));
    }

    [Fact]
    public async Task Many_who_wait_ask_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => IsKnownAsync(first))));
        Assert.Equal(1, asked);
    }

    [Fact]
    public void A_bad_file_is_told_at_the_start()
    {
        using var fetch = new PublicFetch(allowsLoopback: false);
        var file = Path.Combine(Directory.CreateTempSubdirectory("candor-keys-").FullName, "keys.json");
        File.WriteAllText(file, """{"keys":[{"kty":"EC","d":"secret"}]}""");
        Assert.Equal("sign-in/private-key", Assert.Throws<Fault>(() => WebKeySource.From(file, fetch, clock)).What);
        Assert.Equal("sign-in/bad-address", Assert.Throws<Fault>(() => WebKeySource.From("http://shop.example/keys", fetch, clock)).What);
    }

    private async Task<bool> IsKnownAsync(TestSigner signer)
    {
        Assert.True(SignedToken.TryParse(signer.Sign(new { a = 1 }), out var token));
        return (await source.FindAsync(token, Ct)).Any(token.IsSignedBy);
    }
}
