using Candor.Audit;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Tests.Storage;

namespace Candor.Tests.Personalization;

public sealed class ExposureRegisterOnSqlite : ExposureRegisterTests<Sqlite>;

public sealed class ExposureRegisterOnPostgres : ExposureRegisterTests<Postgres>;

/// <summary>Rarer items get a part of the exposure only after it was measured what that costs.</summary>
public abstract class ExposureRegisterTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private const double Share = 0.2;

    private static readonly EvaluationAudit Audited = new("{}", IsBroken: false, IsRareBroken: false);

    [Fact]
    public async Task It_is_switched_on_only_as_it_was_measured_and_then_counts()
    {
        var register = new EvaluationRegister(await AuditLog.OpenAsync(Db, "test.example/audit", Ct));
        var report = Measured();
        Assert.Equal(Share, report.Exposure!.Share);
        Assert.True(report.Exposure.With.PopularityBias < report.Exposure.Without.PopularityBias);
        Assert.Equal(report.Lines[0].Result.HitRate, report.Exposure.Without.HitRate);
        Assert.Equal(("visit, 20 % for rarer items", report.Exposure.With), (report.Lines[1].Model, report.Lines[1].Result));
        Assert.Equal(0, report.Visits!.RareShare);
        Assert.Equal("personalization/not-measured", await WhatAsync(() => Db.WriteAsync(tx => register.UseExposureAsync(tx, Share, Ct), Ct)));
        await Db.WriteAsync(tx => register.AddAsync(tx, report, Audited, Ct), Ct);
        Assert.Equal("personalization/not-measured", await WhatAsync(() => Db.WriteAsync(tx => register.UseExposureAsync(tx, 0.3, Ct), Ct)));
        Assert.Null(await Db.ReadAsync(tx => register.FindInUseAsync(tx, Ct), Ct));
        await Db.WriteAsync(tx => register.UseExposureAsync(tx, Share, Ct), Ct);
        var used = (await Db.ReadAsync(tx => register.FindInUseAsync(tx, Ct), Ct))!.Report;
        Assert.Equal(report.Visits with { RareShare = Share }, used.Visits);
        Assert.Equal(report.Exposure, used.Exposure);
        // A report that says it uses a part which it did not measure.
        var unmeasured = await Db.WriteAsync(tx => register.AddAsync(tx, report with { Exposure = null, Visits = report.Visits with { RareShare = Share } }, Audited, Ct), Ct);
        Assert.Equal("personalization/not-measured", await WhatAsync(() => Db.WriteAsync(tx => register.ApplyAsync(tx, unmeasured, Ct), Ct)));
        await Db.WriteAsync(async tx =>
        {
            await register.UseDefaultsAsync(tx, Ct);
            return true;
        }, Ct);
        Assert.Null(await Db.ReadAsync(tx => register.FindInUseAsync(tx, Ct), Ct));
    }

    /// <summary>Everybody begins alike; a few items are popular, and many are not.</summary>
    private static EvaluationReport Measured() => ModelEvaluation.Run(new ShopRecords(
        [.. Enumerable.Range(0, 400).Select(v => new VisitRecord($"v{v}", ["i0", $"i{1 + v % 3}", $"i{5 + v % 12}", $"i{20 + v * 7 % 61}"], [.. Enumerable.Range(0, 4).Select(i => 1_000_000L * (10 * v + i))]))], []),
        new EvaluationPlan(TimeSpan.FromSeconds(1)) { RareShare = Share, Resamples = 10 }, null);

    private static async Task<string> WhatAsync<T>(Func<Task<T>> act) => (await Assert.ThrowsAsync<Fault>(act)).What;
}
