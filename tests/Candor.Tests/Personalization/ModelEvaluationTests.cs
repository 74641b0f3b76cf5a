using System.Text.Json;
using Candor.Personalization;
using Candor.Tests.Storage;

namespace Candor.Tests.Personalization;

/// <summary>What an evaluation says of less data, on shops whose answer is known.</summary>
public sealed class ModelEvaluationTests
{
    private const long Hour = 3_600_000_000;

    private static readonly EvaluationPlan Quick = new(TimeSpan.FromMilliseconds(1)) { Resamples = 200 };

    /// <summary>Everybody walks through the same items, which change completely after so many visits.</summary>
    internal static ShopRecords Shop(int visits, int changesAfter) => new(
        [
            .. Enumerable.Range(0, visits).Select(v => new VisitRecord(
                $"v{v:d5}", [.. Enumerable.Range(0, 4).Select(i => $"{(v < changesAfter ? "old" : "new")}-{v % 10}-{i}")], [.. Enumerable.Range(0, 4).Select(i => v * Hour + i)])),
        ], []);

    [Fact]
    public void Where_the_shop_has_changed_what_is_older_is_not_needed()
    {
        var less = Assert.Single(ModelEvaluation.Run(Shop(600, 400), Quick, null).LessData);
        Assert.Equal(LessData.Percents, less.Sets.Select(s => s.Percent));
        // Even the newest few hold each of the ten kinds of visits several times.
        Assert.Equal(LessData.Percents[^1], less.Smallest.Percent);
        Assert.True(less.Smallest.Records < less.Sets[0].Records / 10);
        Assert.Equal((1, 1, 1), (less.Sets[0].Ratio, less.Sets[0].Low, less.Sets[0].High));
    }

    [Fact]
    public void Where_everything_counts_no_smaller_set_is_named()
    {
        // Each kind of visit comes once in the older and once in the judged part.
        var visits = Enumerable.Range(0, 500).Select(v => new VisitRecord($"v{v:d5}", [$"a{v % 450}", $"b{v % 450}"], [v * Hour, v * Hour + 1])).ToList();
        var less = Assert.Single(ModelEvaluation.Run(new ShopRecords(visits, []), Quick, null).LessData);
        Assert.Equal(100, less.Smallest.Percent);
        Assert.All(less.Sets.Skip(1), s => Assert.Equal(LessDataFinding.Loses, s.Finding));
    }

    [Fact]
    public void A_search_that_runs_out_of_time_says_what_it_has()
    {
        var report = ModelEvaluation.Run(Shop(200, 0), Quick, null);
        Assert.InRange(report.Tried, 1, 10);
        Assert.NotNull(report.Visits);
        Assert.Null(report.Needs);
        Assert.Equal(3, report.Lines.Count);
    }

    [Fact]
    public void Too_little_is_said_to_be_too_little() => Assert.Empty(ModelEvaluation.Run(Shop(ModelEvaluation.Least - 1, 0), Quick, null).Lines);
}

public sealed class EvaluationRegisterOnSqlite : EvaluationRegisterTests<Sqlite>;

public sealed class EvaluationRegisterOnPostgres : EvaluationRegisterTests<Postgres>;

