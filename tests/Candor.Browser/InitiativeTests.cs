using System.Text.RegularExpressions;
using Candor.Tests.Crash;
using Microsoft.Data.Sqlite;
using Microsoft.Playwright;

namespace Candor.Browser;

/// <summary>An initiative's whole life in a sample shop of its own: the gate follows each step of it.</summary>
public sealed partial class InitiativeTests(Site site) : IAsyncLifetime
{
    private const string Purpose = "parcel-greetings";
    private readonly string folder = Directory.CreateTempSubdirectory("candor-initiative-").FullName;
    private ServerProcess? server;
    private string key = "";

    public async ValueTask InitializeAsync() => await StartAsync();

    public async ValueTask DisposeAsync()
    {
        await server!.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_use_is_proposed_discussed_voted_on_decided_used_and_reviewed_and_the_gate_follows()
    {
        await SetUpCommitteeAsync();
        var alma = await VisitAsync("Alma Admin", "/admin/catalog");
        var text = (await alma.InputValueAsync("#text")).TrimEnd() + $"\n  {Purpose}:\n    {{ label: {{ en: A card in the parcel, de: Eine Karte im Paket }}, why: {{ en: We write your name on a card., de: Wir schreiben Ihren Namen auf eine Karte. }}, basis: contract, uses: {{ fullName: high }}, services: [shop] }}\n";
        var path = await ProposeAsync(text);
        Assert.Equal("unknown-purpose", await GateSaysAsync());
        await VoteAsync(path);
        var cass = await VisitAsync("Cass Council", path + "/vote");
        await Axe.CheckAsync(cass, "a vote that can be decided");
        await SendAsync(cass, path + "/decide", ("review", "2020-01-01"));
        await Axe.CheckAsync(cass, "a decision with a mistake");
        await SendAsync(cass, path + "/decide", ("review", InDays(30)), ("conditions", "Only the first name."));
        await Axe.CheckAsync(cass, "an initiative approved with conditions");
        Assert.Contains("Approved with conditions", await cass.InnerTextAsync("main"), StringComparison.Ordinal);

        await alma.FillAsync("#text", text);
        await alma.FollowAsync(alma.Locator("form[action='/admin/catalog/check'] button"));
        await SendAsync(alma, "/admin/catalog/submit", ("decision", "Council of 3 May"));
        await Axe.CheckAsync(alma, "a catalog whose decision is no initiative");
        Assert.Equal("unknown-purpose", await GateSaysAsync());
        await SendAsync(alma, "/admin/catalog/submit", ("decision", path.Split('/')[^1]));
        Assert.Equal("yes", await GateSaysAsync());

        await PassReviewDateAsync();
        Assert.Equal("purpose-not-active", await GateSaysAsync());
        await Axe.CheckAsync(await VisitAsync("Mia Market", "/governance/initiatives"), "an initiative that is due for review");
        foreach (var name in (string[])["Cleo Council", "Conny Council", "Cass Council"])
        {
            var member = await VisitAsync(name, path + "/vote");
            await member.CheckAsync("input[name=vote][value=yes]");
            await SendAsync(member, path + "/vote", ("reason", "Nobody complained."));
        }

        var conny = await VisitAsync("Conny Council", path + "/vote");
        await Axe.CheckAsync(conny, "a review that can be decided");
        await SendAsync(conny, path + "/decide", ("review", InDays(365)));
        await Axe.CheckAsync(conny, "an initiative that was confirmed");
        Assert.Equal("yes", await GateSaysAsync());
    }

    [Fact]
    public async Task One_person_fills_in_a_self_check_and_it_waits_for_another()
    {
        var mia = await VisitAsync("Mia Market", "/governance/initiatives/new");
        await WriteAsync(mia, "An idea without a catalog", "");
        await SendAsync(mia, new Uri(mia.Url).AbsolutePath + "/open");
        var path = new Uri(mia.Url).AbsolutePath;
        var alma = await VisitAsync("Alma Admin", path);
        await Axe.CheckAsync(alma, "an initiative where there is no committee");
        await alma.GotoAsync(path + "/self-check");
        await SendAsync(alma, path + "/self-check", ("legal", "Consent."));
        await Axe.CheckAsync(alma, "a self-check with a mistake");
        await SendAsync(alma, path + "/self-check", ("it", "Names."), ("service", "Everybody."), ("marketing", "No."), ("product", "Nothing."));
        await Axe.CheckAsync(alma, "a self-check that waits");
        var ansel = await VisitAsync("Ansel Admin", new Uri(alma.Url).AbsolutePath);
        await Axe.CheckAsync(ansel, "a self-check to approve");
        await ansel.FollowAsync(ansel.Locator("form[action$='/approve'] button"));
        Assert.Contains("Approved", await (await VisitAsync("Mia Market", path)).InnerTextAsync("main"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_assessment_is_written_signed_downloaded_and_outdated_when_the_catalog_changes()
    {
        var pia = await VisitAsync("Pia Private", "/governance/dpia");
        await Axe.CheckAsync(pia, "the list of assessments");
        await pia.GotoAsync("/governance/dpia/purposes/support");
        await Axe.CheckAsync(pia, "an assessment that nobody wrote");
        await pia.GotoAsync("/governance/dpia/purposes/support/edit");
        await SendAsync(pia, "/governance/dpia/purposes/support/edit", ("necessity", "Without the orders nobody can help."));
        await Axe.CheckAsync(pia, "an assessment with a mistake");
        await SendAsync(pia, "/governance/dpia/purposes/support/edit", ("advice", "Train them."), ("views", "We asked ten customers."));
        await Axe.CheckAsync(pia, "an assessment to sign");
        await SendAsync(pia, "/governance/dpia/purposes/support/sign");
        Assert.Contains("signed, and the use is as it describes it", await pia.InnerTextAsync("main"), StringComparison.Ordinal);
        await pia.GotoAsync("/governance/dpia/purposes/support?language=de");
        await Axe.CheckAsync(pia, "a signed assessment in German");
        var file = await pia.RunAndWaitForDownloadAsync(() => pia.ClickAsync("a[download]"));
        Assert.Equal("dpia-support-1.md", file.SuggestedFilename);

        var alma = await VisitAsync("Alma Admin", "/admin/catalog?language=en");
        var text = await alma.InputValueAsync("#text");
        await alma.FillAsync("#text", text.Replace("retention: P30D", "retention: P29D", StringComparison.Ordinal).Replace("serviceContacts: high, preferredChannel: medium, language: medium }", "serviceContacts: high }", StringComparison.Ordinal));
        await alma.FollowAsync(alma.Locator("form[action='/admin/catalog/check'] button"));
        await SendAsync(alma, "/admin/catalog/submit");
        await pia.GotoAsync("/governance/dpia/purposes/support?language=en");
        Assert.Contains("Version 1 is outdated", await pia.InnerTextAsync("main"), StringComparison.Ordinal);
        Assert.Equal(0, await pia.Locator("form[action$='/sign']").CountAsync());
        await Axe.CheckAsync(pia, "an outdated assessment");
    }

    private async Task SetUpCommitteeAsync()
    {
        var alma = await VisitAsync("Alma Admin", "/governance/committee");
        await Axe.CheckAsync(alma, "no committee");
        await alma.GotoAsync("/governance/committee/edit");
        await alma.CheckAsync("input[name=mode][value=Committee]");
        await SendAsync(alma, "/governance/committee/edit", ("quorum", "2"));
        await Axe.CheckAsync(alma, "a committee with a mistake");
        foreach (var (name, i) in ((string[])["Cleo Council", "Conny Council", "Cass Council"]).Select((n, i) => (n, i)))
        {
            await alma.SelectOptionAsync($"#member-{i}", new SelectOptionValue { Label = name });
        }

        await SendAsync(alma, "/governance/committee/edit");
        await Axe.CheckAsync(alma, "a proposed committee");
        var ansel = await VisitAsync("Ansel Admin", new Uri(alma.Url).AbsolutePath);
        await ansel.FollowAsync(ansel.Locator("form[action$='/approve'] button"));
        await ansel.GotoAsync("/governance/committee?language=de");
        await Axe.CheckAsync(ansel, "a committee in German");
        await ansel.GotoAsync("/governance/initiatives");
        await Axe.CheckAsync(ansel, "initiatives in German");
    }

    private async Task<string> ProposeAsync(string text)
    {
        var mia = await VisitAsync("Mia Market", "/governance/initiatives/new");
        await SendAsync(mia, "/governance/initiatives/new", ("title", "A card"));
        await Axe.CheckAsync(mia, "an initiative with mistakes");
        await WriteAsync(mia, "A card in the parcel", text);
        await Axe.CheckAsync(mia, "a draft");
        var path = new Uri(mia.Url).AbsolutePath;
        await SendAsync(mia, path + "/open");
        await SendAsync(mia, path + "/comment", ("said", "Last winter customers liked it."));
        await Axe.CheckAsync(mia, "an open initiative");
        return path;
    }

    private async Task VoteAsync(string path)
    {
        var cleo = await VisitAsync("Cleo Council", path + "/vote");
        await Axe.CheckAsync(cleo, "a vote");
        await SendAsync(cleo, path + "/vote", ("reason", "I like it."));
        await Axe.CheckAsync(cleo, "a vote without an answer");
        await SendAsync(cleo, path + "/conflict", ("conflict", "My sister prints the cards."));
        await cleo.GotoAsync(path + "/vote");
        await Axe.CheckAsync(cleo, "a member with a conflict of interest");
        Assert.Equal(0, await cleo.Locator("input[name=vote]").CountAsync());
        foreach (var (name, vote) in ((string, string)[])[("Conny Council", "no"), ("Conny Council", "abstain"), ("Cass Council", "yes")])
        {
            var member = await VisitAsync(name, path + "/vote");
            await member.CheckAsync($"input[name=vote][value={vote}]");
            await SendAsync(member, path + "/vote", ("reason", "It is one name on a card."));
        }
    }

    private static async Task WriteAsync(IPage page, string title, string text) => await SendAsync(
        page, "/governance/initiatives/new", ("title", title), ("what", "We put a card with the name into each parcel."), ("why", "People like to be greeted."), ("data", "The name, nothing else."),
        ("helps", "Whoever gets a parcel."), ("harms", "Whoever hides a parcel from others at home."), ("text", text));

    /// <summary>What the gate says to the shop about one customer: <c>yes</c>, or the reason.</summary>
    private async Task<string> GateSaysAsync()
    {
        using var http = new HttpClient { BaseAddress = server!.Address };
        http.DefaultRequestHeaders.Authorization = new("Bearer", key);
        using var answer = await http.GetAsync(new Uri($"/v1/customers/c-0001?purpose={Purpose}&fields=fullName", UriKind.Relative));
        var body = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? "yes" : Reason().Match(body).Groups[1].Value is { Length: > 0 } reason ? reason : body;
    }

    /// <summary>As if the time until the review had passed: the dates are moved while nothing runs.</summary>
    private async Task PassReviewDateAsync()
    {
        await server!.DisposeAsync();
        await using (var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "data", "candor.db")};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "UPDATE initiative SET review_at_us = decided_at_us WHERE review_at_us IS NOT NULL; UPDATE purpose_approval SET until_us = since_us WHERE until_us IS NOT NULL;";
            Assert.Equal(2, await command.ExecuteNonQueryAsync());
        }

        await StartAsync();
    }

    /// <summary>Each start makes a key of its own for the shop.</summary>
    private async Task StartAsync()
    {
        server = await ServerProcess.StartAsync("demo", Path.Combine(folder, "data"), CancellationToken.None);
        key = KeyInPage().Match(await (await VisitAsync("Alma Admin", "/demo")).InnerTextAsync("main")).Groups[1].Value;
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

    private static async Task SendAsync(IPage page, string action, params (string Field, string Value)[] values)
    {
        foreach (var (field, value) in values)
        {
            await page.FillAsync("#" + field, value);
        }

        // The browser's own checks would keep the mistakes from us.
        await page.EvaluateAsync("() => document.querySelectorAll('form').forEach(f => f.noValidate = true)");
        await page.FollowAsync(page.Locator($"form[action='{action}'] button[type=submit]"));
    }

    private static string InDays(int days) => TimeProvider.System.GetUtcNow().AddDays(days).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex(@"KEY=(\S+)")]
    private static partial Regex KeyInPage();

    [GeneratedRegex("\"reason\":\\s*\"([a-z-]+)\"")]
    private static partial Regex Reason();
}
