using Candor.Tests.Crash;
using Microsoft.Data.Sqlite;
using Microsoft.Playwright;

namespace Candor.Browser;

/// <summary>Less data by a click, what should not stand in values, and an incident: in a sample shop of its own.</summary>
public sealed class MinimisationTests(Site site) : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("candor-minimisation-").FullName;
    private ServerProcess? server;

    public async ValueTask InitializeAsync() => server = await ServerProcess.StartAsync("demo", Path.Combine(folder, "data"), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await server!.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task An_advice_becomes_a_change_of_the_catalog_by_a_click_and_a_look()
    {
        var alma = await UseNoChannelAsync();
        await alma.GotoAsync("/governance/minimisation");
        await Axe.CheckAsync(alma, "an advice that can be applied");
        await alma.FollowAsync(alma.Locator("a[href*='/apply?kind=NotUsed'][href*='point=preferredChannel']"));
        await Axe.CheckAsync(alma, "a change of the catalog made of an advice");
        Assert.Contains("No purpose uses", await alma.InputValueAsync("#decision"), StringComparison.Ordinal);
        await alma.FollowAsync(alma.Locator("form[action='/admin/catalog/submit'] button"));
        await alma.GotoAsync("/admin/catalog");
        Assert.DoesNotContain("preferredChannel:", await alma.InputValueAsync("#text"), StringComparison.Ordinal);
        await alma.GotoAsync("/governance/minimisation");
        Assert.Equal(0, await alma.Locator("a[href*='point=preferredChannel']").CountAsync());
    }

    [Fact]
    public async Task An_advice_is_put_to_a_decision_and_applied_once_it_is_approved()
    {
        var alma = await UseNoChannelAsync();
        var cass = await VisitAsync("Cass Council", "/governance/minimisation");
        Assert.Equal(0, await cass.Locator("a[href*='/apply?']").CountAsync());
        await cass.FollowAsync(cass.Locator("a[href*='/propose?kind=NotUsed'][href*='point=preferredChannel']"));
        await Axe.CheckAsync(cass, "an initiative made of an advice");
        await cass.FollowAsync(cass.Locator("form[action='/governance/initiatives/new'] button[type=submit]"));
        var path = new Uri(cass.Url).AbsolutePath;
        await cass.FollowAsync(cass.Locator($"form[action='{path}/open'] button"));
        await alma.GotoAsync(path + "/self-check");
        foreach (var question in (string[])["legal", "it", "service", "marketing", "product"])
        {
            await alma.FillAsync("#" + question, "Nobody uses it.");
        }

        await alma.FollowAsync(alma.Locator($"form[action='{path}/self-check'] button[type=submit]"));
        var ansel = await VisitAsync("Ansel Admin", new Uri(alma.Url).AbsolutePath);
        await ansel.FollowAsync(ansel.Locator("form[action$='/approve'] button"));
        await cass.GotoAsync(path);
        Assert.Equal(0, await cass.Locator($"a[href='{path}/apply']").CountAsync());
        await alma.GotoAsync(path);
        await Axe.CheckAsync(alma, "an initiative for less that is approved");
        await alma.FollowAsync(alma.Locator($"a[href='{path}/apply']"));
        await Axe.CheckAsync(alma, "an approved change of the catalog");
        Assert.Equal(path.Split('/')[^1], await alma.InputValueAsync("#decision"));
        await alma.FollowAsync(alma.Locator("form[action='/admin/catalog/submit'] button"));
        await alma.GotoAsync("/admin/catalog");
        Assert.DoesNotContain("preferredChannel:", await alma.InputValueAsync("#text"), StringComparison.Ordinal);
        await alma.GotoAsync(path);
        Assert.Contains("of the catalog counts", await alma.InnerTextAsync("main"), StringComparison.Ordinal);
        Assert.Equal(0, await alma.Locator($"a[href='{path}/apply']").CountAsync());
    }

    [Fact]
    public async Task Values_are_looked_into_from_the_page_and_a_cleaning_is_proposed()
    {
        await server!.DisposeAsync();
        await MarkAsync();
        server = await ServerProcess.StartAsync("demo", Path.Combine(folder, "data"), CancellationToken.None);
        var pia = await VisitAsync("Pia Private", "/governance/minimisation");
        await Axe.CheckAsync(pia, "what was found in values");
        await pia.FollowAsync(pia.Locator("a[href*='/clean?point=serviceContacts&kind=Health']"));
        await Axe.CheckAsync(pia, "a cleaning to propose");
        await pia.CheckAsync("#sure");
        await pia.FollowAsync(pia.Locator("form[action='/governance/minimisation/clean'] button[type=submit]"));
        await Axe.CheckAsync(pia, "a proposed cleaning");
        Assert.Contains("Words that may be about health", await pia.InnerTextAsync("main"), StringComparison.Ordinal);
        await pia.GotoAsync("/governance/minimisation?language=de");
        await Axe.CheckAsync(pia, "what was found, in German");
    }

    [Fact]
    public async Task An_incident_is_written_down_and_its_clock_runs()
    {
        var pia = await VisitAsync("Pia Private", "/governance/incidents");
        await Axe.CheckAsync(pia, "no incidents");
        await pia.GotoAsync("/governance/incidents/new");
        await Axe.CheckAsync(pia, "a new incident");
        foreach (var (field, value) in ((string, string)[])[("title", "A parcel list was sent to a stranger"), ("what", "The list of one day."), ("consequences", "They know who bought."), ("measures", "They deleted it.")])
        {
            await pia.FillAsync("#" + field, value);
        }

        await pia.CheckAsync("input[name=kinds][value=Confidentiality]");
        await pia.CheckAsync("input[name=risk][value=High]");
        await pia.FollowAsync(pia.Locator("form[action='/governance/incidents/new'] button[type=submit]"));
        await Axe.CheckAsync(pia, "an incident whose clock runs");
        var clock = pia.Locator("[data-due]").First;
        Assert.Matches("7[12] h [0-9]+ min left", await clock.InnerTextAsync());
        // What the clock says follows the time, not the page: an hour less is shown without loading it again.
        await clock.EvaluateAsync("c => c.dataset.due = new Date(Date.parse(c.dataset.due) - 100 * 3600 * 1000).toISOString()");
        await Assertions.Expect(clock).ToContainTextAsync("overdue by", new() { Timeout = 20_000 });
        await pia.ReloadAsync();
        await pia.FollowAsync(pia.Locator("form[action$='/authority'] button[type=submit]"));
        await Axe.CheckAsync(pia, "an incident of which the authority knows");
        Assert.Contains("Told in time", await pia.InnerTextAsync("main"), StringComparison.Ordinal);
        await pia.GotoAsync("/governance/incidents?language=de");
        await Axe.CheckAsync(pia, "incidents in German");
    }

    /// <summary>The administrator of a shop in which no purpose uses a data point any more: nobody is asked for anything new.</summary>
    private async Task<IPage> UseNoChannelAsync()
    {
        var alma = await VisitAsync("Alma Admin", "/admin/catalog");
        var text = await alma.InputValueAsync("#text");
        await alma.FillAsync("#text", text.Replace(", preferredChannel: medium", "", StringComparison.Ordinal).Replace(", preferredChannel: low", "", StringComparison.Ordinal));
        await alma.FollowAsync(alma.Locator("form[action='/admin/catalog/check'] button"));
        await alma.FollowAsync(alma.Locator("form[action='/admin/catalog/submit'] button"));
        return alma;
    }

    /// <summary>As if a look had found words in some values: the marks are written while nothing runs.</summary>
    private async Task MarkAsync()
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "data", "candor.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO value_mark (customer_id, data_point, record_id, kind, time_us) SELECT customer_id, data_point, record_id, 'Health', time_us FROM sealed_record WHERE data_point = 'serviceContacts' LIMIT 3;";
        Assert.Equal(3, await command.ExecuteNonQueryAsync());
    }

    private async Task<IPage> VisitAsync(string name, string path)
    {
        var context = await site.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = server!.Address.GetLeftPart(UriPartial.Authority), ViewportSize = Look.Phone.Size, ColorScheme = Look.Phone.Scheme, BypassCSP = true, Locale = "en-GB", ReducedMotion = ReducedMotion.Reduce,
        });
        var page = await (await context.NewPageAsync()).SitDownAsync(name);
        await page.GotoAsync(path);
        return page;
    }
}
