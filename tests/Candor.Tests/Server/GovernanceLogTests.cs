using System.Text.RegularExpressions;
using Candor.Audit;
using Candor.Server.Hosting;
using Candor.Server.Web;
using Candor.Tests.Storage;

namespace Candor.Tests.Server;

public sealed class GovernanceLogOnSqlite : GovernanceLogTests<Sqlite>;

public sealed class GovernanceLogOnPostgres : GovernanceLogTests<Postgres>;

/// <summary>The pages about the log: who sees them, what they say, and that bad input breaks nothing.</summary>
public abstract partial class GovernanceLogTests<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Form = "application/x-www-form-urlencoded";
    private readonly Dictionary<string, string> cookies = [];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        foreach (var role in (string[])["auditor", "privacy-officer", "agent", "administrator"])
        {
            cookies[role] = await Host.Database.WriteAsync(async tx =>
            {
                var id = await Host.Access.AddStaffAsync(tx, "=Eve " + role, [role], tx.Now.AddYears(1), "test", Ct);
                return $"{CallerAuthentication.StaffCookie}={await Host.Access.OpenStaffSessionAsync(tx, id, tx.Now, Ct)}";
            }, Ct);
        }

        await AddCustomerAsync("c-0001");
        await GetAsync("/v1/customers/c-0001?purpose=support&fields=email");
        await SequenceAsync();
    }

    [Theory]
    [InlineData("/governance/log", "auditor privacy-officer")]
    [InlineData("/governance/log/export", "auditor privacy-officer")]
    [InlineData("/governance/log/customer", "privacy-officer")]
    [InlineData("/governance/anomalies", "auditor privacy-officer")]
    [InlineData("/governance/log/proofs", "auditor privacy-officer")]
    public async Task A_page_is_for_its_roles(string path, string roles)
    {
        foreach (var (role, _) in cookies)
        {
            Assert.Equal((role, roles.Split(' ').Contains(role) ? 200 : 403), (role, (await PageAsync(role, path)).Status));
        }

        Assert.Equal(302, (await SendAsync("GET", path, token: "")).Status);
    }

    [Fact]
    public async Task The_log_is_searched_by_what_entries_say_and_names_no_customer()
    {
        var all = await PageAsync("auditor", "/governance/log");
        Assert.Contains("shop", all.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("c-0001", all.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("customers.example", all.Text, StringComparison.Ordinal);
        var denied = await PageAsync("auditor", "/governance/log?outcome=denied&purpose=support");
        Assert.InRange(Lines(denied), 1, Lines(all) - 1);
        Assert.Equal(0, Lines(await PageAsync("auditor", "/governance/log?outcome=denied&purpose=newsletter")));
        Assert.Equal(0, Lines(await PageAsync("auditor", "/governance/log?to=2020-01-01")));
        var proof = Proof().Match(all.Text).Value;
        var file = await PageAsync("auditor", proof);
        Assert.StartsWith("c2sp.org/tlog-proof@v1\n", file.Text, StringComparison.Ordinal);
        Assert.Equal("attachment", file.Message.Content.Headers.ContentDisposition!.DispositionType);
    }

    [Theory]
    [InlineData("/governance/log?kind=nonsense", 400)]
    [InlineData("/governance/log?outcome=maybe", 400)]
    [InlineData("/governance/log?from=yesterday", 400)]
    [InlineData("/governance/log?from=0001-01-01", 400)]
    [InlineData("/governance/log?actor=%00&purpose=%27%3B--&point=%3Cscript%3E", 200)]
    [InlineData("/governance/log?before=-1", 200)]
    [InlineData("/governance/log?before=99999999999999999999", 200)]
    [InlineData("/governance/log?before=0", 200)]
    [InlineData("/governance/log/entries/nonsense/proof", 404)]
    [InlineData("/governance/log/entries/99999999/proof", 404)]
    [InlineData("/governance/log/checkpoints/2020-01-01", 404)]
    public async Task Bad_input_is_told_and_breaks_nothing(string path, int status)
    {
        var answer = await PageAsync("auditor", path);
        Assert.Equal(status, answer.Status);
        Assert.DoesNotContain("<script>", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_copy_is_a_safe_csv_and_stands_in_the_log()
    {
        var mark = await MarkAsync("auditor", "/governance/log/export?kind=admin");
        var csv = await PostAsync("auditor", "/governance/log/export", $"kind=admin&form={mark}");
        Assert.Equal((200, "text/csv"), (csv.Status, csv.Message.Content.Headers.ContentType!.MediaType));
        Assert.Contains("index,time,id,kind,actor", csv.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(",=Eve", csv.Text, StringComparison.Ordinal);
        Assert.Equal(400, (await PostAsync("auditor", "/governance/log/export", "kind=admin")).Status);
        await SequenceAsync();
        var page = await PageAsync("auditor", "/governance/log?kind=export");
        Assert.Contains("log-export", page.Text, StringComparison.Ordinal);
        Assert.Contains("=Eve auditor", page.Text, StringComparison.Ordinal);
        var later = await PostAsync("auditor", "/governance/log/export", $"kind=export&form={mark}");
        Assert.Contains(",'=Eve auditor,", later.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_customers_entries_are_for_a_privacy_officer_and_the_customer_sees_the_look()
    {
        var mark = await MarkAsync("privacy-officer", "/governance/log/customer");
        Assert.Equal(400, (await PostAsync("privacy-officer", "/governance/log/customer", $"reference=c-0001&reason=why&form={mark}")).Status);
        var found = await PostAsync("privacy-officer", "/governance/log/customer", $"reference=c-0001&reason=complaint+number+17&form={mark}");
        Assert.Equal(200, found.Status);
        Assert.InRange(Lines(found), 1, 100);
        Assert.Contains("Nobody has this reference", (await PostAsync("privacy-officer", "/governance/log/customer", $"reference=nobody&reason=complaint+number+17&form={mark}")).Text, StringComparison.Ordinal);
        Assert.Equal(403, (await PostAsync("auditor", "/governance/log/customer", $"reference=c-0001&reason=complaint+number+17&form={mark}")).Status);
        var key = (await Host.Database.ReadAsync(tx => Host.Vault.FindCustomerAsync(tx, Candor.Vault.BlindIndex.Reference, "c-0001", Ct), Ct))!;
        var cookie = $"{CallerAuthentication.Cookie}={await Host.Database.WriteAsync(tx => Host.Access.OpenCustomerSessionAsync(tx, key.Id, Ct), Ct)}";
        var looks = (await SendAsync("GET", "/me/looks", token: "", headers: ("Cookie", cookie))).Text;
        Assert.Contains("What the log has about you", looks, StringComparison.Ordinal);
        Assert.Contains("complaint number 17", looks, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Anomalies_are_answered_on_their_page()
    {
        var sam = await Host.Database.WriteAsync(async tx =>
        {
            var id = await Host.Access.AddStaffAsync(tx, "Sam", ["agent"], null, "test", Ct);
            for (var i = 0; i < 12; i++)
            {
                await Host.Log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Deny, Actor = "staff:" + id, Reason = "no-consent" }, Ct);
            }

            return id;
        }, Ct);
        await SequenceAsync();
        await new ActBook(Host.Database, Host.Log, new AnomalySettings { Hours = null, Denials = 10 }).StepAsync(2000, Ct);
        var page = await PageAsync("privacy-officer", "/governance/anomalies");
        Assert.Contains("Was refused 12 times within an hour", page.Text, StringComparison.Ordinal);
        var id = Regex.Match(page.Text, "action=\"(/governance/anomalies/[0-9a-f]{16})\"").Groups[1].Value;
        var mark = Mark().Match(page.Text).Groups[1].Value;
        Assert.DoesNotContain("<textarea", (await PageAsync("auditor", "/governance/anomalies")).Text, StringComparison.Ordinal);
        Assert.Equal(403, (await PostAsync("auditor", id, $"words=x&verdict=accepted&form={mark}")).Status);
        Assert.Equal(302, (await PostAsync("privacy-officer", id, $"words=&verdict=accepted&form={mark}")).Status);
        Assert.Equal(302, (await PostAsync("privacy-officer", id, $"words=a+broken+script&verdict=false-alarm&form={mark}")).Status);
        var after = (await PageAsync("privacy-officer", "/governance/anomalies")).Text;
        Assert.Contains("a broken script", after, StringComparison.Ordinal);
        Assert.Contains("False alarm", after, StringComparison.Ordinal);
        Assert.Equal(409, (await PostAsync("privacy-officer", id, $"words=again&verdict=accepted&form={mark}")).Status);
        Assert.Equal(404, (await PostAsync("privacy-officer", "/governance/anomalies/0123456789abcdef", $"words=again&verdict=accepted&form={mark}")).Status);
        Assert.NotEmpty(sam);
    }

    // Somebody changes an old entry in the database: the next look says so, on the page and on the page of the log.
    [Fact]
    public async Task What_was_tampered_with_shows_as_an_alarm()
    {
        Assert.Contains("The log is whole", (await PageAsync("auditor", "/governance/log/proofs")).Text, StringComparison.Ordinal);
        await Host.Database.WriteAsync(async tx => { await tx.RunAsync("UPDATE audit_entry SET time_us = time_us + 1 WHERE idx = 1", null, Ct); await tx.RunAsync("UPDATE audit_walk SET since_us = 0", null, Ct); }, Ct);
        var check = new LogSelfCheck(Host.Database, Host.Log, Host.Checkpoints.Key);
        await check.StepAsync(Ct);
        var proofs = (await PageAsync("auditor", "/governance/log/proofs")).Text;
        Assert.Contains("time-column at 1", proofs, StringComparison.Ordinal);
        Assert.Contains("role=\"alert\"", proofs, StringComparison.Ordinal);
        Assert.Contains("The log cannot be trusted", (await PageAsync("auditor", "/governance/log")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_was_rewritten_is_an_alarm_before_any_pass_is_over()
    {
        await Host.Database.WriteAsync(async tx =>
        {
            await Host.Checkpoints.SignAsync(tx, Ct);
            await tx.RunAsync("UPDATE audit_head SET signed_root = @Zeros, signed_size = 1", new { Zeros = new byte[32] }, Ct);
        }, Ct);
        Assert.Contains("No checkpoint can be signed", (await PageAsync("auditor", "/governance/log/proofs")).Text, StringComparison.Ordinal);
    }

    private Task<Answer> PageAsync(string role, string path) => SendAsync("GET", path, token: "", headers: ("Cookie", cookies[role]));

    private Task<Answer> PostAsync(string role, string path, string body) =>
        SendAsync("POST", path, body, "", Form, ("Cookie", cookies[role]), ("Sec-Fetch-Site", "same-origin"));

    private async Task<string> MarkAsync(string role, string path) => Mark().Match((await PageAsync(role, path)).Text).Groups[1].Value;

    private static int Lines(Answer page) => Regex.Count(page.Text, "<li class=\"card look");

    private async Task SequenceAsync()
    {
        while (Host.Database.IsClustered && await Host.Log.SequenceAsync(500, Ct) > 0)
        {
        }
    }

    [GeneratedRegex("name=\"form\" value=\"([^\"]+)\"")]
    private static partial Regex Mark();

    [GeneratedRegex("/governance/log/entries/[0-9a-f]{32}/proof")]
    private static partial Regex Proof();
}
