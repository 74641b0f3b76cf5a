using System.Text.Json;
using Candor.Catalog;
using Candor.Tests.Storage;

namespace Candor.Tests.Server;

/// <summary>The server with the ready catalog `shop` and two purposes more whose data goes to others, called as a browser calls it from the business's own site.</summary>
public abstract class WebTest<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    protected const string Shop = "https://maple.example";
    protected const string Suggestions = "in-session-recommendations";

    private const string Shared =
        """
          partner-offers:
            label: { en: Offers of partners, de: Angebote von Partnern }
            why: { en: So that partners can send you offers., de: So können Partner Ihnen schreiben. }
            basis: consent
            dpvPurpose: DirectMarketing
            consentLasts: P12M
            askAgainAfter: P6M
            uses: { email: high }
            services: [mailer]
            recipients: [Partner shops]
          partner-statistics:
            label: { en: Numbers for partners, de: Zahlen für Partner }
            why: { en: So that partners know how many people like what., de: So sehen Partner was vielen gefällt. }
            basis: legitimate-interest
            uses: { serviceContacts: low }
            roles: [analyst]
            recipients: [Partner shops]

        """;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        var text = Candor.Tests.Catalog.ShopCatalog.Yaml.TrimEnd() + "\n" + Shared;
        await Host.ApplyCatalogAsync(PurposeCatalog.Read(text, "shop.yaml"), "test", "committee-1", Ct);
    }

    /// <summary>A call from a page of the shop; no token unless one is given.</summary>
    protected Task<Answer> WebAsync(string method, string path, string? body = null, string token = "", string? origin = Shop, bool gpc = false)
    {
        List<(string, string)> headers = origin is null ? [] : [("Origin", origin), ("Sec-Fetch-Site", "cross-site")];
        return SendAsync(method, "/v1/web/" + path, body, token, headers: [.. headers, .. gpc ? [("Sec-GPC", "1")] : Array.Empty<(string, string)>()]);
    }

    /// <summary>The body of a choice: all purposes named with what is wanted, and the notices of all.</summary>
    protected async Task<string> BodyAsync(params (string Purpose, bool Wanted)[] wanted)
    {
        var notices = (await WebAsync("GET", "notice?language=en")).Json.GetProperty("purposes").EnumerateArray()
            .ToDictionary(p => p.GetProperty("id").GetString()!, p => p.GetProperty("notice").GetString()!);
        return JsonSerializer.Serialize(new { choices = wanted.ToDictionary(w => w.Purpose, w => w.Wanted), notices, language = "en" });
    }

    protected async Task<Answer> ChooseAsync(string token, params (string Purpose, bool Wanted)[] wanted) =>
        await WebAsync("POST", "choices", await BodyAsync(wanted), token);

    /// <summary>A visitor who allows these purposes; the token of the session.</summary>
    protected async Task<string> VisitAsync(params string[] allowed)
    {
        var answer = await ChooseAsync("", [.. allowed.Select(p => (p, true))]);
        Assert.True(answer.Status == 200, answer.Text);
        return answer.Json.GetProperty("session").GetString()!;
    }

    protected static JsonElement Of(Answer answer, string purpose) =>
        answer.Json.GetProperty("choices").EnumerateArray().Single(c => c.GetProperty("purpose").GetString() == purpose);

    protected static bool IsAllowed(Answer answer, string purpose) => Of(answer, purpose).GetProperty("allowed").GetBoolean();

    protected Task<Answer> SendViewAsync(string token, string id, string dataPoint = "pageViews", long age = 1000) =>
        WebAsync("POST", "events", $$"""{"events":[{"dataPoint":"{{dataPoint}}","id":"{{id}}","age":{{age}},"data":"/scarves"}]}""", token);

    protected static string Result(Answer answer, int index = 0) => answer.Json.GetProperty("events")[index].GetProperty("result").GetString()!;

    protected Task<long> CustomersAsync() => Host.Database.ReadAsync(tx => Host.Vault.CountAsync(tx, Ct), Ct);
}
