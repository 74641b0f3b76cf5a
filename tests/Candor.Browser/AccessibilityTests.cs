namespace Candor.Browser;

/// <summary>The shop and the pages for everybody. The tests of the other pages look at theirs as they go.</summary>
public sealed class AccessibilityTests(Site site)
{
    [Fact]
    public async Task The_shop_and_the_public_pages_are_accessible()
    {
        var page = await site.VisitAsync(Look.Phone, forAxe: true);
        foreach (var path in (string[])["/demo", "/notice", "/notice?language=de", "/trust/public", "/trust/public?language=de", "/no-such-page"])
        {
            await page.GotoAsync(path);
            await Axe.CheckAsync(page, path);
        }
    }
}
