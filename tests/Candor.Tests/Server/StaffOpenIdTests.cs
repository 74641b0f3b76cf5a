using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Server.Web;
using Candor.SignIn;
using Candor.Staff;
using Candor.Tests.SignIn;
using Candor.Tests.Storage;

namespace Candor.Tests.Server;

public sealed class StaffOpenIdOnSqlite : StaffOpenIdTests<Sqlite>;

public sealed class StaffOpenIdOnPostgres : StaffOpenIdTests<Postgres>;

/// <summary>Single sign-on for staff, over real HTTP, with a provider in this process.</summary>
public abstract class StaffOpenIdTests<TEngine> : StaffSignInTest<TEngine>
    where TEngine : IEngine, new()
{
    private static readonly Uri Site = new("http://localhost:5080");
    private FakeProvider provider = null!;

    internal override SiteOptions Options => new("http://127.0.0.1:0", 100_000, SignIn: new SignInOptions(AttemptsPerMinute: 100_000)
    {
        Staff = new StaffOidcOptions(provider.Issuer, FakeProvider.ClientId, FakeProvider.Secret, "urn:shop:second"),
    });

    internal override HostSettings Adapt(HostSettings settings) => settings with { Site = Site };

    public override async ValueTask InitializeAsync()
    {
        provider = await FakeProvider.StartAsync(Ct);
        (provider.Now, provider.Back) = (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(), new Uri(Site, StaffOpenId.BackPath));
        await base.InitializeAsync();
        Says("ada-1", "sam@shop.example", "amr", "pwd", "mfa");
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await provider.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task An_invited_person_comes_in_and_is_known_by_their_subject_from_then_on()
    {
        var staffId = await AddAsync("Sam", "agent");
        var browser = NewBrowser();
        var answer = await EnterAsync(browser);
        // A page of ours goes on, because cookies of staff are not sent on the way from another site.
        Assert.Equal(200, answer.Status);
        Assert.Contains("url=/staff/account", answer.Text, StringComparison.Ordinal);
        Assert.Equal(staffId, (await ActorAsync(browser))!.Ref);
        Assert.NotNull((await ActorAsync(browser))!.MfaAt);
        Assert.Equal(200, (await browser.GetAsync("/staff/account")).Status);
        // The address may change there, and be given to somebody else.
        Says("ada-1", "other@shop.example", "amr", "mfa");
        var again = NewBrowser();
        await EnterAsync(again);
        Assert.Equal(staffId, (await ActorAsync(again))!.Ref);
        Says("eve-2", "sam@shop.example", "amr", "mfa");
        var taken = NewBrowser();
        Assert.Equal(403, (await EnterAsync(taken)).Status);
        Assert.Null(taken.Session);
    }

    [Theory]
    [InlineData("amr", "pwd", "otp", true)]
    [InlineData("amr", "hwk", "pin", true)]
    [InlineData("acr", "urn:shop:second", "", true)]
    [InlineData("acr", "urn:shop:first", "", false)]
    [InlineData("amr", "pwd", "", false)]
    [InlineData("none", "", "", false)]
    public async Task Without_a_second_factor_there_nothing_but_enrolment_opens(string claim, string first, string second, bool hasSecond)
    {
        await AddAsync("Sam", "agent");
        Says("ada-1", "sam@shop.example", claim, first, second);
        var browser = NewBrowser();
        await EnterAsync(browser);
        Assert.Equal(hasSecond, (await ActorAsync(browser))!.MfaAt is not null);
        Assert.Equal(hasSecond ? null : "/staff/enrol", (await browser.GetAsync("/staff/account")).Message.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task Whoever_has_a_second_factor_of_their_own_is_asked_for_it()
    {
        var (_, secret) = await WithCodesAsync("Sam", "agent");
        await ForgetStepAsync();
        Says("ada-1", "sam@shop.example", "amr", "pwd");
        var browser = NewBrowser();
        var answer = await EnterAsync(browser);
        Assert.Null(browser.Session);
        Assert.Contains("/staff/sign-in/code", answer.Text, StringComparison.Ordinal);
        Assert.Equal(302, (await browser.PostAsync("/staff/sign-in/code", ("code", CodeOf(secret)))).Status);
        Assert.NotNull((await ActorAsync(browser))!.MfaAt);
    }

    [Fact]
    public async Task For_administrators_only_what_cannot_be_typed_into_a_false_page_counts()
    {
        await AddAsync("Sam", "administrator");
        foreach (var (method, counts) in new[] { ("mfa", false), ("otp", false), ("hwk", true) })
        {
            Says("ada-1", "sam@shop.example", "amr", method);
            var browser = NewBrowser();
            await EnterAsync(browser);
            Assert.Equal(counts, (await ActorAsync(browser))!.MfaAt is not null);
        }
    }

    [Theory]
    [InlineData("nobody@shop.example", true)]
    [InlineData("sam@shop.example", false)]
    [InlineData("sam@shop.example", "true")]
    public async Task Who_is_not_invited_or_not_verified_is_told_so(string email, object verified)
    {
        await AddAsync("Sam", "agent");
        provider.Bend = c => (c["sub"], c["email"], c["email_verified"], c["amr"]) = ("ada-1", email, verified, (string[])["mfa"]);
        var browser = NewBrowser();
        var answer = await EnterAsync(browser);
        Assert.Equal(403, answer.Status);
        Assert.Contains("is not invited here", answer.Text, StringComparison.Ordinal);
        Assert.Null(browser.Session);
    }

    [Fact]
    public async Task A_disabled_account_does_not_come_in()
    {
        var staffId = await AddAsync("Sam", "agent");
        await EnterAsync(NewBrowser());
        await Host.Database.WriteAsync(tx => Host.Access.DisableStaffAsync(tx, staffId, "test", Ct), Ct);
        var browser = NewBrowser();
        Assert.Equal(403, (await EnterAsync(browser)).Status);
        Assert.Null(browser.Session);
    }

    [Fact]
    public async Task The_way_back_counts_once_in_the_browser_that_began_it()
    {
        await AddAsync("Sam", "agent");
        var browser = NewBrowser();
        var back = await BeginAsync(browser);
        Assert.Equal(403, (await NewBrowser().GetAsync(back)).Status);
        Assert.Equal(200, (await browser.GetAsync(back)).Status);
        browser.Cookies["__Host-staff-browser"] = RandomSecret.New();
        Assert.Equal(403, (await browser.GetAsync(back)).Status);
        // A way that began as a customer's does not end as that of staff.
        Assert.Equal(404, (await browser.GetAsync("/sign-in/oidc")).Status);
    }

    private void Says(string subject, string email, string claim, params string[] values) => provider.Bend = c =>
    {
        (c["sub"], c["email"], c["email_verified"]) = (subject, email, true);
        if (claim != "none")
        {
            c[claim] = claim == "acr" ? values[0] : values.Where(v => v.Length > 0).ToArray();
        }
    };

    private Task<string> AddAsync(string name, string role) => Host.Database.WriteAsync(async tx =>
    {
        await Host.Invitations.InviteAsync(tx, EmailOf(name), name, [role], "test", Ct);
        return (await Host.Access.StaffAsync(tx, Ct)).Single(s => s.Email == EmailOf(name)).StaffId;
    }, Ct);

    private async Task<Answer> EnterAsync(StaffBrowser browser) => await browser.GetAsync(await BeginAsync(browser));

    /// <summary>To the provider, which agrees.</summary>
    /// <returns>The way back.</returns>
    private async Task<string> BeginAsync(StaffBrowser browser)
    {
        var sent = await browser.GetAsync("/staff/sign-in/oidc?to=/staff/account");
        Assert.Equal(302, sent.Status);
        Assert.Contains("acr_values=urn%3Ashop%3Asecond", sent.Message.Headers.Location!.OriginalString, StringComparison.Ordinal);
        var back = provider.Agree(sent.Message.Headers.Location!);
        return $"{StaffOpenId.BackPath}?state={back.State}&code={back.Code}";
    }
}
