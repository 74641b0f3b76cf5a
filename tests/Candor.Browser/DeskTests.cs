using Microsoft.Playwright;

namespace Candor.Browser;

/// <summary>A service agent at the desk, and the customer in a browser of their own.</summary>
public sealed class DeskTests(Site site)
{
    private static readonly Look Phone = new(390, IsDark: false);
    private const string Card = "She paid with 4111 1111 1111 1111 twice.";

    [Theory]
    [MemberData(nameof(Look.All), MemberType = typeof(Look))]
    public async Task Every_page_and_state_of_the_desk_is_accessible(int width, bool dark)
    {
        var page = await site.VisitAsync(new Look(width, dark), forAxe: true);
        await page.SitDownAsync("Sam Sample");
        await CheckAsync(page, "the desk");
        await page.FindAsync("nobody@customers.example", "T-1");
        await CheckAsync(page, "nobody found");
        await page.FindAsync("c-0004", "T-2");
        await CheckAsync(page, "a brief");
        await page.NoteAsync(Card);
        await CheckAsync(page, "a note refused");
        await page.GotoAsync(page.Url + "?language=de");
        await CheckAsync(page, "a brief in German");
        await page.GotoAsync("/desk?language=en");
        await CheckAsync(page, "cases of the day");
        // Every use is stopped for this one of the sample customers.
        await page.FindAsync("c-0097", "T-3");
        await CheckAsync(page, "nothing shown");
        await page.EmergencyAsync("The caller says that the parcel holds medicine that must be stopped.");
        await CheckAsync(page, "an emergency");
        await page.SitDownAsync("Pia Private");
        await page.GotoAsync("/desk/emergencies");
        await CheckAsync(page, "emergencies");
        await page.Locator(".looks a").First.ClickAsync();
        await CheckAsync(page, "one emergency");
    }

    private static async Task CheckAsync(IPage page, string state)
    {
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = $"/tmp/desk-shots/{state.Replace(' ', '-')}-{page.ViewportSize!.Width}.png", FullPage = true });
        await AccessibilityTests.CheckAsync(page, state);
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
        await page.WaitForURLAsync(url => !url.EndsWith("/demo", StringComparison.Ordinal));
        return page;
    }

    /// <summary>Looks for a customer, and arrives at their page or at why not.</summary>
    public static async Task FindAsync(this IPage page, string text, string number)
    {
        await page.GotoAsync("/desk");
        await page.FillAsync("#text", text);
        await page.FillAsync("#case", number);
        await page.SubmitAsync(page.Locator("form[action='/desk'] button"));
    }

    public static async Task NoteAsync(this IPage page, string text)
    {
        await page.FillAsync("#note-text", text);
        await page.SubmitAsync(page.Locator("form:has(#note-text) button"));
    }

    public static async Task EmergencyAsync(this IPage page, string reason)
    {
        await page.Locator("details:has(#emergency) summary").ClickAsync();
        await page.FillAsync("#emergency", reason);
        await page.SubmitAsync(page.Locator("form:has(#emergency) button"));
    }
}
