using System.Net;
using System.Net.Http.Headers;
using Candor.Catalog;
using Candor.Reads;
using Candor.Staff;
using Microsoft.Playwright;

namespace Candor.Browser;

/// <summary>Training as staff meet it: a closed door, a failed and a passed attempt, and the door open again; without script, on a phone, in both languages.</summary>
public sealed class TrainingTests(Site site)
{
    private static readonly string[] Modules = ["privacy-basics", "phishing", "data-rules"];

    [Fact]
    public async Task Every_page_of_training_is_accessible_in_every_state()
    {
        var page = await site.VisitAsync(Look.Phone, forAxe: true);
        await SignInAsync(page, "Pia Private");
        foreach (var path in (string[])["/staff/training", "/staff/training?language=de", "/staff/training/phishing", "/staff/training/data-rules?language=en", "/staff/training/overview", "/staff/training/no-such"])
        {
            await page.GotoAsync(path);
            await Axe.CheckAsync(page, path);
        }

        await BeginAsync(page, "phishing");
        await Axe.CheckAsync(page, "questions");
        await HandInAsync(page);
        await page.WaitForSelectorAsync("[role=alert]");
        await Axe.CheckAsync(page, "questions with gaps");
        await AnswerAsync(page, "phishing", right: false);
        await Axe.CheckAsync(page, "failed");
        await BeginAsync(page, "phishing");
        await AnswerAsync(page, "phishing", right: true);
        await Axe.CheckAsync(page, "passed");
        await SignInAsync(page, "Alma Admin");
        await page.GotoAsync("/staff/training/certificate");
        await Axe.CheckAsync(page, "certificate");
    }

    [Fact]
    public async Task Who_is_lapsed_is_led_to_training_fails_passes_and_reads_again()
    {
        var page = await site.VisitAsync(Look.Phone, script: false);
        await SignInAsync(page, "Lars Lapsed");
        Assert.EndsWith("/staff/training", page.Url, StringComparison.Ordinal);
        Assert.Contains("Your training ended on", await page.InnerTextAsync("#standing"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, await ReadAsync(page));
        await BeginAsync(page, "privacy-basics");
        await AnswerAsync(page, "privacy-basics", right: false);
        Assert.Contains("Not passed yet", await page.InnerTextAsync("h1"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, await ReadAsync(page));
        foreach (var module in Modules)
        {
            await BeginAsync(page, module);
            await AnswerAsync(page, module, right: true);
            Assert.Contains("Passed", await page.InnerTextAsync("h1"), StringComparison.Ordinal);
        }

        Assert.Contains("You can open customer data until", await page.InnerTextAsync("#result"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await ReadAsync(page));
        await page.GotoAsync("/staff/training");
        Assert.Contains("Your training counts until", await page.InnerTextAsync("#standing"), StringComparison.Ordinal);
    }

    private static async Task SignInAsync(IPage page, string name)
    {
        await page.GotoAsync("/demo");
        await page.Locator("form[action='/demo/staff']").Filter(new LocatorFilterOptions { HasText = name }).Locator("button").ClickAsync();
        await page.ArriveAsync(url => !url.EndsWith("/demo", StringComparison.Ordinal));
    }

    private static async Task BeginAsync(IPage page, string module)
    {
        await page.GotoAsync("/staff/training/" + module + "?language=en");
        await page.ClickAsync("form[action$='/begin'] button");
        await page.ArriveAsync("**/questions/*");
    }

    private static Task HandInAsync(IPage page) => page.FollowAsync(page.Locator("main form.form button[type=submit]"));

    private static async Task AnswerAsync(IPage page, string id, bool right)
    {
        var module = TrainingLibrary.Open("/nowhere").Modules.FirstOrDefault(m => m.Id == id)
            ?? DataRules.For(PurposeCatalog.Read(ReadyCatalogs.Text("shop"), "shop"), new HashSet<string> { "agent" });
        var marks = module.In("en").Questions.SelectMany(q => q.Answers.Where(a => a.IsRight == right).Select(a => a.Text)).ToHashSet();
        foreach (var option in await page.Locator(".question .option").AllAsync())
        {
            if (marks.Contains((await option.InnerTextAsync()).Trim()))
            {
                await option.Locator("input").CheckAsync();
            }
        }

        await HandInAsync(page);
        await page.ArriveAsync("**/result/*");
    }

    /// <summary>A read through the API with the session of whoever is signed in.</summary>
    private async Task<HttpStatusCode> ReadAsync(IPage page)
    {
        using var http = new HttpClient { BaseAddress = new Uri(site.Address) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await page.Context.CookiesAsync()).Single(c => c.Name == "__Host-staff").Value);
        return (await http.GetAsync(new Uri("/v1/customers/c-0001?purpose=support&fields=fullName&case=T-1", UriKind.Relative))).StatusCode;
    }
}
