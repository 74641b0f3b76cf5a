using Microsoft.Playwright;

namespace Candor.Browser;

/// <summary>The record of processing, the privacy policy and the cross-reference, as people read them.</summary>
public sealed class RecordTests(Site site)
{
    [Fact]
    public async Task Record_policy_and_standards_are_accessible_on_phone_and_desktop_in_both_languages()
    {
        var page = await site.VisitAsync(Look.Phone, forAxe: true);
        foreach (var path in (string[])["/privacy", "/privacy?language=de"])
        {
            await page.GotoAsync(path);
            await Axe.CheckAsync(page, path);
        }

        await page.GotoAsync("/demo?language=en");
        await page.APIRequest.PostAsync("/demo/staff", new() { Form = page.APIRequest.CreateFormData().Append("name", "Pia Private"), Headers = [new("Sec-Fetch-Site", "same-origin")], MaxRedirects = 0 });
        foreach (var path in (string[])["/governance/records?language=en", "/governance/records?language=de", "/governance/standards", "/governance/standards?language=en"])
        {
            await page.GotoAsync(path);
            await Axe.CheckAsync(page, path);
        }

        await page.GotoAsync("/governance/records");
        Assert.Contains("Tax adviser: the contract ends, or is to be reviewed, on", await page.InnerTextAsync("main"), StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Link, new() { Name = "Privacy policy" }).First.ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Privacy policy of Maple & Thread");
    }
}
