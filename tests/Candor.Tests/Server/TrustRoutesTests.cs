using System.Xml.Linq;
using Candor.Kernel;
using Candor.Rights;
using Candor.Server.Pages.Trust;
using Candor.Server.Web;
using Candor.Staff;
using Candor.Tests.Storage;
using Candor.Trust;

namespace Candor.Tests.Server;

public sealed class TrustRoutesOnSqlite : TrustRoutesTests<Sqlite>;

public sealed class TrustRoutesOnPostgres : TrustRoutesTests<Postgres>;

/// <summary>The page about trust: who sees it, what it says, its pictures and its file.</summary>
public abstract class TrustRoutesTests<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    private readonly Dictionary<string, string> cookies = [];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        foreach (var role in AccessRegister.KnownRoles)
        {
            cookies[role] = await Host.Database.WriteAsync(async tx =>
            {
                var id = await Host.Access.AddStaffAsync(tx, "Eve " + role, [role], tx.Now.AddYears(1), "test", Ct);
                return $"{CallerAuthentication.StaffCookie}={await Host.Access.OpenStaffSessionAsync(tx, id, tx.Now, Ct)}";
            }, Ct);
        }
    }

    [Theory]
    [InlineData("/trust")]
    [InlineData("/trust/figures.csv")]
    public async Task It_is_for_those_who_answer_for_trust(string path)
    {
        string[] may = ["privacy-officer", "committee-member", "analyst", "administrator"];
        foreach (var role in AccessRegister.KnownRoles)
        {
            Assert.Equal((role, may.Contains(role) ? 200 : 403), (role, (await PageAsync(role, path)).Status));
        }

        Assert.Equal(302, (await SendAsync("GET", path, token: "")).Status);
    }

    [Fact]
    public async Task It_says_that_there_is_nothing_yet_and_a_picture_of_nothing_is_none()
    {
        Assert.Contains("Nothing to show yet", (await PageAsync("analyst", "/trust")).Text, StringComparison.Ordinal);
        Assert.Contains("Noch nichts zu zeigen", (await PageAsync("analyst", "/trust?language=de")).Text, StringComparison.Ordinal);
        Assert.Equal("figure,about,from,to,value,low,high,n\r\n", (await PageAsync("analyst", "/trust/figures.csv")).Text);
        Assert.Equal(404, (await PageAsync("analyst", "/trust/charts/index")).Status);
        Assert.Equal(404, (await PageAsync("analyst", "/trust/charts/passwords")).Status);
    }

    [Fact]
    public async Task It_shows_what_was_counted_with_pictures_and_the_same_in_a_file()
    {
        var today = await FillAsync();
        var page = await PageAsync("privacy-officer", "/trust?period=28-days");
        Assert.Equal(200, page.Status);
        Assert.Contains("75.0", page.Text, StringComparison.Ordinal);
        foreach (var name in (string[])["index", "consent", "revocation"])
        {
            foreach (var tone in (string[])["", "&tone=dark"])
            {
                var picture = await PageAsync("privacy-officer", $"/trust/charts/{name}?period=28-days{tone}");
                Assert.Equal("image/svg+xml", picture.Message.Content.Headers.ContentType!.MediaType);
                Assert.Equal("svg", XDocument.Parse(picture.Text).Root!.Name.LocalName);
            }
        }

        var rows = (await PageAsync("privacy-officer", "/trust/figures.csv?period=28-days")).Text.Split("\r\n");
        Assert.Contains(rows, r => r.StartsWith("consent,newsletter,", StringComparison.Ordinal) && r.Contains(",0.75,", StringComparison.Ordinal));
        Assert.DoesNotContain(rows, r => r.Contains("seldom", StringComparison.Ordinal));
        Assert.Equal(200, (await PageAsync("privacy-officer", "/trust?period=%00nonsense")).Status);
        Assert.NotEqual(default, today);
    }

    [Fact]
    public async Task A_report_is_made_anew_when_another_day_is_closed()
    {
        var today = await FillAsync();
        var reports = new TrustReports(Host);
        var report = await reports.GetAsync(4, Ct);
        Assert.NotNull(report);
        Assert.Same(report, await reports.GetAsync(4, Ct));
        await Host.TrustDays.RecountAsync(today, today, Ct);
        Assert.NotSame(report, await reports.GetAsync(4, Ct));
    }

    [Fact]
    public async Task Requests_and_views_are_counted()
    {
        await AddCustomerAsync("c-1");
        var session = await Host.Database.WriteAsync(async tx =>
            await Host.Access.OpenCustomerSessionAsync(tx, (await Host.Vault.FindCustomerAsync(tx, Candor.Vault.BlindIndex.Reference, "c-1", Ct))!.Id, Ct), Ct);
        Assert.NotNull((await Host.Requests.FileAsync(CallerToken.Parse(session), null, new NewRequest(RequestType.Access), Ct)).Request);
        await SendAsync("GET", "/notice", token: "");
        await SendAsync("GET", "/v1/web/notice", token: "");
        await Host.TrustCounts.FlushAsync(Ct);
        var today = DateOnly.FromDateTime(Host.Database.Clock.GetUtcNow().UtcDateTime);
        await Host.TrustDays.RecountAsync(today, today, Ct);
        var cells = await Host.Database.ReadAsync(tx => TrustCounts.ReadAsync(tx, today, today, Ct), Ct);
        Assert.Equal(
            [(TrustMeasure.NoticeViews, "", 2L), (TrustMeasure.RequestsFiled, "access", 1L), (TrustMeasure.RequestsClosed, "access", 1L), (TrustMeasure.RequestsInTime, "access", 1L)],
            cells.Where(c => c.Measure is TrustMeasure.NoticeViews or (>= TrustMeasure.RequestsFiled and <= TrustMeasure.RequestHours)).OrderBy(c => c.Measure).Select(c => (c.Measure, c.About, c.Number)));
    }

    [Fact]
    public async Task Whoever_sees_it_may_ask_for_it_by_mail_on_the_page_and_end_it_there()
    {
        await FillAsync();
        Assert.Contains("no e-mail address", (await PageAsync("analyst", "/trust")).Text, StringComparison.Ordinal);
        await Host.Database.WriteAsync(async tx => await tx.RunAsync("UPDATE staff SET email = 'eve@shop.example' WHERE roles = 'analyst'", null, Ct), Ct);
        Assert.Contains("value=\"never\" checked", (await PageAsync("analyst", "/trust")).Text, StringComparison.Ordinal);
        foreach (var often in (string[])["week", "month", "never"])
        {
            var answer = await AskAsync("analyst", often);
            Assert.Equal((302, "/trust"), (answer.Status, answer.Message.Headers.Location!.ToString()));
            Assert.Contains($"value=\"{often}\" checked", (await PageAsync("analyst", "/trust")).Text, StringComparison.Ordinal);
        }

        Assert.Equal(400, (await AskAsync("analyst", "hourly")).Status);
        Assert.Equal(403, (await AskAsync("agent", "week")).Status);
    }

    private async Task<Answer> AskAsync(string role, string often)
    {
        var mark = System.Text.RegularExpressions.Regex.Match((await PageAsync(role, "/staff/account")).Text, "name=\"form\" value=\"([^\"]+)\"").Groups[1].Value;
        return await SendAsync("POST", "/trust/mail", $"often={often}&form={mark}", "", "application/x-www-form-urlencoded", ("Cookie", cookies[role]), ("Sec-Fetch-Site", "same-origin"), ("Accept", "text/html"));
    }

    /// <summary>Eight weeks of made-up counts, up to yesterday.</summary>
    private async Task<DateOnly> FillAsync()
    {
        var today = DateOnly.FromDateTime(Host.Database.Clock.GetUtcNow().UtcDateTime);
        await Host.TrustDays.RecountAsync(today.AddDays(-60), today.AddDays(-1), Ct);
        await Host.Database.WriteAsync(async tx =>
        {
            for (var day = today.AddDays(-60); day < today; day = day.AddDays(1))
            {
                foreach (var cell in (TrustCell[])[new(day, TrustMeasure.Given, "newsletter", 30), new(day, TrustMeasure.Refused, "newsletter", 10), new(day, TrustMeasure.ConsentsOn, "newsletter", 1000), new(day, TrustMeasure.Withdrawn, "newsletter", 3)])
                {
                    await TrustCounts.AddAsync(tx, cell, Ct);
                }
            }

            await TrustCounts.AddAsync(tx, new TrustCell(today.AddDays(-30), TrustMeasure.Given, "seldom", 4), Ct);
        }, Ct);
        return today;
    }

    private Task<Answer> PageAsync(string role, string path) => SendAsync("GET", path, token: "", headers: [("Cookie", cookies[role]), ("Accept", "text/html")]);
}
