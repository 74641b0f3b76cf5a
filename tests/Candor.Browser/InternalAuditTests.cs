using Microsoft.Playwright;

namespace Candor.Browser;

/// <summary>Internal audits as the sample privacy officer makes them.</summary>
public sealed class InternalAuditTests(Site site)
{
    [Fact]
    public async Task A_sample_is_drawn_reviewed_and_followed_and_every_state_is_accessible()
    {
        var page = await (await site.VisitAsync(Look.Phone, forAxe: true)).SitDownAsync("Pia Private");
        await page.GotoAsync("/governance/audits?language=en");
        await Axe.CheckAsync(page, "audits");
        if (await page.Locator("#s-audits ~ .looks a").CountAsync() == 0)
        {
            await page.FollowAsync(page.GetByRole(AriaRole.Button, new() { Name = "Draw one now" }));
        }
        else
        {
            await page.FollowAsync(page.Locator("#s-audits ~ .looks a").First);
        }

        await Assertions.Expect(page.Locator("#s-items")).ToBeVisibleAsync();
        await page.EvaluateAsync("() => document.querySelectorAll('details').forEach(d => d.open = true)");
        await Axe.CheckAsync(page, "an audit with everything open");
        var item = page.Locator("li.look:has(form)").First;
        var id = await item.GetAttributeAsync("id");
        await item.Locator("textarea").FillAsync("No case was named.");
        await page.FollowAsync(item.Locator("button[value=finding]"));
        await Assertions.Expect(page.Locator(".warn")).ToHaveTextAsync("Choose who sees to the finding.");
        await Axe.CheckAsync(page, "a finding without an owner");
        item = page.Locator("#" + id);
        await item.Locator("summary").ClickAsync();
        await item.Locator("select").SelectOptionAsync("Sam Sample");
        await page.FollowAsync(item.Locator("button[value=finding]"));
        item = page.Locator("#" + id);
        await Assertions.Expect(item).ToContainTextAsync("Sam Sample sees to it by");
        await Axe.CheckAsync(page, "an open finding");
        await page.GotoAsync("/governance/audits?language=de");
        await Axe.CheckAsync(page, "audits with an open finding");
        await page.FollowAsync(page.Locator("#s-findings ~ .looks a").First);
        await Axe.CheckAsync(page, "an audit in German");
        await page.SetViewportSizeAsync(1280, 900);
        await Axe.CheckAsync(page, "an audit on a desktop");
    }
}
