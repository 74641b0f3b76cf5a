using Microsoft.Playwright;

namespace Candor.Browser;

/// <summary>The page about trust, as the sample privacy officer sees it.</summary>
public sealed class TrustTests(Site site)
{
    [Fact]
    public async Task The_page_about_trust_is_accessible_and_its_pictures_are_there()
    {
        var page = await site.VisitAsync(Look.Phone, forAxe: true);
        await SignInAsync(page);
        foreach (var path in (string[])["/trust", "/trust?period=28-days&language=de", "/trust?period=year&language=en"])
        {
            await page.GotoAsync(path);
            await Assertions.Expect(page.Locator("#s-index")).ToBeVisibleAsync();
            await Axe.CheckAsync(page, path);
        }
    }

    [Fact]
    public async Task No_table_is_cut_on_a_desktop_and_those_of_figures_are_stacked_on_a_phone()
    {
        const string Cut = "s => [...document.querySelectorAll(s)].filter(e => e.checkVisibility() && e.scrollWidth > e.clientWidth).map(e => e.getAttribute('aria-label') ?? e.textContent.slice(0, 40))";
        var page = await site.VisitAsync(Look.Desktop);
        await SignInAsync(page);
        foreach (var language in (string[])["en", "de"])
        {
            await page.SetViewportSizeAsync(1280, 900);
            await page.GotoAsync("/trust?period=quarter&language=" + language);
            Assert.Empty(await page.EvaluateAsync<string[]>(Cut, ".scroll"));
            await page.SetViewportSizeAsync(390, 844);
            Assert.NotEqual(0, await page.Locator(".stacked").CountAsync());
            Assert.Empty(await page.EvaluateAsync<string[]>(Cut, ".scroll:has(.stacked), .stacked td"));
        }
    }

    [Fact]
    public async Task The_page_about_retention_is_accessible()
    {
        var page = await site.VisitAsync(Look.Phone, forAxe: true);
        await SignInAsync(page);
        foreach (var path in (string[])["/governance/retention", "/governance/retention?language=de"])
        {
            await page.GotoAsync(path);
            await Assertions.Expect(page.Locator("#s-points")).ToBeVisibleAsync();
            await Axe.CheckAsync(page, path);
        }

        await page.GotoAsync("/governance/retention?language=en");
        await page.GetByRole(AriaRole.Button, new() { Name = "Count again" }).ClickAsync();
        await Assertions.Expect(page.Locator(".said")).ToContainTextAsync("Counting has begun");
    }

    [Fact]
    public async Task The_sample_shop_has_figures_and_they_come_as_a_file()
    {
        var page = await site.VisitAsync(Look.Desktop);
        await SignInAsync(page);
        await page.GotoAsync("/trust?period=quarter");
        await Assertions.Expect(page.Locator("#s-consent ~ .scroll td strong").First).ToBeVisibleAsync();
        var picture = page.Locator("section[aria-labelledby=s-consent] img");
        await picture.ScrollIntoViewIfNeededAsync();
        await page.WaitForFunctionAsync("e => e.complete && e.naturalWidth > 0", await picture.ElementHandleAsync());
        var file = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "All figures as CSV" }).ClickAsync());
        Assert.StartsWith("trust-quarter-", file.SuggestedFilename, StringComparison.Ordinal);
    }

    private static async Task SignInAsync(IPage page)
    {
        await page.GotoAsync("/demo");
        await page.APIRequest.PostAsync("/demo/staff", new() { Form = page.APIRequest.CreateFormData().Append("name", "Pia Private"), Headers = [new("Sec-Fetch-Site", "same-origin")], MaxRedirects = 0 });
    }
}
