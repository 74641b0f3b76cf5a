using System.Text.RegularExpressions;
using Candor.Kernel;
using Candor.Messages;
using Candor.Tests.Storage;
using Candor.Vault;

namespace Candor.Tests.Server;

public sealed class UnsubscribeOnSqlite : UnsubscribeTests<Sqlite>;

public sealed class UnsubscribeOnPostgres : UnsubscribeTests<Postgres>;

/// <summary>One-click unsubscribing and the demo's mailbox, over HTTP.</summary>
public abstract class UnsubscribeTests<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Form = "application/x-www-form-urlencoded";
    private const string OneClick = "List-Unsubscribe=One-Click";
    private string link = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await AddCustomerAsync("c-0001");
        Assert.Equal(200, (await GiveAsync("c-0001", "newsletter")).Status);
        link = await LinkAsync("newsletter");
    }

    [Fact]
    public async Task Looking_changes_nothing_and_one_click_without_signing_in_ends_it()
    {
        var page = await SendAsync("GET", link, token: "");
        Assert.Equal(200, page.Status);
        Assert.Contains("Our newsletter", page.Text, StringComparison.Ordinal);
        Assert.Equal("given", await StateAsync("newsletter"));
        var done = await SendAsync("POST", link, OneClick, "", Form);
        Assert.Equal(200, done.Status);
        Assert.Equal("withdrawn", await StateAsync("newsletter"));
        var entries = await CountAsync();
        Assert.Equal(200, (await SendAsync("POST", link, OneClick, "", Form)).Status);
        Assert.Equal(entries, await CountAsync());
    }

    [Fact]
    public async Task The_button_of_the_page_posts_the_same()
    {
        var page = await SendAsync("GET", link + "?language=de", token: "");
        Assert.Matches("<input type=\"hidden\" name=\"List-Unsubscribe\" value=\"One-Click\" ?/?>", page.Text);
        Assert.Contains("Beenden", page.Text, StringComparison.Ordinal);
        Assert.Equal(200, (await SendAsync("POST", link, OneClick, "", Form, ("Sec-Fetch-Site", "same-origin"))).Status);
        Assert.Equal("withdrawn", await StateAsync("newsletter"));
    }

    [Fact]
    public async Task A_use_that_rests_on_legitimate_interest_is_objected_to()
    {
        Assert.Equal(200, (await SendAsync("POST", await LinkAsync("service-quality"), OneClick, "", Form)).Status);
        Assert.Equal("objected", await StateAsync("service-quality"));
    }

    [Fact]
    public async Task A_changed_link_or_another_body_ends_nothing()
    {
        var token = link.Split('/')[^1];
        foreach (var bad in new[] { "x", token[..^4], token + "AAAA", token[..20] + (token[20] == 'A' ? "B" : "A") + token[21..], new string('A', 300), new string('A', 5000), "%00", "..%2f" })
        {
            Assert.InRange((await SendAsync("GET", "/unsubscribe/" + bad, token: "")).Status, 400, 499);
            Assert.InRange((await SendAsync("POST", "/unsubscribe/" + bad, OneClick, "", Form)).Status, 400, 499);
        }

        Assert.Equal(400, (await SendAsync("POST", link, "x=y", "", Form)).Status);
        Assert.Equal(415, (await SendAsync("POST", link, "{}", "")).Status);
        Assert.Equal("given", await StateAsync("newsletter"));
    }

    [Fact]
    public async Task Somebody_who_was_erased_gets_the_same_answer()
    {
        await Host.Database.WriteAsync(async tx => await Host.Vault.ShredAsync(tx, (await Host.Vault.FindCustomerAsync(tx, BlindIndex.Reference, "c-0001", Ct))!.Id, Ct), Ct);
        Assert.Equal(200, (await SendAsync("POST", link, OneClick, "", Form)).Status);
    }

    [Fact]
    public async Task The_mailbox_of_the_demo_shows_mails_and_runs_nothing_of_them()
    {
        await Host.Database.WriteAsync(async tx =>
        {
            var key = await Host.Vault.FindCustomerAsync(tx, BlindIndex.Reference, "c-0001", Ct);
            await Host.Outbox.QueueAsync(tx, key!, new OutgoingMessage("newsletter", PurposeId.Parse("newsletter"), new Dictionary<string, string> { ["items"] = "- <script>alert(1)</script>" }), Ct);
        }, Ct);
        var id = "";
        await UntilAsync("the mail", async () =>
        {
            id = Regex.Match((await SendAsync("GET", "/demo/mailbox", token: "")).Text, "/demo/mailbox/([0-9a-f]{32})").Groups[1].Value;
            return id.Length > 0;
        });

        var page = await SendAsync("GET", $"/demo/mailbox/{id}", token: "");
        Assert.Equal(200, page.Status);
        Assert.DoesNotContain("<script", page.Text, StringComparison.Ordinal);
        Assert.Contains("href=\"http://shop.example/unsubscribe/", page.Text, StringComparison.Ordinal);
        var html = await SendAsync("GET", $"/demo/mailbox/{id}/html", token: "");
        Assert.Contains("sandbox", html.Message.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html.Text, StringComparison.Ordinal);
        Assert.Equal(404, (await SendAsync("GET", "/demo/mailbox/" + new string('0', 32), token: "")).Status);
        Assert.InRange((await SendAsync("GET", "/demo/mailbox/..%2f..%2froot.key", token: "")).Status, 400, 499);
    }

    private async Task<string> LinkAsync(string purpose) => (await Host.Database.ReadAsync(async tx =>
        Host.Mail.Unsubscribing.Link((await Host.Vault.FindCustomerAsync(tx, BlindIndex.Reference, "c-0001", Ct))!.Id, PurposeId.Parse(purpose)), Ct)).AbsolutePath;

    private async Task<string?> StateAsync(string purpose) => (await GetAsync("/v1/customers/c-0001/consents")).Json.GetProperty("consents").EnumerateArray()
        .FirstOrDefault(c => c.GetProperty("purpose").GetString() == purpose) is { ValueKind: System.Text.Json.JsonValueKind.Object } choice ? choice.GetProperty("state").GetString() : null;

    private Task<int> CountAsync() => Host.Database.ReadAsync(async tx =>
    {
        var key = await Host.Vault.FindCustomerAsync(tx, BlindIndex.Reference, "c-0001", Ct);
        return (await Host.Ledger.HistoryAsync(tx, key!.Id, Ct)).Count;
    }, Ct);
}
