using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Candor.Kernel;
using Candor.Reads;
using Candor.Server.Telemetry;
using Candor.Server.Web;
using Candor.Tests.Storage;
using Candor.Vault;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;

namespace Candor.Tests.Server;

public sealed class TelemetryOnSqlite : TelemetryTests<Sqlite>;

public sealed class TelemetryOnPostgres : TelemetryTests<Postgres>;

/// <summary>Whoever looks after the server learns how it does, and nothing about anybody.</summary>
public abstract partial class TelemetryTests<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Purpose = "in-session-recommendations";
    private const string BugPath = "/test/bug/";

    /// <summary>In everything that a caller sends. Each test has its own, since spans and counts of the other tests arrive too.</summary>
    private readonly string canary = "wren" + RandomNumberGenerator.GetString("abcdefghijkmnopqrstuvwxyz", 10);
    private readonly TelemetryKeep keep = new();

    internal override SiteOptions Options => base.Options with { HasPublicTrust = true, Told = keep.Settings };

    protected override void Adapt(WebApplication app)
    {
        app.Services.GetRequiredService<ILoggerFactory>().AddProvider(keep);
        app.MapGet(BugPath + "{value}", (string value) => Throw(value));
    }

    [Fact]
    public async Task No_trace_count_or_line_of_the_log_tells_anything_about_anybody()
    {
        await UseAsync();
        await TouchEveryDoorAsync();
        var metricsKey = await NewKeyAsync("monitor", ["metrics"]);
        var ways = await CollectAsync(metricsKey);
        var customer = await Host.Database.ReadAsync(tx => Host.Vault.FindCustomerAsync(tx, BlindIndex.Reference, canary, Ct), Ct);
        foreach (var secret in (string[])[canary, customer!.Id.Value, Key, Key.Split('_')[^1], metricsKey])
        {
            Assert.All(ways, way => Assert.False(CanaryForms.Holds(way.Text, secret), $"{way.Name} holds `{secret}`:\n{Around(way.Text, secret)}"));
        }

        AssertUseful(ways.ToDictionary(w => w.Name, w => w.Text));
        Break();
        Assert.All(await CollectAsync(metricsKey), way => Assert.True(CanaryForms.Holds(way.Text, canary), $"{way.Name} does not show what was put into it on purpose."));
    }

    [Fact]
    public void What_a_message_of_the_log_is_given_leaves_by_its_class()
    {
        var logger = App.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Candor.Tests");
        LogClasses(logger, canary + "-name", canary + "-secret", canary + "-key", canary + "-key");
        LogClasses(logger, canary + "-name", canary + "-secret", canary + "-other", canary + "-key");
        var lines = ClassLine().Matches(keep.Logs);
        Assert.Equal(4, lines.Count);
        Assert.DoesNotContain(canary, keep.Logs, StringComparison.OrdinalIgnoreCase);
        Assert.All(lines, line => Assert.Equal("", line.Groups["name"].Value + line.Groups["secret"].Value));
        Assert.Equal(lines[0].Groups["second"].Value, lines[0].Groups["first"].Value);
        Assert.NotEqual(lines[2].Groups["second"].Value, lines[2].Groups["first"].Value);
        Assert.Equal(lines[0].Groups["second"].Value, lines[2].Groups["second"].Value);
    }

    [Fact]
    public async Task Counts_and_reasons_are_for_a_key_that_may_have_them()
    {
        var key = await NewKeyAsync("monitor", ["metrics"]);
        Assert.Equal(401, (await GetAsync("/metrics", "")).Status);
        Assert.Equal(403, (await GetAsync("/metrics")).Status);
        var counts = await GetAsync("/metrics", key);
        Assert.Equal((200, "text/plain"), (counts.Status, counts.Message.Content.Headers.ContentType!.MediaType));
        Assert.All(counts.Text.TrimEnd('\n').Split('\n'), line => Assert.Matches(@"^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z_]+=""[^""]*""(,[a-z_]+=""[^""]*"")*\})? [-+0-9.eE]+)$", line));
        Assert.Equal(403, (await GetAsync("/v1/customers/ada?purpose=" + Purpose, key)).Status);

        var open = (await GetAsync("/healthz/ready", "")).Json;
        Assert.Equal(["status"], open.EnumerateObject().Select(p => p.Name));
        Assert.False((await GetAsync("/healthz/ready")).Json.TryGetProperty("checks", out _));
        var checks = (await GetAsync("/healthz/ready", key)).Json.GetProperty("checks").EnumerateArray().Select(c => c.GetProperty("name").GetString()).ToList();
        Assert.Superset(new HashSet<string?> { "database", "keys", "log", "disk", "backups", "clock", "outbox" }, checks.ToHashSet());
    }

    [Fact]
    public async Task A_log_that_was_put_back_or_a_database_that_is_gone_is_a_code_and_no_more()
    {
        await AddCustomerAsync("ada");
        Assert.Equal(200, (await GetAsync("/healthz/ready", "")).Status);
        await Host.Database.WriteAsync(async tx => { await tx.RunAsync("UPDATE audit_head SET signed_size = signed_size + 1000", null, Ct); }, Ct);
        var answer = await GetAsync("/healthz/ready", "");
        Assert.Equal((503, """{"status":"not-ready","reasons":["log"]}"""), (answer.Status, answer.Text));
        Assert.Equal(200, (await GetAsync("/healthz/live", "")).Status);
    }

    /// <summary>A customer's whole way, with denials and mistakes.</summary>
    private async Task UseAsync()
    {
        Assert.Equal(201, (await SendAsync("PUT", $"/v1/customers/{canary}", $$"""{"fullName":"Ada {{canary}}","email":"{{canary}}+x@customers.example"}""")).Status);
        Assert.Equal(403, (await GetAsync($"/v1/customers/{canary}?purpose={Purpose}")).Status);
        Assert.Equal(200, (await GiveAsync(canary, Purpose)).Status);
        var time = TimeProvider.System.GetUtcNow().AddMinutes(-5).ToString("O");
        Assert.Equal(200, (await SendAsync("POST", "/v1/events", $$"""{"events":[{"customer":"{{canary}}","dataPoint":"pageViews","id":"{{canary}}","time":"{{time}}","data":{"item":"{{canary}}" } } ] }""")).Status);
        Assert.Equal(200, (await SendAsync("GET", $"/v1/customers/{canary}?purpose={Purpose}&case={canary}", headers: [
            ("traceparent", $"00-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}-00f067aa0ba902b7-01"), ("tracestate", $"v={canary}"), ("baggage", $"name={canary}"), ("User-Agent", canary)])).Status);
        Assert.Equal(200, (await GetAsync($"/v1/customers/{canary}/recommendations?purpose={Purpose}&session={canary}")).Status);
        foreach (var (method, path, body) in ((string, string, string?)[])[
            ("GET", $"/v1/customers/{canary}?purpose={canary}", null), ("GET", $"/v1/customers/{canary}?purpose=%00{canary}", null), ("GET", $"/v1/customers/{canary}?purpose={Purpose}&fields={canary}", null),
            ("PUT", $"/v1/customers/{canary}", $"{{\"{canary}\":1}}"), ("PUT", $"/v1/customers/{canary}", "{" + canary), ("GET", $"/nothing/{canary}?{canary}={canary}", null),
            (canary.ToUpperInvariant(), "/v1/catalog", null), ("GET", BugPath + canary, null)])
        {
            await SendAsync(method, path, body);
            await SendAsync(method, path, body, token: canary);
            await SendAsync(method, path, body, token: "", headers: [("Cookie", $"__Host-s={canary}; __Host-language={canary}"), ("Accept", "text/html"), ("Referer", "https://x.example/" + canary)]);
        }
    }

    /// <summary>Each door with the canary in its path, its query and its body.</summary>
    private async Task TouchEveryDoorAsync()
    {
        foreach (var endpoint in App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var path = "/" + Placeholder().Replace(endpoint.RoutePattern.RawText!.Trim('/'), canary) + $"?{canary}={canary}";
            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods ? methods : ["GET"])
            {
                await SendAsync(method, path, method == "GET" ? null : $"email={canary}%40customers.example&text={canary}", contentType: "application/x-www-form-urlencoded", headers: ("Sec-Fetch-Site", "same-origin"));
                await SendAsync(method, path, method == "GET" ? null : $$"""{"{{canary}}":"{{canary}}"}""");
            }
        }
    }

    private async Task<IReadOnlyList<(string Name, string Text)>> CollectAsync(string key)
    {
        await App.Services.GetRequiredService<OperationFacts>().LookAsync(Ct);
        App.Services.GetRequiredService<MeterProvider>().ForceFlush();
        return [("traces", keep.Spans), ("metrics sent", keep.Metrics), ("metrics fetched", (await GetAsync("/metrics", key)).Text), ("log", keep.Logs)];
    }

    private static void AssertUseful(Dictionary<string, string> told)
    {
        foreach (var span in (string[])["GET /v1/customers/{reference} request", "read read", "gate gate", "log log", "open open", $"candor.purpose={Purpose} candor.outcome=allowed", "candor.purpose=unknown candor.outcome=unknown-purpose"])
        {
            Assert.Contains(span, told["traces"], StringComparison.Ordinal);
        }

        foreach (var line in (string[])[
            $$"""candor_reads_total{outcome="allowed",purpose="{{Purpose}}"} """, """candor_reads_total{outcome="unknown-purpose",purpose="unknown"} """, """candor_read_duration_seconds_bucket{outcome="allowed",le="0.1"} """,
            """http_route="/v1/customers/{reference}",le="0.01"} """, "candor_log_entries ", "candor_outbox_waiting ", "candor_sessions", "candor_model_parts ", "dotnet_process_memory_working_set_bytes "])
        {
            Assert.Contains(line, told["metrics fetched"], StringComparison.Ordinal);
        }

        Assert.Contains("A request of ", told["log"], StringComparison.Ordinal);
        Assert.Contains("System.FormatException", told["log"], StringComparison.Ordinal);
        Assert.Contains(nameof(Throw), told["log"], StringComparison.Ordinal);
        if (typeof(TEngine) == typeof(Postgres))
        {
            Assert.Contains("db_client_connection_count{db_client_connection_state=", told["metrics fetched"], StringComparison.Ordinal);
        }
    }

    /// <summary>Puts the canary where it must not be, in each of the ways.</summary>
    private void Break()
    {
        using (var span = Measures.Spans.StartActivity("broken"))
        {
            span?.SetTag("url.path", "/v1/customers/" + canary);
        }

        ReadMeasure.Reads.Add(1, new KeyValuePair<string, object?>("purpose", canary));
        LogPlain(App.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Candor.Tests"), canary);
    }

    private static string Around(string text, string secret) => text.IndexOf(secret, StringComparison.OrdinalIgnoreCase) is >= 0 and var at ? text[Math.Max(0, at - 300)..Math.Min(text.Length, at + 300)] : "(encoded)";

    private static string Throw(string value) => throw new FormatException($"The input string '{value}' was not in a correct format.", new InvalidOperationException(value));

    [LoggerMessage(Level = LogLevel.Warning, Message = "Classes: <{Name}> <{Secret}> <{First}> <{Second}>")]
    private static partial void LogClasses(ILogger logger, [Personal] string name, [Secret] string secret, [Pseudonym] string first, [Pseudonym] string second);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Plain: {Value}")]
    private static partial void LogPlain(ILogger logger, string value);

    [GeneratedRegex("<(?<name>[^>]*)> <(?<secret>[^>]*)> <(?<first>[0-9a-f]{16})> <(?<second>[0-9a-f]{16})>")]
    private static partial Regex ClassLine();

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Placeholder();
}
