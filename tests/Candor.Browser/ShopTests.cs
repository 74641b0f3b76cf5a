using Microsoft.Playwright;

namespace Candor.Browser;

/// <summary>The sample shop as a visitor uses it: an order, a mail with a link, a choice, each through to what the customer then sees.</summary>
public sealed class ShopTests(Site site)
{

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_order_stands_among_the_customers_data_at_once(bool script)
    {
        var page = await site.VisitAsync(Look.Phone, script);
        await page.SignInAsync(3);
        await page.GotoAsync("/demo/products/teapot");
        await page.FollowAsync(page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Add to cart" }));
        await page.FollowAsync(page.GetByRole(AriaRole.Status).GetByRole(AriaRole.Link));
        await page.FollowAsync(page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "One more: Two-cup teapot" }));
        await page.FollowAsync(page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Buy now" }));
        var invoice = page.Url[(page.Url.LastIndexOf('/') + 1)..];
        Assert.StartsWith("MT-", invoice, StringComparison.Ordinal);
        await page.GotoAsync("/me/data/purchases");
        Assert.Contains(invoice, await page.InnerTextAsync("main"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_customer_signs_in_with_the_link_of_the_mail()
    {
        var page = await site.VisitAsync(Look.Phone, script: false);
        await page.GotoAsync("/sign-in");
        await page.GetByLabel("Your e-mail address").FillAsync("ada.brook.1@customers.example");
        await page.FollowAsync(page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Send me the link" }));
        var mail = page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { NameRegex = new("^Your link to ") }).First;
        await page.VisitUntilAsync("/demo/mailbox", mail);
        await page.FollowAsync(mail);
        await page.FollowAsync(page.Locator("a[href*='/sign-in/link?token=']").First);
        await page.FollowAsync(page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Button).First);
        Assert.Equal("My Data & Privacy", await page.InnerTextAsync("h1"));
        Assert.EndsWith("/me", page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_suggestion_says_why_and_goes_when_the_customer_does_not_want_it()
    {
        var page = await site.VisitAsync(Look.Phone, script: false);
        await page.SignInAsync(2); // Nobody else's test changes what she agreed to.
        var dismiss = page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { NameRegex = new("^Not this: ") }).First;
        await page.VisitUntilAsync("/me/why", dismiss); // The models load while the site already answers.
        var name = (await dismiss.GetAttributeAsync("aria-label"))!["Not this: ".Length..];
        await page.FollowAsync(dismiss);
        Assert.Equal("Done. It is not suggested to you any more.", await page.InnerTextAsync("[role=status]"));
        Assert.DoesNotContain(name, await page.Locator("article.why h3").AllInnerTextsAsync());
        Assert.Equal(1, await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = $"Take back: {name}" }).CountAsync());
    }

    [Fact]
    public async Task The_shops_pages_and_the_reasons_are_accessible()
    {
        var page = await site.VisitAsync(Look.Phone, forAxe: true);
        await page.SignInAsync(0);
        await page.GotoAsync("/demo/products/tea-assam");
        await Axe.CheckAsync(page, "a product");
        await page.FollowAsync(page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Add to cart" }));
        await Axe.CheckAsync(page, "a product in the cart");
        foreach (var path in (string[])["/demo/cart", "/demo/mailbox", "/me/why", "/unsubscribe/no-such-link"])
        {
            await page.GotoAsync(path);
            await Axe.CheckAsync(page, path);
        }
    }
}
