using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Candor.Browser;

/// <summary>Signing in as people do it: on a phone, without script, by keyboard, in both languages.</summary>
public sealed class SignInTests(Site site)
{
    private static readonly Look Phone = new(390, IsDark: false);

    [Theory]
    [MemberData(nameof(Look.All), MemberType = typeof(Look))]
    public async Task Every_page_of_signing_in_is_accessible(int width, bool dark)
    {
        var page = await site.VisitAsync(new Look(width, dark), forAxe: true);
        foreach (var path in (string[])["/sign-in", "/sign-in?language=de", "/sign-in/sent", "/sign-in/sent?language=en", "/sign-in/link?token=x", "/sign-in/oidc"])
        {
            await page.GotoAsync(path);
            await CheckAsync(page, path);
        }

        await page.GotoAsync("/sign-in");
        await page.Locator("form[action='/sign-in']").EvaluateAsync("f => f.noValidate = true");
        await page.FillAsync("#email", "no address");
        await page.ClickAsync("form[action='/sign-in'] button");
        await page.WaitForSelectorAsync("[role=alert]");
        await CheckAsync(page, "/sign-in with a mistake");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Asking_for_a_link_works_with_and_without_script_and_never_says_who_is_known(bool script)
    {
        var page = await site.VisitAsync(Phone, script);
        var texts = new List<string>();
        foreach (var address in (string[])["nobody@customers.example", "ada.brook@customers.example"])
        {
            await page.GotoAsync("/me");
            Assert.Contains("/sign-in", page.Url, StringComparison.Ordinal);
            await page.FillAsync("#email", address);
            await page.Keyboard.PressAsync("Enter");
            await page.ArriveAsync("**/sign-in/sent");
            texts.Add(await page.Locator("main").InnerTextAsync());
        }

        Assert.Equal(texts[0], texts[1]);
    }

    [Fact]
    public async Task A_link_that_does_not_count_says_what_to_do()
    {
        var page = await site.VisitAsync(Phone, script: false);
        await page.GotoAsync("/sign-in/link?token=" + new string('A', 43));
        Assert.Contains("does not count any more", await page.Locator("h1").InnerTextAsync(), StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Go to sign-in" }).ClickAsync();
        await page.WaitForSelectorAsync("#email");
    }

    [Fact]
    public async Task The_shop_vouches_for_its_customer_with_a_signed_token()
    {
        var page = await site.VisitAsync(Phone, script: false);
        await page.SignInAsync(4);
        Assert.EndsWith("/me", page.Url, StringComparison.Ordinal);
    }

    private static async Task CheckAsync(IPage page, string state)
    {
        var result = await page.RunAxe();
        var bad = result.Violations.Where(v => v.Impact is "serious" or "critical").Select(v => $"{v.Impact} {v.Id}: {v.Nodes[0].Html}").ToList();
        Assert.True(bad.Count == 0, $"{state}:\n{string.Join('\n', bad)}");
        var overflow = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
        Assert.True(overflow <= 0, $"{state} is {overflow} px wider than the screen.");
    }
}
