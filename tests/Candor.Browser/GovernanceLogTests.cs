using Candor.Tests.Crash;
using Microsoft.Playwright;

namespace Candor.Browser;

/// <summary>The pages about the log, as the sample auditor and the sample privacy officer use them.</summary>
public sealed class GovernanceLogTests(Site site)
{
    [Fact]
    public async Task The_pages_about_the_log_are_accessible()
    {
        var page = await site.VisitAsync(Look.Phone, forAxe: true);
        await SignInAsync(page, "Pia Private");
        await Axe.CheckAsync(page, "anomalies");
        foreach (var path in (string[])["/governance/log", "/governance/log?outcome=denied", "/governance/log?to=2020-01-01", "/governance/log/export?kind=read", "/governance/log/customer", "/governance/log/proofs", "/governance/log?language=de"])
        {
            await page.GotoAsync(path);
            await Axe.CheckAsync(page, path);
        }

        await page.GotoAsync("/governance/log/customer?language=en");
        await page.GetByLabel("Customer’s reference").FillAsync("c-0001");
        await page.GetByLabel("Why do you need to see this?").FillAsync("complaint number 17");
        await page.FollowAsync(page.GetByRole(AriaRole.Button, new() { Name = "Show the entries" }));
        await Axe.CheckAsync(page, "entries of a customer");
    }

    [Fact]
    public async Task The_page_about_groups_is_accessible_on_phone_and_desktop_in_both_languages()
    {
        foreach (var look in new[] { Look.Phone, Look.Desktop })
        {
            var page = await site.VisitAsync(look, forAxe: true);
            await SignInAsync(page, "Pia Private");
            foreach (var path in (string[])["/governance/fairness", "/governance/fairness?language=de"])
            {
                await page.GotoAsync(path);
                await Assertions.Expect(page.Locator("table").First).ToBeVisibleAsync();
                await Axe.CheckAsync(page, path);
            }
        }
    }

    [Fact]
    public async Task The_page_about_models_is_accessible_on_phone_and_desktop_in_both_languages_and_needs_no_sideways_scrolling()
    {
        foreach (var look in new[] { Look.Phone, Look.Desktop })
        {
            var page = await site.VisitAsync(look, forAxe: true);
            await SignInAsync(page, "Cleo Council");
            foreach (var path in (string[])["/governance/models", "/governance/models?language=de"])
            {
                await page.GotoAsync(path);
                await Assertions.Expect(page.Locator("table").First).ToBeVisibleAsync();
                Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"), $"{path} scrolls sideways.");
                await Axe.CheckAsync(page, path);
            }
        }
    }

    // A day in the sample shop like any other: nothing in it is worth a question. In a shop of its own, because other tests are refused often enough to be worth one.
    [Fact]
    public async Task A_quiet_day_in_the_sample_shop_has_no_anomaly_and_its_log_is_searched_and_proven()
    {
        var folder = Directory.CreateTempSubdirectory("candor-quiet-");
        await using (var server = await ServerProcess.StartAsync("demo", Path.Combine(folder.FullName, "data"), CancellationToken.None))
        {
            await SpendQuietDayAsync(await site.NewContextAsync(new BrowserNewContextOptions { BaseURL = server.Address.GetLeftPart(UriPartial.Authority), Locale = "en-GB" }));
        }

        folder.Delete(recursive: true);
    }

    private static async Task SpendQuietDayAsync(IBrowserContext context)
    {
        var page = await context.NewPageAsync();
        await SignInAsync(page, "Ollie Audit");
        Assert.EndsWith("/governance/log", page.Url, StringComparison.Ordinal);
        await page.GetByText("Search", new() { Exact = true }).First.ClickAsync();
        await page.GetByLabel("Who", new() { Exact = true }).SelectOptionAsync("Sam Sample");
        await page.FollowAsync(page.GetByRole(AriaRole.Button, new() { Name = "Search" }));
        await Assertions.Expect(page.Locator(".look strong").First).ToHaveTextAsync("Sam Sample");
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Proof of the entry of Sam Sample" }).First.ClickAsync());
        Assert.EndsWith(".tlog-proof", download.SuggestedFilename, StringComparison.Ordinal);
        await page.GotoAsync("/governance/anomalies");
        await Assertions.Expect(page.GetByText("Nothing waits for an answer.")).ToBeVisibleAsync();
        await page.GotoAsync("/governance/log/proofs");
        await Assertions.Expect(page.GetByText("The log is whole, as far as it was checked.")).ToBeVisibleAsync();
    }

    private static async Task SignInAsync(IPage page, string name)
    {
        await page.GotoAsync("/demo");
        await page.APIRequest.PostAsync("/demo/staff", new() { Form = page.APIRequest.CreateFormData().Append("name", name), Headers = [new("Sec-Fetch-Site", "same-origin")], MaxRedirects = 0 });
        await page.GotoAsync(name == "Ollie Audit" ? "/governance/log" : "/governance/anomalies");
    }
}
