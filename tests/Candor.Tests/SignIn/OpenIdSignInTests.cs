using System.Web;
using Candor.Kernel;
using Candor.SignIn;
using Candor.Tests.Storage;

namespace Candor.Tests.SignIn;

public sealed class OpenIdSignInOnSqlite : OpenIdSignInTests<Sqlite>;

public sealed class OpenIdSignInOnPostgres : OpenIdSignInTests<Postgres>;

/// <summary>Signing in with a provider: the way there and back, and everybody who stands in it.</summary>
public abstract class OpenIdSignInTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private static readonly string Browser = RandomSecret.New();
    private readonly PublicFetch fetch = new(allowsLoopback: true);
    private SignInHouse house = null!;
    private FakeProvider provider = null!;
    private OpenIdSignIn way = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await SignInHouse.BuildAsync(Db, Ct);
        provider = await FakeProvider.StartAsync(Ct);
        provider.Now = Clock.GetUtcNow().ToUnixTimeSeconds();
        way = Way(null);
    }

    public override async ValueTask DisposeAsync()
    {
        await provider.DisposeAsync();
        fetch.Dispose();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_verified_address_signs_its_customer_in()
    {
        var outcome = await FinishAsync(await BeginAsync());
        Assert.Equal((null, "/me/data"), (outcome.Trouble, outcome.GoTo.Value));
        Assert.Equal(house.Ada.Id.Value, await house.WhoAsync(outcome.Session, Ct));
        Assert.Equal("sign-in:oidc", Assert.Single(await house.LoginsAsync(Ct)).Subject);
    }

    [Fact]
    public async Task The_subject_may_be_the_reference_of_the_customer()
    {
        way = Way(OpenIdSettings.BySubject);
        provider.Bend = c => (c["sub"], c["email_verified"]) = ("ben", false);
        Assert.Equal(house.Ben.Id.Value, await house.WhoAsync((await FinishAsync(await BeginAsync())).Session, Ct));
    }

    [Theory]
    [InlineData("nonce", "other", SignInTrouble.BadToken)]
    [InlineData("nonce", "", SignInTrouble.BadToken)]
    [InlineData("nonce", null, SignInTrouble.BadToken)]
    [InlineData("iss", "http://127.0.0.1:1", SignInTrouble.BadToken)]
    [InlineData("iss", null, SignInTrouble.BadToken)]
    [InlineData("aud", "another-client", SignInTrouble.BadToken)]
    [InlineData("aud", null, SignInTrouble.BadToken)]
    [InlineData("azp", "another-client", SignInTrouble.BadToken)]
    [InlineData("exp", 1L, SignInTrouble.BadToken)]
    [InlineData("exp", null, SignInTrouble.BadToken)]
    [InlineData("iat", 1L, SignInTrouble.BadToken)]
    [InlineData("iat", 99_999_999_999L, SignInTrouble.BadToken)]
    [InlineData("email_verified", false, SignInTrouble.UnknownCustomer)]
    [InlineData("email_verified", "true", SignInTrouble.UnknownCustomer)]
    [InlineData("email_verified", null, SignInTrouble.UnknownCustomer)]
    [InlineData("email", "nobody@customers.example", SignInTrouble.UnknownCustomer)]
    [InlineData("email", "ada", SignInTrouble.UnknownCustomer)]
    [InlineData("email", 7L, SignInTrouble.UnknownCustomer)]
    public async Task A_claim_that_is_wrong_signs_nobody_in(string claim, object? value, SignInTrouble trouble)
    {
        provider.Bend = c =>
        {
            c.Remove(claim);
            if (value is not null)
            {
                c[claim] = value;
            }
        };
        Assert.Equal(trouble, (await FinishAsync(await BeginAsync())).Trouble);
    }

    [Fact]
    public async Task Several_audiences_need_the_name_of_the_one_it_was_made_for()
    {
        provider.Bend = c => c["aud"] = new[] { FakeProvider.ClientId, "another-client" };
        Assert.Equal(SignInTrouble.BadToken, (await FinishAsync(await BeginAsync())).Trouble);
        provider.Bend = c => (c["aud"], c["azp"]) = (new[] { FakeProvider.ClientId, "another-client" }, FakeProvider.ClientId);
        Assert.NotNull((await FinishAsync(await BeginAsync())).Session);
    }

    [Fact]
    public async Task A_token_signed_by_somebody_else_is_refused()
    {
        using var forger = new TestSigner("p1");
        provider.Forger = forger;
        Assert.Equal(SignInTrouble.ProviderFailed, (await FinishAsync(await BeginAsync())).Trouble);
    }

    [Fact]
    public async Task The_way_back_counts_once()
    {
        var back = await BeginAsync();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => FinishAsync(back))));
        Assert.Single(outcomes, o => o.Session is not null);
        Assert.All(outcomes.Where(o => o.Session is null), o => Assert.Equal(SignInTrouble.Over, o.Trouble));
        // The same code with a state of its own, in the attacker's browser.
        Assert.Equal(SignInTrouble.ProviderFailed, (await FinishAsync((await BeginAsync()) with { Code = back.Code })).Trouble);
    }

    [Fact]
    public async Task States_and_codes_of_two_ways_are_not_mixed()
    {
        var (first, second) = (await BeginAsync(), await BeginAsync());
        // Each code belongs to the verifier of its own state.
        Assert.Equal(SignInTrouble.ProviderFailed, (await FinishAsync(first with { Code = second.Code })).Trouble);
        Assert.Equal(SignInTrouble.ProviderFailed, (await FinishAsync(second with { Code = first.Code })).Trouble);
    }

    [Fact]
    public async Task Another_browser_cannot_come_back_in_this_ones_place()
    {
        var back = await BeginAsync();
        foreach (var other in new[] { RandomSecret.New(), "", null })
        {
            Assert.Equal(SignInTrouble.OtherBrowser, (await way.FinishAsync(back, other, SignInClient.Unknown, Ct)).Trouble);
        }

        Assert.NotNull((await FinishAsync(back)).Session);
    }

    [Fact]
    public async Task An_unknown_or_old_state_is_over()
    {
        foreach (var state in new[] { null, "", RandomSecret.New(), new string('x', 10_000) })
        {
            Assert.Equal(SignInTrouble.Over, (await FinishAsync(new OpenIdReturn(state, "code", null, null))).Trouble);
        }

        var back = await BeginAsync();
        Clock.Advance(OpenIdSignIn.Life);
        Assert.Equal(SignInTrouble.Over, (await FinishAsync(back)).Trouble);
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await way.CleanAsync(Ct));
    }

    [Fact]
    public async Task The_answer_of_another_provider_is_refused()
    {
        Assert.Equal(SignInTrouble.BadToken, (await FinishAsync((await BeginAsync()) with { Issuer = "https://evil.example" })).Trouble);
        provider.NamesIssuer = true;
        way = Way(null);
        Assert.Equal(SignInTrouble.BadToken, (await FinishAsync((await BeginAsync()) with { Issuer = null })).Trouble);
        Assert.NotNull((await FinishAsync(await BeginAsync())).Session);
    }

    [Fact]
    public async Task A_no_at_the_provider_is_told_as_such() =>
        Assert.Equal(SignInTrouble.ProviderRefused, (await FinishAsync((await BeginAsync()) with { Code = null, Error = "access_denied" })).Trouble);

    [Theory]
    [InlineData(400, """{"error":"invalid_grant"}""")]
    [InlineData(500, "oops")]
    [InlineData(302, "")]
    [InlineData(200, "")]
    [InlineData(200, "[]")]
    [InlineData(200, "{}")]
    [InlineData(200, """{"id_token":7}""")]
    [InlineData(200, """{"id_token":"a.b.c"}""")]
    [InlineData(200, """{"id_token":"\ud800"}""")]
    public async Task An_answer_that_is_none_is_told_as_such(int status, string text)
    {
        provider.Instead = (status, text);
        Assert.Equal(SignInTrouble.ProviderFailed, (await FinishAsync(await BeginAsync())).Trouble);
    }

    [Fact]
    public async Task A_provider_that_names_itself_otherwise_is_not_used()
    {
        provider.SaidIssuer = provider.Issuer + "/";
        Assert.Equal("sign-in/other-issuer", (await Assert.ThrowsAsync<Fault>(() => BeginAsync())).What);
    }

    [Fact]
    public async Task Nothing_secret_is_stored_or_sent_to_the_provider_in_the_address()
    {
        var sentTo = await way.BeginAsync(Browser, LocalPath.Home, Ct);
        var query = HttpUtility.ParseQueryString(sentTo.Query);
        Assert.DoesNotContain(FakeProvider.Secret, sentTo.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("code_verifier", query.AllKeys);
        Assert.Equal(new Uri(SignInHouse.Site, OpenIdSignIn.BackPath).ToString(), query["redirect_uri"]);
        var row = await Db.ReadAsync(async tx => await tx.FindAsync<(byte[] State, byte[] Browser, string GoTo)>("SELECT state_hash, browser_hash, go_to FROM sign_in_flow", null, Ct), Ct);
        Assert.Equal(RandomSecret.HashOf(query["state"]!), row.State);
        Assert.Equal(RandomSecret.HashOf(Browser), row.Browser);
        Assert.Equal("/me", row.GoTo);
    }

    [Theory]
    [InlineData("ftp://id.example", "candor", null, "sign-in/bad-address")]
    [InlineData("id.example", "candor", null, "sign-in/bad-issuer")]
    [InlineData("https://id.example/?a=b", "candor", null, "sign-in/bad-issuer")]
    [InlineData("https://id.example", "", null, "sign-in/no-client-id")]
    [InlineData("https://id.example", "candor", "phone", "sign-in/bad-claim")]
    public void Settings_that_cannot_work_are_told_at_the_start(string issuer, string client, string? claim, string what) =>
        Assert.Equal(what, Assert.Throws<Fault>(() => OpenIdSettings.Parse(issuer, client, null, claim, fetch)).What);

    private OpenIdSignIn Way(string? claim) => new(
        Db, house.Vault, house.SignIn, new OpenIdProvider(OpenIdSettings.Parse(provider.Issuer, FakeProvider.ClientId, FakeProvider.Secret, claim, fetch), fetch, Clock), SignInHouse.Site);

    private async Task<OpenIdReturn> BeginAsync()
    {
        Assert.True(LocalPath.TryParse("/me/data", out var goTo));
        return provider.Agree(await way.BeginAsync(Browser, goTo, Ct));
    }

    private Task<SignInOutcome> FinishAsync(OpenIdReturn back) => way.FinishAsync(back, Browser, SignInClient.Unknown, Ct);
}
