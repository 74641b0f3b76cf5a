using Microsoft.Playwright;

namespace Candor.Browser;

/// <summary>A cart is left in the sample shop, where a reminder comes after 20 seconds. Each customer here is of no other test.</summary>
public sealed class CartReminderTests(Site site)
{
    private const string Switch = "#p-cart-reminders button[role=switch]";

    // Whoever ends a cart does so with one request, so that it is over long before its reminder were due, also on a slow machine. The one who
    // leaves hers comes last: when her mail is there, theirs would have been due before.
    [Fact]
    public async Task A_cart_that_was_left_gets_one_gentle_mail_and_one_that_was_bought_seen_again_or_not_allowed_gets_none()
    {
        var buys = await AllowAsync(9);
        await FillAsync(buys);
        Assert.Contains("/demo/orders/MT-", await buys.EvaluateAsync<string>("async () => (await fetch('/demo/orders', { method: 'POST' })).url"), StringComparison.Ordinal);

        // Her choices stay open in a second page.
        var choices = await AllowAsync(10);
        await FillAsync(await choices.Context.NewPageAsync());
        await choices.FollowAsync(choices.Locator(Switch + "[aria-checked=true]"));

        var returns = await AllowAsync(11);
        await FillAsync(returns);
        await returns.EvaluateAsync("() => { const known = JSON.parse(localStorage.getItem('cart')); localStorage.setItem('cart', JSON.stringify({ ...known, since: known.since - 60_000 })); }");
        await TellAsync(returns, "opened", () => returns.GotoAsync("/demo/cart"));

        var leaves = await AllowAsync(8);
        await FillAsync(leaves);
        var mail = MailsTo(leaves, "iris.jessop.9");
        await leaves.VisitUntilAsync("/demo/mailbox", mail, visits: 1200);
        Assert.Equal(1, await mail.CountAsync());
        foreach (var other in (string[])["jon.kell.10", "kit.lark.11", "lena.marsh.12"])
        {
            Assert.Equal(0, await MailsTo(leaves, other).CountAsync());
        }

        await leaves.FollowAsync(mail.GetByRole(AriaRole.Link));
        var text = await leaves.Locator(".mail-text").InnerTextAsync();
        Assert.Contains("Two-cup teapot", text, StringComparison.Ordinal);
        Assert.DoesNotContain("34.00", text, StringComparison.Ordinal);
        Assert.Equal(1, await leaves.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "List-Unsubscribe" }).CountAsync());
    }

    /// <summary>Signs in and allows reminders of carts; stays at the choices.</summary>
    private async Task<IPage> AllowAsync(int customer)
    {
        var page = await site.VisitAsync(Look.Phone);
        await page.ChooseAsync(customer);
        if (await page.Locator(Switch + "[aria-checked=false]").CountAsync() > 0)
        {
            await page.FollowAsync(page.Locator(Switch));
        }

        return page;
    }

    /// <summary>Puts a teapot into the cart; returns once Candor has been told.</summary>
    private static async Task FillAsync(IPage page)
    {
        await page.GotoAsync("/demo/products/teapot");
        await TellAsync(page, "teapot", () => page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Add to cart" }).ClickAsync());
    }

    /// <summary>Does something and waits until Candor has stored what the shop tells of the cart because of it.</summary>
    private static async Task TellAsync(IPage page, string what, Func<Task> act)
    {
        var response = await page.RunAndWaitForResponseAsync(
            act, r => r.Url.EndsWith("/v1/web/events", StringComparison.Ordinal) && r.Request.PostData is { } sent && sent.Contains("\"carts\"", StringComparison.Ordinal) && sent.Contains(what, StringComparison.Ordinal));
        Assert.Equal(200, response.Status);
    }

    private static ILocator MailsTo(IPage page, string name) =>
        page.Locator(".mails li").Filter(new LocatorFilterOptions { HasText = name + "@" }).Filter(new LocatorFilterOptions { HasTextRegex = new("Your cart at|Ihr Korb bei") });
}
