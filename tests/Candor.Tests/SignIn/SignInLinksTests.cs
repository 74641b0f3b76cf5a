using System.Net;
using Candor.Kernel;
using Candor.SignIn;
using Candor.Tests.Storage;
using Candor.Vault;

namespace Candor.Tests.SignIn;

public sealed class SignInLinksOnSqlite : SignInLinksTests<Sqlite>;

public sealed class SignInLinksOnPostgres : SignInLinksTests<Postgres>;

/// <summary>A link counts for ten minutes, once, in the browser that asked for it; and asking tells nobody who is known here.</summary>
public abstract class SignInLinksTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private static readonly string Phone = RandomSecret.New();
    private static readonly string Laptop = RandomSecret.New();
    private SignInHouse house = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await SignInHouse.BuildAsync(Db, Ct);
    }

    [Fact]
    public async Task A_link_signs_its_customer_in_and_nobody_else()
    {
        await AskAsync("ada@customers.example");
        var outcome = await UseAsync(await OnlyTokenAsync());
        Assert.Equal((null, "/me/data"), (outcome.Trouble, outcome.GoTo.Value));
        Assert.Equal(house.Ada.Id.Value, await house.WhoAsync(outcome.Session, Ct));
        Assert.Empty(await house.TokensAsync(house.Ben, Ct));
        var entry = Assert.Single(await house.LoginsAsync(Ct));
        Assert.Equal(("customer", "sign-in:link", null), (entry.Actor, entry.Subject, entry.Reason));
        Assert.Equal(house.Ada.AuditRef, entry.CustomerRef);
    }

    [Theory]
    [InlineData("ADA@customers.example")]
    [InlineData("  ada@Customers.Example ")]
    public async Task The_address_may_be_typed_as_people_type(string typed)
    {
        await AskAsync(typed);
        Assert.Single(await house.TokensAsync(house.Ada, Ct));
    }

    [Fact]
    public async Task Of_fifty_uses_at_once_exactly_one_succeeds()
    {
        await AskAsync("ada@customers.example");
        var token = await OnlyTokenAsync();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => UseAsync(token))));
        Assert.Single(outcomes, o => o.Session is not null);
        Assert.All(outcomes.Where(o => o.Session is null), o => Assert.Equal(SignInTrouble.Over, o.Trouble));
    }

    [Fact]
    public async Task A_link_counts_until_just_before_ten_minutes()
    {
        await AskAsync("ada@customers.example");
        var token = await OnlyTokenAsync();
        Clock.Advance(SignInLinks.Life - TimeSpan.FromMicroseconds(1));
        Assert.Null(await house.Links.LookAsync(token, Phone, Ct));
        Clock.Advance(TimeSpan.FromMicroseconds(1));
        Assert.Equal(SignInTrouble.Over, await house.Links.LookAsync(token, Phone, Ct));
        Assert.Equal(SignInTrouble.Over, (await UseAsync(token)).Trouble);
    }

    [Fact]
    public async Task Looking_uses_nothing_up_and_another_browser_gets_nowhere()
    {
        await AskAsync("ada@customers.example");
        var token = await OnlyTokenAsync();
        foreach (var other in new[] { Laptop, "", null, token })
        {
            Assert.Equal(SignInTrouble.OtherBrowser, await house.Links.LookAsync(token, other, Ct));
            Assert.Equal(SignInTrouble.OtherBrowser, (await house.Links.UseAsync(token, other, SignInClient.Unknown, Ct)).Trouble);
        }

        Assert.Null(await house.Links.LookAsync(token, Phone, Ct));
        Assert.NotNull((await UseAsync(token)).Session);
        Assert.Equal(SignInTrouble.Over, (await UseAsync(token)).Trouble);
        Assert.Contains(await house.LoginsAsync(Ct), e => e is { Actor: "system:sign-in", Reason: "other-browser", CustomerRef: null });
    }

    [Fact]
    public async Task An_invented_token_opens_nothing()
    {
        await AskAsync("ada@customers.example");
        foreach (var token in new[] { RandomSecret.New(), "", "' OR 1=1 --", new string('x', 5000) })
        {
            Assert.Equal(SignInTrouble.Over, (await UseAsync(token)).Trouble);
        }
    }

    [Fact]
    public async Task Asking_for_an_unknown_address_does_the_same_work_and_sends_nothing()
    {
        await AskAsync("nobody@customers.example", send: false);
        await AskAsync("ada@customers.example", send: false);
        var rows = await Db.ReadAsync(async tx => await tx.QueryAsync<(string State, long Known, long Length, long Hash)>(
            "SELECT state, is_known, length(address), CASE WHEN token_hash IS NULL AND subject IS NULL THEN 0 ELSE 1 END FROM sign_in_link", null, Ct), Ct);
        Assert.Equal(2, rows.Count);
        Assert.Single(rows.Distinct());
        Assert.Empty(await house.LoginsAsync(Ct));
        Assert.Equal(2, await house.Links.SendDueAsync(10, Ct));
        Assert.Single(await house.TokensAsync(house.Ada, Ct));
        Assert.Equal(1, await Db.ReadAsync(async tx => await tx.FindAsync<long>("SELECT count(*) FROM outbox", null, Ct), Ct));
    }

    [Fact]
    public async Task A_mailbox_is_not_flooded_and_a_stranger_does_not_lock_its_owner_out()
    {
        await AskAsync("ada@customers.example");
        var known = (await UseAsync(await OnlyTokenAsync())).KnownBrowser;
        for (var network = 1; network <= 8; network++)
        {
            for (var i = 0; i < 5; i++)
            {
                await AskAsync("ada@customers.example", browser: Laptop, client: Client($"198.18.{network}.7"));
            }
        }

        // Three from one network, six from all strangers together.
        Assert.Equal(SignInLinks.MostForStrangers, (await house.TokensAsync(house.Ada, Ct)).Count);
        await AskAsync("ada@customers.example", known: known);
        Assert.Equal(SignInLinks.MostForStrangers + 1, (await house.TokensAsync(house.Ada, Ct)).Count);
        Assert.NotNull((await UseAsync((await house.TokensAsync(house.Ada, Ct))[^1])).Session);
        for (var i = 0; i < 10; i++)
        {
            await AskAsync("ada@customers.example", known: known);
        }

        Assert.Equal(SignInLinks.MostForStrangers + SignInLinks.MostForAsker, (await house.TokensAsync(house.Ada, Ct)).Count);
        Clock.Advance(SignInLinks.Window);
        await AskAsync("ada@customers.example", client: Client("198.18.1.7"));
        Assert.Equal(SignInLinks.MostForStrangers + SignInLinks.MostForAsker + 1, (await house.TokensAsync(house.Ada, Ct)).Count);
    }

    [Fact]
    public async Task A_mark_of_one_address_says_nothing_for_another_and_cannot_be_forged()
    {
        await AskAsync("ada@customers.example");
        var known = (await UseAsync(await OnlyTokenAsync())).KnownBrowser!;
        foreach (var (email, mark) in new[] { ("ben@customers.example", known), ("ada@customers.example", (known[0] == 'A' ? "B" : "A") + known[1..]), ("ada@customers.example", "x"), ("ada@customers.example", RandomSecret.New()) })
        {
            await AskAsync(email, known: mark, send: false);
        }

        Assert.Equal(5, await Db.ReadAsync(async tx => await tx.FindAsync<long>("SELECT count(*) FROM sign_in_link WHERE is_known = 0", null, Ct), Ct));
        Assert.DoesNotContain("ada", known, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_session_has_a_new_token_and_ends_the_former_one()
    {
        var former = await Db.WriteAsync(tx => house.Access.OpenCustomerSessionAsync(tx, house.Ben.Id, Ct), Ct);
        await AskAsync("ada@customers.example");
        var outcome = await house.Links.UseAsync(await OnlyTokenAsync(), Phone, SignInClient.Unknown with { Former = Candor.Staff.CallerToken.Parse(former) }, Ct);
        Assert.NotEqual(former, outcome.Session);
        Assert.Equal(house.Ada.Id.Value, await house.WhoAsync(outcome.Session, Ct));
        Assert.Null(await house.WhoAsync(former, Ct));
    }

    [Fact]
    public async Task An_erased_customer_is_not_signed_in_and_leaves_nothing()
    {
        await AskAsync("ada@customers.example");
        var token = await OnlyTokenAsync();
        await Db.WriteAsync(tx => house.Vault.ShredAsync(tx, house.Ada.Id, Ct), Ct);
        Assert.Equal(SignInTrouble.Over, (await UseAsync(token)).Trouble);
        await Db.WriteAsync(tx => house.Links.EraseAsync(tx, house.Ada.Id, Ct), Ct);
        Assert.Equal(0, await Db.ReadAsync(async tx => await tx.FindAsync<long>("SELECT count(*) FROM sign_in_link", null, Ct), Ct));
    }

    [Fact]
    public async Task What_could_not_be_served_in_time_is_dropped_and_old_requests_are_forgotten()
    {
        await AskAsync("ada@customers.example", send: false);
        Clock.Advance(SignInLinks.Life);
        await house.Links.SendDueAsync(10, Ct);
        Assert.Empty(await house.TokensAsync(house.Ada, Ct));
        Assert.Equal(0, await house.Links.SendDueAsync(10, Ct));
        Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, await house.Links.CleanAsync(Ct));
    }

    [Fact]
    public async Task Neither_address_nor_token_nor_browser_stands_in_the_database()
    {
        await AskAsync("ada@customers.example");
        var token = await OnlyTokenAsync();
        var rows = await Db.ReadAsync(async tx => await tx.QueryAsync<(byte[] Address, byte[] Token, byte[] Browser)>("SELECT address, token_hash, browser_hash FROM sign_in_link", null, Ct), Ct);
        var (address, stored, browser) = Assert.Single(rows);
        Assert.Equal(house.Index.Of(BlindIndex.Email, "ada@customers.example"), address);
        Assert.Equal((32, 32), (stored.Length, browser.Length));
        Assert.NotEqual(System.Text.Encoding.ASCII.GetBytes(token), stored);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ada")]
    [InlineData("@")]
    public async Task What_is_no_address_is_refused(string typed) => Assert.Equal("vault/bad-email", (await Assert.ThrowsAsync<Fault>(() => AskAsync(typed))).What);

    private static SignInClient Client(string address) => new(IPAddress.Parse(address), "test");

    private async Task AskAsync(string email, string? browser = null, SignInClient? client = null, string? known = null, bool send = true)
    {
        Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(LocalPath.TryParse("/me/data", out var goTo));
        await house.Links.AskAsync(new LinkRequest(email, browser ?? Phone, client ?? Client("192.0.2.1"), known, "en", goTo), Ct);
        if (send)
        {
            await house.Links.SendDueAsync(100, Ct);
        }
    }

    private async Task<string> OnlyTokenAsync() => Assert.Single(await house.TokensAsync(house.Ada, Ct));

    private Task<SignInOutcome> UseAsync(string token) => house.Links.UseAsync(token, Phone, SignInClient.Unknown, Ct);
}
