using Candor.Server.Web;
using Candor.Tests.Storage;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Candor.Tests.Server;

/// <summary>What is true of every door, whichever module added it.</summary>
public sealed class EndpointTableTests : ServerTest<Sqlite>
{
    /// <summary>Doors that anybody may open. A new one is a decision: it is written here.</summary>
    private static readonly string[] Open =
    [
        "/", "/.well-known/gpc.json", "/candor-js/{file}", "/candor.css", "/candor.js", "/demo", "/demo.js", "/demo/cart", "/demo/mailbox", "/demo/mailbox/{id}",
        "/demo/mailbox/{id}/html", "/demo/orders", "/demo/orders/{invoice}", "/demo/products/{product}", "/demo/sign-in", "/demo/sign-out", "/demo/staff", "/demo/token", "/docs",
        "/docs.js", "/healthz", "/healthz/live", "/healthz/ready", "/icon.svg", "/notice", "/openapi/{documentName}.json", "/opendsr/v2/certificate.pem", "/privacy", "/privacy.md", "/readyz", "/sign-in", "/sign-in/link", "/sign-in/oidc",
        "/sign-in/oidc/back", "/sign-in/sent", "/sign-in/token",
        "/staff.js", "/staff/invite", "/staff/recover", "/staff/sign-in", "/staff/sign-in/code", "/staff/sign-in/oidc", "/staff/sign-in/oidc/back", "/staff/sign-in/passkey",
        "/staff/sign-in/passkey/options", "/survey/{secret}", "/trust/public", "/unsubscribe/{token}", "/v1/catalog", "/v1/initiatives", "/v1/log/checkpoint", "/v1/log/key", "/v1/log/proof/{entry}",
        "/v1/log/tile/{**path}", "/v1/notices/{language}", "/v1/web/choices", "/v1/web/notice", "/v1/web/session", "/v1/web/{**any}",
    ];

    internal override SiteOptions Options => base.Options with { HasPublicTrust = true };

    private IReadOnlyList<RouteEndpoint> Endpoints => [.. App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];