/// <summary>Evaluations that are kept, and models that use their settings without a restart.</summary>
public abstract class EvaluationRegisterTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private static readonly EvaluationAudit Audited = new("{}", IsBroken: false, IsRareBroken: false);

    [Fact]
    public async Task Settings_that_are_applied_count_within_the_next_look_and_the_defaults_can_come_back()
    {
        using var shop = await SuggestionHouse.BuildAsync(Db, Ct);
        var register = shop.Suggestions.Evaluations;
        var report = ModelEvaluation.Run(ModelEvaluationTests.Shop(200, 0), new EvaluationPlan(TimeSpan.FromMilliseconds(1)), null)
            with { Visits = new SessionSettings { AgeDecayDays = 77 }, Needs = new BasketSettings { GroupSize = 7, OwnShare = 0.25 } };
        await shop.AgreeingAsync("ada", Ct);
        await shop.BuyAsync("ada", "o1", Ct, "tea");

        var number = await Db.WriteAsync(tx => register.AddAsync(tx, report, Audited, Ct), Ct);
        await shop.Suggestions.KeepUpAsync(Ct);
        Assert.Equal((new SessionSettings(), new BasketSettings()), shop.Suggestions.Settings);
        await Db.WriteAsync(tx => register.ApplyAsync(tx, number, Ct), Ct);
        await shop.Suggestions.KeepUpAsync(Ct);
        Assert.Equal((report.Visits, report.Needs), shop.Suggestions.Settings);

        using var restarted = await SuggestionHouse.BuildAsync(Db, Ct, shop.Shop);
        Assert.Equal((report.Visits, report.Needs), restarted.Suggestions.Settings);
        Assert.Equal(restarted.Suggestions.Model.Dump(), shop.Suggestions.Model.Dump());

        await Db.WriteAsync(tx => register.UseDefaultsAsync(tx, Ct), Ct);
        await shop.Suggestions.KeepUpAsync(Ct);
        Assert.Equal((new SessionSettings(), new BasketSettings()), shop.Suggestions.Settings);
    }

    [Fact]
    public async Task A_report_comes_back_as_it_was_kept()
    {
        using var shop = await SuggestionHouse.BuildAsync(Db, Ct);
        var register = shop.Suggestions.Evaluations;
        Assert.Null(await Db.ReadAsync(tx => register.FindNewestAsync(tx, Ct), Ct));
        var report = ModelEvaluation.Run(ModelEvaluationTests.Shop(200, 100), new EvaluationPlan(TimeSpan.FromMilliseconds(1)), null);
        var first = await Db.WriteAsync(tx => register.AddAsync(tx, report, Audited, Ct), Ct);
        Clock.Advance(TimeSpan.FromDays(1));
        var second = await Db.WriteAsync(tx => register.AddAsync(tx, report, Audited, Ct), Ct);
        Assert.Equal((1, 2), (first, second));
        var newest = (await Db.ReadAsync(tx => register.FindNewestAsync(tx, Ct), Ct))!;
        Assert.Equal((second, Clock.GetUtcNow(), null), (newest.Number, newest.At, newest.AppliedAt));
        Assert.Equal(JsonSerializer.Serialize(report), JsonSerializer.Serialize(newest.Report));
        Assert.NotEmpty(newest.Report.LessData);
        await Assert.ThrowsAsync<Candor.Kernel.Fault>(() => Db.WriteAsync(tx => register.ApplyAsync(tx, 9, Ct), Ct));
    }

    [Fact]
    public async Task Settings_that_were_not_audited_are_not_used()
    {
        using var shop = await SuggestionHouse.BuildAsync(Db, Ct);
        var register = shop.Suggestions.Evaluations;
        var report = ModelEvaluation.Run(ModelEvaluationTests.Shop(200, 0), new EvaluationPlan(TimeSpan.FromMilliseconds(1)) { RareShare = 0.2 }, null);
        var number = await Db.WriteAsync(tx => register.AddAsync(tx, report, null, Ct), Ct);
        Assert.Equal("personalization/not-audited", (await Assert.ThrowsAsync<Candor.Kernel.Fault>(() => Db.WriteAsync(tx => register.ApplyAsync(tx, number, Ct), Ct))).What);
        Assert.Equal("personalization/not-audited", (await Assert.ThrowsAsync<Candor.Kernel.Fault>(() => Db.WriteAsync(tx => register.UseExposureAsync(tx, 0.2, Ct), Ct))).What);
        Assert.Null(await Db.ReadAsync(tx => register.FindInUseAsync(tx, Ct), Ct));
    }

    [Fact]
    public async Task Settings_that_break_a_limit_wait_until_somebody_decides_or_others_are_chosen()
    {
        using var shop = await SuggestionHouse.BuildAsync(Db, Ct);
        var register = shop.Suggestions.Evaluations;
        var report = ModelEvaluation.Run(ModelEvaluationTests.Shop(200, 0), new EvaluationPlan(TimeSpan.FromMilliseconds(1)) { RareShare = 0.2 }, null);
        Task<long> AddAsync(bool isBroken, bool isRareBroken) => Db.WriteAsync(tx => register.AddAsync(tx, report, new EvaluationAudit("{}", isBroken, isRareBroken), Ct), Ct);
        Task<bool> ApplyAsync(long number) => Db.WriteAsync(tx => register.ApplyAsync(tx, number, Ct), Ct);
        Task DecideAsync(long number, bool isApplied) => Db.WriteAsync(tx => register.DecideAsync(tx, number, isApplied, "s1", "Looked at it.", "00", "staff:s1", null, Ct), Ct);
        async Task<long?> InUseAsync() => (await Db.ReadAsync(tx => register.FindInUseAsync(tx, Ct), Ct))?.Number;
        async Task<HoldDecision?> DecisionAsync(long number) => (await Db.ReadAsync(tx => register.FindAsync(tx, number, Ct), Ct))!.Hold!.Decision;

        var good = await AddAsync(false, false);
        Assert.True(await ApplyAsync(good));
        var (first, second) = (await AddAsync(true, true), await AddAsync(true, true));
        Assert.False(await ApplyAsync(first));
        Assert.Equal((good, null), (await InUseAsync(), await DecisionAsync(first)));
        Assert.False(await ApplyAsync(second));
        Assert.Equal((HoldDecision.Replaced, null), (await DecisionAsync(first), await DecisionAsync(second)));
        Assert.Equal("personalization/not-waiting", (await Assert.ThrowsAsync<Candor.Kernel.Fault>(() => DecideAsync(first, true))).What);
        await DecideAsync(second, false);
        Assert.Equal((good, HoldDecision.Dropped), (await InUseAsync(), await DecisionAsync(second)));
        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.False(await ApplyAsync(second));
        await DecideAsync(second, true);
        Assert.Equal((second, HoldDecision.Applied), (await InUseAsync(), await DecisionAsync(second)));

        // The part for rarer items has an audit of its own.
        var rare = await AddAsync(false, true);
        var (number, counts) = await Db.WriteAsync(tx => register.UseExposureAsync(tx, 0.2, Ct), Ct);
        Assert.Equal((rare + 1, false, second), (number, counts, await InUseAsync()));
        await Db.WriteAsync(tx => register.UseDefaultsAsync(tx, Ct), Ct);
        Assert.Equal((null, HoldDecision.Replaced), (await InUseAsync(), await DecisionAsync(number)));
    }
}
