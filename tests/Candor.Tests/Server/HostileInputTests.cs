using System.Text;
using Candor.Tests.Storage;
using CsCheck;

namespace Candor.Tests.Server;

public sealed class HostileInputOnSqlite : HostileInputTests<Sqlite>;

public sealed class HostileInputOnPostgres : HostileInputTests<Postgres>;

/// <summary>Whatever is sent, the answer is a refusal that says what is wrong, and never a failure of ours.</summary>
public abstract class HostileInputTests<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Suggestions = "in-session-recommendations";
    private static readonly string Deep = string.Concat(Enumerable.Repeat("""{"fullName":""", 40)) + "1" + new string('}', 40);

    /// <summary>Method, path, body, status. One list, so that one server answers them all.</summary>
    private static readonly (string Method, string Path, string? Body, int Status)[] Requests =
    [
        ("GET", "/v1/customers/ada", null, 400),
        ("GET", "/v1/customers/ada?purpose=", null, 400),
        ("GET", "/v1/customers/ada?purpose=a%20b", null, 400),
        ("GET", "/v1/customers/ada?purpose=no-such-purpose", null, 403),
        ("GET", $"/v1/customers/ada?purpose={Suggestions}&fields=%00", null, 400),
        ("GET", $"/v1/customers/ada?purpose={Suggestions}&fields=noSuchField", null, 403),
        ("GET", $"/v1/customers/ada?purpose={Suggestions}&limit=0", null, 400),
        ("GET", $"/v1/customers/ada?purpose={Suggestions}&limit=x", null, 400),
        ("GET", $"/v1/customers/ada?purpose={Suggestions}&limit=99999999999", null, 400),
        ("GET", $"/v1/customers/a%01b?purpose={Suggestions}", null, 400),
        ("GET", $"/v1/customers/%27%20OR%201=1--?purpose={Suggestions}", null, 403),
        ("GET", $"/v1/customers/ada?purpose={Suggestions}&case=%0d%0aSet-Cookie:x", null, 400),
        ("PUT", "/v1/customers/ada", "", 400),
        ("PUT", "/v1/customers/ada", "{", 400),
        ("PUT", "/v1/customers/ada", "null", 400),
        ("PUT", "/v1/customers/ada", "[]", 400),
        ("PUT", "/v1/customers/ada", """{"shoeSize":43}""", 400),
        ("PUT", "/v1/customers/ada", """{"fullName":"a","fullName":"b"}""", 400),
        ("PUT", "/v1/customers/ada", """{"purchases":[]}""", 400),
        ("PUT", "/v1/customers/ada", """{"email":7}""", 400),
        ("PUT", "/v1/customers/ada", """{"email":"\ud800"}""", 400),
        ("PUT", "/v1/customers/ada", """{"fullName":"\udc00x"}""", 400),
        ("PUT", "/v1/customers/ada", """{"fullName":{"\ud800":1}}""", 400),
        ("PUT", "/v1/customers/ada", """{"\ud800":1}""", 400),
        ("PUT", "/v1/customers/ada", """{"__proto__":{"admin":true}}""", 400),
        ("PATCH", "/v1/customers/a%0ab", """{"fullName":"x"}""", 400),
        ("POST", "/v1/events", "{}", 400),
        ("POST", "/v1/events", """{"events":[]}""", 400),
        ("POST", "/v1/events", """{"events":null}""", 400),
        ("POST", "/v1/events", """{"events":[null]}""", 400),
        ("POST", "/v1/events", """{"events":[{"customer":null,"dataPoint":null,"id":null,"time":"2026-01-01T00:00:00Z","data":1}]}""", 400),
        ("POST", "/v1/events", """{"events":[{"customer":"ada"}]}""", 400),
        ("POST", "/v1/events", """{"events":[],"more":1}""", 400),
        ("PUT", "/v1/customers/ada/consents/newsletter", """{"state":"perhaps"}""", 400),
        ("PUT", "/v1/customers/ada/consents/newsletter", """{"state":"given"}""", 400),
        ("PUT", "/v1/customers/ada/consents/newsletter", """{"state":"given","notice":"x"}""", 400),
        ("PUT", "/v1/customers/ada/consents/newsletter", """{"state":"given","notice":"\u0000"}""", 400),
        ("PUT", "/v1/customers/ada/consents/newsletter", """{"state":"given","extra":1}""", 400),
        ("PUT", "/v1/customers/ada/consents/newsletter", """{"state":1}""", 400),
        ("PUT", "/v1/customers/ada/consents/service-quality", """{"state":"objected","method":"\u0000"}""", 400),
        ("PUT", "/v1/customers/ada/consents/service-quality", """{"state":"objected","language":"\u0000"}""", 400),
        ("PUT", "/v1/customers/ada/consents/no-such", """{"state":"withdrawn"}""", 403),
        ("PUT", "/v1/customers/ada/consents/%01", """{"state":"withdrawn"}""", 400),
        ("GET", "/v1/notices/%01", null, 404),
        ("GET", "/v1/log/proof/%01", null, 404),
        ("GET", "/v1/log/proof/99999999999999999999999", null, 404),
        ("GET", "/v1/log/proof/9999999999999999999", null, 404),
        ("GET", "/v1/log/proof/-1", null, 404),
        ("GET", "/v1/log/tile/0/x999/999", null, 404),
        ("GET", "/v1/log/tile/63/000", null, 404),
        ("GET", "/v1/log/tile/..%2f..%2fcandor.db", null, 404),
        ("GET", "/v1/no-such-address", null, 404),
        ("GET", "/notice?version=%00", null, 404),
        ("DELETE", "/v1/catalog", null, 405),
    ];

    [Fact]
    public async Task What_is_wrong_is_refused_with_a_problem_document()
    {
        await AddCustomerAsync("ada");
        var offences = new List<string>();
        foreach (var (method, path, body, status) in Requests)
        {
            var answer = await SendAsync(method, path, body);
            var isProblem = answer.Message.Content.Headers.ContentType?.MediaType == "application/problem+json" && answer.Type!.StartsWith("urn:candor:", StringComparison.Ordinal)
                && answer.Json.GetProperty("status").GetInt32() == status;
            if (status != answer.Status || !isProblem || answer.Text.Contains("Exception", StringComparison.Ordinal) || answer.Text.Contains("System.", StringComparison.Ordinal))
            {
                offences.Add($"{method} {path} {body}: expected {status}, got {answer.Status} {answer.Text}");
            }
        }

        Assert.True(offences.Count == 0, string.Join('\n', offences));
    }

    [Fact]
    public async Task A_body_that_is_nested_too_deeply_is_refused()
    {
        Assert.Equal(400, (await SendAsync("PUT", "/v1/customers/ada", Deep)).Status);
        Assert.Equal(400, (await SendAsync("POST", "/v1/events", Deep)).Status);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused_and_events_may_be_larger()
    {
        var large = $$"""{"fullName":"{{new string('x', 70_000)}}"}""";
        Assert.Equal(413, (await SendAsync("PUT", "/v1/customers/ada", large)).Status);
        Assert.Equal(413, (await SendAsync("PUT", "/v1/customers/ada", large, headers: ("Idempotency-Key", "k"))).Status);
        var one = """{"customer":"x","dataPoint":"purchases","id":"1","time":"2026-01-01T00:00:00Z","data":"DATA"}""".Replace("DATA", new string('x', 900), StringComparison.Ordinal);
        Assert.Equal(200, (await SendAsync("POST", "/v1/events", $$"""{"events":[{{string.Join(',', Enumerable.Repeat(one, 1000))}}]}""")).Status);
        Assert.Equal(400, (await SendAsync("POST", "/v1/events", $$"""{"events":[{{string.Join(',', Enumerable.Repeat(one, 1001))}}]}""")).Status);
        Assert.Equal(413, (await SendAsync("POST", "/v1/events", new string(' ', 4 * 1024 * 1024 + 1))).Status);
    }

    [Fact]
    public async Task Only_json_is_taken()
    {
        foreach (var type in new[] { "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", "" })
        {
            foreach (var (method, path) in new[] { ("PUT", "/v1/customers/ada"), ("POST", "/v1/events"), ("PUT", "/v1/customers/ada/consents/newsletter") })
            {
                Assert.Equal((type, 415), (type, (await SendAsync(method, path, "{}", contentType: type)).Status));
            }
        }
    }

    [Fact]
    public async Task A_token_that_belongs_to_nobody_is_refused()
    {
        const string Event = """{"events":[{"customer":"a","dataPoint":"purchases","id":"1","time":"2026-01-01T00:00:00Z","data":1}]}""";
        foreach (var token in new[] { "x", "cdp_live_aaaaaaaaaa_bbbb_cccc", "cds_" + new string('A', 43) })
        {
            foreach (var path in new[] { $"/v1/customers/ada?purpose={Suggestions}", "/v1/customers/ada/consents" })
            {
                var answer = await GetAsync(path, token);
                Assert.Equal(401, answer.Status);
                Assert.Equal("Bearer", answer.Message.Headers.WwwAuthenticate.Single().Scheme);
            }

            Assert.Equal(401, (await SendAsync("PUT", "/v1/customers/ada", """{"fullName":"x"}""", token)).Status);
            Assert.Equal(401, (await SendAsync("POST", "/v1/events", Event, token)).Status);
        }
    }

    [Fact]
    public async Task A_write_from_another_site_is_refused()
    {
        foreach (var header in new[] { ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"), ("Origin", "https://evil.example"), ("Origin", "null") })
        {
            Assert.Equal(403, (await SendAsync("POST", "/demo/sign-in", "reference=c-0001", "", "application/x-www-form-urlencoded", header)).Status);
        }
    }

    [Fact]
    public async Task No_mutated_body_makes_the_server_fail()
    {
        await AddCustomerAsync("ada");
        string[] seeds =
        [
            """{"fullName":"Ada","email":"ada@customers.example","phone":"+44 1","language":"en"}""",
            """{"events":[{"customer":"ada","dataPoint":"purchases","id":"p-1","time":"2026-11-01T00:00:00Z","data":{"item":"scarf","total":3.5}}]}""",
            $$"""{"state":"given","notice":"{{await NoticeAsync()}}","language":"en","method":"api"}""",
        ];
        string[] insertions = ["\0", "\\u0000", "\\ud800", "null", "[", "{", "}", "]", ",", "\"", "1e999", "-0", "😀", "\uffff", "9999999999999999999999", "true", ":", "\u202e", "0001-01-01T00:00:00+14:00"];
        (string, string)[] doors = [("PUT", "/v1/customers/ada"), ("PATCH", "/v1/customers/ada"), ("POST", "/v1/events"), ("PUT", "/v1/customers/ada/consents/newsletter")];
        var bodies = Gen.Select(Gen.Int[0, seeds.Length - 1].Select(i => seeds[i]), Gen.Select(Gen.Int[0, 400], Gen.Int[0, 12], Gen.Int[0, insertions.Length - 1].Select(i => insertions[i])).Array[1, 4]);
        await bodies.SampleAsync(async (seed, edits) =>
        {
            var text = edits.Aggregate(seed, (s, e) => Mutate(s, e.Item1, e.Item2, e.Item3));
            foreach (var (method, path) in doors)
            {
                var answer = await SendAsync(method, path, text);
                Assert.True(answer.Status < 500, $"{method} {path} {text}: {answer.Status}");
            }
        }, iter: 300, threads: 2);
    }

    private static string Mutate(string text, int at, int cut, string insert)
    {
        at %= text.Length + 1;
        return new StringBuilder(text).Remove(at, Math.Min(cut, text.Length - at)).Insert(at, insert).ToString();
    }
}
