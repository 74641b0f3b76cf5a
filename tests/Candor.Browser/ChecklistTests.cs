using Microsoft.Playwright;

namespace Candor.Browser;

/// <summary>The checklist as the sample privacy officer sees it.</summary>
public sealed class ChecklistTests(Site site)
{
    [Fact]
    public async Task The_checklist_is_accessible_on_phone_and_desktop_in_both_languages()
    {
        foreach (var look in new[] { Look.Phone, Look.Desktop })
        {
            var page = await (await site.VisitAsync(look, forAxe: true)).SitDownAsync("Pia Private");
            foreach (var path in (string[])["/governance/checklist", "/governance/checklist?language=de"])
            {
                await page.GotoAsync(path);
                await Assertions.Expect(page.Locator("#s-trend")).ToBeVisibleAsync();
                await page.EvaluateAsync("() => document.querySelectorAll('details').forEach(d => d.open = true)");
                await Axe.CheckAsync(page, path);
            }

            await page.GotoAsync("/governance/checklist?language=en");
            await page.FollowAsync(page.Locator("#assessed").GetByRole(AriaRole.Link));
            Assert.EndsWith("/governance/dpia", page.Url, StringComparison.Ordinal);
        }
    }
}
