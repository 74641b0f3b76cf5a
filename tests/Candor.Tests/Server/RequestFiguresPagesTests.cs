using System.Globalization;
using System.Net;
using Candor.Server.Web;
using Candor.Tests.Storage;

namespace Candor.Tests.Server;

public sealed class RequestFiguresPagesOnSqlite : RequestFiguresPagesTests<Sqlite>;

public sealed class RequestFiguresPagesOnPostgres : RequestFiguresPagesTests<Postgres>;

/// <summary>A year's requests as a page and a table.</summary>
public abstract class RequestFiguresPagesTests<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Path = "/governance/requests";

    [Fact]
    public async Task What_customers_switch_off_counts_as_an_opt_out_that_took_no_time()
    {
        await StopHousekeepingAsync();
        await AddCustomerAsync("ada");
        await GiveAsync("ada", "newsletter");
        var (auditor, year) = (await CookieAsync("auditor"), TimeProvider.System.GetUtcNow().Year.ToString(CultureInfo.InvariantCulture));
        Assert.Contains("switched-off,0,0,0,0,0,0,,,", await ShowAsync(auditor, Path + ".csv"), StringComparison.Ordinal);
        Assert.Equal(200, (await SendAsync("PUT", "/v1/customers/ada/consents/newsletter", """{"state":"withdrawn"}""", headers: ("Idempotency-Key", "k-1"))).Status);
        var csv = await ShowAsync(auditor, $"{Path}.csv?year={year}");
        Assert.Equal(8, csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("switched-off,1,1,0,0,0,0,0.0,0.0,", csv, StringComparison.Ordinal);
        Assert.Contains("switched-off,0,0,", await ShowAsync(auditor, Path + ".csv?year=2019"), StringComparison.Ordinal);
        Assert.Contains("switched off by customers themselves", await ShowAsync(auditor, Path), StringComparison.Ordinal);
        Assert.Equal(400, (await SendAsync("GET", Path + ".csv?year=1900", token: "", headers: ("Cookie", auditor))).Status);
        Assert.Equal(403, (await SendAsync("GET", Path, token: "", headers: ("Cookie", await CookieAsync("agent")))).Status);
    }

    private async Task<string> ShowAsync(string cookie, string path)
    {
        var answer = await SendAsync("GET", path, token: "", headers: ("Cookie", cookie));
        Assert.Equal((path, 200), (path, answer.Status));
        return WebUtility.HtmlDecode(answer.Text);
    }

    private async Task<string> CookieAsync(string role) => await Host.Database.WriteAsync(async tx =>
    {
        var id = await Host.Access.AddStaffAsync(tx, "Eve " + role, [role], tx.Now.AddYears(1), "test", Ct);
        return $"{CallerAuthentication.StaffCookie}={await Host.Access.OpenStaffSessionAsync(tx, id, tx.Now, Ct)}";
    }, Ct);
}
