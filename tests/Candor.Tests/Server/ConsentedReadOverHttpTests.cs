using System.Text.Json;
using Candor.Audit;
using Candor.Tests.Storage;

namespace Candor.Tests.Server;

public sealed class ConsentedReadOverHttpOnSqlite : ConsentedReadOverHttpTests<Sqlite>;

public sealed class ConsentedReadOverHttpOnPostgres : ConsentedReadOverHttpTests<Postgres>;

/// <summary>The promise of the product, from outside.</summary>
public abstract class ConsentedReadOverHttpTests<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Suggestions = "in-session-recommendations";
    private const string Choice = "/v1/customers/ada/consents/" + Suggestions;
    private const string Read = "/v1/customers/ada?purpose=" + Suggestions + "&fields=pageViews,purchases";
    private const string Withdrawn = """{"state":"withdrawn"}""";

    [Fact]
    public async Task A_consented_read_answers_fields_and_entry_and_after_withdrawal_it_is_denied_at_once()
    {
        await AddCustomerAsync("ada");
        var given = await GiveAsync("ada", Suggestions);
        Assert.Equal(200, given.Status);
        Assert.NotEmpty(given.Json.GetProperty("receiptJws").GetString()!);
        var stored = await SendAsync("POST", "/v1/events", Events("v-1", "pageViews"));
        Assert.Equal((200, 1), (stored.Status, stored.Json.GetProperty("stored").GetInt32()));

        var read = await GetAsync(Read);
        Assert.Equal(200, read.Status);
        Assert.Equal("/scarves", read.Json.GetProperty("fields").GetProperty("pageViews")[0].GetProperty("data").GetProperty("page").GetString());
        Assert.Equal(32, read.Json.GetProperty("entry").GetString()!.Length);

        Assert.Equal(200, (await SendAsync("PUT", Choice, Withdrawn)).Status);
        var again = await GetAsync(Read);
        Assert.Equal((403, "consent-withdrawn"), (again.Status, again.Json.GetProperty("reason").GetString()));
        await AssertProvenAsync(read.Json.GetProperty("entry").GetString()!, AuditKind.Read);
        await AssertProvenAsync(again.Json.GetProperty("entry").GetString()!, AuditKind.Deny);
    }

    [Fact]
    public async Task After_a_withdrawal_nothing_more_comes_in_for_that_purpose()
    {
        await AddCustomerAsync("ada");
        await GiveAsync("ada", Suggestions);
        await SendAsync("PUT", Choice, Withdrawn);
        var answer = await SendAsync("POST", "/v1/events", Events("v-9", "pageViews"));
        var one = answer.Json.GetProperty("events")[0];
        Assert.Equal((200, "not-needed", "consent-withdrawn"), (answer.Status, one.GetProperty("result").GetString(), one.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task A_data_point_that_the_purpose_does_not_use_is_withheld_with_its_reason()
    {
        await AddCustomerAsync("ada");
        await GiveAsync("ada", Suggestions);
        var read = await GetAsync($"/v1/customers/ada?purpose={Suggestions}&fields=purchases,email");
        Assert.Equal(200, read.Status);
        Assert.False(read.Json.GetProperty("fields").TryGetProperty("email", out _));
        var withheld = Assert.Single(read.Json.GetProperty("withheld").EnumerateArray());
        Assert.Equal(("email", "not-for-this-purpose"), (withheld.GetProperty("dataPoint").GetString(), withheld.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task The_choices_of_a_customer_are_listed_with_their_state()
    {
        await AddCustomerAsync("ada");
        await GiveAsync("ada", Suggestions);
        await GiveAsync("ada", "newsletter");
        await SendAsync("PUT", "/v1/customers/ada/consents/newsletter", Withdrawn);
        var states = (await GetAsync("/v1/customers/ada/consents")).Json.GetProperty("consents").EnumerateArray()
            .ToDictionary(c => c.GetProperty("purpose").GetString()!, c => c.GetProperty("state").GetString());
        Assert.Equal(("given", "withdrawn"), (states[Suggestions], states["newsletter"]));
    }

    [Fact]
    public async Task A_key_without_the_ability_neither_collects_nor_changes_consents()
    {
        await AddCustomerAsync("ada");
        var reader = await NewKeyAsync("shop", []);
        foreach (var (method, path, body) in new[] { ("PUT", "/v1/customers/ada", """{"fullName":"Eve"}"""), ("POST", "/v1/events", Events("v-1", "purchases")), ("PUT", Choice, Withdrawn) })
        {
            var answer = await SendAsync(method, path, body, reader);
            Assert.Equal((403, "role-not-allowed"), (answer.Status, answer.Json.GetProperty("reason").GetString()));
        }
    }

    [Fact]
    public async Task A_revoked_key_is_refused_at_the_next_request()
    {
        await AddCustomerAsync("ada");
        await GiveAsync("ada", Suggestions);
        Assert.Equal(200, (await GetAsync(Read)).Status);
        await Host.Database.WriteAsync(tx => Host.Access.RevokeKeyAsync(tx, Key.Split('_')[2], "test", Ct), Ct);
        var answer = await GetAsync(Read);
        Assert.Equal((403, "session-ended"), (answer.Status, answer.Json.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task An_unknown_customer_looks_like_one_who_said_no()
    {
        var answer = await GetAsync($"/v1/customers/nobody?purpose={Suggestions}");
        Assert.Equal((403, "no-consent"), (answer.Status, answer.Json.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task A_repeated_write_gets_the_first_answer_and_another_body_under_its_key_is_refused()
    {
        await AddCustomerAsync("ada");
        (string, string)[] key = [("Idempotency-Key", "5d1c3f7e-0000-4000-8000-000000000001")];
        var body = $$"""{"state":"given","notice":"{{await NoticeAsync()}}"}""";
        var first = await SendAsync("PUT", Choice, body, headers: key);
        var second = await SendAsync("PUT", Choice, body, headers: key);
        Assert.Equal((200, 200, first.Text), (first.Status, second.Status, second.Text));
        Assert.Equal(422, (await SendAsync("PUT", Choice, Withdrawn, headers: key)).Status);
        var stranger = await SendAsync("PUT", Choice, body, Key[..^52] + new string('A', 43) + "_00000000", headers: key);
        Assert.Equal(401, stranger.Status);
    }

    private static string Events(string id, string dataPoint) => JsonSerializer.Serialize(new
    {
        events = new[] { new { customer = "ada", dataPoint, id, time = TimeProvider.System.GetUtcNow().AddHours(-1), data = new { page = "/scarves" } } },
    });

    /// <summary>Takes the proof from the server, and checks it against the entry and the log's public key alone.</summary>
    private async Task AssertProvenAsync(string entry, AuditKind kind)
    {
        Answer proof = null!;
        await UntilAsync("the entry's place in the log", async () => (proof = await GetAsync("/v1/log/proof/" + entry, "")).Status != 404);
        Assert.Equal(200, proof.Status);
        var read = LogProof.Parse(proof.Text);
        var bytes = await Host.Database.ReadAsync(tx => Host.Log.FindEntryAsync(tx, read.Index, Ct), Ct);
        var key = NoteKey.Parse((await GetAsync("/v1/log/key", "")).Text);
        read.Verify(bytes, key);
        Assert.Equal(kind, AuditEntry.Decode(bytes).Event.Kind);
    }
}
