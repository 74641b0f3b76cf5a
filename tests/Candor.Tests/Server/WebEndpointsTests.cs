using Candor.Audit;
using Candor.Tests.Storage;

namespace Candor.Tests.Server;

public sealed class WebEndpointsOnSqlite : WebEndpointsTests<Sqlite>;

public sealed class WebEndpointsOnPostgres : WebEndpointsTests<Postgres>;

/// <summary>A visitor's way through the browser interface: nobody, then a customer, then somebody who changed their mind.</summary>
public abstract class WebEndpointsTests<TEngine> : WebTest<TEngine>
    where TEngine : IEngine, new()
{
    [Fact]
    public async Task The_notice_tells_what_can_be_chosen_in_the_language_asked_for()
    {
        var english = (await WebAsync("GET", "notice?language=en")).Json;
        var offered = english.GetProperty("purposes").EnumerateArray().ToList();
        Assert.Equal(["cart-reminders", Suggestions, "newsletter", "next-needs", "partner-offers", "partner-statistics", "service-quality", "trust-survey"],
            offered.Select(p => p.GetProperty("id").GetString()));
        foreach (var purpose in offered)
        {
            Assert.Equal(Candor.Consent.NoticeText.HashOf(purpose.GetProperty("text").GetString()!), purpose.GetProperty("notice").GetString());
        }

        Assert.Equal(["pageViews"], offered[1].GetProperty("collects").EnumerateArray().Select(d => d.GetString()));
        Assert.Equal("Allow all", english.GetProperty("texts").GetProperty("allow-all").GetString());
        Assert.Contains("Maple & Thread", english.GetProperty("texts").GetProperty("title").GetString(), StringComparison.Ordinal);
        Assert.Equal("Alles erlauben", (await WebAsync("GET", "notice?language=de")).Json.GetProperty("texts").GetProperty("allow-all").GetString());
        Assert.Equal("en", (await WebAsync("GET", "notice?language=xx")).Json.GetProperty("language").GetString());
    }

    [Fact]
    public async Task A_first_yes_makes_a_customer_and_a_session_that_is_told_once()
    {
        var before = await CustomersAsync();
        var first = await ChooseAsync("", (Suggestions, true), ("newsletter", false));
        Assert.Equal(200, first.Status);
        var session = first.Json.GetProperty("session").GetString()!;
        Assert.Equal(before + 1, await CustomersAsync());
        Assert.True(IsAllowed(first, Suggestions));
        Assert.Equal("refused", Of(first, "newsletter").GetProperty("state").GetString());

        var again = await WebAsync("GET", "choices", token: session);
        Assert.False(again.Json.TryGetProperty("session", out _));
        Assert.True(IsAllowed(again, Suggestions));
        var changed = await ChooseAsync(session, ("newsletter", true));
        Assert.False(changed.Json.TryGetProperty("session", out _));
        Assert.Equal(before + 1, await CustomersAsync());
    }

    [Fact]
    public async Task Who_only_says_no_stays_nobody()
    {
        var before = await CustomersAsync();
        var answer = await ChooseAsync("", (Suggestions, false), ("newsletter", false), ("service-quality", true));
        Assert.Equal(200, answer.Status);
        Assert.False(answer.Json.TryGetProperty("session", out _));
        Assert.Empty(answer.Json.GetProperty("choices").EnumerateArray());
        Assert.Equal(before, await CustomersAsync());
    }

    [Fact]
    public async Task A_choice_is_taken_whole_or_not_at_all()
    {
        var session = await VisitAsync(Suggestions);
        var before = await CustomersAsync();
        var body = (await BodyAsync((Suggestions, false), ("newsletter", true), ("cart-reminders", true))).Replace("\"newsletter\":\"", "\"newsletter\":\"00", StringComparison.Ordinal);
        Assert.Equal(400, (await WebAsync("POST", "choices", body, session)).Status);
        var after = await WebAsync("GET", "choices", token: session);
        Assert.True(IsAllowed(after, Suggestions));
        Assert.False(IsAllowed(after, "cart-reminders"));
        Assert.Equal(400, (await WebAsync("POST", "choices", body)).Status);
        Assert.Equal(before, await CustomersAsync());
    }

    [Fact]
    public async Task The_same_answer_twice_is_recorded_once_and_a_question_is_not_put_again()
    {
        await StopHousekeepingAsync();
        var session = await VisitAsync(Suggestions);
        await ChooseAsync(session, (Suggestions, true), ("newsletter", false), ("service-quality", false));
        var entries = (await EntriesAsync()).Count;
        var same = await ChooseAsync(session, (Suggestions, true), ("newsletter", false), ("service-quality", false));
        Assert.Equal(entries, (await EntriesAsync()).Count);
        Assert.False(Of(same, Suggestions).GetProperty("ask").GetBoolean());
        Assert.False(Of(same, "newsletter").GetProperty("ask").GetBoolean());
        Assert.True(Of(same, "cart-reminders").GetProperty("ask").GetBoolean());
        Assert.Equal("objected", Of(same, "service-quality").GetProperty("state").GetString());
        Assert.True(IsAllowed(await ChooseAsync(session, ("service-quality", true)), "service-quality"));
    }

    [Fact]
    public async Task Events_are_stored_while_the_purpose_is_allowed_and_refused_after_its_withdrawal()
    {
        var session = await VisitAsync(Suggestions);
        Assert.Equal("stored", Result(await SendViewAsync(session, "v-1")));
        Assert.Equal("duplicate", Result(await SendViewAsync(session, "v-1")));
        Assert.Equal("not-needed", Result(await SendViewAsync(session, "c-1", "carts")));
        Assert.Equal("refused", Result(await SendViewAsync(session, "p-1", "purchases")));
        Assert.Equal("refused", Result(await SendViewAsync(session, "e-1", "email")));
        Assert.Equal("refused", Result(await SendViewAsync(session, "x-1", "visits")));
        await ChooseAsync(session, (Suggestions, false));
        var late = await SendViewAsync(session, "v-2");
        Assert.Equal(("not-needed", "consent-withdrawn"), (Result(late), late.Json.GetProperty("events")[0].GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task A_visitors_session_opens_the_browser_interface_and_nothing_else()
    {
        var session = await VisitAsync(Suggestions);
        Assert.StartsWith("cdw_", session, StringComparison.Ordinal);
        Assert.Equal(302, (await GetAsync("/me", session)).Status);
        Assert.Equal(302, (await SendAsync("GET", "/me", token: "", headers: ("Cookie", "__Host-s=" + session))).Status);
        Assert.Equal(401, (await GetAsync("/v1/customers/ada/consents", session)).Status);
        Assert.Equal(302, (await GetAsync("/me", "cds_" + session[4..])).Status);
        Assert.Equal(401, (await WebAsync("GET", "choices", token: "cds_" + session[4..])).Status);
    }

    [Fact]
    public async Task Cookies_count_for_nothing_here_and_keys_are_refused()
    {
        await AddCustomerAsync("ada");
        var cookie = await Host.Database.WriteAsync(async tx =>
            await Host.Access.OpenCustomerSessionAsync(tx, (await Host.Vault.FindCustomerAsync(tx, Candor.Vault.BlindIndex.Reference, "ada", Ct))!.Id, Ct), Ct);
        Assert.Equal(200, (await SendAsync("GET", "/me", token: "", headers: ("Cookie", "__Host-s=" + cookie))).Status);
        Assert.Equal(403, (await SendAsync("GET", "/v1/web/choices", token: "", headers: ("Cookie", "__Host-s=" + cookie))).Status);
        Assert.Equal(401, (await SendAsync("GET", "/v1/web/choices", token: "", headers: [("Cookie", "__Host-s=" + cookie), ("Sec-Fetch-Site", "same-origin")])).Status);
        Assert.Equal(403, (await WebAsync("GET", "choices", token: Key)).Status);
        Assert.Equal(403, (await ChooseAsync(Key, ("newsletter", true))).Status);
        Assert.Equal("role-not-allowed", (await SendViewAsync(Key, "v-1")).Json.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_session_that_is_over_or_never_was_does_nothing()
    {
        var session = await VisitAsync(Suggestions);
        var body = await BodyAsync(("newsletter", true));
        Assert.Equal(204, (await WebAsync("DELETE", "session", token: session)).Status);
        foreach (var (method, path, sent) in new[] { ("GET", "choices", null), ("POST", "choices", body), ("POST", "events", """{"events":[{"dataPoint":"pageViews","id":"a","age":0,"data":1}]}""") })
        {
            var before = await CustomersAsync();
            Assert.Equal("session-ended", (await WebAsync(method, path, sent, session)).Json.GetProperty("reason").GetString());
            Assert.Equal(401, (await WebAsync(method, path, sent, session[..^1] + (session[^1] == 'A' ? 'B' : 'A'))).Status);
            Assert.Equal(401, (await WebAsync(method, path, sent, "nonsense")).Status);
            Assert.Equal(before, await CustomersAsync());
        }
    }

    [Fact]
    public async Task Every_step_stands_in_the_log()
    {
        await StopHousekeepingAsync();
        var from = (await EntriesAsync()).Count;
        await ChooseAsync("", ("newsletter", false));
        var session = await VisitAsync(Suggestions);
        await SendViewAsync(session, "v-1");
        await ChooseAsync(session, (Suggestions, false));
        Assert.Equal(
            [(AuditKind.ConsentOther, "visitor"), (AuditKind.Login, "customer"), (AuditKind.ConsentGiven, "customer"), (AuditKind.Collect, "customer"), (AuditKind.ConsentWithdrawn, "customer")],
            (await EntriesAsync()).Skip(from).Select(e => (e.Event.Kind, e.Event.Actor)));
    }

    private async Task<IReadOnlyList<AuditEntry>> EntriesAsync()
    {
        while (Host.Database.IsClustered && await Host.Log.SequenceAsync(1000, Ct) > 0)
        {
        }

        return await Host.Database.ReadAsync(async tx =>
        {
            var (size, _) = await Host.Log.HeadAsync(tx, Ct);
            var entries = new List<AuditEntry>();
            for (var index = 0L; index < size; index++)
            {
                entries.Add(AuditEntry.Decode((await Host.Log.FindEntryAsync(tx, index, Ct))!));
            }

            return entries;
        }, Ct);
    }
}