    [Fact]
    public void Only_the_listed_doors_are_open()
    {
        var open = Endpoints.Where(e => e.Metadata.GetMetadata<IAllowAnonymous>() is not null).Select(Pattern).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(Open.Order(StringComparer.Ordinal), open.Where(p => !p.StartsWith("/docs/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Every_other_door_refuses_who_has_no_token()
    {
        foreach (var endpoint in Endpoints.Where(e => !IsOpen(e)))
        {
            foreach (var method in Methods(endpoint))
            {
                var answer = await SendAsync(method, Sample(endpoint), method == "GET" ? null : "{}", "");
                Assert.True(answer.Status is 401 or 302, $"{method} {Pattern(endpoint)}: {answer.Status}");
            }
        }
    }

    [Fact]
    public async Task Every_answer_of_every_door_carries_the_security_headers()
    {
        foreach (var endpoint in Endpoints)
        {
            foreach (var method in Methods(endpoint))
            {
                foreach (var token in new[] { "", Key })
                {
                    var answer = await SendAsync(method, Sample(endpoint), method == "GET" ? null : "{", token);
                    Assert.True(answer.Status < 500, $"{method} {Pattern(endpoint)}: {answer.Status}");
                    AssertHeaders(answer, $"{method} {Pattern(endpoint)}");
                }
            }
        }
    }

    [Theory]
    [InlineData("GET", "/nothing/here", 404)]
    [InlineData("DELETE", "/v1/catalog", 405)]
    [InlineData("PUT", "/v1/customers/ada", 415)]
    [InlineData("GET", "/v1/customers/ada", 400)]
    public async Task Every_refusal_carries_them_too(string method, string path, int status)
    {
        var answer = await SendAsync(method, path, method == "PUT" ? "x" : null, contentType: "text/plain");
        Assert.Equal(status, answer.Status);
        AssertHeaders(answer, path);
    }

    [Theory]
    [InlineData("/nothing/here")]
    [InlineData("/notice?version=x")]
    public async Task What_does_not_exist_is_a_page_for_people_and_a_problem_for_programs(string path)
    {
        var page = await SendAsync("GET", path, token: "", headers: ("Accept", "text/html,application/xhtml+xml"));
        Assert.Equal((404, "text/html"), (page.Status, page.Message.Content.Headers.ContentType!.MediaType));
        AssertHeaders(page, path);
        var problem = await SendAsync("GET", path, token: "");
        Assert.Equal((404, "application/problem+json"), (problem.Status, problem.Message.Content.Headers.ContentType!.MediaType));
    }

    [Fact]
    public async Task The_api_is_described_in_openapi_3_1_and_the_page_that_shows_it_loads_nothing_from_elsewhere()
    {
        var description = (await GetAsync("/openapi/v1.json", "")).Json;
        Assert.StartsWith("3.1", description.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        var paths = description.GetProperty("paths").EnumerateObject().Select(p => p.Name).ToHashSet();
        Assert.Superset(new HashSet<string> { "/v1/customers/{reference}", "/v1/events", "/v1/customers/{reference}/consents/{purpose}", "/v1/log/checkpoint" }, paths);
        var page = await GetAsync("/docs", "");
        Assert.Equal(200, page.Status);
        Assert.DoesNotContain("https:", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("script-src 'self' 'unsafe", page.Message.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal(200, (await GetAsync("/docs/scalar.js", "")).Status);
    }

    private static void AssertHeaders(Answer answer, string what)
    {
        var headers = answer.Message.Headers;
        string One(string name) => headers.TryGetValues(name, out var values) ? string.Join(", ", values) : $"{name} is missing at {what} ({answer.Status})";
        var policy = One("Content-Security-Policy");
        Assert.StartsWith("default-src 'none'; script-src 'self'", policy, StringComparison.Ordinal);
        var isDocs = what.Contains("/docs", StringComparison.Ordinal);
        Assert.True(isDocs || (policy.Contains("require-trusted-types-for 'script'", StringComparison.Ordinal) && !policy.Contains("unsafe", StringComparison.Ordinal)), what);
        Assert.Equal("max-age=31536000; includeSubDomains", One("Strict-Transport-Security"));
        Assert.Equal("nosniff", One("X-Content-Type-Options"));
        Assert.Equal("no-referrer", One("Referrer-Policy"));
        Assert.Equal("same-origin", One("Cross-Origin-Opener-Policy"));
        var isScript = what.Contains(" /candor.js", StringComparison.Ordinal) || what.Contains(" /candor-js/", StringComparison.Ordinal);
        Assert.Equal(isScript ? "cross-origin" : "same-origin", One("Cross-Origin-Resource-Policy"));
        Assert.True(isDocs || isScript || what.Contains("/v1/log/tile", StringComparison.Ordinal) || One("Cache-Control") == "no-store", $"{what}: {One("Cache-Control")}");
        Assert.False(headers.Contains("Server"), $"{what} names the server.");
    }

    private static bool IsOpen(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null;

    private static string Pattern(RouteEndpoint endpoint) => "/" + endpoint.RoutePattern.RawText!.Trim('/');

    private static IReadOnlyList<string> Methods(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods ? methods : ["GET"];

    private static string Sample(RouteEndpoint endpoint) => Pattern(endpoint)
        .Replace("{reference}", "ada", StringComparison.Ordinal).Replace("{purpose}", "newsletter", StringComparison.Ordinal).Replace("{language}", "en", StringComparison.Ordinal)
        .Replace("{entry}", "0", StringComparison.Ordinal).Replace("{**path}", "0/000", StringComparison.Ordinal)
        .Replace("{file}", "candor.js", StringComparison.Ordinal).Replace("{**any}", "notice", StringComparison.Ordinal)
        .Replace("{documentName}", "v1", StringComparison.Ordinal).Replace("{documentName?}", "", StringComparison.Ordinal)
        .Replace("{version:long}", "1", StringComparison.Ordinal);
}
