using Candor.Audit;
using Candor.Governance;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Server.Pages.Governance;
using Candor.Storage;
using Candor.Tests.Server;
using Candor.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Candor.Tests.Governance;

public sealed class ChecklistOnSqlite : ChecklistTests<Sqlite>;

public sealed class ChecklistOnPostgres : ChecklistTests<Postgres>;

/// <summary>The questions by name.</summary>
public static class ChecklistQuestions
{
    public static TheoryData<string> Ids => [.. ChecklistCases.All.Keys.Order(StringComparer.Ordinal)];
}

/// <summary>Each answer of the checklist is yes when its evidence is good, and falls when that is broken on purpose.</summary>
public abstract class ChecklistTests<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    private readonly Cosigner witness = Cosigner.New("witness.example/w1");

    internal override HostSettings Adapt(HostSettings settings) => settings with { Witnesses = [new WitnessAddress(new Uri("http://127.0.0.1:9/"), witness.Key)] };

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        foreach (var work in App.Services.GetServices<IHostedService>().OfType<ScheduledWork>())
        {
            await work.StopAsync(Ct);
        }
    }

    [Theory]
    [MemberData(nameof(ChecklistQuestions.Ids), MemberType = typeof(ChecklistQuestions))]
    public async Task An_answer_is_yes_on_good_evidence_and_falls_when_that_is_broken(string id)
    {
        var (cases, one) = (new ChecklistCases(Host, AddCustomerAsync, async (c, p) => Assert.Equal(200, (await GiveAsync(c, p)).Status), Ct), ChecklistCases.All[id]);
        await one.Make(cases);
        var good = await AnswerAsync(cases, id, TimeSpan.Zero);
        Assert.True(good.Finding.Answer == ChecklistAnswer.Yes, $"{good.Finding.Answer}: {new ChecklistWords("en").Figure(good)}");
        await one.Break(cases);
        var bad = await AnswerAsync(cases, id, one.Later);
        Assert.True(bad.Finding.Answer == one.Then, $"{bad.Finding.Answer}: {new ChecklistWords("en").Figure(bad)}");
        Assert.True(Checklist.HasFallen(good.Finding.Answer, bad.Finding.Answer));
        foreach (var words in (ChecklistWords[])[new("en"), new("de")])
        {
            Assert.DoesNotContain('{', words.Figure(good) + words.Figure(bad) + words.Action(bad));
            Assert.NotNull(words.Action(bad));
            Assert.Null(words.Action(good));
        }
    }

    [Fact]
    public void Every_question_has_such_a_case() =>
        Assert.Equal(Checklist.Questions.Select(q => q.Id).Order(StringComparer.Ordinal), ChecklistCases.All.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public async Task A_new_installation_has_an_answer_to_everything_and_says_why_something_does_not_apply()
    {
        var words = new ChecklistWords("en");
        var lines = await Host.Database.ReadAsync(tx => Host.Checklist.LookAsync(tx, Ct), Ct);
        Assert.Contains(lines, l => l.Finding.Answer == ChecklistAnswer.NotApplicable);
        Assert.All(lines.Where(l => l.Finding.Answer == ChecklistAnswer.NotApplicable), l => Assert.NotEqual("", words.Figure(l)));
        // The root key of this test is in the folder of the data.
        Assert.Equal(ChecklistAnswer.No, lines.Single(l => l.Question.Id == "root-key").Finding.Answer);
        Assert.Equal("It was never measured.", words.Figure(lines.Single(l => l.Question.Id == "less-data")));
    }

    [Fact]
    public async Task The_answers_of_a_day_are_kept_once_and_compared_with_the_next()
    {
        Assert.Equal(1, await Host.ChecklistBook.KeepDueAsync(Ct));
        Assert.Equal(0, await Host.ChecklistBook.KeepDueAsync(Ct));
        var kept = await Host.Database.ReadAsync(tx => ChecklistBook.SinceAsync(tx, DateOnly.FromDateTime(tx.Now.UtcDateTime).AddDays(-1), Ct), Ct);
        Assert.Equal(Checklist.Questions.Count, kept.Count);
        var area = ChecklistBook.ByArea(kept).Single(a => a.Area == ChecklistArea.Consent);
        Assert.Equal((5, 5, 0, 0), (area.All, area.Yes, area.Partial, area.No));
        Assert.Equal(0, await Host.Database.ReadAsync(async tx => (await ChecklistBook.SinceAsync(tx, DateOnly.FromDateTime(tx.Now.UtcDateTime).AddDays(1), Ct)).Count, Ct));
    }

    [Theory]
    [InlineData(ChecklistAnswer.Yes, ChecklistAnswer.Partial, true)]
    [InlineData(ChecklistAnswer.Yes, ChecklistAnswer.No, true)]
    [InlineData(ChecklistAnswer.Partial, ChecklistAnswer.No, true)]
    [InlineData(ChecklistAnswer.NotApplicable, ChecklistAnswer.No, true)]
    [InlineData(ChecklistAnswer.NotApplicable, ChecklistAnswer.Partial, false)]
    [InlineData(ChecklistAnswer.NotApplicable, ChecklistAnswer.Yes, false)]
    [InlineData(ChecklistAnswer.Yes, ChecklistAnswer.NotApplicable, false)]
    [InlineData(ChecklistAnswer.No, ChecklistAnswer.No, false)]
    [InlineData(ChecklistAnswer.No, ChecklistAnswer.Yes, false)]
    public void An_answer_fell_when_it_is_worse(ChecklistAnswer before, ChecklistAnswer now, bool fell) => Assert.Equal(fell, Checklist.HasFallen(before, now));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"answers":[{"id":"training","answer":"perhaps"}]}""")]
    [InlineData("""{"answers":[{"id":"training"}]}""")]
    [InlineData("""{"answers":{}}""")]
    public void A_baseline_that_is_none_is_refused_by_its_name(string text) =>
        Assert.Contains("`old.json`", Assert.Throws<Fault>(() => ChecklistJson.Read(text, "old.json")).Message, StringComparison.Ordinal);

    private async Task<ChecklistLine> AnswerAsync(ChecklistCases cases, string id, TimeSpan later)
    {
        if (Host.Database.IsClustered)
        {
            await Host.Log.SequenceAsync(10_000, Ct);
        }

        return (await Host.Database.ReadAsync(async tx =>
        {
            tx.PretendNow(tx.Now + later);
            return await cases.Checklist.LookAsync(tx, Ct);
        }, Ct)).Single(l => l.Question.Id == id);
    }
}
