using System.Text.Json;
using System.Text.RegularExpressions;
using Candor.Kernel;
using Candor.Server.Web;
using Candor.SignIn;
using Candor.Tests.SignIn;
using Candor.Tests.Storage;
using MimeKit;

namespace Candor.Tests.Server;

public sealed class SignInRoutesOnSqlite : SignInRoutesTests<Sqlite>;

public sealed class SignInRoutesOnPostgres : SignInRoutesTests<Postgres>;

/// <summary>Signing in as a browser does it, over real HTTP.</summary>
public abstract class SignInRoutesTests<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Form = "application/x-www-form-urlencoded";
    private const string Page = "text/html";
    private readonly TestSigner shop = new("shop");
    private readonly string keys = Path.Combine(Directory.CreateTempSubdirectory("candor-keys-").FullName, "keys.json");

    protected SignInRoutesTests() => File.WriteAllText(keys, shop.KeySet);

    internal override SiteOptions Options => new("http://127.0.0.1:0", 100_000, SignIn: new SignInOptions(SiteKeys: keys, AttemptsPerMinute: 100_000));

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await AddCustomerAsync("ada");
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        shop.Dispose();
        Directory.Delete(Path.GetDirectoryName(keys)!, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_customer_asks_opens_the_link_presses_the_button_and_is_where_they_wanted_to_be()
    {
        var (sent, browser) = await AskAsync("ada@customers.example", "/me#choices");
        Assert.Equal((302, "/sign-in/sent"), (sent.Status, sent.Message.Headers.Location!.ToString()));
        Assert.Contains("__Host-sign-in=", browser, StringComparison.Ordinal);
        var token = await TokenAsync();
        var confirm = await SendAsync("GET", "/sign-in/link?token=" + token, token: "", headers: [("Cookie", browser), ("Accept", Page)]);
        Assert.Equal(200, confirm.Status);
        Assert.Contains($"name=\"token\" value=\"{token}\"", confirm.Text, StringComparison.Ordinal);
        Assert.False(confirm.Message.Headers.Contains("Set-Cookie"));
        var entered = await UseAsync(token, browser);
        Assert.Equal((302, "/me#choices"), (entered.Status, entered.Message.Headers.Location!.ToString()));
        var cookies = entered.Message.Headers.GetValues("Set-Cookie").ToList();
        var session = Assert.Single(cookies, c => c.StartsWith("__Host-s=cds_", StringComparison.Ordinal));
        Assert.Matches("path=/; secure; samesite=lax; httponly$", session);
        Assert.All(cookies, c => Assert.Matches("^__Host-.*; path=/; secure; samesite=lax; httponly$", c));
        Assert.Contains(cookies, c => c.StartsWith("__Host-known=", StringComparison.Ordinal));
        Assert.Equal(200, (await SendAsync("GET", "/me", token: "", headers: ("Cookie", session.Split(';')[0]))).Status);
        Assert.Equal(403, (await UseAsync(token, browser)).Status);
    }

    [Fact]
    public async Task Known_and_unknown_addresses_get_the_same_answer_to_the_byte()
    {
        var (known, _) = await AskAsync("ada@customers.example", "/me");
        var (unknown, _) = await AskAsync("nobody@customers.example", "/me");
        Assert.Equal(Plain(known), Plain(unknown));
        var (first, second) = (await GetAsync("/sign-in/sent", ""), await GetAsync("/sign-in/sent", ""));
        Assert.Equal(first.Text, second.Text);

        static string Plain(Answer a) => $"{a.Status}\n{a.Text}\n" + string.Join('\n', a.Message.Headers.Where(h => h.Key is not "Date").Select(h =>
            $"{h.Key}: {System.Text.RegularExpressions.Regex.Replace(string.Join(',', h.Value), "__Host-sign-in=[^;]{43};", "__Host-sign-in=X;")}"));
    }

    [Fact]
    public async Task The_link_in_another_browser_says_what_to_do_and_stays_good()
    {
        var (_, browser) = await AskAsync("ada@customers.example", "/me");
        var token = await TokenAsync();
        foreach (var other in new[] { "", "__Host-sign-in=" + RandomSecret.New() })
        {
            var answer = await SendAsync("GET", "/sign-in/link?token=" + token, token: "", headers: [("Cookie", other), ("Accept", Page)]);
            Assert.Equal(403, answer.Status);
            Assert.Contains("belongs to another browser", answer.Text, StringComparison.Ordinal);
            Assert.Equal("urn:candor:sign-in/other-browser", (await UseAsync(token, other)).Type);
        }

        Assert.Equal(302, (await UseAsync(token, browser)).Status);
    }

    [Fact]
    public async Task Who_is_not_signed_in_is_led_to_the_page_and_back()
    {
        var answer = await SendAsync("GET", "/me?language=de", token: "");
        Assert.Equal((302, "/sign-in?to=%2Fme%3Flanguage%3Dde"), (answer.Status, answer.Message.Headers.Location!.OriginalString));
        Assert.Contains("value=\"/me?language=de\"", (await GetAsync(answer.Message.Headers.Location!.OriginalString, "")).Text, StringComparison.Ordinal);
        Assert.Equal("/sign-in", (await SendAsync("POST", "/me/choices", "x=y", "", Form)).Message.Headers.Location!.OriginalString);
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("/%09/evil.example")]
    [InlineData("javascript:alert(1)")]
    public async Task Nobody_is_sent_to_another_site(string to)
    {
        var page = await GetAsync("/sign-in?to=" + Uri.EscapeDataString(to), "");
        Assert.DoesNotContain("value=\"https:", page.Text, StringComparison.Ordinal);
        var answer = await TokenSignInAsync(shop.Sign(Claims()), to);
        Assert.Equal(302, answer.Status);
        Assert.StartsWith("/", answer.Message.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.Equal("shop.example", new Uri(new Uri("http://shop.example"), answer.Message.Headers.Location!.OriginalString).Host);
    }

    [Fact]
    public async Task A_token_of_the_shop_signs_in_from_its_own_page_and_from_no_other()
    {
        var answer = await TokenSignInAsync(shop.Sign(Claims()), "/me");
        Assert.Equal((302, "/me"), (answer.Status, answer.Message.Headers.Location!.ToString()));
        var session = answer.Message.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        Assert.Equal(200, (await SendAsync("GET", "/me", token: "", headers: ("Cookie", session))).Status);
        foreach (var origin in new[] { "https://evil.example", "null", "https://maple.example.evil.example" })
        {
            var fresh = shop.Sign(Claims());
            var refused = await SendAsync("POST", "/sign-in/token", "token=" + fresh, "", Form, ("Origin", origin), ("Sec-Fetch-Site", "cross-site"));
            Assert.Equal((403, "urn:candor:server/cross-site"), (refused.Status, refused.Type));
            Assert.False(refused.Message.Headers.Contains("Set-Cookie"));
        }

        // A link cannot carry a token: addresses are kept in histories and logs.
        var link = await GetAsync("/sign-in/token?token=" + shop.Sign(Claims()), "");
        Assert.Equal((302, "/sign-in", false), (link.Status, link.Message.Headers.Location!.OriginalString, link.Message.Headers.Contains("Set-Cookie")));
    }

    [Fact]
    public async Task A_replayed_forged_or_foreign_token_is_refused_with_a_reason()
    {
        var token = shop.Sign(Claims());
        Assert.Equal(302, (await TokenSignInAsync(token, "/me")).Status);
        Assert.Equal("urn:candor:sign-in/replayed", (await TokenSignInAsync(token, "/me")).Type);
        using var forger = new TestSigner("shop");
        Assert.Equal("urn:candor:sign-in/bad-token", (await TokenSignInAsync(forger.Sign(Claims()), "/me")).Type);
        Assert.Equal("urn:candor:sign-in/unknown-customer", (await TokenSignInAsync(shop.Sign(Claims("nobody")), "/me")).Type);
        Assert.Equal("urn:candor:sign-in/bad-token", (await TokenSignInAsync(new string('a', 50_000), "/me")).Type);
    }

    [Fact]
    public async Task A_page_of_the_shop_gets_a_session_that_opens_the_browser_interface_alone()
    {
        var body = JsonSerializer.Serialize(new { token = shop.Sign(Claims()) });
        var answer = await SendAsync("POST", "/v1/web/session", body, "", headers: [("Origin", SignInHouse.Shop), ("Sec-Fetch-Site", "cross-site")]);
        Assert.Equal(200, answer.Status);
        Assert.Equal(SignInHouse.Shop, answer.Message.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.False(answer.Message.Headers.Contains("Set-Cookie"));
        var session = answer.Json.GetProperty("session").GetString()!;
        Assert.Equal(200, (await SendAsync("GET", "/v1/web/choices", token: session, headers: ("Origin", SignInHouse.Shop))).Status);
        Assert.Equal(302, (await GetAsync("/me", session)).Status);
        Assert.Equal("urn:candor:sign-in/replayed", (await SendAsync("POST", "/v1/web/session", body, "", headers: ("Origin", SignInHouse.Shop))).Type);
        Assert.Equal(403, (await SendAsync("POST", "/v1/web/session", body, "", headers: ("Origin", "https://evil.example"))).Status);
    }

    [Theory]
    [InlineData("/sign-in", "")]
    [InlineData("/sign-in", "email=")]
    [InlineData("/sign-in", "email=ada")]
    [InlineData("/sign-in", "email=%00@x")]
    [InlineData("/sign-in", "email=a@b&email=c@d&to=/me&to=//x")]
    [InlineData("/sign-in", "email=%ff%fe@x&to=%00")]
    [InlineData("/sign-in/link", "")]
    [InlineData("/sign-in/link", "token=%00")]
    [InlineData("/sign-in/link", "token=' OR 1=1 --")]
    [InlineData("/sign-in/token", "")]
    [InlineData("/sign-in/token", "token=..")]
    [InlineData("/sign-in/token", "token=%00%01&to=%ff")]
    public async Task A_hostile_form_gets_a_clear_answer(string path, string body)
    {
        foreach (var accept in new[] { Page, "application/json" })
        {
            var answer = await SendAsync("POST", path, body, "", Form, ("Sec-Fetch-Site", "same-origin"), ("Accept", accept));
            Assert.True(answer.Status is 302 or 400 or 403, $"{path} {body}: {answer.Status} {answer.Text}");
            Assert.DoesNotContain("Exception", answer.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Oversized_foreign_and_typed_forms_are_refused()
    {
        foreach (var path in new[] { "/sign-in", "/sign-in/link", "/sign-in/token" })
        {
            Assert.Equal(413, (await SendAsync("POST", path, "email=" + new string('a', 70_000), "", Form, ("Sec-Fetch-Site", "same-origin"))).Status);
            Assert.Equal(415, (await SendAsync("POST", path, "{}", "", "application/json", ("Sec-Fetch-Site", "same-origin"))).Status);
            Assert.Equal(403, (await SendAsync("POST", path, "email=a@b", "", Form, ("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example"))).Status);
        }
    }

    [Fact]
    public async Task Without_a_provider_its_doors_say_so()
    {
        Assert.Equal((404, "urn:candor:sign-in/not-set-up"), (await GetAsync("/sign-in/oidc?to=/me", "")) is var a ? (a.Status, a.Type) : default);
        Assert.Equal(404, (await GetAsync("/sign-in/oidc/back?state=x&code=y", "")).Status);
        Assert.DoesNotContain("/sign-in/oidc", (await GetAsync("/sign-in", "")).Text, StringComparison.Ordinal);
    }

    private async Task<(Answer Answer, string Browser)> AskAsync(string email, string to)
    {
        var answer = await SendAsync("POST", "/sign-in", $"email={Uri.EscapeDataString(email)}&to={Uri.EscapeDataString(to)}", "", Form, ("Sec-Fetch-Site", "same-origin"));
        return (answer, answer.Message.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
    }

    private Task<Answer> UseAsync(string token, string browser) => SendAsync("POST", "/sign-in/link", "token=" + token, "", Form, ("Cookie", browser), ("Sec-Fetch-Site", "same-origin"));

    private Task<Answer> TokenSignInAsync(string token, string to) => SendAsync(
        "POST", "/sign-in/token", $"token={token}&to={Uri.EscapeDataString(to)}", "", Form, ("Origin", SignInHouse.Shop), ("Sec-Fetch-Site", "cross-site"));

    /// <summary>The token of the link in the mail that the background work sends: within a second or so, so it is waited for.</summary>
    private async Task<string> TokenAsync()
    {
        var token = "";
        await UntilAsync("a mail with a link", async () =>
        {
            foreach (var file in Directory.Exists(Host.Mail.Settings.Pickup) ? Directory.GetFiles(Host.Mail.Settings.Pickup, "*.eml") : [])
            {
                using var mail = await MimeMessage.LoadAsync(file, Ct);
                token = Regex.Match(mail.TextBody ?? "", @"token=([\w-]+)") is { Success: true } link ? link.Groups[1].Value : token;
            }

            return token.Length > 0;
        });
        return token;
    }

    private static Dictionary<string, object> Claims(string subject = "ada")
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        return new() { ["iss"] = SignInHouse.Shop, ["aud"] = "http://shop.example", ["sub"] = subject, ["jti"] = RandomSecret.New(), ["iat"] = now, ["exp"] = now + 120 };
    }
}

/// <summary>One network does not try as often as it likes.</summary>
public sealed class SignInLimitTests : ServerTest<Sqlite>
{
    internal override SiteOptions Options => new("http://127.0.0.1:0", 100_000, SignIn: new SignInOptions(AttemptsPerMinute: 5));

    [Fact]
    public async Task Past_the_limit_the_answer_is_429_and_pages_still_open()
    {
        var statuses = new List<int>();
        for (var i = 0; i < 8; i++)
        {
            statuses.Add((await SendAsync("POST", "/sign-in", $"email=a{i}@b", "", "application/x-www-form-urlencoded", ("Sec-Fetch-Site", "same-origin"))).Status);
        }

        Assert.Equal([302, 302, 302, 302, 302, 429, 429, 429], statuses);
        Assert.Equal(200, (await GetAsync("/sign-in", "")).Status);
    }

    [Fact]
    public async Task Nobody_is_believed_about_their_address_who_is_no_proxy_of_ours()
    {
        for (var i = 0; i < 8; i++)
        {
            var answer = await SendAsync("POST", "/sign-in", "email=a@b", "", "application/x-www-form-urlencoded", ("Sec-Fetch-Site", "same-origin"), ("X-Forwarded-For", $"198.18.{i}.1"));
            Assert.Equal(i < 5 ? 302 : 429, answer.Status);
        }
    }
}
