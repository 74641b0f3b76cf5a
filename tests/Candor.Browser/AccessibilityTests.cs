using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Candor.Browser;

/// <summary>axe finds nothing serious or critical on any page, in any state, on a phone and a desktop, light and dark; nothing sticks out sideways.</summary>
public sealed class AccessibilityTests(Site site)
{
    [Theory]
    [MemberData(nameof(Look.All), MemberType = typeof(Look))]
    public async Task The_shop_and_the_public_pages_are_accessible(int width, bool dark)
    {
        var page = await site.VisitAsync(new Look(width, dark), forAxe: true);
        foreach (var path in (string[])["/demo", "/notice", "/notice?language=de", "/trust/public", "/trust/public?language=de", "/no-such-page"])
        {
            await page.GotoAsync(path);
            await CheckAsync(page, path);
        }
    }

    internal static async Task CheckAsync(IPage page, string state)
    {
        var result = await page.RunAxe();
        var bad = result.Violations.Where(v => v.Impact is "serious" or "critical").Select(Describe).ToList();
        Assert.True(bad.Count == 0, $"{state}:\n{string.Join('\n', bad)}");
        var overflow = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
        Assert.True(overflow <= 0, $"{state} is {overflow} px wider than the screen.");
    }

    private static string Describe(AxeResultItem violation) =>
        $"{violation.Impact} {violation.Id}: {violation.Help}\n  {string.Join("\n  ", violation.Nodes.Take(3).Select(n => n.Html))}";
}
