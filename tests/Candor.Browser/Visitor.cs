using Microsoft.Playwright;

namespace Candor.Browser;

/// <summary>What a visitor does in the sample shop.</summary>
internal static class Visitor
{
    /// <summary>Signs in as the sample customer at a place in the list, from 0, and arrives at My Data &amp; Privacy.</summary>
    public static async Task<IPage> SignInAsync(this IPage page, int customer)
    {
        await page.GotoAsync("/demo");
        await page.Locator("form[action='/demo/sign-in'] button").Nth(customer).ClickAsync();
        await page.WaitForURLAsync("**/me");
        return page;
    }

    /// <summary>The switches of purposes that are on, or off.</summary>
    public static ILocator Switches(this IPage page, bool on) => page.Locator($"button[role=switch][aria-checked={(on ? "true" : "false")}]");

    /// <summary>Presses the switch of a purpose and waits for the page that answers.</summary>
    public static async Task PressAsync(this IPage page, string purpose)
    {
        await page.Switch(purpose).ClickAsync();
        await page.WaitForSelectorAsync("[role=status]");
    }

    public static ILocator Switch(this IPage page, string purpose) => page.GetByRole(AriaRole.Switch, new PageGetByRoleOptions { Name = purpose, Exact = true });

    public static async Task<bool> IsOnAsync(this IPage page, string purpose) => await page.Switch(purpose).GetAttributeAsync("aria-checked") == "true";
}
