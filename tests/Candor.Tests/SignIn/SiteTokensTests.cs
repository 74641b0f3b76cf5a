using Candor.Kernel;
using Candor.SignIn;
using Candor.Staff;
using Candor.Tests.Storage;

namespace Candor.Tests.SignIn;

public sealed class SiteTokensOnSqlite : SiteTokensTests<Sqlite>;

public sealed class SiteTokensOnPostgres : SiteTokensTests<Postgres>;

/// <summary>A token of the business's own site signs its customer in, once, here, and within five minutes.</summary>
public abstract class SiteTokensTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private readonly TestSigner signer = new("shop");
    private SignInHouse house = null!;
    private SiteTokens tokens = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await SignInHouse.BuildAsync(Db, Ct);
        tokens = On(new WebKeySource(_ => Task.FromResult(signer.KeySet), Clock));
    }

    public override async ValueTask DisposeAsync()
    {
        signer.Dispose();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_good_token_signs_in_with_either_kind_of_key()
    {
        Assert.Equal(house.Ada.Id.Value, await house.WhoAsync((await UseAsync(signer.Sign(Claims()))).Session, Ct));
        using var rsa = new TestSigner("rsa", isRsa: true);
        var other = On(new WebKeySource(_ => Task.FromResult(rsa.KeySet), Clock));
        Assert.NotNull((await other.SignInAsync(rsa.Sign(Claims()), LocalPath.Home, SignInClient.Unknown, Ct)).Session);
        Assert.All(await house.LoginsAsync(Ct), e => Assert.Equal(("customer", "sign-in:token", null), (e.Actor, e.Subject, e.Reason)));
    }

    [Fact]
    public async Task Of_fifty_uses_at_once_exactly_one_succeeds()
    {
        var token = signer.Sign(Claims());
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => UseAsync(token))));
        Assert.Single(outcomes, o => o.Session is not null);
        Assert.All(outcomes.Where(o => o.Session is null), o => Assert.Equal(SignInTrouble.Replayed, o.Trouble));
    }

    [Fact]
    public async Task A_used_token_is_refused_as_long_as_it_lives_and_then_because_it_is_old()
    {
        var token = signer.Sign(Claims(life: 300));
        Assert.NotNull((await UseAsync(token)).Session);
        Clock.Advance(TimeSpan.FromSeconds(329));
        Assert.Equal(0, await tokens.CleanAsync(Ct));
        Assert.Equal(SignInTrouble.Replayed, (await UseAsync(token)).Trouble);
        Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(1, await tokens.CleanAsync(Ct));
        Assert.Equal(SignInTrouble.BadToken, (await UseAsync(token)).Trouble);
    }

    [Theory]
    [MemberData(nameof(WrongClaims.All), MemberType = typeof(WrongClaims))]
    public async Task A_claim_that_is_missing_or_wrong_is_refused(string what)
    {
        var (claims, now) = (Claims(), Clock.GetUtcNow().ToUnixTimeSeconds());
        var (name, value) = what switch
        {
            "iss" => ("iss", "https://evil.example"),
            "aud" => ("aud", "https://other.shop.example"),
            "aud-list" => ("aud", new object[] { "https://other.shop.example", 7 }),
            "no-sub" => ("sub", null),
            "empty-sub" => ("sub", ""),
            "long-sub" => ("sub", new string('x', 129)),
            "control-sub" => ("sub", "a\0da"),
            "number-sub" => ("sub", 7),
            "no-jti" => ("jti", null),
            "empty-jti" => ("jti", ""),
            "long-jti" => ("jti", new string('x', 129)),
            "no-iat" => ("iat", null),
            "no-exp" => ("exp", null),
            "text-exp" => ("exp", $"{now + 60}"),
            "long-life" => ("exp", now + 301),
            "backwards" => ("exp", now),
            "old" => ("iat", now - 400),
            "early" => ("iat", now + 31),
            "nbf" => ("nbf", now + 31),
            "huge-exp" => ("exp", 1e300),
            _ => ("exp", (object?)-1),
        };
        if (value is null)
        {
            claims.Remove(name);
        }
        else
        {
            claims[name] = value;
        }

        Assert.Equal(SignInTrouble.BadToken, (await UseAsync(signer.Sign(claims))).Trouble);
        Assert.Equal("bad-token", Assert.Single(await house.LoginsAsync(Ct)).Reason);
    }

    [Fact]
    public async Task Clocks_may_differ_by_thirty_seconds()
    {
        var early = Claims(life: 60);
        (early["iat"], early["exp"]) = ((long)early["iat"] + 30, (long)early["exp"] + 30);
        Assert.NotNull((await UseAsync(signer.Sign(early))).Session);
        var later = signer.Sign(Claims(life: 60));
        Clock.Advance(TimeSpan.FromSeconds(89.9));
        Assert.NotNull((await UseAsync(later)).Session);
    }

    [Fact]
    public async Task Another_key_a_malformed_token_and_none_are_refused()
    {
        using var stranger = new TestSigner("shop");
        foreach (var token in new[] { stranger.Sign(Claims()), "", null, "a.b.c", new string('a', 100_000), signer.Sign(Claims())[..^2] })
        {
            Assert.Equal(SignInTrouble.BadToken, (await UseAsync(token)).Trouble);
        }
    }

    [Fact]
    public async Task Somebody_unknown_is_told_so_and_not_made_a_customer()
    {
        var before = await Db.ReadAsync(tx => house.Vault.CountAsync(tx, Ct), Ct);
        Assert.Equal(SignInTrouble.UnknownCustomer, (await UseAsync(signer.Sign(Claims("nobody")))).Trouble);
        Assert.Equal(before, await Db.ReadAsync(tx => house.Vault.CountAsync(tx, Ct), Ct));
    }

    [Fact]
    public async Task A_site_without_keys_vouches_for_nobody() =>
        Assert.Equal(SignInTrouble.NotSetUp, (await On(null).SignInAsync(signer.Sign(Claims()), LocalPath.Home, SignInClient.Unknown, Ct)).Trouble);

    [Fact]
    public async Task What_a_page_of_the_site_gets_is_a_visit_and_the_token_is_used_up()
    {
        var token = signer.Sign(Claims());
        var outcome = await tokens.IdentifyAsync(token, Ct);
        Assert.True(CallerToken.Parse(outcome.Session!).IsVisit);
        Assert.Equal(house.Ada.Id.Value, await house.WhoAsync(outcome.Session, Ct));
        Assert.Equal(SignInTrouble.Replayed, (await UseAsync(token)).Trouble);
        Assert.Equal("web-visit:token", (await house.LoginsAsync(Ct))[0].Subject);
    }

    private SiteTokens On(WebKeySource? keys) => new(Db, house.Catalogs, house.Vault, house.SignIn, keys, SignInHouse.Site);

    private Task<SignInOutcome> UseAsync(string? token) => tokens.SignInAsync(token, LocalPath.Home, SignInClient.Unknown, Ct);

    private Dictionary<string, object> Claims(string subject = "ada", int life = 120)
    {
        var now = Clock.GetUtcNow().ToUnixTimeSeconds();
        return new() { ["iss"] = SignInHouse.Shop, ["aud"] = "https://privacy.shop.example", ["sub"] = subject, ["jti"] = RandomSecret.New(), ["iat"] = now, ["exp"] = now + life };
    }
}

/// <summary>What can be wrong with a token's claims.</summary>
public static class WrongClaims
{
    public static TheoryData<string> All =>
        ["iss", "aud", "aud-list", "no-sub", "empty-sub", "long-sub", "control-sub", "number-sub", "no-jti", "empty-jti", "long-jti", "no-iat", "no-exp", "text-exp", "long-life", "backwards", "old", "early", "nbf", "huge-exp", "negative-exp"];
}
