using System.Text.RegularExpressions;
using Candor.Catalog;
using Candor.Kernel;
using Candor.Tests.Storage;

namespace Candor.Tests.Server;

public sealed class DpiaPagesOnSqlite : DpiaPagesTests<Sqlite>;

public sealed class DpiaPagesOnPostgres : DpiaPagesTests<Postgres>;

/// <summary>The file of an assessment, read again and compared with the catalog.</summary>
public abstract partial class DpiaPagesTests<TEngine> : AdminTest<TEngine>
    where TEngine : IEngine, new()
{
    [Fact]
    public async Task The_file_of_every_purpose_says_what_the_catalog_says()
    {
        var catalog = PurposeCatalog.Read(Candor.Tests.Catalog.ShopCatalog.Yaml, "shop.yaml");
        foreach (var purpose in catalog.Purposes.Values.Where(p => p.Active))
        {
            var answer = await PageAsync(Alma, $"/governance/dpia/purposes/{purpose.Id}/markdown");
            Assert.Equal(200, answer.Status);
            var tables = TablesOf(answer.Text);
            var facts = tables[$"What is done: {purpose.Label.In("en")}"].ToDictionary(r => r[0], r => r[1]);
            Assert.Equal((purpose.Id.Value, purpose.DpvPurpose, purpose.AutomatedDecision ? "yes" : "no", purpose.NeedsCase ? "yes" : "no", purpose.ConsentLasts?.Text ?? "–"),
                (facts["Purpose"], facts["Data Privacy Vocabulary"], facts["A computer decides what the customer gets to see"], facts["A read names its case"], facts["A consent lasts"]));
            Assert.StartsWith(Word(purpose.Basis).Replace('-', ' '), facts["Legal basis"], StringComparison.Ordinal);
            Assert.Contains(purpose.Why.In("en"), answer.Text, StringComparison.Ordinal);
            Assert.Equal(
                catalog.DataPointsOf(purpose).Select(d => (d.Label.In("en"), d.Id.Value, d.Category, Word(purpose.Uses[d.Id]), d.Retention.ToString(), d.CollectedWith?.Value ?? "–")),
                tables["Data"].Select(r => (r[0], r[1], r[2], r[3], r[4], r[6])));
            Assert.Equal(
                purpose.Roles.Select(r => ("Role of staff", r)).Concat(purpose.Services.Select(s => ("Service with a key", s))).Concat(purpose.Recipients.Select(r => ("Recipient outside", r))).Order(),
                tables.GetValueOrDefault("Who reads it", []).Select(r => (r[0], r[1])).Order());
        }
    }

    [Fact]
    public async Task What_people_wrote_comes_back_in_the_file_with_its_risks_and_a_high_residual_risk_says_who_to_ask()
    {
        var pia = await SignInAsync("Pia Private");
        const string Path = "/governance/dpia/purposes/newsletter";
        var digest = Regex.Match((await PageAsync(pia, Path + "/edit")).Text, "name=\"digest\" value=\"([0-9a-f]{64})\"").Groups[1].Value;
        var body = $"digest={digest}&necessity=They+asked.&advice=Fine.&views=We+asked+five.&risk-0=It+annoys+%7C+bothers&likelihood-0=4&severity-0=3&measures-0=Few&likelihood-after-0=3&severity-after-0=3";
        AssertShown(await PostAsync(pia, Path + "/edit", body.Replace("necessity=They+asked.", "necessity=", StringComparison.Ordinal)), 400, "Something is missing");
        Assert.Equal(302, (await PostAsync(pia, Path + "/edit", body)).Status);
        var text = (await PageAsync(pia, Path + "/markdown")).Text;
        Assert.Equal(["It annoys \\| bothers", "4", "3", "12", "Few", "3", "3", "9"], Assert.Single(TablesOf(text)["Risks to people"]));
        Assert.Contains("article 36", text, StringComparison.Ordinal);
        Assert.Contains("Nobody has signed it yet.", text, StringComparison.Ordinal);
        AssertShown(await PageAsync(await SignInAsync("Sam Sample"), Path), 403);
        AssertShown(await PageAsync(await SignInAsync("Cleo Council"), Path), 200, "They asked.");
    }

    private static string Word<T>(T value) where T : struct, Enum => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    /// <summary>The rows of the table under each heading, without its own heading.</summary>
    private static Dictionary<string, List<string[]>> TablesOf(string markdown) => markdown.Split("\n## ")[1..].Select(s => (Name: s.Split('\n')[0], Rows: s.Split('\n').Where(l => l.StartsWith('|')).Skip(2).ToList()))
        .Where(s => s.Rows.Count > 0).ToDictionary(s => s.Name, s => s.Rows.Select(r => Cell().Split(r)[1..^1].Select(c => c.Trim()).ToArray()).ToList());

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex Cell();
}
