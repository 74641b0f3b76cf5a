using System.Text.RegularExpressions;
using Candor.Staff;
using Microsoft.Playwright;

namespace Candor.Browser;

/// <summary>Accounts of staff as people set them up and use them, with Chromium's own passkey device.</summary>
public sealed class StaffAccountTests(StaffSite staff) : IClassFixture<StaffSite>
{
    private const string Password = "maple thread violet canoe";

    [Fact]
    public async Task The_first_administrator_comes_in_by_the_link_makes_a_passkey_signs_in_and_confirms()
    {
        var page = await staff.VisitAsync(Look.Desktop);
        await page.GotoAsync(staff.FirstLink);
        await page.FillAsync("#name", "Alma Admin");
        await page.FillAsync("#email", "alma@shop.example");
        await PressAsync(page, "Begin");
        await page.ArriveAsync("**/staff/enrol");
        Assert.Equal(0, await page.GetByText("password and app").CountAsync());
        await PressAsync(page, "Make a passkey");
        await page.ArriveAsync("**/staff/enrol/done");
        await page.GotoAsync("/staff/account");
        Assert.Contains("My passkey", await page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
        await PressAsync(page, "Sign out", exact: true);
        await page.ArriveAsync("**/staff/sign-in");
        await EnterAsync(page, "/staff/confirm?to=/staff/account/passkeys/new");
        await page.GotoAsync("/staff/confirm?to=/staff/account/passkeys/new");
        await PressAsync(page, "Confirm with a passkey");
        // By path alone: the address of the page before names this one too.
        await page.ArriveAsync(u => new Uri(u).AbsolutePath == "/staff/account/passkeys/new");
        await page.GotoAsync(staff.FirstLink);
        Assert.Contains("does not count any more", await page.Locator("h1").InnerTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_sets_up_password_and_app_saves_codes_and_every_page_on_the_way_is_accessible()
    {
        var page = await staff.VisitAsync(Look.Phone, forAxe: true);
        await CheckAsync(page, staff.AgentLinks.Dequeue());
        await PressAsync(page, "Begin");
        await page.ArriveAsync("**/staff/enrol");
        await CheckAsync(page, "/staff/enrol");
        await CheckAsync(page, "/staff/enrol/codes");
        await page.FillAsync("#password", Password);
        await page.FillAsync("#again", Password);
        await page.FillAsync("#code", "000000");
        await PressAsync(page, "Save");
        await page.WaitForSelectorAsync("[role=alert]");
        await Axe.CheckAsync(page, "a wrong code");
        await page.FillAsync("#password", Password);
        await page.FillAsync("#again", Password);
        await page.FillAsync("#code", CodeOf(await page.Locator("code.hash").InnerTextAsync()));
        await PressAsync(page, "Save");
        await page.ArriveAsync("**/staff/enrol/done");
        await Axe.CheckAsync(page, "/staff/enrol/done");
        await CheckAsync(page, "/staff/account/recovery-codes");
        await PressAsync(page, "Make new codes");
        await page.WaitForSelectorAsync("ol.codes");
        await Axe.CheckAsync(page, "recovery codes");
        var code = await page.Locator("ol.codes li").First.InnerTextAsync();
        var download = await page.RunAndWaitForDownloadAsync(() => page.ClickAsync("a[download]"));
        Assert.Contains(code.Trim(), await File.ReadAllTextAsync(await download.PathAsync(), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        foreach (var path in (string[])["/staff/account", "/staff/account?language=de", "/staff/account/password?language=en", "/staff/account/codes", "/staff/account/passkeys/new", "/staff/confirm"])
        {
            await CheckAsync(page, path);
        }

        await page.GotoAsync("/staff/account/passkeys/new");
        await PressAsync(page, "Make a passkey");
        await page.ArriveAsync("**/staff/account");
        await page.WaitForSelectorAsync("[role=status]");
        await PressAsync(page, "Sign out", exact: true);
        await EnterAsync(page, "/staff/account");
    }

    [Fact]
    public async Task The_ways_in_are_accessible()
    {
        // Without a device: one that answers by itself would sign in while axe looks.
        var page = await staff.VisitAsync(Look.Phone, forAxe: true, hasDevice: false);
        foreach (var path in (string[])["/staff/sign-in", "/staff/sign-in?language=de", "/staff/recover?language=en", "/staff/invite?token=x"])
        {
            await CheckAsync(page, path);
        }
    }

    [Fact]
    public async Task Without_script_password_and_app_are_left()
    {
        var page = await staff.VisitAsync(Look.Phone, hasDevice: false);
        await page.GotoAsync("/staff/sign-in");
        await page.FillAsync("#email", "nobody@shop.example");
        await page.FillAsync("#password", "not the right one");
        await PressAsync(page, "Go on with the password");
        Assert.Contains("That did not work", await page.Locator("[role=alert]").First.InnerTextAsync(), StringComparison.Ordinal);
    }

    private static async Task EnterAsync(IPage page, string to)
    {
        try
        {
            await page.GotoAsync("/staff/sign-in?to=" + Uri.EscapeDataString(to));
        }
        catch (PlaywrightException cut) when (cut.Message.Contains("ERR_ABORTED", StringComparison.Ordinal))
        {
            // The page before this one was for signing in too, and the browser had offered the passkey there by itself: that navigation goes on instead.
        }

        var button = page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Sign in with a passkey" });
        for (var attempt = 0; attempt < 20 && page.Url.Contains("/staff/sign-in", StringComparison.Ordinal); attempt++)
        {
            try
            {
                await button.ClickAsync(new LocatorClickOptions { Timeout = 2000 });
            }
            catch (TimeoutException)
            {
                // The browser offered the passkey by itself, and the page was left before the button was pressed.
            }
        }

        await page.ArriveAsync(u => !u.Contains("/staff/sign-in", StringComparison.Ordinal));
    }

    private static async Task CheckAsync(IPage page, string path)
    {
        await page.GotoAsync(path);
        await Axe.CheckAsync(page, path);
    }

    private static Task PressAsync(IPage page, string name, bool exact = false) => page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name, Exact = exact }).ClickAsync();

    private static string CodeOf(string text)
    {
        const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        var bits = string.Concat(Regex.Replace(text, @"\s", "").Select(c => Convert.ToString(Letters.IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        var secret = Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2)).ToArray();
        return TotpCode.At(secret, TotpCode.StepAt(TimeProvider.System.GetUtcNow()));
    }
}
