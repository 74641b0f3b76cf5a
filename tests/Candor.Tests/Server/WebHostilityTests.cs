using System.Text;
using Candor.Tests.Storage;
using CsCheck;

namespace Candor.Tests.Server;

public sealed class WebHostilityOnSqlite : WebHostilityTests<Sqlite>;

public sealed class WebHostilityOnPostgres : WebHostilityTests<Postgres>;

/// <summary>Anybody can call the browser interface from their own page or without one: what is wrong is refused, and nothing of ours fails.</summary>
public abstract class WebHostilityTests<TEngine> : WebTest<TEngine>
    where TEngine : IEngine, new()
{
    private static readonly (string Path, string Body, int Status)[] Requests =
    [
        ("choices", "", 400), ("choices", "{", 400), ("choices", "null", 400), ("choices", "[]", 400), ("choices", "{}", 400),
        ("choices", """{"choices":{}}""", 400), ("choices", """{"choices":null}""", 400), ("choices", """{"choices":[]}""", 400),
        ("choices", """{"choices":{"newsletter":"yes"}}""", 400), ("choices", """{"choices":{"newsletter":null}}""", 400), ("choices", """{"choices":{"newsletter":1}}""", 400),
        ("choices", """{"choices":{"newsletter":true}}""", 400), ("choices", """{"choices":{"newsletter":true},"notices":{"newsletter":"x"}}""", 400),
        ("choices", """{"choices":{"newsletter":true},"notices":{"newsletter":null}}""", 400), ("choices", """{"choices":{"newsletter":true},"notices":{"newsletter":"\u0000"}}""", 400),
        ("choices", """{"choices":{"no-such":true}}""", 400), ("choices", """{"choices":{"support":true}}""", 400), ("choices", """{"choices":{"bias-audit":true}}""", 400),
        ("choices", """{"choices":{"a b":true}}""", 400), ("choices", """{"choices":{"":false}}""", 400), ("choices", """{"choices":{"\ud800":false}}""", 400), ("choices", """{"choices":{"__proto__":true}}""", 400),
        ("choices", """{"choices":{"service-quality":false},"more":1}""", 400), ("choices", """{"choices":{"newsletter":false},"gpc":"1"}""", 400),
        ("events", "{}", 400), ("events", """{"events":[]}""", 400), ("events", """{"events":null}""", 400), ("events", """{"events":[null]}""", 400),
        ("events", """{"events":[{"dataPoint":"pageViews","id":"a","age":-1,"data":1}]}""", 400), ("events", """{"events":[{"dataPoint":"pageViews","id":"a","age":86400001,"data":1}]}""", 400),
        ("events", """{"events":[{"dataPoint":"pageViews","id":"a","age":99999999999999999999,"data":1}]}""", 400), ("events", """{"events":[{"dataPoint":"pageViews","id":"a","data":1}]}""", 400),
        ("events", """{"events":[{"dataPoint":"pageViews","id":"a","age":0,"data":"\ud800"}]}""", 400), ("events", """{"events":[{"customer":"c-0001","dataPoint":"pageViews","id":"a","age":0,"data":1}]}""", 400),
    ];

    [Fact]
    public async Task What_is_wrong_is_refused_and_makes_nobody()
    {
        var (session, before, offences) = (await VisitAsync(Suggestions), await CustomersAsync(), new List<string>());
        foreach (var (path, body, status) in Requests)
        {
            foreach (var token in path == "choices" && !body.Contains("service-quality", StringComparison.Ordinal) ? new[] { "", session } : [session])
            {
                var answer = await WebAsync("POST", path, body, token);
                if (answer.Status != status || !answer.Text.Contains("urn:candor:", StringComparison.Ordinal) || answer.Text.Contains("System.", StringComparison.Ordinal))
                {
                    offences.Add($"{path} {body}: expected {status}, got {answer.Status} {answer.Text}");
                }
            }
        }

        Assert.True(offences.Count == 0, string.Join('\n', offences));
        Assert.Equal(before, await CustomersAsync());
    }

    [Fact]
    public async Task What_is_too_large_is_refused_and_one_event_too_large_by_itself()
    {
        var session = await VisitAsync(Suggestions);
        Assert.Equal(413, (await WebAsync("POST", "choices", $$"""{"choices":{"newsletter":false},"method":"{{new string('x', 70_000)}}"}""")).Status);
        Assert.Equal(413, (await WebAsync("POST", "events", $$"""{"events":[{"dataPoint":"pageViews","id":"a","age":0,"data":"{{new string('x', 70_000)}}"}]}""", session)).Status);
        var many = string.Join(',', Enumerable.Range(0, 101).Select(i => $$"""{"dataPoint":"pageViews","id":"{{i}}","age":0,"data":1}"""));
        Assert.Equal(400, (await WebAsync("POST", "events", $$"""{"events":[{{many}}]}""", session)).Status);
        var mixed = await WebAsync("POST", "events", $$"""{"events":[{"dataPoint":"pageViews","id":"a","age":0,"data":"{{new string('x', 17_000)}}"},{"dataPoint":"pageViews","id":"b","age":0,"data":1}]}""", session);
        Assert.Equal(("refused", "stored"), (Result(mixed), Result(mixed, 1)));
        Assert.Equal(415, (await SendAsync("POST", "/v1/web/choices", "choices=1", session, "application/x-www-form-urlencoded", ("Origin", Shop))).Status);
    }

    [Fact]
    public async Task One_visitors_session_touches_nobody_else()
    {
        var (ada, ben) = (await VisitAsync(Suggestions), await VisitAsync("newsletter"));
        Assert.Equal("stored", Result(await SendViewAsync(ada, "v-1")));
        Assert.Equal("not-needed", Result(await SendViewAsync(ben, "v-1")));
        await ChooseAsync(ben, (Suggestions, false));
        Assert.True(IsAllowed(await WebAsync("GET", "choices", token: ada), Suggestions));
    }

    [Fact]
    public async Task No_mutated_body_makes_the_server_fail()
    {
        var session = await VisitAsync(Suggestions);
        string[] seeds =
        [
            await BodyAsync((Suggestions, true), ("newsletter", false), ("service-quality", false)),
            """{"events":[{"dataPoint":"pageViews","id":"v-1","age":12,"data":{"page":"/scarves","n":[1,2.5,null]}}]}""",
        ];
        string[] insertions = ["\0", "\\u0000", "\\ud800", "null", "[", "{", "}", "]", ",", "\"", "1e999", "-0", "😀", "\uffff", "9999999999999999999999", "true", ":", "\u202e"];
        var bodies = Gen.Select(Gen.Int[0, 1].Select(i => seeds[i]), Gen.Select(Gen.Int[0, 900], Gen.Int[0, 12], Gen.Int[0, insertions.Length - 1].Select(i => insertions[i])).Array[1, 4]);
        await bodies.SampleAsync(async (seed, edits) =>
        {
            var text = edits.Aggregate(seed, (s, e) => Mutate(s, e.Item1, e.Item2, e.Item3));
            foreach (var path in new[] { "choices", "events" })
            {
                var answer = await WebAsync("POST", path, text, session);
                Assert.True(answer.Status < 500, $"{path} {text}: {answer.Status}");
            }
        }, iter: 200, threads: 2);
    }

    private static string Mutate(string text, int at, int cut, string insert)
    {
        at %= text.Length + 1;
        return new StringBuilder(text).Remove(at, Math.Min(cut, text.Length - at)).Insert(at, insert).ToString();
    }
}
