using System.Text.RegularExpressions;
using Candor.Catalog;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Server.Web;
using Candor.Staff;
using Candor.Tests.Catalog;
using Candor.Tests.Storage;
using Candor.Vault;

namespace Candor.Tests.Server;

public sealed class FairnessPagesOnSqlite : FairnessPagesTests<Sqlite>;

public sealed class FairnessPagesOnPostgres : FairnessPagesTests<Postgres>;

/// <summary>What customers give for the bias audit, and what becomes of it, over HTTP.</summary>
public abstract partial class FairnessPagesTests<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Form = "application/x-www-form-urlencoded";
    private readonly Dictionary<string, string> cookies = [];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await StopHousekeepingAsync();
        await Host.ApplyCatalogAsync(PurposeCatalog.Read(ShopCatalog.Audited, "shop.yaml"), "test", "committee-1", Ct);
        await Host.Suggestions.LoadAsync(null, Ct);
        foreach (var role in (string[])["auditor", "privacy-officer", "agent", "administrator"])
        {
            cookies[role] = await Host.Database.WriteAsync(async tx =>
            {
                var id = await Host.Access.AddStaffAsync(tx, "Eve " + role, [role], tx.Now.AddYears(1), "test", Ct);
                return $"{CallerAuthentication.StaffCookie}={await Host.Access.OpenStaffSessionAsync(tx, id, tx.Now, Ct)}";
            }, Ct);
        }
    }

    [Fact]
    public async Task A_customer_gives_an_attribute_after_saying_yes_and_sees_what_it_is_for_and_each_count()
    {
        await AddCustomerAsync("c-0001");
        await SignInAsync("c-0001");
        var page = await PageAsync("c-0001", "/me/data");
        Assert.Contains("href=\"/me/data/ageBand\"", page.Text, StringComparison.Ordinal);
        var field = await PageAsync("c-0001", "/me/data/ageBand");
        Assert.Contains("only counted, in groups of ten people or more", field.Text, StringComparison.Ordinal);
        Assert.Contains("<option value=\"from-70\">70 or older</option>", field.Text, StringComparison.Ordinal);
        Assert.Equal(400, (await PostAsync("c-0001", "/me/data/ageBand", "value=from-70")).Status);
        Assert.Equal(200, (await GiveAsync("c-0001", "bias-audit")).Status);
        Assert.Equal(400, (await PostAsync("c-0001", "/me/data/ageBand", "value=71")).Status);
        Assert.Equal(302, (await PostAsync("c-0001", "/me/data/ageBand", "value=from-70")).Status);
        Assert.Equal(302, (await PostAsync("c-0001", "/me/data/ageBand", "value=50-to-69")).Status);
        page = await PageAsync("c-0001", "/me/data");
        Assert.Contains("50 to 69", page.Text, StringComparison.Ordinal);
        Assert.Contains("Nobody. It is only counted", (await PageAsync("c-0001", "/me/choices")).Text, StringComparison.Ordinal);
        Assert.Contains("only count this, in groups of ten", (await GetAsync("/notice", "")).Text, StringComparison.Ordinal);

        var key = await Host.Database.ReadAsync(tx => Host.Vault.FindCustomerAsync(tx, BlindIndex.Reference, "c-0001", Ct), Ct);
        await Host.Database.WriteAsync(tx => Host.Suggestions.Uses.KeepAsync(tx, key!.Id, PurposeId.Parse("in-session-recommendations"), UseOutcome.Suggested, true, Ct), Ct);
        await Host.Fairness.RunAsync(Week.Of(Host.Database.Clock.GetUtcNow()), Ct);
        Assert.Contains("Candor, to count in groups", (await PageAsync("c-0001", "/me/looks")).Text, StringComparison.Ordinal);

        var report = await Host.Report.ReadForAsync(key!.Id, new ActorState { Kind = ActorKind.System, Ref = "test" }, "request", "en", Ct);
        Assert.Contains(report!.Opened.Values, v => v.DataPoint.Value == "ageBand");
        var now = Host.Database.Clock.GetUtcNow();
        var officer = new ActorState { Kind = ActorKind.Staff, Ref = "s", Roles = "privacy-officer", MfaAt = now, TrainingUntil = now.AddDays(1) };
        Assert.DoesNotContain((await Host.Report.ReadForAsync(key.Id, officer, "request", "en", Ct))!.Opened.Values, v => v.DataPoint.Value == "ageBand");
        // The API gives it to nobody, whatever the purpose.
        Assert.Equal(403, (await GetAsync("/v1/customers/c-0001?purpose=bias-audit&fields=ageBand")).Status);
        Assert.Equal(403, (await GetAsync("/v1/customers/c-0001?purpose=order-fulfilment&fields=ageBand")).Status);
    }

    [Fact]
    public async Task The_page_shows_groups_pauses_and_how_one_ends_to_those_who_may_see_it()
    {
        foreach (var (role, _) in cookies)
        {
            Assert.Equal((role, role is "privacy-officer" or "administrator" ? 200 : 403), (role, (await PageAsync(role, "/governance/fairness")).Status));
        }

        Assert.Contains("The first week is counted when it is over.", (await PageAsync("administrator", "/governance/fairness")).Text, StringComparison.Ordinal);
        await CountAsync();
        var page = (await PageAsync("privacy-officer", "/governance/fairness")).Text;
        Assert.Contains("far below the limit", page, StringComparison.Ordinal);
        Assert.Contains("too few people", page, StringComparison.Ordinal);
        Assert.Contains("Suggestions while you browse", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<textarea", (await PageAsync("administrator", "/governance/fairness")).Text, StringComparison.Ordinal);
        var file = await PageAsync("administrator", "/governance/fairness/figures.csv?week=" + Week.FirstDay(Week.Of(Host.Database.Clock.GetUtcNow())).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
        Assert.Contains(",in-session-recommendations,suggested,ageBand,from-70,20,4,0.2,", file.Text, StringComparison.Ordinal);
        Assert.Contains(",in-session-recommendations,suggested,ageBand,30-to-49,,,,,,,too-few,0", file.Text, StringComparison.Ordinal);

        await AddCustomerAsync("c-9001");
        Assert.Equal(200, (await GiveAsync("c-9001", "in-session-recommendations")).Status);
        Assert.Equal("paused", (await SuggestedAsync("c-9001")).Json.GetProperty("whyNotPersonal").GetString());
        await SignInAsync("c-9001");
        Assert.Contains("We have paused this", (await PageAsync("c-9001", "/me/why")).Text, StringComparison.Ordinal);

        var end = Regex.Match(page, "action=\"(/governance/fairness/pauses/[0-9a-f]{32})\"").Groups[1].Value;
        Assert.Equal(403, (await PostAsync("administrator", end, "reason=It+serves+all+alike+now.", mark: Mark().Match(page).Groups[1].Value)).Status);
        var wrong = await PostAsync("privacy-officer", end, "reason=ok");
        Assert.Equal(400, wrong.Status);
        Assert.Contains(">ok</textarea>", wrong.Text, StringComparison.Ordinal);
        Assert.Equal(302, (await PostAsync("privacy-officer", end, "reason=It+serves+all+alike+now.")).Status);
        var after = (await PageAsync("privacy-officer", "/governance/fairness")).Text;
        Assert.Contains("It serves all alike now.", after, StringComparison.Ordinal);
        Assert.DoesNotContain("<textarea", after, StringComparison.Ordinal);
        Assert.Equal(409, (await PostAsync("privacy-officer", end, "reason=It+serves+all+alike+now.", mark: Mark().Match(page).Groups[1].Value)).Status);
        await Host.Suggestions.KeepUpAsync(Ct);
        Assert.False((await SuggestedAsync("c-9001")).Json.TryGetProperty("whyNotPersonal", out _));
    }

    [Fact]
    public async Task The_catalog_says_what_is_only_counted()
    {
        var catalog = (await GetAsync("/v1/catalog", "")).Json;
        string[] Counted(string of) => [.. catalog.GetProperty(of).EnumerateArray().Where(x => x.GetProperty("biasAudit").GetBoolean()).Select(x => x.GetProperty("id").GetString()!)];
        Assert.Equal(["bias-audit"], Counted("purposes"));
        Assert.Equal(["ageBand", "gender"], Counted("dataPoints"));
    }

    [Theory]
    [InlineData("/governance/fairness?week=yesterday")]
    [InlineData("/governance/fairness?week=0001-01-01")]
    [InlineData("/governance/fairness?week=9999-12-31")]
    [InlineData("/governance/fairness/figures.csv?week=%00")]
    public async Task A_week_that_there_is_not_shows_the_newest(string path) => Assert.Equal(200, (await PageAsync("privacy-officer", path)).Status);

    /// <summary>20 customers of each of two groups, of whom all and one in five got suggestions, and 3 of another; counted as this week.</summary>
    private async Task CountAsync()
    {
        var catalog = await Host.Database.ReadAsync(tx => Host.Catalogs.GetActiveAsync(tx, Ct), Ct);
        var notice = Candor.Consent.NoticeText.Generate(catalog.Catalog, "en").Ref;
        var n = 0;
        foreach (var (age, number, suggested) in new[] { ("under-30", 20, 20), ("from-70", 20, 4), ("30-to-49", 3, 3) })
        {
            for (var i = 0; i < number; i++)
            {
                await Host.Database.WriteAsync(async tx =>
                {
                    var key = await Host.Vault.CreateCustomerAsync(tx, $"g-{n++}", Ct);
                    await Host.Ledger.GiveAsync(tx, key.Id, catalog.Catalog.BiasAudit!, catalog, notice, "test", Ct);
                    await Host.Vault.PutFieldAsync(tx, key, DataPointId.Parse("ageBand"), System.Text.Encoding.UTF8.GetBytes($"\"{age}\""), "you", Ct);
                    await Host.Suggestions.Uses.KeepAsync(tx, key.Id, PurposeId.Parse("in-session-recommendations"), UseOutcome.Suggested, i < suggested, Ct);
                }, Ct);
            }
        }

        // So that the three are not given away, some gave no group.
        for (var i = 0; i < 10; i++)
        {
            await Host.Database.WriteAsync(async tx =>
            {
                var key = await Host.Vault.CreateCustomerAsync(tx, $"n-{i}", Ct);
                await Host.Suggestions.Uses.KeepAsync(tx, key.Id, PurposeId.Parse("in-session-recommendations"), UseOutcome.Suggested, true, Ct);
            }, Ct);
        }

        Assert.True(await Host.Fairness.RunAsync(Week.Of(Host.Database.Clock.GetUtcNow()), Ct));
    }

    private Task<Answer> SuggestedAsync(string reference) => GetAsync($"/v1/customers/{reference}/recommendations?purpose=in-session-recommendations");

    private async Task SignInAsync(string reference) => cookies[reference] = await Host.Database.WriteAsync(async tx =>
        $"{CallerAuthentication.Cookie}={await Host.Access.OpenCustomerSessionAsync(tx, (await Host.Vault.FindCustomerAsync(tx, BlindIndex.Reference, reference, Ct))!.Id, Ct)}", Ct);

    private Task<Answer> PageAsync(string who, string path) => SendAsync("GET", path, token: "", headers: ("Cookie", cookies[who]));

    private async Task<Answer> PostAsync(string who, string path, string body, string? mark = null)
    {
        mark ??= Mark().Match((await PageAsync(who, path.StartsWith("/me", StringComparison.Ordinal) ? path : "/governance/fairness")).Text).Groups[1].Value;
        return await SendAsync("POST", path, $"{body}&form={mark}", "", Form, ("Cookie", cookies[who]), ("Sec-Fetch-Site", "same-origin"));
    }

    [GeneratedRegex("name=\"form\" value=\"([^\"]+)\"")]
    private static partial Regex Mark();
}
