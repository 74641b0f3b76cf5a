using Microsoft.Playwright;

namespace Candor.Browser;

/// <summary>The customer's choices, as a customer makes them.</summary>
public sealed class ChoiceTests(Site site)
{

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Withdrawing_takes_as_many_clicks_as_giving_on_every_purpose_with_and_without_script(bool script)
    {
        var page = await site.VisitAsync(Look.Phone, script);
        await page.ChooseAsync(1);
        var purposes = await page.Locator("button[role=switch]").EvaluateAllAsync<string[]>("all => all.map(s => s.getAttribute('aria-label'))");
        Assert.True(purposes.Length > 3);
        foreach (var purpose in purposes)
        {
            await ClicksUntilAsync(page, purpose, on: false);
            var give = await ClicksUntilAsync(page, purpose, on: true);
            var withdraw = await ClicksUntilAsync(page, purpose, on: false);
            Assert.Equal((purpose, 1, 1), (purpose, give, withdraw));
        }
    }

    [Fact]
    public async Task Everything_goes_off_with_one_press_without_script_and_single_switches_bring_it_back()
    {
        var page = await site.VisitAsync(Look.Phone, script: false);
        await page.ChooseAsync(0);
        var purpose = (await page.Locator("button[role=switch]").First.GetAttributeAsync("aria-label"))!;
        await ClicksUntilAsync(page, purpose, on: true);
        await page.FollowAsync(page.Locator("form[action='/me/choices/all-off'] button"));
        Assert.Equal(0, await page.Switches(on: true).CountAsync());
        Assert.Equal(1, await page.Locator("[role=status]").CountAsync());
        Assert.Equal(1, await ClicksUntilAsync(page, purpose, on: true));
    }

    [Fact]
    public async Task A_choice_is_still_made_when_the_page_is_opened_again()
    {
        var page = await site.VisitAsync(Look.Phone);
        await page.ChooseAsync(3);
        var purpose = await page.Switches(on: true).First.GetAttributeAsync("aria-label");
        await page.PressAsync(purpose!);
        await page.GotoAsync("/me/choices");
        Assert.False(await page.IsOnAsync(purpose!));
        Assert.Equal(0, await page.Locator("[role=status]").CountAsync());
    }

    [Fact]
    public async Task The_keyboard_alone_is_enough()
    {
        var page = await site.VisitAsync(Look.Desktop);
        await page.ChooseAsync(1);
        await page.Keyboard.PressAsync("Tab");
        Assert.Equal("#main", await page.EvaluateAsync<string>("() => document.activeElement.getAttribute('href')"));
        var purpose = await page.Locator("button[role=switch]").First.GetAttributeAsync("aria-label");
        var was = await page.IsOnAsync(purpose!);
        await page.Switch(purpose!).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForSelectorAsync("[role=status]");
        Assert.Equal(!was, await page.IsOnAsync(purpose!));
    }

    [Fact]
    public async Task The_pages_break_none_of_their_own_rules()
    {
        var page = await site.VisitAsync(Look.Phone);
        var complaints = new List<string>();
        page.Console += (_, message) => complaints.Add(message.Text);
        page.PageError += (_, error) => complaints.Add(error);
        page.Response += (_, response) => complaints.AddRange(response.Status >= 400 ? [$"{response.Status} {response.Url}"] : []);
        await page.SignInAsync(0);
        await page.GotoAsync("/me/choices");
        await page.GotoAsync("/notice");
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task Signing_out_closes_my_data()
    {
        var page = await site.VisitAsync(Look.Phone);
        await page.SignInAsync(0);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Sign out" }).ClickAsync();
        await page.ArriveAsync("**/demo");
        await page.GotoAsync("/me");
        Assert.DoesNotContain("/me", page.Url, StringComparison.Ordinal);
    }

    private static async Task<int> ClicksUntilAsync(IPage page, string purpose, bool on)
    {
        var clicks = 0;
        while (await page.IsOnAsync(purpose) != on)
        {
            Assert.True(++clicks < 5, $"`{purpose}` is not {(on ? "on" : "off")} after 4 clicks.");
            await page.PressAsync(purpose);
        }

        return clicks;
    }
}
