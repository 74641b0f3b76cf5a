using Candor.Catalog;
using Candor.Tests.Governance;
using Candor.Tests.Storage;

namespace Candor.Tests.Server;

public sealed class RecordPagesOnSqlite : RecordPagesTests<Sqlite>;

public sealed class RecordPagesOnPostgres : RecordPagesTests<Postgres>;

/// <summary>The record of processing over HTTP: the page, its files, and who gets them.</summary>
public abstract class RecordPagesTests<TEngine> : AdminTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Path = "/governance/records";

    [Theory]
    [InlineData("en")]
    [InlineData("de")]
    public async Task The_page_and_its_file_have_the_same_parts_and_rows(string language)
    {
        var (page, file) = (await PageAsync(Alma, Path, language), await PageAsync(Alma, Path + ".md", language));
        Assert.Equal((200, 200), (page.Status, file.Status));
        var (shown, written) = (DocumentReader.Page(page.Text), DocumentReader.Markdown(file.Text));
        Assert.Equal(written.Select(s => s.Heading), shown.Select(s => s.Heading));
        Assert.Equal(written.SelectMany(s => s.Rows.Select(r => string.Join('¦', r))), shown.SelectMany(s => s.Rows.Select(r => string.Join('¦', r))));
        var digest = (await Host.Database.ReadAsync(tx => Host.Catalogs.GetActiveAsync(tx, Ct), Ct)).Catalog.Digest;
        Assert.Contains(digest, page.Text, StringComparison.Ordinal);
        Assert.Contains(digest, file.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_of_the_catalog_that_counts_the_moment_it_is_asked_for()
    {
        var before = DocumentReader.Csv((await PageAsync(Alma, Path + ".csv")).Text);
        Assert.Contains(before, r => r["purpose"] == "newsletter" && r["dataPoint"] == "language");
        var yaml = Candor.Tests.Catalog.ShopCatalog.Yaml;
        await Host.ApplyCatalogAsync(PurposeCatalog.Read(yaml.Replace("uses: { email: high, fullName: low, language: medium }", "uses: { email: high, fullName: low }", StringComparison.Ordinal), "shop.yaml"), "test", null, Ct);
        var after = DocumentReader.Csv((await PageAsync(Alma, Path + ".csv")).Text);
        Assert.Equal(before.Count - 1, after.Count);
        Assert.DoesNotContain(after, r => r["purpose"] == "newsletter" && r["dataPoint"] == "language");
        Assert.Equal(
            [("bookkeeping", "Tax adviser"), ("order-fulfilment", "Parcel service")],
            DocumentReader.Csv((await PageAsync(Alma, Path + "/recipients.csv")).Text).Select(r => (r["purpose"], r["recipient"])));
    }

    [Fact]
    public async Task It_is_for_those_who_watch_over_data()
    {
        foreach (var (name, status) in ((string, int)[])[("Sam Sample", 403), ("Pia Private", 200), ("Cleo Council", 200)])
        {
            var cookie = await SignInAsync(name);
            foreach (var path in (string[])[Path, Path + ".md", Path + ".csv", Path + "/recipients.csv"])
            {
                Assert.Equal((name, path, status), (name, path, (await PageAsync(cookie, path)).Status));
            }
        }
    }

    [Fact]
    public async Task A_contract_that_ends_soon_is_told_on_the_page_and_by_the_doctor()
    {
        var until = DateOnly.FromDateTime(Host.Database.Clock.GetUtcNow().UtcDateTime).AddDays(30);
        await Host.ApplyCatalogAsync(PurposeCatalog.Read(Candor.Tests.Catalog.ShopCatalog.Yaml.Replace("Führt unsere Bücher }, country: GB", $"Führt unsere Bücher }}, country: GB, contract: {{ signed: 2025-01-31, until: {until:yyyy-MM-dd} }}", StringComparison.Ordinal), "shop.yaml"), "test", null, Ct);
        AssertShown(await PageAsync(Alma, Path), 200, "Tax adviser: the contract ends, or is to be reviewed, on");
        var check = Assert.Single(await Candor.Server.Doctor.LookAsync(Host, Ct), c => c.Name == "contracts");
        Assert.Equal((Candor.Server.DoctorState.Warn, $"the one with Tax adviser ends on {until:yyyy-MM-dd}."), (check.State, check.Finding));
        AssertShown(await PageAsync(Alma, "/admin"), 200, $"Over, or soon to end: Tax adviser ({until:yyyy-MM-dd}).");
    }

    [Theory]
    [InlineData("en", "Privacy policy of Maple & Thread", "Privacy policy")]
    [InlineData("de", "Datenschutzerklärung von Maple & Thread", "Datenschutzerklärung")]
    public async Task The_policy_is_open_to_everybody_in_their_language_and_every_page_leads_to_it(string language, string title, string link)
    {
        var page = await SendAsync("GET", "/privacy", token: "", headers: ("Accept-Language", language));
        Assert.Equal(200, page.Status);
        Assert.Contains(title, System.Net.WebUtility.HtmlDecode(page.Text), StringComparison.Ordinal);
        var file = await SendAsync("GET", "/privacy.md", token: "", headers: ("Accept-Language", language));
        Assert.Equal((200, "text/markdown"), (file.Status, file.Message.Content.Headers.ContentType!.MediaType));
        Assert.Equal(file.Text.Split('\n').Count(l => l.StartsWith("## ", StringComparison.Ordinal)), page.Text.Split("<h2>").Length - 1);
        Assert.Contains($"<a href=\"/privacy\">{link}</a>", System.Net.WebUtility.HtmlDecode((await SendAsync("GET", "/notice", token: "", headers: ("Accept-Language", language))).Text), StringComparison.Ordinal);
    }
}
