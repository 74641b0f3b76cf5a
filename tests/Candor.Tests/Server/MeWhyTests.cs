using System.Text.RegularExpressions;
using Candor.Tests.Storage;

namespace Candor.Tests.Server;

public sealed class MeWhyOnSqlite : MeWhyTests<Sqlite>;

public sealed class MeWhyOnPostgres : MeWhyTests<Postgres>;

/// <summary>The customer sees why something is suggested, and what they say about it counts on the next page.</summary>
public abstract class MeWhyTests<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Purpose = "in-session-recommendations";
    private string cookie = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await UntilModelsAsync();

        foreach (var (customer, products) in (IEnumerable<(string, string[])>)[("c-0001", ["tea-assam"]), ("c-0002", ["tea-assam", "teapot"])])
        {
            await AddCustomerAsync(customer);
            Assert.Equal(200, (await GiveAsync(customer, Purpose)).Status);
            foreach (var product in products)
            {
                var time = TimeProvider.System.GetUtcNow().AddMinutes(-1);
                Assert.Equal(200, (await SendAsync("POST", "/v1/events",
                    $$$"""{"events":[{"customer":"{{{customer}}}","dataPoint":"pageViews","id":"{{{customer}}}-{{{product}}}","time":"{{{time:O}}}","data":{"product":"{{{product}}}"}}]}""")).Status);
            }
        }

        var answer = await SendAsync("POST", "/demo/sign-in", "reference=c-0001", "", "application/x-www-form-urlencoded", ("Sec-Fetch-Site", "same-origin"));
        cookie = answer.Message.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("__Host-s=", StringComparison.Ordinal)).Split(';')[0];
    }

    [Fact]
    public async Task A_suggestion_names_what_carried_it_and_what_would_change_it()
    {
        var page = await PageAsync();
        Assert.Contains("Two-cup teapot", page, StringComparison.Ordinal);
        Assert.Contains("People who looked at what you looked at also looked at this.", page, StringComparison.Ordinal);
        Assert.Matches(@"Assam breakfast tea</span>\s*<span class=""quiet"">100 %", page);
        Assert.Contains("Without Assam breakfast tea", page, StringComparison.Ordinal);
        Assert.Contains("Nothing about you is used here: You have not said yes to this use.", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Not_this_and_do_not_use_this_count_at_once_and_can_be_taken_back()
    {
        await PostAsync("/me/why/wishes", "item=teapot");
        Assert.DoesNotContain("also looked at this", await PageAsync(), StringComparison.Ordinal);
        var wish = Regex.Match(await PageAsync(), "name=\"wish\" value=\"([^\"]+)\"").Groups[1].Value;
        await PostAsync("/me/why/wishes/back", "wish=" + wish);
        Assert.Contains("also looked at this", await PageAsync(), StringComparison.Ordinal);
        await PostAsync("/me/why/wishes", "kind=hide&item=tea-assam");
        var page = await PageAsync();
        Assert.DoesNotContain("also looked at this", page, StringComparison.Ordinal);
        Assert.Contains("Assam breakfast tea is not used for suggestions.", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_withdrawal_ends_it_on_the_next_page()
    {
        Assert.Equal(200, (await SendAsync("PUT", $"/v1/customers/c-0001/consents/{Purpose}", """{"state":"withdrawn"}""")).Status);
        var page = await PageAsync();
        Assert.Contains("Nothing about you is used here: You took your yes back.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("also looked at this", page, StringComparison.Ordinal);
    }

    private async Task<string> PageAsync()
    {
        var answer = await SendAsync("GET", "/me/why", token: "", headers: [("Cookie", cookie), ("Accept-Language", "en")]);
        Assert.Equal(200, answer.Status);
        return System.Net.WebUtility.HtmlDecode(answer.Text);
    }

    private async Task PostAsync(string path, string body)
    {
        var mark = Regex.Match(await PageAsync(), "name=\"form\" value=\"([^\"]+)\"").Groups[1].Value;
        var answer = await SendAsync("POST", path, $"{body}&form={mark}", "", "application/x-www-form-urlencoded", ("Cookie", cookie), ("Sec-Fetch-Site", "same-origin"));
        Assert.Equal(302, answer.Status);
    }
}
