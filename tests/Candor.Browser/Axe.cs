using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace Candor.Browser;

/// <summary>axe finds nothing serious or critical, and nothing sticks out sideways: on a phone and a desktop, by day and by night.</summary>
internal static class Axe
{
    /// <summary>axe asked by ourselves: its package for Playwright opens another page to end each look, which takes ten times as long as the look. By night nothing but the colours is another.</summary>
    private const string Ask = """
        async isDark => {
            const found = await axe.run(document, isDark ? { resultTypes: ['violations'], runOnly: ['color-contrast'] } : { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } });
            const bad = found.violations.filter(v => v.impact === 'serious' || v.impact === 'critical')
                .map(v => `${v.impact} ${v.id}: ${v.help}\n  ${v.nodes.slice(0, 3).map(n => n.html).join('\n  ')}`);
            const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
            return over > 0 ? [...bad, `The page is ${over} px wider than the screen.`] : bad;
        }
        """;

    private static readonly string Script = new BundledAxeScriptProvider().GetScript();

    /// <summary>Looks at the page as it is now, in each look, and leaves it on a phone by day.</summary>
    /// <remarks>With <c>CANDOR_TOUR</c> naming a folder, each is also photographed whole.</remarks>
    public static async Task CheckAsync(IPage page, string state)
    {
        await page.EvaluateAsync(Script);
        foreach (var look in Look.All)
        {
            await page.WearAsync(look);
            await PhotographAsync(page, state, look);
            var found = await page.EvaluateAsync<string[]>(Ask, look.IsDark);
            Assert.True(found.Length == 0, $"{state}, {look}:\n{string.Join('\n', found)}");
        }

        await page.WearAsync(Look.Phone);
    }

    private static async Task WearAsync(this IPage page, Look look)
    {
        await page.SetViewportSizeAsync(look.Size.Width, look.Size.Height);
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = look.Scheme });
    }

    private static async Task PhotographAsync(IPage page, string state, Look look)
    {
        if (Environment.GetEnvironmentVariable("CANDOR_TOUR") is { Length: > 0 } folder)
        {
            var name = string.Concat(state.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Trim('-');
            Directory.CreateDirectory(folder);
            await page.PhotographAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"{name}-{look.Width}{(look.IsDark ? "-dark" : "")}.png"), FullPage = true });
        }
    }
}
