using System.Text.RegularExpressions;
using Candor.Fairness;
using Candor.Personalization;
using Candor.Tests.Storage;

namespace Candor.Tests.Server;

public sealed class ModelsPagesOnSqlite : ModelsPagesTests<Sqlite>;

public sealed class ModelsPagesOnPostgres : ModelsPagesTests<Postgres>;

/// <summary>Versions of the models with their audits, and the decision about one that waits, as the committee sees them.</summary>
public abstract class ModelsPagesTests<TEngine> : AdminTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Use = "in-session-recommendations";
    private const string Path = "/governance/models";
    private const string Dpia = "/governance/dpia/purposes/" + Use;

    [Fact]
    public async Task The_committee_privacy_officers_administrators_and_auditors_see_who_is_missing_and_nobody_else_does()
    {
        AssertShown(await PageAsync(Alma, Path), 200, "The default settings are in use.", "Nothing was evaluated yet.");
        await AddAsync(right: 16);
        foreach (var (name, status) in new[] { ("Cleo Council", 200), ("Pia Private", 200), ("Ollie Audit", 200), ("Sam Sample", 403) })
        {
            Assert.Equal((name, status), (name, (await PageAsync(await SignInAsync(name), Path)).Status));
        }

        AssertShown(await PageAsync(Alma, Path), 200,
            "Version 1 is in use, since", "300 of 1,000 customers are in the models.", "70 or older", "20.0% of the customers in the models, but 50.0% of all customers", "Ask why", "too few of them", "−30.0", "80.0%", "largest share",
            "Agreed, and nothing is held of them", "fewer than ten");
        AssertShown(await PageAsync(Alma, Path, "de"), 200, "Version 1 gilt, seit", "Personen in den Modellen");
        Assert.Contains($"href=\"{Path}\"", (await PageAsync(Alma, "/governance/fairness")).Text, StringComparison.Ordinal);
        Assert.Contains("href=\"/governance/fairness\"", (await PageAsync(Alma, Path)).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Cleo Council", "apply")]
    [InlineData("Pia Private", "drop")]
    public async Task A_version_that_waits_is_used_or_dropped_by_somebody_who_says_why(string name, string decision)
    {
        await AddAsync(right: 16);
        await AddAsync(right: 2);
        var (who, path) = (await SignInAsync(name), Path + "/2");
        AssertShown(await PageAsync(who, Path), 200, "Version 1 is in use", "waits for a decision", "Why do you decide so?", "chance does not explain it");
        Assert.DoesNotContain("<textarea", (await PageAsync(Alma, Path)).Text, StringComparison.Ordinal);
        Assert.Equal(403, (await PostAsync(Alma, path, $"decision={decision}&reason=It+is+a+new+shop+for+them.")).Status);
        AssertShown(await SendFormAsync(who, path, $"decision={decision}&reason=so"), 400, ">so</textarea>", "10 to 500 characters");
        AssertShown(await SendFormAsync(who, path, "decision=maybe&reason=It+is+a+new+shop+for+them."), 400, "`apply` or `drop`");
        Assert.Equal(302, (await SendFormAsync(who, path, $"decision={decision}&reason=It+is+a+new+shop+for+them.")).Status);
        var after = await PageAsync(who, Path + "?version=2");
        AssertShown(after, 200, "It is a new shop for them.", name, decision == "apply" ? "Version 2 is in use" : "Version 1 is in use");
        Assert.DoesNotContain("<textarea", after.Text, StringComparison.Ordinal);
        AssertShown(await SendFormAsync(who, path, $"decision={decision}&reason=It+is+a+new+shop+for+them."), 400, "does not wait any more");
        Assert.Equal(404, (await SendFormAsync(who, Path + "/99", $"decision={decision}&reason=It+is+a+new+shop+for+them.")).Status);
    }

    [Fact]
    public async Task The_assessment_names_the_version_and_what_its_audits_found_and_is_outdated_by_the_next()
    {
        AssertShown(await PageAsync(Alma, Dpia), 200, "The models use the default settings, which have no audit.");
        await AddAsync(right: 16);
        var digest = Regex.Match((await PageAsync(Alma, Dpia + "/edit")).Text, "name=\"digest\" value=\"([0-9a-f]{64})\"").Groups[1].Value;
        Assert.Equal(302, (await PostAsync(Alma, Dpia + "/edit",
            $"digest={digest}&necessity=They+asked.&advice=Fine.&views=We+asked+five.&risk-0=It+annoys&likelihood-0=1&severity-0=1&measures-0=Few&likelihood-after-0=1&severity-after-0=1")).Status);
        string[] found = ["The models use version 1,", "Too few in the models, beside all customers: Your age group: 70 or older", "no group is below the limit"];
        AssertShown(await PageAsync(Alma, Dpia), 200, found);
        AssertShown(await PageAsync(Alma, Dpia + "/markdown"), 200, [.. found, "| Your age group: 70 or older | 20.0% | 50.0% | 80.0% | 0.0 |"]);
        Assert.DoesNotContain("outdated", (await PageAsync(Alma, Dpia)).Text, StringComparison.Ordinal);
        await AddAsync(right: 16);
        AssertShown(await PageAsync(Alma, Dpia), 200, [.. found, "outdated"]);
        AssertShown(await PageAsync(Alma, "/governance/dpia/purposes/support"), 200, "This use makes no suggestions");
    }

    [Fact]
    public async Task The_command_says_in_lines_what_the_page_says()
    {
        await AddAsync(right: 2);
        var stored = (await Host.Database.ReadAsync(tx => Host.Suggestions.Evaluations.FindNewestAsync(tx, Ct), Ct))!;
        var lines = string.Join('\n', Candor.Server.Commands.ModelAuditText.Lines(ModelAudit.Of(stored.Audit!)));
        foreach (var said in (string[])["300 of 1,000 customers", "too few of them", "-0.300", "had a right one, by ageBand", "more than chance", "Below the limit beyond doubt: in-session-recommendations, hit, ageBand from-70: 0.13 of the largest share; the limit is 0.80."])
        {
            Assert.Contains(said, lines, StringComparison.Ordinal);
        }
    }

    private async Task<Answer> SendFormAsync(string cookie, string path, string body) =>
        await PostWithAsync(cookie, path, $"{body}&form={Regex.Match((await PageAsync(cookie, "/staff/account")).Text, "name=\"form\" value=\"([^\"]+)\"").Groups[1].Value}");

    /// <summary>A version whose models hold 300 of 1,000 customers, 60 of 500 older ones, and whose held-back lists were right for 16 of 20 younger customers.</summary>
    /// <param name="right">Of 20 older customers, those whose list was right.</param>
    private Task AddAsync(int right) => Host.Database.WriteAsync(async tx =>
    {
        var report = new EvaluationReport([], new SessionSettings(), null) { Version = "1", Data = new DataSize(0, 0, 300, 0, 0, null, null), Tried = 0, LessData = [], Notes = [] };
        ModelCell Cell(string outcome, string attribute, string? group, long whole, long part) => new(Use, outcome, attribute, group, whole, part, whole == 0);
        var audit = new ModelAudit(tx.Now, 1, [new AuditedUse(Use, SuggestionKind.Visit, 0.8, 1_000, 300)],
        [
            Cell(ModelAudit.Standing, CustomerBands.Choice, "in", 300, 300), Cell(ModelAudit.Standing, CustomerBands.Choice, "nothing", 0, 0), Cell(ModelAudit.Standing, CustomerBands.Choice, "never", 700, 0),
            Cell(ModelAudit.InModels, "ageBand", "under-30", 500, 240), Cell(ModelAudit.InModels, "ageBand", "from-70", 500, 60),
            Cell(ModelAudit.Hit, "ageBand", "under-30", 20, 16), Cell(ModelAudit.Hit, "ageBand", "from-70", 20, right),
        ]);
        await Host.ModelAudits.ApplyAsync(tx, await Host.Suggestions.Evaluations.AddAsync(tx, report, audit.ToStored(), Ct), Ct);
    }, Ct);
}
