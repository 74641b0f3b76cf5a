using Microsoft.Playwright;

namespace Candor.Browser;

/// <summary>Signing in as people do it: on a phone, without script, by keyboard, in both languages.</summary>
public sealed class SignInTests(Site site)
{

    [Fact]
    public async Task Every_page_of_signing_in_is_accessible()
    {
        var page = await site.VisitAsync(Look.Phone, forAxe: true);
        foreach (var path in (string[])["/sign-in", "/sign-in?language=de", "/sign-in/sent", "/sign-in/sent?language=en", "/sign-in/link?token=x", "/sign-in/oidc"])
        {
            await page.GotoAsync(path);
            await Axe.CheckAsync(page, path);
        }

        await page.GotoAsync("/sign-in");
        await page.Locator("form[action='/sign-in']").EvaluateAsync("f => f.noValidate = true");
        await page.FillAsync("#email", "no address");
        await page.FollowAsync(page.Locator("form[action='/sign-in'] button"));
        await page.WaitForSelectorAsync("[role=alert]");
        await Axe.CheckAsync(page, "/sign-in with a mistake");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Asking_for_a_link_works_with_and_without_script_and_never_says_who_is_known(bool script)
    {
        var page = await site.VisitAsync(Look.Phone, script);
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
        var page = await site.VisitAsync(Look.Phone, script: false);
        await page.GotoAsync("/sign-in/link?token=" + new string('A', 43));
        Assert.Contains("does not count any more", await page.Locator("h1").InnerTextAsync(), StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Go to sign-in" }).ClickAsync();
        await page.WaitForSelectorAsync("#email");
    }

    [Fact]
    public async Task The_shop_vouches_for_its_customer_with_a_signed_token()
    {
        var page = await site.VisitAsync(Look.Phone, script: false);
        await page.SignInAsync(4);
        Assert.EndsWith("/me", page.Url, StringComparison.Ordinal);
    }
}
