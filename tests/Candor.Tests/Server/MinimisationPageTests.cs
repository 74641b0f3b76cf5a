using System.Text.RegularExpressions;
using Candor.Server.Web;
using Candor.Tests.Storage;

namespace Candor.Tests.Server;

public sealed class MinimisationPageOnSqlite : MinimisationPageTests<Sqlite>;

public sealed class MinimisationPageOnPostgres : MinimisationPageTests<Postgres>;

/// <summary>The audit of minimisation as a page and a table.</summary>
public abstract class MinimisationPageTests<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Path = "/governance/minimisation";

    [Fact]
    public async Task The_page_shows_what_is_stored_and_read_and_the_table_says_the_same()
    {
        await StopHousekeepingAsync();
        await AddCustomerAsync("c-0001");
        await GetAsync("/v1/customers/c-0001?purpose=order-fulfilment&fields=email");
        await Host.Log.SequenceAsync(1_000, Ct);
        await Host.Uses.StepAsync(10_000, Ct);
        var officer = await CookieAsync("privacy-officer");
        var page = await SendAsync("GET", Path, token: "", headers: ("Cookie", officer));
        Assert.Equal(200, page.Status);
        var form = Regex.Match(page.Text, "name=\"form\" value=\"([^\"]+)\"").Groups[1].Value;
        Assert.Equal(302, (await SendAsync("POST", Path + "/count", $"form={form}", token: "", contentType: "application/x-www-form-urlencoded", headers: [("Cookie", officer), ("Sec-Fetch-Site", "same-origin")])).Status);
        var csv = (await SendAsync("GET", Path + ".csv", token: "", headers: ("Cookie", officer))).Text.Split("\r\n");
        var names = csv[0].Split(',');
        var row = names.Zip(csv.Single(l => l.StartsWith("email,order-fulfilment,", StringComparison.Ordinal)).Split(',')).ToDictionary(c => c.First, c => c.Second);
        Assert.Equal(("high", "1", "1", "1", "1"), (row["necessity"], row["reads"], row["purposeReads"], row["records"], row["customers"]));
        Assert.Contains("1 of 1 (100%)", Regex.Replace((await SendAsync("GET", Path, token: "", headers: ("Cookie", officer))).Text, @"\s?%", "%"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_for_those_who_watch_over_data()
    {
        foreach (var (role, status) in ((string, int)[])[("agent", 403), ("auditor", 200), ("committee-member", 200), ("administrator", 200)])
        {
            var cookie = await CookieAsync(role);
            Assert.Equal((role, status), (role, (await SendAsync("GET", Path, token: "", headers: ("Cookie", cookie))).Status));
            Assert.Equal((role, status), (role, (await SendAsync("GET", Path + ".csv", token: "", headers: ("Cookie", cookie))).Status));
        }
    }

    private async Task<string> CookieAsync(string role) => await Host.Database.WriteAsync(async tx =>
    {
        var id = await Host.Access.AddStaffAsync(tx, "Eve " + role, [role], tx.Now.AddYears(1), "test", Ct);
        return $"{CallerAuthentication.StaffCookie}={await Host.Access.OpenStaffSessionAsync(tx, id, tx.Now, Ct)}";
    }, Ct);
}
