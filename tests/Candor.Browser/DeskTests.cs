using Microsoft.Playwright;

namespace Candor.Browser;

/// <summary>A service agent at the desk, and the customer in a browser of their own.</summary>
public sealed class DeskTests(Site site)
{
    private const string Card = "She paid with 4111 1111 1111 1111 twice.";

    [Fact]
    public async Task Every_page_and_state_of_the_desk_is_accessible()
    {
        var page = await site.VisitAsync(Look.Phone, forAxe: true);
        await page.SitDownAsync("Sam Sample");
        await Axe.CheckAsync(page, "the desk");
        await page.FindAsync("nobody@customers.example", "T-1");
        await Axe.CheckAsync(page, "nobody found");
        await page.FindAsync("c-0004", "T-2");
        await Axe.CheckAsync(page, "a brief");
        await page.FindAsync("c-0083", "T-83");
        await Axe.CheckAsync(page, "a brief with a late order");
        await page.NoteAsync(Card);
        await Axe.CheckAsync(page, "a note refused");
        await page.GotoAsync(page.Url + "?language=de");
        await Axe.CheckAsync(page, "a brief in German");
        await page.GotoAsync("/desk?language=en");
        await Axe.CheckAsync(page, "cases of the day");
        // Every use is stopped for this one of the sample customers.
        await page.FindAsync("c-0097", "T-3");
        await Axe.CheckAsync(page, "nothing shown");
        await page.EmergencyAsync("The caller says that the parcel holds medicine that must be stopped.");
        await Axe.CheckAsync(page, "an emergency");
        await page.SitDownAsync("Pia Private");
        await page.GotoAsync("/desk/emergencies");
        await Axe.CheckAsync(page, "emergencies");
        await page.FollowAsync(page.Locator(".looks a").First);
        await Axe.CheckAsync(page, "one emergency");
    }

    // One conversation, from hello to goodbye, without script at the desk.
    [Fact]
    public async Task An_agent_helps_a_customer_who_decides_in_a_browser_of_their_own()
    {
        var page = await site.VisitAsync(Look.Phone, script: false);
        await page.SitDownAsync("Sam Sample");
        await page.FindAsync("MT-0007-01", "T-77");
        var address = page.Url;
        Assert.Contains("Gia Heath", await page.ContentAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("Gia", await page.TitleAsync(), StringComparison.Ordinal);

        await page.NoteAsync(Card);
        Assert.Contains("Line 1, from character 15", await page.Locator("#note-mistake").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal(Card, await page.InputValueAsync("#note-text"));
        await page.NoteAsync("She was charged twice; refunded.");
        Assert.Contains("She was charged twice; refunded.", await page.Locator("section:has(> #contacts)").InnerTextAsync(), StringComparison.Ordinal);

        await page.Locator("details:has(#channel) summary").ClickAsync();
        await page.SelectOptionAsync("#channel", "letter");
        await page.FollowAsync(page.Locator("form:has(#channel) button"));
        Assert.Contains("Letter", await page.Locator("section:has(> #who)").InnerTextAsync(), StringComparison.Ordinal);

        var customer = await site.VisitAsync(Look.Phone);
        await customer.SignInAsync(6);
        var asked = await page.Locator("form.askform").First.Locator("input[name=purpose]").GetAttributeAsync("value");
        await page.FollowAsync(page.Locator("form.askform button").First);
        Assert.Contains("not answered yet", await page.ContentAsync(), StringComparison.Ordinal);
        await customer.GotoAsync("/me");
        await customer.FollowAsync(customer.Locator(".notes a[href='/me/asked']").First);
        await customer.FollowAsync(customer.Locator($"form:has(input[value='{asked}']) button[value=yes]"));
        await page.GotoAsync(address);
        Assert.Contains("the customer said yes", await page.ContentAsync(), StringComparison.Ordinal);

        // Between two openings the customer takes it back.
        await customer.GotoAsync("/me/choices");
        await customer.FollowAsync(customer.Locator($"#p-{asked} button[role=switch]"));
        await page.GotoAsync(address);
        Assert.Contains("the customer said no", await page.ContentAsync(), StringComparison.Ordinal);
        await customer.GotoAsync("/me/looks");
        Assert.Contains("case T-77", await customer.ContentAsync(), StringComparison.Ordinal);
    }

    // One in forty of the sample customers waits for a parcel and has asked about it; this one is of no other test.
    [Fact]
    public async Task An_agent_sees_at_once_that_an_order_is_late_and_was_asked_about_before()
    {
        var page = await site.VisitAsync(Look.Phone, script: false);
        await page.SitDownAsync("Sam Sample");
        await page.FindAsync("c-0043", "T-43");
        var open = page.Locator("section:has(> #open) li");
        var (late, asked) = (await open.Nth(0).InnerTextAsync(), await open.Nth(1).InnerTextAsync());
        Assert.Matches(@"Order MT-0043-\d\d is late: it was placed on .+ and nothing says that it arrived", late);
        Assert.Contains("Noticed in: Purchase history", late, StringComparison.Ordinal);
        Assert.Matches(@"Asked 3 times about MT-0043-\d\d since", asked);
        await page.GotoAsync(page.Url + "?language=de");
        Assert.Contains("verspätet sich", await open.Nth(0).InnerTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_question_on_the_customers_own_page_is_accessible()
    {
        var agent = await site.VisitAsync(Look.Phone);
        await agent.SitDownAsync("Sam Sample");
        await agent.FindAsync("c-0005", "T-5");
        if (await agent.Locator("form.askform button").CountAsync() > 0)
        {
            await agent.FollowAsync(agent.Locator("form.askform button").First);
        }

        var page = await site.VisitAsync(Look.Phone, forAxe: true);
        await page.SignInAsync(4);
        await page.GotoAsync("/me/asked");
        Assert.True(await page.Locator("button[value=no]").CountAsync() > 0);
        await Axe.CheckAsync(page, "a question to the customer");
    }

}

/// <summary>What an agent does at the desk.</summary>
internal static class Agent
{
    /// <summary>Signs in as one of the sample staff and opens their first page.</summary>
    public static async Task<IPage> SitDownAsync(this IPage page, string name)
    {
        await page.GotoAsync("/demo");
        await page.EvaluateAsync("""
            name => {
                const form = document.createElement('form');
                form.method = 'post';
                form.action = '/demo/staff';
                const field = document.createElement('input');
                field.type = 'hidden';
                field.name = 'name';
                field.value = name;
                form.append(field);
                document.body.append(form);
                form.submit();
            }
            """, name);
        await page.ArriveAsync(url => !url.EndsWith("/demo", StringComparison.Ordinal));
        return page;
    }

    /// <summary>Looks for a customer, and arrives at their page or at why not.</summary>
    public static async Task FindAsync(this IPage page, string text, string number)
    {
        await page.GotoAsync("/desk");
        await page.FillAsync("#text", text);
        await page.FillAsync("#case", number);
        await page.FollowAsync(page.Locator("form[action='/desk'] button"));
    }

    public static async Task NoteAsync(this IPage page, string text)
    {
        await page.FillAsync("#note-text", text);
        await page.FollowAsync(page.Locator("form:has(#note-text) button"));
    }

    public static async Task EmergencyAsync(this IPage page, string reason)
    {
        await page.Locator("details:has(#emergency) summary").ClickAsync();
        await page.FillAsync("#emergency", reason);
        await page.FollowAsync(page.Locator("form:has(#emergency) button"));
    }
}
