using System.Text.RegularExpressions;
using Candor.Tests.Storage;

namespace Candor.Tests.Server;

public sealed class PageOnSqlite : PageTests<Sqlite>;

public sealed class PageOnPostgres : PageTests<Postgres>;

/// <summary>My Data &amp; Privacy, as a browser without script uses it.</summary>
public abstract partial class PageTests<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Form = "application/x-www-form-urlencoded";
    private const string Read = "/v1/customers/c-0001?purpose=next-needs";
    private string cookie = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await AddCustomerAsync("c-0001");
        var answer = await SendAsync("POST", "/demo/sign-in", "reference=c-0001", "", Form, ("Sec-Fetch-Site", "same-origin"));
        var set = Assert.Single(answer.Message.Headers.GetValues("Set-Cookie"), c => c.StartsWith("__Host-s=", StringComparison.Ordinal));
        Assert.Matches("^__Host-s=cds_[^;]+;.*path=/;.*secure;.*samesite=lax;.*httponly", set);
        cookie = set.Split(';')[0];
    }

    [Fact]
    public async Task A_switch_gives_consent_and_takes_it_back_and_the_gate_follows_at_once()
    {
        Assert.Equal(403, (await GetAsync(Read)).Status);
        Assert.Equal(302, (await ChooseAsync("given")).Status);
        Assert.Equal(200, (await GetAsync(Read)).Status);
        Assert.Equal(302, (await ChooseAsync("withdrawn")).Status);
        Assert.Equal("consent-withdrawn", (await GetAsync(Read)).Json.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task The_page_shows_what_is_held_and_who_looked()
    {
        await ChooseAsync("given");
        await GetAsync(Read);
        Assert.Contains("c-0001@customers.example", await MeAsync("/me/data"), StringComparison.Ordinal);
        var looks = await MeAsync("/me/looks");
        Assert.Contains("One of our computer systems", looks, StringComparison.Ordinal);
        Assert.Contains("What you may need next", looks, StringComparison.Ordinal);
        var proof = await SendAsync("GET", Regex.Match(looks, "/me/looks/[0-9a-f]{32}/proof").Value, token: "", headers: ("Cookie", cookie));
        if (!Host.Database.IsClustered)
        {
            Assert.EndsWith(".tlog-proof", proof.Message.Content.Headers.ContentDisposition!.FileName, StringComparison.Ordinal);
        }

        foreach (var path in (string[])["/me", "/me/data", "/me/data/email", "/me/data/purchases", "/me/choices", "/me/choices/history", "/me/looks", "/me/why", "/me/questions"])
        {
            var page = await MeAsync(path);
            Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
            Assert.DoesNotContain("style=", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Each_choice_has_a_receipt_to_keep_and_a_stranger_gets_none()
    {
        await ChooseAsync("given");
        var link = Regex.Match(await MeAsync("/me/choices"), "/me/receipts/[0-9]+").Value;
        var receipt = await SendAsync("GET", link, "", "", Form, ("Cookie", cookie));
        Assert.Equal(200, receipt.Status);
        Assert.Contains("attachment", receipt.Message.Content.Headers.ContentDisposition!.ToString(), StringComparison.Ordinal);
        Assert.Contains("What you may need next", receipt.Text, StringComparison.Ordinal);
        Assert.NotEqual(200, (await SendAsync("GET", link, "", "", Form)).Status);
        Assert.Equal(404, (await SendAsync("GET", "/me/receipts/999", "", "", Form, ("Cookie", cookie))).Status);
    }

    [Fact]
    public async Task What_is_held_is_encoded_not_interpreted()
    {
        await SendAsync("PATCH", "/v1/customers/c-0001", """{"fullName":"<script>alert(1)</script><img src=x onerror=alert(2)>"}""");
        foreach (var path in (string[])["/me/data", "/me/data/fullName"])
        {
            Assert.DoesNotContain("<script", await MeAsync(path), StringComparison.Ordinal);
            Assert.DoesNotContain("<img src=x", await MeAsync(path), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_form_of_another_session_or_another_site_changes_nothing()
    {
        var body = await FormAsync("given");
        Assert.Equal(400, (await PostAsync("/me/choices", Token().Replace(body, "form=AAAA&"))).Status);
        Assert.Equal(403, (await SendAsync("POST", "/me/choices", body, "", Form, ("Cookie", cookie), ("Sec-Fetch-Site", "cross-site"))).Status);
        Assert.Equal(403, (await SendAsync("POST", "/me/choices", body, "", Form, ("Cookie", cookie))).Status);
        Assert.Equal(403, (await GetAsync(Read)).Status);
    }

    [Fact]
    public async Task Signing_out_ends_the_session_for_good()
    {
        var form = Token().Match(await FormAsync("given")).Value.TrimEnd('&');
        Assert.Equal(302, (await PostAsync("/me/sign-out", form)).Status);
        var answer = await SendAsync("GET", "/me", token: "", headers: ("Cookie", cookie));
        Assert.Equal((302, "/sign-in?to=%2Fme"), (answer.Status, answer.Message.Headers.Location!.ToString()));
    }

    [Fact]
    public async Task A_customer_neither_reads_nor_changes_another()
    {
        await AddCustomerAsync("c-0002");
        var session = cookie.Split('=', 2)[1];
        Assert.Equal(403, (await GetAsync("/v1/customers/c-0002?purpose=support", session)).Status);
        Assert.Equal(403, (await GetAsync("/v1/customers/c-0002/consents", session)).Status);
        Assert.Equal(403, (await SendAsync("PUT", "/v1/customers/c-0002/consents/newsletter", """{"state":"withdrawn"}""", session)).Status);
        Assert.Equal(403, (await SendAsync("PUT", "/v1/customers/c-0002", """{"fullName":"x"}""", session)).Status);
    }

    private async Task<string> MeAsync(string path)
    {
        var answer = await SendAsync("GET", path, token: "", headers: ("Cookie", cookie));
        Assert.Equal(200, answer.Status);
        return answer.Text;
    }

    private async Task<Answer> ChooseAsync(string state) => await PostAsync("/me/choices", await FormAsync(state));

    /// <summary>The form of one purpose as the page has it.</summary>
    private async Task<string> FormAsync(string state)
    {
        var page = await MeAsync("/me/choices");
        var form = Regex.Matches(page, """<form method="post" action="/me/choices">.*?</form>""", RegexOptions.Singleline).Single(f => f.Value.Contains("value=\"next-needs\"", StringComparison.Ordinal)).Value;
        Assert.Contains($"value=\"{state}\"", form, StringComparison.Ordinal);
        return string.Join('&', Field().Matches(form).Select(f => $"{f.Groups[1].Value}={Uri.EscapeDataString(f.Groups[2].Value)}"));
    }

    private Task<Answer> PostAsync(string path, string body) => SendAsync("POST", path, body, "", Form, ("Cookie", cookie), ("Sec-Fetch-Site", "same-origin"));

    [GeneratedRegex("""<input type="hidden" name="(\w+)" value="([^"]*)" ?/?>""")]
    private static partial Regex Field();

    [GeneratedRegex("form=[^&]*&?")]
    private static partial Regex Token();
}
