using Candor.Kernel;
using Candor.Tests.Storage;
using Candor.Trust;

namespace Candor.Tests.Server;

public sealed class SurveyRoutesOnSqlite : SurveyRoutesTests<Sqlite>;

public sealed class SurveyRoutesOnPostgres : SurveyRoutesTests<Postgres>;

/// <summary>The link and the browser interface of surveys, over HTTP, with the ready catalog.</summary>
public abstract class SurveyRoutesTests<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Form = "application/x-www-form-urlencoded";
    private const string Sheet = "s1=5&s2=4&s3=5&s4=4&s5=5&recommend=9&text=";

    [Fact]
    public async Task The_site_gets_a_link_once_and_the_link_takes_one_answer()
    {
        var path = await LinkAsync();
        Assert.Contains("How do you see Maple &amp; Thread?", (await SendAsync("GET", path, token: "")).Text, StringComparison.Ordinal);
        var sent = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SendAsync("POST", path, Sheet + "all+well", "", Form)));
        Assert.All(sent, s => Assert.Equal(302, s.Status));
        Assert.Single(sent, s => s.Message.Headers.Location!.ToString() == "/survey/thanks");
        Assert.Contains("This link has ended", (await SendAsync("GET", path, token: "")).Text, StringComparison.Ordinal);
        Assert.Equal(1, (await TalliesAsync()).Single(t => t.Kind == SurveyKind.Recommend).Count);
    }

    [Theory]
    [InlineData("s1=5&s2=4", "all five statements, or none")]
    [InlineData("", "Nothing is answered yet")]
    [InlineData("s1=5&s2=4&s3=5&s4=4&s5=6", "could not be read")]
    [InlineData("recommend=11", "could not be read")]
    [InlineData("recommend=x", "could not be read")]
    [InlineData("recommend=5&text=card+4111+1111+1111+1111", "never store")]
    public async Task A_mistake_is_told_keeps_the_draft_and_uses_nothing_up(string body, string said)
    {
        var path = await LinkAsync();
        var answer = await SendAsync("POST", path, body, "", Form);
        Assert.Equal(400, answer.Status);
        Assert.Contains(said, answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("4111 1111 1111", answer.Text, StringComparison.Ordinal);
        Assert.Empty(await TalliesAsync());
        Assert.Equal("/survey/thanks", (await SendAsync("POST", path, Sheet, "", Form)).Message.Headers.Location!.ToString());
    }

    [Fact]
    public async Task Not_now_ends_the_link_and_counts_nothing()
    {
        var path = await LinkAsync();
        Assert.Equal("/survey/later", (await SendAsync("POST", path, "later=1&" + Sheet, "", Form)).Message.Headers.Location!.ToString());
        Assert.Equal("/survey/over", (await SendAsync("POST", path, Sheet, "", Form)).Message.Headers.Location!.ToString());
        Assert.Empty(await TalliesAsync());
    }

    [Fact]
    public async Task A_key_of_a_service_is_not_asked()
    {
        Assert.InRange((await SendAsync("POST", "/v1/web/survey", "{}")).Status, 400, 499);
        Assert.Equal(401, (await SendAsync("POST", "/v1/web/survey", "{}", "")).Status);
    }

    private async Task<string> LinkAsync()
    {
        // It would ask the customer by mail, and nobody is asked twice.
        await StopHousekeepingAsync();
        await AddCustomerAsync("c-0001");
        var session = await Host.Database.WriteAsync(async tx => await Host.Access.OpenCustomerSessionAsync(
            tx, (await Host.Vault.FindCustomerAsync(tx, Candor.Vault.BlindIndex.Reference, "c-0001", Ct))!.Id, Ct), Ct);
        var asked = await SendAsync("POST", "/v1/web/survey", "{}", session);
        Assert.Equal(200, asked.Status);
        var link = asked.Json.GetProperty("link").GetString()!;
        Assert.StartsWith("http://shop.example/survey/", link, StringComparison.Ordinal);
        Assert.Equal("{}", (await SendAsync("POST", "/v1/web/survey", "{}", session)).Text);
        Assert.Equal(RandomSecret.Length, link.Split('/')[^1].Length);
        return new Uri(link).AbsolutePath;
    }

    private async Task<IReadOnlyList<SurveyTally>> TalliesAsync() =>
        await Host.Database.ReadAsync(tx => Host.SurveyTallies.LoadAsync(tx, DateOnly.MinValue, DateOnly.MaxValue, Ct), Ct);
}
