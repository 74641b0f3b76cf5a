using Microsoft.Playwright;

namespace Candor.Browser;

/// <summary>What a visitor does in the sample shop.</summary>
internal static class Visitor
{
    private static readonly PageWaitForURLOptions Committed = new() { WaitUntil = WaitUntilState.Commit };

    /// <summary>Signs in as the sample customer at a place in the list, from 0, and arrives at My Data &amp; Privacy.</summary>
    public static async Task<IPage> SignInAsync(this IPage page, int customer)
    {
        await page.GotoAsync("/demo");
        await page.Locator("form[action='/demo/sign-in'] button").Nth(customer).ClickAsync();
        await page.ArriveAsync("**/me");
        return page;
    }

    /// <summary>Waits until the browser is at an address and the page there has come to its end.</summary>
    /// <remarks>Not until "load", which a busy browser has been seen to keep to itself.</remarks>
    public static async Task ArriveAsync(this IPage page, string address)
    {
        await page.WaitForURLAsync(address, Committed);
        await page.EndAsync();
    }

    /// <summary>The same, for any address that is as it should be.</summary>
    public static async Task ArriveAsync(this IPage page, Func<string, bool> isThere)
    {
        await page.WaitForURLAsync(isThere, Committed);
        await page.EndAsync();
    }

    /// <summary>The switches of purposes that are on, or off.</summary>
    public static ILocator Switches(this IPage page, bool on) => page.Locator($"button[role=switch][aria-checked={(on ? "true" : "false")}]");

    /// <summary>Presses the switch of a purpose and waits for the page that answers.</summary>
    public static Task PressAsync(this IPage page, string purpose) => page.FollowAsync(page.Switch(purpose));

    /// <summary>Presses a button or follows a link and waits until the whole page that answers is there.</summary>
    public static async Task FollowAsync(this IPage page, ILocator way)
    {
        // The page that is there is marked; the one that answers has no mark.
        await page.EvaluateAsync("() => document.documentElement.setAttribute('data-before', '')");
        await way.ClickAsync();
        await page.Locator("html:not([data-before]) footer").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Attached });
    }

    /// <summary>Takes a picture of the page. A busy browser at times refuses one and gives the same a moment later, so it is asked three times.</summary>
    public static async Task<byte[]> PhotographAsync(this IPage page, PageScreenshotOptions options)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await page.ScreenshotAsync(options);
            }
            catch (PlaywrightException e) when (attempt < 3 && e.Message.Contains("Unable to capture screenshot", StringComparison.Ordinal))
            {
                await Task.Delay(500);
            }
        }
    }

    /// <summary>Goes to a page again and again until it shows what comes a little later, such as a mail.</summary>
    /// <param name="visits">Most visits, a tenth of a second and the time of the page apart: half a minute unless set.</param>
    public static async Task VisitUntilAsync(this IPage page, string path, ILocator shown, int visits = 300)
    {
        for (var visit = 0; visit < visits; visit++)
        {
            await page.GotoAsync(path);
            if (await shown.CountAsync() > 0)
            {
                return;
            }

            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"{path} never showed {shown}.");
    }

    /// <summary>Signs in and goes to the preferences.</summary>
    public static async Task<IPage> ChooseAsync(this IPage page, int customer)
    {
        await page.SignInAsync(customer);
        await page.GotoAsync("/me/choices");
        return page;
    }

    public static ILocator Switch(this IPage page, string purpose) => page.GetByRole(AriaRole.Switch, new PageGetByRoleOptions { Name = purpose, Exact = true });

    public static async Task<bool> IsOnAsync(this IPage page, string purpose) => await page.Switch(purpose).GetAttributeAsync("aria-checked") == "true";

    private static Task EndAsync(this IPage page) => page.Locator("footer").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Attached });
}
