using Candor.Governance;
using Candor.Server.Web;
using Candor.Staff;
using Candor.Tests.Storage;

namespace Candor.Tests.Server;

public sealed class ChecklistPageOnSqlite : ChecklistPageTests<Sqlite>;

public sealed class ChecklistPageOnPostgres : ChecklistPageTests<Postgres>;

/// <summary>The checklist as a page and a table.</summary>
public abstract class ChecklistPageTests<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Path = "/governance/checklist";

    [Fact]
    public async Task It_is_for_those_who_watch_over_data()
    {
        foreach (var role in AccessRegister.KnownRoles)
        {
            var (cookie, status) = (await CookieAsync(role), role is "privacy-officer" or "committee-member" or "administrator" or "auditor" ? 200 : 403);
            Assert.Equal((role, status), (role, (await PageAsync(cookie, Path)).Status));
            Assert.Equal((role, status), (role, (await PageAsync(cookie, Path + ".csv")).Status));
        }
    }

    [Fact]
    public async Task It_tells_figures_what_to_do_and_what_changed_and_the_table_says_the_same()
    {
        await StopHousekeepingAsync();
        await Host.Database.WriteAsync(async tx =>
        {
            // What housekeeping kept when the server came up was of another moment.
            await tx.RunAsync("DELETE FROM checklist_day", null, Ct);
            foreach (var (ago, answer) in ((long, ChecklistAnswer)[])[(1, ChecklistAnswer.Yes), (2, ChecklistAnswer.No)])
            {
                await tx.RunAsync("INSERT INTO checklist_day (day, question, area, answer, figures) VALUES (@Day, 'backups', 'Security', @Answer, '{}')",
                    new { Day = DateOnly.FromDateTime(tx.Now.UtcDateTime).DayNumber - ago, Answer = answer.ToString() }, Ct);
            }
        }, Ct);
        var auditor = await CookieAsync("auditor");
        var page = System.Net.WebUtility.HtmlDecode((await PageAsync(auditor, Path)).Text);
        Assert.Contains("Is there a fresh backup that was read back? “Yes” became “No”.", page, StringComparison.Ordinal);
        Assert.Contains("There is none.", page, StringComparison.Ordinal);
        Assert.Contains("Make one, and look why the schedule did not.", page, StringComparison.Ordinal);
        Assert.Contains("<polyline points=\"56,166 744,14\"", page, StringComparison.Ordinal);
        // An auditor cannot make a backup, so no link leads there; to the log one does.
        Assert.DoesNotContain("href=\"/admin/backups\"", page, StringComparison.Ordinal);
        Assert.Contains("href=\"/governance/log/proofs\"", page, StringComparison.Ordinal);
        Assert.Contains("href=\"/admin/backups\"", (await PageAsync(await CookieAsync("administrator"), Path)).Text, StringComparison.Ordinal);
        var csv = (await PageAsync(auditor, Path + ".csv")).Text.Split("\r\n");
        Assert.Equal("id,area,question,answer,figures,action,path", csv[0]);
        Assert.Contains(csv, l => l.StartsWith("backups,security,", StringComparison.Ordinal) && l.Contains(",no,There is none.,", StringComparison.Ordinal));
        Assert.Equal(Checklist.Questions.Count + 2, csv.Length);
        Assert.Contains("Checkliste", (await PageAsync(auditor, Path + "?language=de")).Text, StringComparison.Ordinal);
    }

    private Task<Answer> PageAsync(string cookie, string path) => SendAsync("GET", path, token: "", headers: [("Cookie", cookie), ("Accept", "text/html"), ("Accept-Language", "en")]);

    private async Task<string> CookieAsync(string role) => await Host.Database.WriteAsync(async tx =>
    {
        var id = await Host.Access.AddStaffAsync(tx, "Eve " + role, [role], tx.Now.AddYears(1), "test", Ct);
        return $"{CallerAuthentication.StaffCookie}={await Host.Access.OpenStaffSessionAsync(tx, id, tx.Now, Ct)}";
    }, Ct);
}
