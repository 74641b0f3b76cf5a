using Microsoft.Playwright;

namespace Candor.Browser;

/// <summary>Every page and state of My Data &amp; Privacy: axe finds nothing serious or critical, nothing sticks out sideways, nothing needs script.</summary>
public sealed class MyDataTests(Site site)
{
    /// <summary>Pages as they are found.</summary>
    private static readonly string[] Paths =
    [
        "/me", "/me/data", "/me/data/email", "/me/data/fullName", "/me/data/language", "/me/data/purchases", "/me/choices", "/me/choices/history", "/me/looks", "/me/looks?own=1",
        "/me/why", "/me/questions", "/me/questions?about=purchases&record=purchases-1", "/me/requests", "/me/download", "/me/sessions", "/me/delete", "/me/delete/confirm",
    ];

    [Fact]
    public async Task Every_page_is_accessible_and_fits_the_screen()
    {
        var page = await site.VisitAsync(Look.Phone, forAxe: true);
        await page.SignInAsync(4);
        foreach (var language in (string[])["de", "en"])
        {
            await page.GotoAsync($"/me?language={language}");
            foreach (var path in Paths)
            {
                await page.GotoAsync(path);
                await Axe.CheckAsync(page, $"{path} in {language}");
            }
        }
    }

    [Fact]
    public async Task Every_state_is_accessible_and_fits_the_screen()
    {
        var page = await site.VisitAsync(Look.Phone, forAxe: true);
        await page.SignInAsync(5);
        foreach (var (path, field, value, state) in ((string, string, string, string)[])
            [
                ("/me/data/phone", "value", "+44 7700 900123", "corrected"), ("/me/data/email", "value", "nobody@", "a mistake"), ("/me/data/fullName", "value", "Finn Galeson", "waiting"),
                ("/me/questions", "question", "Did you charge 4111 1111 1111 1111 twice?", "a card number"), ("/me/questions", "question", "Is the tea organic?", "asked"),
            ])
        {
            await page.GotoAsync(path);
            await page.Locator($"[name={field}]").Last.FillAsync(value);
            // The browser's own check of e-mail addresses would keep the mistake from us.
            await page.EvaluateAsync("() => document.querySelectorAll('form').forEach(f => f.noValidate = true)");
            await page.FollowAsync(page.Locator("form.form button[type=submit]"));
            await Axe.CheckAsync(page, $"{path}: {state}");
        }

        await page.GotoAsync("/me/requests");
        await page.Locator("input[value=rectification]").CheckAsync();
        await page.Locator("#note").FillAsync("My second invoice shows the wrong day.");
        await page.FollowAsync(page.Locator("form.form button[type=submit]"));
        await Axe.CheckAsync(page, "/me/requests: filed");
        await page.GotoAsync("/me");
        await Axe.CheckAsync(page, "/me with notes");
        await page.GotoAsync("/me/requests");
        await Axe.CheckAsync(page, "/me/requests: list");
        await page.FollowAsync(page.Locator(".looks a").First);
        await page.FollowAsync(page.Locator("form[action$='/take-back'] button"));
        await Axe.CheckAsync(page, "/me/requests: taken back");
        await page.GotoAsync("/me/choices");
        await page.Locator(".choices details summary").First.ClickAsync();
        await Axe.CheckAsync(page, "/me/choices opened");
        foreach (var state in (string[])["first choice", "second choice"])
        {
            await page.PressAsync((await page.Locator("button[role=switch]").First.GetAttributeAsync("aria-label"))!);
            await Axe.CheckAsync(page, $"/me/choices: {state}");
        }

        if (await page.Locator("form[action='/me/choices/all-off'] button").CountAsync() > 0)
        {
            await page.FollowAsync(page.Locator("form[action='/me/choices/all-off'] button"));
        }

        await Axe.CheckAsync(page, "/me/choices: all off");
        await page.Locator(".sections-phone summary").ClickAsync();
        await Axe.CheckAsync(page, "/me/choices: sections open");
    }

    [Fact]
    public async Task Everything_is_done_without_script()
    {
        var page = await site.VisitAsync(Look.Phone, script: false);
        await page.SignInAsync(7);
        await page.GotoAsync("/me/data/preferredChannel");
        await page.Locator("#value").FillAsync("letter");
        await page.FollowAsync(page.Locator("form.form button[type=submit]"));
        Assert.Equal("letter", await page.Locator(".held .value").InnerTextAsync());
        await page.GotoAsync("/me/questions");
        await page.Locator("#question").FillAsync("Please look at card 4111 1111 1111 1111");
        await page.FollowAsync(page.Locator("form.form button[type=submit]"));
        await page.FollowAsync(page.Locator(".warn form button"));
        Assert.Contains("••••1111", await page.Locator(".records").First.InnerTextAsync(), StringComparison.Ordinal);
        await page.GotoAsync("/me/requests");
        await page.Locator("input[value=restriction]").CheckAsync();
        await page.FollowAsync(page.Locator("form.form button[type=submit]"));
        await page.FollowAsync(page.Locator("form[action$='/lift'] button"));
        Assert.Equal(1, await page.Locator("[role=status]").CountAsync());
        await page.GotoAsync("/me/download");
        var download = await page.RunAndWaitForDownloadAsync(() => page.Locator("form[action='/me/download'] button").ClickAsync());
        Assert.EndsWith(".zip", download.SuggestedFilename, StringComparison.Ordinal);
    }
}
