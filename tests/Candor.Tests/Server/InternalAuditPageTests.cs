using System.Net;
using System.Text.RegularExpressions;
using Candor.Audit;
using Candor.Governance;
using Candor.Server.Web;
using Candor.Staff;
using Candor.Tests.Storage;

namespace Candor.Tests.Server;

public sealed class InternalAuditPageOnSqlite : InternalAuditPageTests<Sqlite>;

public sealed class InternalAuditPageOnPostgres : InternalAuditPageTests<Postgres>;

/// <summary>Internal audits as a privacy officer has them: planned, drawn, reviewed, followed and told in a report.</summary>
public abstract class InternalAuditPageTests<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Path = "/governance/audits";
    private const string Form = "application/x-www-form-urlencoded";
    private readonly Dictionary<string, (string Id, string Cookie)> people = [];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await StopHousekeepingAsync();
        foreach (var role in AccessRegister.KnownRoles)
        {
            people[role] = await Host.Database.WriteAsync(async tx =>
            {
                var id = await Host.Access.AddStaffAsync(tx, "Eve " + role, [role], tx.Now.AddYears(1), "test", Ct);
                return (id, $"{CallerAuthentication.StaffCookie}={await Host.Access.OpenStaffSessionAsync(tx, id, tx.Now, Ct)}");
            }, Ct);
        }
    }

    [Fact]
    public async Task They_are_for_privacy_officers_and_auditors_and_only_officers_act()
    {
        foreach (var role in AccessRegister.KnownRoles)
        {
            Assert.Equal((role, role is "privacy-officer" or "auditor" ? 200 : 403), (role, (await PageAsync(role, Path)).Status));
        }

        Assert.Equal(403, (await PostAsync("auditor", Path + "/draw")).Status);
        Assert.Equal(403, (await PostAsync("auditor", Path + "/plan", "every=monthly", "sample=20")).Status);
        Assert.Equal(400, (await PostAsync("privacy-officer", Path + "/plan", "every=monthly", "sample=1000")).Status);
        Assert.Equal(302, (await PostAsync("privacy-officer", Path + "/plan", "every=quarterly", "sample=50")).Status);
        Assert.Equal(new AuditPlan(AuditPlan.Quarterly, 50), await Host.Database.ReadAsync(tx => InternalAuditRows.PlanAsync(tx, Ct), Ct));
        Assert.Equal(404, (await PageAsync("auditor", Path + "/nothing")).Status);
    }

    [Fact]
    public async Task A_finding_goes_from_the_access_to_the_report()
    {
        await ReadAsync("agent");
        await ReadAsync("privacy-officer");
        var drawn = await PostAsync("privacy-officer", Path + "/draw");
        var audit = drawn.Message.Headers.Location!.ToString();
        var page = (await PageAsync("privacy-officer", audit)).Text;
        Assert.Contains("0 of 2 accesses are reviewed", page, StringComparison.Ordinal);
        Assert.Contains("Eve agent", page, StringComparison.Ordinal);
        // What the reader read themselves has no form.
        Assert.Contains("This was you.", page, StringComparison.Ordinal);
        var place = Assert.Single(Regex.Matches(page, "name=\"note-(\\d+)\"")).Groups[1].Value;
        Assert.DoesNotContain("name=\"note-", (await PageAsync("auditor", audit)).Text, StringComparison.Ordinal);

        var wrong = await PostAsync("privacy-officer", $"{audit}/{place}", "verdict=finding", $"note-{place}=No+case.", $"owner-{place}=");
        Assert.Equal(400, wrong.Status);
        Assert.Contains("Choose who sees to the finding.", wrong.Text, StringComparison.Ordinal);
        Assert.Contains("No case.</textarea>", wrong.Text, StringComparison.Ordinal);
        var due = Host.Database.Clock.GetUtcNow().UtcDateTime.AddDays(5).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(302, (await PostAsync("privacy-officer", $"{audit}/{place}", "verdict=finding", $"note-{place}=No+case.", $"owner-{place}={people["agent"].Id}", $"due-{place}={due}")).Status);
        Assert.Contains("Finding at entry " + place, (await PageAsync("auditor", Path)).Text, StringComparison.Ordinal);
        Assert.Equal(302, (await PostAsync("privacy-officer", $"{audit}/{place}/follow", $"note-{place}=Eve+was+told.")).Status);
        Assert.Equal(302, (await PostAsync("privacy-officer", $"{audit}/{place}/close", $"note-{place}=Trained.")).Status);
        Assert.Equal(409, (await PostAsync("privacy-officer", $"{audit}/{place}/close", $"note-{place}=Again.")).Status);
        var report = (await PageAsync("auditor", audit + "/markdown")).Text;
        Assert.Contains("# Internal audit 1", report, StringComparison.Ordinal);
        Assert.Matches(@"\| Ordinary \| 2 \| 2 \| 0 \| 0 \| 1 \| 100\s?% \(21\s?% to 100\s?%\) \|", report);
        Assert.Contains("Eve was told.", report, StringComparison.Ordinal);
        Assert.Contains("Trained.", report, StringComparison.Ordinal);
        Assert.Matches("with the seed [0-9a-f]{16}, for a sample of 20", report);
    }

    private Task ReadAsync(string role) => Host.Database.WriteAsync(async tx =>
    {
        await Host.Log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Read, Actor = "staff:" + people[role].Id, Purpose = "support", DataPoints = ["email"], CustomerRef = [.. Enumerable.Repeat((byte)1, 16)] }, Ct);
        return true;
    }, Ct);

    private async Task<Answer> PageAsync(string role, string path)
    {
        var answer = await SendAsync("GET", path, token: "", headers: [("Cookie", people[role].Cookie), ("Accept", "text/html"), ("Accept-Language", "en")]);
        return answer with { Text = WebUtility.HtmlDecode(answer.Text) };
    }

    private async Task<Answer> PostAsync(string role, string path, params string[] fields)
    {
        if (Host.Database.IsClustered)
        {
            await Host.Log.SequenceAsync(10_000, Ct);
        }

        var mark = Regex.Match((await PageAsync(role, "/staff/account")).Text, "name=\"form\" value=\"([^\"]+)\"").Groups[1].Value;
        return await SendAsync("POST", path, string.Join('&', fields.Prepend("form=" + mark)), "", Form, ("Cookie", people[role].Cookie), ("Sec-Fetch-Site", "same-origin"), ("Accept-Language", "en"));
    }
}
