using Candor.Tests.Storage;
using Candor.Vault;

namespace Candor.Tests.Server;

public sealed class SuggestionEndpointsOnSqlite : SuggestionEndpointsTests<Sqlite>;

public sealed class SuggestionEndpointsOnPostgres : SuggestionEndpointsTests<Postgres>;

/// <summary>Suggestions over HTTP: with consent, without, and asked wrongly.</summary>
public abstract class SuggestionEndpointsTests<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Purpose = "in-session-recommendations";

    [Fact]
    public async Task A_suggestion_comes_with_what_carried_it_and_stops_with_the_consent()
    {
        await UntilModelsAsync();

        foreach (var (customer, items) in (IEnumerable<(string, string[])>)[("ada", ["tea", "pot"]), ("eve", ["tea"])])
        {
            await AddCustomerAsync(customer);
            Assert.Equal(200, (await GiveAsync(customer, Purpose)).Status);
            foreach (var item in items)
            {
                var stored = await SendAsync("POST", "/v1/events",
                    $$$"""{"events":[{"customer":"{{{customer}}}","dataPoint":"pageViews","id":"{{{customer}}}-{{{item}}}","time":"{{{DateTimeOffset.UnixEpoch.AddSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 60):O}}}","data":{"product":"{{{item}}}","session":"s-{{{customer}}}"}}]}""");
                Assert.Equal(200, stored.Status);
            }
        }

        var answer = (await GetAsync($"/v1/customers/eve/recommendations?purpose={Purpose}&session=s-eve&count=5&counterfactuals=true")).Json;
        var item0 = Assert.Single(answer.GetProperty("items").EnumerateArray());
        Assert.Equal("pot", item0.GetProperty("item").GetString());
        Assert.Equal("viewed-with", item0.GetProperty("reason").GetString());
        Assert.Equal("tea", item0.GetProperty("because")[0].GetProperty("item").GetString());
        Assert.True(answer.GetProperty("personal").GetBoolean());
        Assert.Equal(200, (await SendAsync("PUT", $"/v1/customers/eve/consents/{Purpose}", """{"state":"withdrawn"}""")).Status);
        var after = (await GetAsync($"/v1/customers/eve/recommendations?purpose={Purpose}&session=s-eve")).Json;
        Assert.False(after.GetProperty("personal").GetBoolean());
        Assert.Equal("consent-withdrawn", after.GetProperty("whyNotPersonal").GetString());
    }

    [Fact]
    public async Task Erasure_takes_the_customer_out_of_the_models_and_its_scan_finds_nothing()
    {
        await UntilModelsAsync();

        await AddCustomerAsync("ada");
        await GiveAsync("ada", Purpose);
        var time = TimeProvider.System.GetUtcNow().AddMinutes(-1);
        await SendAsync("POST", "/v1/events", $$$"""{"events":[{"customer":"ada","dataPoint":"pageViews","id":"1","time":"{{{time:O}}}","data":{"product":"tea"}}]}""");
        var id = (await Host.Database.ReadAsync(tx => Host.Vault.FindCustomerAsync(tx, BlindIndex.Reference, "ada", Ct), Ct))!.Id;
        Assert.Contains(id.Value, Host.Suggestions.Model.Dump(), StringComparison.Ordinal);
        var erased = await Host.Database.WriteAsync(tx => Host.Erasure.EraseAsync(tx, id, "test", Ct), Ct);
        Assert.Equal(0, erased.Scan.Rows);
        Assert.DoesNotContain(id.Value, Host.Suggestions.Model.Dump(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?purpose=newsletter", 400, "urn:candor:personalization/not-for-suggestions")]
    [InlineData("?purpose=no-such-purpose", 403, "urn:candor:gate/denied")]
    [InlineData("?purpose=in-session-recommendations&count=0", 400, "urn:candor:personalization/bad-count")]
    [InlineData("?purpose=in-session-recommendations&session=%01", 400, "urn:candor:personalization/bad-session")]
    public async Task A_question_that_cannot_be_answered_is_refused_with_a_reason(string query, int status, string type)
    {
        var answer = await GetAsync("/v1/customers/ada/recommendations" + query);
        Assert.Equal((status, type), (answer.Status, answer.Type));
    }
}
