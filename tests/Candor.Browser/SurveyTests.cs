using Microsoft.Playwright;

namespace Candor.Browser;

/// <summary>The questions on how customers see the business: on their own page and behind a link. Each test has a customer of its own, since everybody is asked once.</summary>
public sealed class SurveyTests(Site site)
{
    // Each with another for the day on which the first was asked by mail, whose turn comes by a random id.
    private static readonly int[] Looks = [12, 15];
    private static readonly int[] Answers = [13, 16];
    private static readonly string[] Candidates = ["c-0015", "c-0018"];
    private const string Send = "Send";
    private const string Survey = "async () => await (await import('/candor.js')).survey()";

    [Fact]
    public async Task The_questions_are_accessible_and_fit_the_screen()
    {
        var page = await MeetAsync(Looks, script: true);
        foreach (var language in (string[])["de", "en"])
        {
            await page.GotoAsync($"/me?language={language}");
            await Assertions.Expect(page.Locator(".card.ask")).ToBeVisibleAsync();
            await Axe.CheckAsync(page, $"card in {language}");
            await page.GotoAsync("/me/survey");
            await Axe.CheckAsync(page, $"me-survey in {language}");
        }

        await page.Locator("input[name=s2][value='4']").CheckAsync();
        await page.Locator("#text").FillAsync("You charged 4111 1111 1111 1111 twice");
        await page.FollowAsync(page.GetByRole(AriaRole.Button, new() { Name = Send }));
        await Axe.CheckAsync(page, "me-survey with a mistake");
        Assert.True(await page.Locator("input[name=s2][value='4']").IsCheckedAsync());
    }

    [Fact]
    public async Task The_card_leads_to_the_questions_and_goes_with_the_answer_without_script()
    {
        var page = await MeetAsync(Answers, script: false);
        await page.Locator(".card.ask a").ClickAsync();
        await page.ArriveAsync("**/me/survey");
        for (var statement = 1; statement <= 5; statement++)
        {
            await page.Locator($"input[name=s{statement}][value='4']").CheckAsync();
        }

        await page.Locator("input[name=recommend][value='9']").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = Send }).ClickAsync();
        await page.ArriveAsync("**/me");
        await Assertions.Expect(page.Locator("[role=status]")).ToContainTextAsync("Thank you");
        Assert.Equal(0, await page.Locator(".card.ask").CountAsync());
        await page.GotoAsync("/me/survey");
        await Assertions.Expect(page.Locator(".empty")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_link_from_the_shop_is_answered_once_and_then_says_so_kindly()
    {
        var shopper = await ShopAsync(Candidates[0]);
        var link = await shopper.EvaluateAsync<string?>(Survey);
        if (link is null)
        {
            shopper = await ShopAsync(Candidates[1]);
            link = await shopper.EvaluateAsync<string?>(Survey);
        }

        Assert.NotNull(link);
        Assert.Null(await shopper.EvaluateAsync<string?>(Survey));
        var path = new Uri(link).AbsolutePath;
        var visitor = await site.VisitAsync(Look.Phone, forAxe: true);
        await visitor.GotoAsync(path);
        await Axe.CheckAsync(visitor, "link");
        await visitor.FollowAsync(visitor.GetByRole(AriaRole.Button, new() { Name = Send }));
        await Axe.CheckAsync(visitor, "link with nothing answered");
        foreach (var end in (string[])["/survey/thanks", "/survey/later", "/survey/over"])
        {
            await visitor.GotoAsync(end);
            await Axe.CheckAsync(visitor, end);
        }

        var page = await site.VisitAsync(Look.Phone, script: false);
        await page.GotoAsync(path);
        await page.Locator("input[name=recommend][value='0']").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = Send }).ClickAsync();
        await page.ArriveAsync("**/survey/thanks");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Thank you" })).ToBeVisibleAsync();
        await page.GotoAsync(path);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "This link has ended" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task What_people_wrote_is_shown_to_a_privacy_officer_without_a_day()
    {
        var page = await site.VisitAsync(Look.Phone, forAxe: true);
        await page.GotoAsync("/demo");
        await page.APIRequest.PostAsync("/demo/staff", new() { Form = page.APIRequest.CreateFormData().Append("name", "Pia Private"), Headers = [new("Sec-Fetch-Site", "same-origin")], MaxRedirects = 0 });
        await page.GotoAsync("/governance/survey-texts");
        await Assertions.Expect(page.Locator(".answered li").First).ToBeVisibleAsync();
        Assert.Equal(0, await page.Locator("main time").CountAsync());
        await Axe.CheckAsync(page, "survey-texts");
    }

    /// <summary>At the own page of the first of these customers whom it asks.</summary>
    private async Task<IPage> MeetAsync(int[] customers, bool script)
    {
        var first = await (await site.VisitAsync(Look.Phone, script, forAxe: script)).SignInAsync(customers[0]);
        return await first.Locator(".card.ask").CountAsync() > 0 ? first : await (await site.VisitAsync(Look.Phone, script, forAxe: script)).SignInAsync(customers[1]);
    }

    /// <summary>In the shop, signed in without a look at their own page, where the card would have asked them.</summary>
    private async Task<IPage> ShopAsync(string customer)
    {
        var shopper = await site.VisitAsync(Look.Desktop);
        await shopper.GotoAsync("/demo");
        await shopper.APIRequest.PostAsync("/demo/sign-in", new() { Form = shopper.APIRequest.CreateFormData().Append("reference", customer), Headers = [new("Sec-Fetch-Site", "same-origin")], MaxRedirects = 0 });
        // The page asks for its token first; before it has told who is here, nobody can be asked.
        await shopper.RunAndWaitForRequestAsync(() => shopper.GotoAsync("/demo"), r => r.Url.EndsWith("/v1/web/session", StringComparison.Ordinal));
        return shopper;
    }
}
