using Microsoft.Playwright;

namespace Candor.Browser;

/// <summary>The administration in the browser: every page and state is accessible and fits, and two people change what one alone cannot.</summary>
public sealed class AdminTests(Site site)
{
    private static readonly string[] Paths =
    [
        "/admin", "/admin/people", "/admin/people/invite", "/admin/changes", "/admin/keys", "/admin/keys/new", "/admin/webhooks", "/admin/mail", "/admin/mail/texts/reminder/en",
        "/admin/encryption", "/admin/backups", "/admin/catalog", "/admin/catalog/1", "/admin/rights", "/governance/minimisation",
    ];

    [Fact]
    public async Task Every_page_is_accessible_and_fits_the_screen()
    {
        var page = await site.VisitAsync(Look.Phone, forAxe: true);
        await page.SitDownAsync("Alma Admin");
        Assert.EndsWith("/admin", page.Url, StringComparison.Ordinal);
        foreach (var language in (string[])["de", "en"])
        {
            await page.GotoAsync($"/admin?language={language}");
            foreach (var path in Paths)
            {
                await page.GotoAsync(path);
                await Axe.CheckAsync(page, $"{path} in {language}");
            }
        }

        await page.GotoAsync("/admin/people");
        await page.FollowAsync(page.Locator(".looks a").First);
        await Axe.CheckAsync(page, "a person");
    }

    [Fact]
    public async Task A_role_a_key_and_a_catalog_take_two_people()
    {
        var alma = await (await site.VisitAsync(Look.Phone, forAxe: true)).SitDownAsync("Alma Admin");
        var ansel = await (await site.VisitAsync(Look.Phone, forAxe: true)).SitDownAsync("Ansel Admin");
        await alma.GotoAsync("/admin/people/invite");
        await SendAsync(alma, "/admin/people/invite", ("name", "Nora New"), ("email", "nora"));
        await Axe.CheckAsync(alma, "an invitation with mistakes");
        Assert.Equal("nora", await alma.InputValueAsync("#email"));
        await alma.CheckAsync("input[value=agent]");
        await SendAsync(alma, "/admin/people/invite", ("email", "nora@shop.example"));
        await Axe.CheckAsync(alma, "a proposal of one's own");
        await ApproveAsync(ansel, alma.Url);
        await CollectAsync(alma);
        await Axe.CheckAsync(alma, "a link that is shown once");
        Assert.Contains("/staff/invite?token=", await alma.InnerTextAsync(".secret"), StringComparison.Ordinal);

        await alma.GotoAsync("/admin/keys/new");
        await SendAsync(alma, "/admin/keys/new", ("service", "mailer"), ("days", "400"));
        await Axe.CheckAsync(alma, "a key with mistakes");
        await SendAsync(alma, "/admin/keys/new", ("days", "30"));
        await alma.GotoAsync(alma.Url);
        var key = alma.Url;
        await ApproveAsync(ansel, key);
        await Axe.CheckAsync(ansel, "an approved proposal");
        await alma.GotoAsync(key);
        await CollectAsync(alma);
        Assert.StartsWith("cdp_live_", await alma.InnerTextAsync(".secret"), StringComparison.Ordinal);

        await alma.GotoAsync("/admin/catalog");
        var text = await alma.InputValueAsync("#text");
        await alma.FillAsync("#text", text.Replace("basis: contract", "basis: magic", StringComparison.Ordinal));
        await alma.FollowAsync(alma.Locator("form[action='/admin/catalog/check'] button"));
        await Axe.CheckAsync(alma, "a catalog with mistakes");
        await alma.FillAsync("#text", text.Replace("retention: P90D", "retention: P91D", StringComparison.Ordinal));
        await alma.FollowAsync(alma.Locator("form[action='/admin/catalog/check'] button"));
        await Axe.CheckAsync(alma, "a catalog that widens");
        await SendAsync(alma, "/admin/catalog/submit");
        await Axe.CheckAsync(alma, "a catalog without its decision");
        await SendAsync(alma, "/admin/catalog/submit", ("decision", "Committee 2026-07"));
        await ansel.GotoAsync(alma.Url);
        await Axe.CheckAsync(ansel, "a proposed catalog");
        await ansel.FollowAsync(ansel.Locator("form[action$='/refuse'] button"));
        await Axe.CheckAsync(ansel, "a refusal without a reason");
        await SendAsync(ansel, new Uri(alma.Url).AbsolutePath + "/refuse", ("reason", "The committee has not met."));
        await alma.GotoAsync(alma.Url);
        Assert.Contains("The committee has not met.", await alma.InnerTextAsync("main"), StringComparison.Ordinal);
        await alma.GotoAsync("/admin/changes");
        await Axe.CheckAsync(alma, "decided changes");
        await alma.GotoAsync("/admin/webhooks");
        await SendAsync(alma, "/admin/webhooks", ("url", "http://inside.example"));
        await Axe.CheckAsync(alma, "a webhook with mistakes");
    }

    [Fact]
    public async Task The_sections_show_what_a_role_may_open_and_the_file_of_rights_downloads()
    {
        var page = await (await site.VisitAsync(Look.Desktop)).SitDownAsync("Ollie Audit");
        await page.GotoAsync("/admin/rights");
        Assert.Equal(["Who may see what"], (await page.Locator(".sections a[href^='/admin']").AllInnerTextsAsync()).Select(t => t.Trim()));
        var file = await page.RunAndWaitForDownloadAsync(() => page.ClickAsync("a[href='/admin/rights.csv']"));
        Assert.Equal("rights.csv", file.SuggestedFilename);
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

    private static async Task ApproveAsync(IPage page, string url)
    {
        await page.GotoAsync(url);
        await Axe.CheckAsync(page, "a proposal to decide on");
        await page.FollowAsync(page.Locator("form[action$='/approve'] button"));
    }

    private static async Task CollectAsync(IPage page)
    {
        await page.GotoAsync(page.Url);
        await Axe.CheckAsync(page, "something to collect");
        await page.FollowAsync(page.Locator("form[action$='/collect'] button"));
    }
}
