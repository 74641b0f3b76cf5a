using Candor.Kernel;
using Candor.Tests.Storage;
using Candor.Vault;

namespace Candor.Tests.Server;

public sealed class RightsRequestsOverHttpOnSqlite : RightsRequestsOverHttpTests<Sqlite>;

public sealed class RightsRequestsOverHttpOnPostgres : RightsRequestsOverHttpTests<Postgres>;

public abstract class RightsRequestsOverHttpTests<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    private string program = "";
    private string officer = "";
    private string agent = "";
    private string ada = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await AddCustomerAsync("ada");
        await AddCustomerAsync("eve");
        program = await NewKeyAsync("crm", ["requests"]);
        (officer, agent) = (await StaffAsync("privacy-officer"), await StaffAsync("agent"));
        ada = await SessionAsync("ada");
    }

    [Fact]
    public async Task A_customer_files_sees_and_takes_back_over_http()
    {
        var filed = await FileAsync("ada", """{"type":"rectification","note":"My name is wrong."}""", ada);
        Assert.Equal((201, "in-work"), (filed.Status, filed.Json.GetProperty("state").GetString()));
        var id = filed.Json.GetProperty("id").GetString()!;
        Assert.Equal("/v1/requests/" + id, filed.Message.Headers.Location!.ToString());
        var shown = await GetAsync("/v1/requests/" + id, ada);
        Assert.Equal("My name is wrong.", shown.Json.GetProperty("steps")[0].GetProperty("text").GetString());
        Assert.Matches("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", shown.Json.GetProperty("due").GetString());
        Assert.Equal(1, (await GetAsync("/v1/customers/ada/requests", ada)).Json.GetProperty("requests").GetArrayLength());
        Assert.Equal("withdrawn", (await SendAsync("DELETE", "/v1/requests/" + id, token: ada)).Json.GetProperty("state").GetString());
        Assert.Equal(409, (await SendAsync("DELETE", "/v1/requests/" + id, token: ada)).Status);
    }

    [Fact]
    public async Task Staff_take_a_request_that_came_by_a_program_through_all_its_steps()
    {
        var filed = await FileAsync("ada", """{"type":"rectification","note":"secret"}""", program);
        var (id, path) = (filed.Json.GetProperty("id").GetString()!, "/v1/requests/" + filed.Json.GetProperty("id").GetString());
        Assert.DoesNotContain("secret", (await GetAsync(path, program)).Text + (await GetAsync(path, agent)).Text, StringComparison.Ordinal);
        Assert.Contains("secret", (await GetAsync(path, officer)).Text, StringComparison.Ordinal);
        foreach (var (act, body, state) in new[]
        {
            ("identity", """{"how":"passport"}""", "identity-proven"),
            ("fulfil", """{"text":"Changed."}""", "done"),
        })
        {
            Assert.Equal(403, (await SendAsync("POST", $"{path}/{act}", body, agent)).Status);
            Assert.Equal(403, (await SendAsync("POST", $"{path}/{act}", body, program)).Status);
            Assert.Equal(403, (await SendAsync("POST", $"{path}/{act}", body, Key)).Status);
            var done = await SendAsync("POST", $"{path}/{act}", body, officer);
            Assert.True(done.Status == 200 && done.Json.GetProperty("state").GetString() == state, done.Text);
        }

        Assert.Equal(403, (await GetAsync(path, Key)).Status);
        Assert.Equal(32, id.Length);
    }

    [Fact]
    public async Task Anothers_request_and_reference_are_out_of_reach()
    {
        var id = (await FileAsync("ada", """{"type":"rectification"}""", ada)).Json.GetProperty("id").GetString();
        var eve = await SessionAsync("eve");
        Assert.Equal(404, (await GetAsync("/v1/requests/" + id, eve)).Status);
        Assert.Equal(404, (await SendAsync("DELETE", "/v1/requests/" + id, token: eve)).Status);
        Assert.Equal(403, (await GetAsync("/v1/customers/ada/requests", eve)).Status);
        Assert.Equal(403, (await FileAsync("ada", """{"type":"erasure"}""", eve)).Status);
        Assert.Equal((await FileAsync("ada", """{"type":"access"}""", eve)).Json.GetProperty("reason").GetString(), (await FileAsync("nobody", """{"type":"access"}""", eve)).Json.GetProperty("reason").GetString());
        Assert.Equal(404, (await GetAsync("/v1/requests/" + id, program)).Status);
    }

    [Theory]
    [InlineData("""{"type":"deletion"}""", 400)]
    [InlineData("""{"type":null}""", 400)]
    [InlineData("""{}""", 400)]
    [InlineData("""{"type":"access","extra":1}""", 400)]
    [InlineData("""{"type":"access","purpose":"newsletter"}""", 400)]
    [InlineData("""{"type":"objection","purpose":"no such"}""", 400)]
    [InlineData("""{"type":"access","note":"\u0000"}""", 400)]
    [InlineData("[]", 400)]
    [InlineData("", 400)]
    public async Task Hostile_bodies_are_refused_in_one_sentence(string body, int status)
    {
        var answer = await FileAsync("ada", body, ada);
        Assert.Equal(status, answer.Status);
        Assert.StartsWith("urn:candor:", answer.Type, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Oversized_and_strange_ones_too()
    {
        Assert.Equal(400, (await FileAsync("ada", $$"""{"type":"access","note":"{{new string('x', 5000)}}"}""", ada)).Status);
        Assert.Equal(413, (await FileAsync("ada", $$"""{"type":"access","note":"{{new string('x', 70_000)}}"}""", ada)).Status);
        Assert.Equal(400, (await FileAsync(new string('x', 200), """{"type":"access"}""", program)).Status);
        Assert.Equal(400, (await SendAsync("POST", "/v1/requests/%00/refuse", """{"reason":"other","text":"x"}""", officer)).Status);
        Assert.Equal(404, (await SendAsync("POST", "/v1/requests/x/refuse", """{"reason":"other","text":"x"}""", officer)).Status);
        Assert.Equal(400, (await SendAsync("POST", "/v1/requests/" + CustomerId.New() + "/extend", """{"reason":"lazy","text":"x"}""", officer)).Status);
        Assert.Equal(401, (await FileAsync("ada", """{"type":"access"}""", "cds_" + new string('a', 43))).Status);
    }

    [Fact]
    public async Task A_repeated_filing_gets_the_first_answer()
    {
        var first = await SendAsync("POST", "/v1/customers/ada/requests", """{"type":"rectification"}""", ada, headers: ("Idempotency-Key", "k-1"));
        var again = await SendAsync("POST", "/v1/customers/ada/requests", """{"type":"rectification"}""", ada, headers: ("Idempotency-Key", "k-1"));
        Assert.Equal((201, first.Text), (again.Status, again.Text));
        Assert.Equal(1, (await GetAsync("/v1/customers/ada/requests", ada)).Json.GetProperty("requests").GetArrayLength());
    }

    [Fact]
    public async Task An_erasure_is_done_at_once_or_waits_as_the_catalog_says()
    {
        var filed = await FileAsync("ada", """{"type":"erasure"}""", ada);
        Assert.Equal(201, filed.Status);
        var isLater = Host.Database.ReadAsync(async tx => (await Host.Catalogs.GetActiveAsync(tx, Ct)).Catalog.Organisation.CoolingOff is not null, Ct);
        Assert.Equal(await isLater ? "in-work" : "done", filed.Json.GetProperty("state").GetString());
        Assert.Equal(await isLater ? 200 : 401, (await GetAsync("/v1/customers/ada/requests", ada)).Status);
    }

    [Fact]
    public async Task Without_a_certificate_OpenDSR_is_off()
    {
        var answer = await GetAsync("/opendsr/v2/discovery", program);
        Assert.Equal((404, "urn:candor:rights/open-dsr-off"), (answer.Status, answer.Type));
        Assert.Equal(404, (await GetAsync("/opendsr/v2/certificate.pem", "")).Status);
    }

    private Task<Answer> FileAsync(string reference, string body, string token) => SendAsync("POST", $"/v1/customers/{reference}/requests", body, token);

    private async Task<string> StaffAsync(string role) => await Host.Database.WriteAsync(async tx =>
        await Host.Access.OpenStaffSessionAsync(tx, await Host.Access.AddStaffAsync(tx, "Sam", [role], tx.Now.AddYears(1), "test", Ct), tx.Now, Ct), Ct);

    private async Task<string> SessionAsync(string reference) => await Host.Database.WriteAsync(async tx =>
        await Host.Access.OpenCustomerSessionAsync(tx, (await Host.Vault.FindCustomerAsync(tx, BlindIndex.Reference, reference, Ct))!.Id, Ct), Ct);
}
