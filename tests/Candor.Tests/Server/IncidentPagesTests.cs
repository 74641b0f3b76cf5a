using System.Net;
using System.Text.RegularExpressions;
using Candor.Governance;
using Candor.Server.Web;
using Candor.Tests.Storage;

namespace Candor.Tests.Server;

public sealed class IncidentPagesOnSqlite : IncidentPagesTests<Sqlite>;

public sealed class IncidentPagesOnPostgres : IncidentPagesTests<Postgres>;

/// <summary>An incident on the pages, from writing it down to the text for the authority.</summary>
public abstract class IncidentPagesTests<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Path = "/governance/incidents";

    [Fact]
    public async Task An_incident_is_written_down_told_of_and_closed_and_the_file_has_what_the_law_asks_for()
    {
        await StopHousekeepingAsync();
        var officer = await CookieAsync("privacy-officer");
        var noticed = TimeProvider.System.GetUtcNow().AddHours(-30.5);
        var fields = $"&title=Laptop%20lost&what=On%20the%20train&noticed={Minute(noticed)}&began=&kinds=Confidentiality&kinds=Availability&points=email&purposes=support&people=1200&records=&consequences=Letters&measures=Locked&risk=High&source=";
        var made = await PostAsync(officer, Path + "/new", fields, Path + "/new");
        Assert.Equal(302, made.Status);
        var path = made.Message.Headers.Location!.ToString();
        var page = await ShowAsync(officer, path);
        Assert.Matches("41 h (29|30|28) min left", page);
        Assert.Contains("To be told without undue delay", page, StringComparison.Ordinal);
        Assert.DoesNotContain(path + "/close", page, StringComparison.Ordinal);
        Assert.Equal(302, (await PostAsync(officer, path + "/authority", $"&at={Minute(TimeProvider.System.GetUtcNow())}&reference=ICO-77&reason=", path)).Status);
        Assert.Equal(302, (await PostAsync(officer, path + "/customers", $"&at={Minute(TimeProvider.System.GetUtcNow())}&reference=Mail%20to%201200&reason=", path)).Status);
        Assert.Contains("Told in time", await ShowAsync(officer, path), StringComparison.Ordinal);
        var file = (await SendAsync("GET", path + "/markdown", token: "", headers: ("Cookie", officer))).Text;
        foreach (var part in (string[])["On the train", "Confidentiality, Availability", "about 1,200", "Records: not known yet", "Letters", "Locked", "privacy@", "ICO-77", "Mail to 1200", "33(3)(a)", "33(3)(b)", "33(3)(c)", "33(3)(d)"])
        {
            Assert.Contains(part, file, StringComparison.Ordinal);
        }

        Assert.Equal(302, (await PostAsync(officer, path + "/close", "&text=Over.", path)).Status);
        Assert.Contains("Closed", await ShowAsync(await CookieAsync("auditor"), path), StringComparison.Ordinal);
        Assert.DoesNotContain("<textarea", await ShowAsync(await CookieAsync("auditor"), path), StringComparison.Ordinal);
        Assert.Equal(403, (await SendAsync("GET", Path, token: "", headers: ("Cookie", await CookieAsync("agent")))).Status);
    }

    [Fact]
    public async Task What_is_wrong_is_said_and_what_was_written_stays_in_the_form()
    {
        await StopHousekeepingAsync();
        var officer = await CookieAsync("privacy-officer");
        var answer = await PostAsync(officer, Path + "/new", "&title=Laptop%20lost&what=x&noticed=yesterday&consequences=y&measures=z&risk=Risk", Path + "/new");
        Assert.Equal(400, answer.Status);
        Assert.Contains("Something is missing", answer.Text, StringComparison.Ordinal);
        Assert.Contains("value=\"Laptop lost\"", answer.Text, StringComparison.Ordinal);
        var late = await PostAsync(officer, Path + "/new", $"&title=Old&what=x&noticed={Minute(TimeProvider.System.GetUtcNow().AddDays(-9))}&kinds=Integrity&consequences=y&measures=z&risk=Risk", Path + "/new");
        var path = late.Message.Headers.Location!.ToString();
        Assert.Contains("overdue by 144 h", await ShowAsync(officer, path), StringComparison.Ordinal);
        var refused = await PostAsync(officer, path + "/authority", $"&at={Minute(TimeProvider.System.GetUtcNow())}&reference=&reason=", path);
        Assert.Equal(400, refused.Status);
        Assert.Contains("say why it was late", refused.Text, StringComparison.Ordinal);
        Assert.Equal(1, await Host.Incidents.RemindDueAsync(Ct));
    }

    [Fact]
    public async Task A_read_in_an_emergency_fills_the_form_in()
    {
        await StopHousekeepingAsync();
        var page = await ShowAsync(await CookieAsync("privacy-officer"), Path + "/new?emergency=0123abcd");
        Assert.Contains("value=\"emergency:0123abcd\"", page, StringComparison.Ordinal);
        Assert.Contains("A read in an emergency that was not justified", page, StringComparison.Ordinal);
    }

    private static string Minute(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH'%3A'mm", System.Globalization.CultureInfo.InvariantCulture);

    private async Task<string> ShowAsync(string cookie, string path)
    {
        var answer = await SendAsync("GET", path, token: "", headers: ("Cookie", cookie));
        Assert.Equal((path, 200), (path, answer.Status));
        return WebUtility.HtmlDecode(answer.Text);
    }

    private async Task<Answer> PostAsync(string cookie, string path, string fields, string from)
    {
        var form = Regex.Match(await ShowAsync(cookie, from), "name=\"form\" value=\"([^\"]+)\"").Groups[1].Value;
        return await SendAsync("POST", path, $"form={form}{fields}", token: "", contentType: "application/x-www-form-urlencoded", headers: [("Cookie", cookie), ("Sec-Fetch-Site", "same-origin")]);
    }

    private async Task<string> CookieAsync(string role) => await Host.Database.WriteAsync(async tx =>
    {
        var id = await Host.Access.AddStaffAsync(tx, "Eve " + role, [role], tx.Now.AddYears(1), "test", Ct);
        return $"{CallerAuthentication.StaffCookie}={await Host.Access.OpenStaffSessionAsync(tx, id, tx.Now, Ct)}";
    }, Ct);
}
