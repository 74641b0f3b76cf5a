using Candor.Tests.Storage;

namespace Candor.Tests.Server;

public sealed class SiteOriginsOnSqlite : SiteOriginsTests<Sqlite>;

public sealed class SiteOriginsOnPostgres : SiteOriginsTests<Postgres>;

/// <summary>Exactly the browser interface opens, and exactly to the origins that the catalog names.</summary>
public abstract class SiteOriginsTests<TEngine> : WebTest<TEngine>
    where TEngine : IEngine, new()
{
    private static readonly string[] Strangers =
    [
        "https://evil.example", "http://maple.example", "https://maple.example:8443", "https://maple.example.evil.example", "https://shop.maple.example", "https://maple.examplee",
        "https://MAPLE.example", "https://maple.example/", "null", "maple.example", "https://", "https://maple.example, https://evil.example",
    ];

    private static readonly (string Method, string Path)[] Doors = [("GET", "notice"), ("GET", "choices"), ("POST", "choices"), ("POST", "events"), ("DELETE", "session"), ("OPTIONS", "choices"), ("OPTIONS", "events")];

    [Fact]
    public async Task Another_origin_gets_no_door_open_and_changes_nothing()
    {
        var session = await VisitAsync(Suggestions);
        var (body, before) = (await BodyAsync((Suggestions, false)), await CustomersAsync());
        foreach (var origin in Strangers)
        {
            foreach (var (method, path) in Doors)
            {
                var answer = await WebAsync(method, path, method is "POST" ? body : null, session, origin);
                Assert.True(answer.Status == 403 && answer.Type == "urn:candor:server/cross-site", $"{method} {path} from {origin}: {answer.Status} {answer.Text}");
                Assert.False(answer.Message.Headers.Contains("Access-Control-Allow-Origin"), origin);
            }
        }

        Assert.True(IsAllowed(await WebAsync("GET", "choices", token: session), Suggestions));
        Assert.Equal(before, await CustomersAsync());
    }

    [Fact]
    public async Task The_shops_origin_and_our_own_are_let_in_without_credentials()
    {
        var own = Http.BaseAddress!.GetLeftPart(UriPartial.Authority);
        foreach (var origin in new[] { Shop, own })
        {
            var answer = await WebAsync("GET", "notice", origin: origin);
            Assert.Equal(200, answer.Status);
            Assert.Equal(origin, answer.Message.Headers.GetValues("Access-Control-Allow-Origin").Single());
            Assert.Equal("Origin", answer.Message.Headers.GetValues("Vary").Single());
            Assert.Equal("cross-origin", answer.Message.Headers.GetValues("Cross-Origin-Resource-Policy").Single());
            Assert.False(answer.Message.Headers.Contains("Access-Control-Allow-Credentials"));
        }

        var preflight = await SendAsync("OPTIONS", "/v1/web/choices", token: "", headers: [("Origin", Shop), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization,content-type")]);
        Assert.Equal(204, preflight.Status);
        Assert.Contains("authorization", preflight.Message.Headers.GetValues("Access-Control-Allow-Headers").Single(), StringComparison.Ordinal);
        Assert.Contains("POST", preflight.Message.Headers.GetValues("Access-Control-Allow-Methods").Single(), StringComparison.Ordinal);
        var refusal = await WebAsync("GET", "choices");
        Assert.Equal((401, Shop), (refusal.Status, refusal.Message.Headers.GetValues("Access-Control-Allow-Origin").Single()));
    }

    [Fact]
    public async Task A_program_without_an_origin_may_call_but_not_a_page_that_hides_its_own()
    {
        Assert.Equal(200, (await SendAsync("GET", "/v1/web/notice", token: "")).Status);
        Assert.Equal(200, (await SendAsync("GET", "/v1/web/notice", token: "", headers: ("Sec-Fetch-Site", "same-origin"))).Status);
        Assert.Equal(403, (await SendAsync("GET", "/v1/web/notice", token: "", headers: ("Sec-Fetch-Site", "cross-site"))).Status);
        Assert.Equal(403, (await SendAsync("POST", "/v1/web/choices", await BodyAsync(("newsletter", true)), "", headers: ("Sec-Fetch-Site", "same-site"))).Status);
    }

    [Fact]
    public async Task Nothing_else_opens_to_the_shops_origin()
    {
        await AddCustomerAsync("ada");
        foreach (var (method, path) in new[] { ("POST", "/demo/sign-in"), ("POST", "/me/choices"), ("POST", "/me/sign-out"), ("POST", "/v1/events"), ("PUT", "/v1/customers/ada"), ("PUT", "/v1/customers/ada/consents/newsletter"), ("POST", "/v1/webs/choices") })
        {
            var answer = await SendAsync(method, path, "{}", headers: [("Origin", Shop), ("Sec-Fetch-Site", "cross-site")]);
            Assert.True(answer.Status is 403 or 404, $"{method} {path}: {answer.Status}");
            Assert.False(answer.Message.Headers.Contains("Access-Control-Allow-Origin"), path);
        }

        foreach (var path in new[] { "/v1/catalog", "/v1/customers/ada/consents", "/me", "/notice", "/v1/log/checkpoint" })
        {
            Assert.False((await SendAsync("GET", path, headers: ("Origin", Shop))).Message.Headers.Contains("Access-Control-Allow-Origin"), path);
            Assert.False((await SendAsync("OPTIONS", path, headers: [("Origin", Shop), ("Access-Control-Request-Method", "GET")])).Message.Headers.Contains("Access-Control-Allow-Origin"), path);
        }
    }

    [Fact]
    public async Task The_scripts_may_be_loaded_from_anywhere_and_are_kept_until_they_change()
    {
        var entry = await SendAsync("GET", "/candor.js", token: "");
        Assert.Equal((200, "text/javascript"), (entry.Status, entry.Message.Content.Headers.ContentType!.MediaType));
        var script = await SendAsync("GET", "/candor-js/candor.js", token: "", headers: ("Origin", "https://anywhere.example"));
        Assert.Equal("*", script.Message.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Equal("cross-origin", script.Message.Headers.GetValues("Cross-Origin-Resource-Policy").Single());
        Assert.Contains("max-age=", script.Message.Headers.GetValues("Cache-Control").Single(), StringComparison.Ordinal);
        var tag = script.Message.Headers.ETag!.ToString();
        Assert.Equal(304, (await SendAsync("GET", "/candor-js/candor.js", token: "", headers: ("If-None-Match", tag))).Status);
        foreach (var file in new[] { "nothing.js", "..%2fcandor.db", "package.json", "" })
        {
            Assert.Equal(404, (await SendAsync("GET", "/candor-js/" + file, token: "")).Status);
        }
    }
}
