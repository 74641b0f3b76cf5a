using Candor.Catalog;
using Candor.Governance;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Tests.Reads;
using Candor.Tests.Storage;

namespace Candor.Tests.Governance;

public sealed class DpiaRegisterOnSqlite : DpiaRegisterTests<Sqlite>;

public sealed class DpiaRegisterOnPostgres : DpiaRegisterTests<Postgres>;

/// <summary>An assessment is of the use as it was written about: signed once, and outdated by any change of it.</summary>
public abstract class DpiaRegisterTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private static readonly DpiaSubject Newsletter = new(DpiaSubject.Purposes, "newsletter");
    private static readonly DpiaContent Content = new("They asked for it.", [new DpiaRisk("It annoys.", 2, 2, "Few mails.", 1, 2)], "Fine.", "We asked five.");
    private GovernanceHouse house = null!;
    private DpiaRegister register = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await GovernanceHouse.BuildAsync(Db, Ct);
        register = new DpiaRegister(house.House.Catalogs, new EvaluationRegister(house.House.Log), house.Eyes, house.House.Log);
    }

    [Fact]
    public async Task A_version_is_signed_once_and_a_new_one_begins_unsigned()
    {
        await WriteAsync(Newsletter, Content);
        Assert.Equal("governance/cannot-sign", await WhatAsync(() => SignAsync(Newsletter, 2)));
        await SignAsync(Newsletter, 1);
        Assert.Equal("governance/cannot-sign", await WhatAsync(() => SignAsync(Newsletter, 1)));
        await WriteAsync(Newsletter, Content with { Advice = "Better." });
        var versions = await Db.ReadAsync(tx => DpiaRegister.VersionsAsync(tx, Newsletter, Ct), Ct);
        Assert.Equal([(2, null, "Better."), (1, house.Ansel, "Fine.")], versions.Select(v => (v.Version, v.SignedBy, v.Content.Advice)));
        Assert.Equal("staff/not-allowed", await WhatAsync(() => WriteAsync(Newsletter, Content, house.Mia)));
    }

    [Fact]
    public async Task An_initiative_is_assessed_when_it_is_for_more_and_not_when_it_is_for_less()
    {
        var more = await house.OpenAsync(GovernanceHouse.Form(null, GovernanceHouse.WithGreetings()), Ct);
        await house.OpenAsync(GovernanceHouse.Form(null, ReadHouse.Yaml(widened: false).Replace("P90D", "P30D", StringComparison.Ordinal)), Ct);
        await house.OpenAsync(GovernanceHouse.Form("newsletter", null), Ct);
        Assert.Equal([new DpiaSubject(DpiaSubject.Initiatives, more)], (await Db.ReadAsync(tx => register.SubjectsAsync(tx, Ct), Ct)).Where(s => s.Kind == DpiaSubject.Initiatives));
    }

    [Theory]
    [InlineData("retention: while-customer }\n  phone", "retention: P9Y }\n  phone", true)]
    [InlineData("label: News,", "label: Tidings,", true)]
    [InlineData("So that we can send you news.", "So that you get news.", true)]
    [InlineData("roles: [marketing]", "roles: []", true)]
    [InlineData("services: [mailer]", "services: [mailer, other]", true)]
    [InlineData("So that we can show you ideas.", "So that you see ideas.", false)]
    [InlineData("label: Pages you looked at", "label: Pages", false)]
    public async Task Any_change_of_the_use_outdates_it_and_a_change_elsewhere_does_not(string from, string to, bool isOutdated)
    {
        var dpia = await WriteAsync(Newsletter, Content);
        var changed = ReadHouse.Yaml(widened: false).Replace(from, to, StringComparison.Ordinal);
        Assert.NotEqual(ReadHouse.Yaml(widened: false), changed);
        await house.House.ApplyCatalogAsync(Db, changed, "Board", Ct);
        var use = await UseAsync(Newsletter);
        Assert.Equal(isOutdated, use.Digest != dpia.Digest);
        Assert.Equal(dpia.Digest, (await Db.ReadAsync(tx => register.DescribedAsync(tx, dpia, Ct), Ct)).Digest);
        if (isOutdated)
        {
            Assert.Equal("governance/use-moved-on", await WhatAsync(() => SignAsync(Newsletter, 1)));
            Assert.Equal("governance/use-moved-on", await WhatAsync(() => house.AsAsync(house.Alma, (tx, token) => register.WriteAsync(tx, token, Newsletter, dpia.Digest, Content, Ct), Ct)));
        }
    }

    [Fact]
    public async Task Another_version_of_the_models_outdates_what_makes_suggestions_and_nothing_else()
    {
        await house.House.ApplyCatalogAsync(Db, ReadHouse.Yaml(widened: false).Replace("label: Ideas,", "label: Ideas, dpvPurpose: ProvideProductRecommendations,", StringComparison.Ordinal), "Board", Ct);
        var ideas = new DpiaSubject(DpiaSubject.Purposes, "suggestions");
        var (before, news) = ((await UseAsync(ideas)).Digest, (await UseAsync(Newsletter)).Digest);
        var evaluations = new EvaluationRegister(house.House.Log);
        var report = new EvaluationReport([], new SessionSettings(), null) { Version = "1", Data = new DataSize(0, 0, 0, 0, 0, null, null), Tried = 0, LessData = [], Notes = [] };
        var audited = new EvaluationAudit("{}", IsBroken: false, IsRareBroken: false);
        Assert.Null((await UseAsync(ideas)).Evaluation);
        await Db.WriteAsync(async tx => await evaluations.AddAsync(tx, report, audited, Ct), Ct);
        Assert.Equal(before, (await UseAsync(ideas)).Digest);
        // The same settings, measured and audited on other data, are another version.
        await Db.WriteAsync(async tx => await evaluations.ApplyAsync(tx, 1, Ct), Ct);
        var (used, digest) = ((await UseAsync(ideas)).Evaluation, (await UseAsync(ideas)).Digest);
        Assert.Equal(1, used);
        Assert.NotEqual(before, digest);
        Clock.Advance(TimeSpan.FromMinutes(1));
        await Db.WriteAsync(async tx => await evaluations.ApplyAsync(tx, await evaluations.AddAsync(tx, report with { Visits = new SessionSettings { Neighbours = 7 } }, audited, Ct), Ct), Ct);
        Assert.NotEqual(digest, (await UseAsync(ideas)).Digest);
        await Db.WriteAsync(tx => evaluations.UseDefaultsAsync(tx, Ct), Ct);
        Assert.Equal(before, (await UseAsync(ideas)).Digest);
        Assert.Equal(news, (await UseAsync(Newsletter)).Digest);
    }

    [Fact]
    public async Task An_initiative_is_assessed_by_its_own_text_before_it_counts()
    {
        var id = await house.OpenAsync(GovernanceHouse.Form(null, GovernanceHouse.WithGreetings()), Ct);
        var subject = new DpiaSubject(DpiaSubject.Initiatives, id);
        Assert.Equal(["greetings"], (await UseAsync(subject)).Purposes.Select(p => p.Id.Value));
        await WriteAsync(subject, Content);
        Assert.Contains(subject, await Db.ReadAsync(tx => register.SubjectsAsync(tx, Ct), Ct));
        Assert.Equal("governance/no-such-use", await WhatAsync(() => UseAsync(new DpiaSubject(DpiaSubject.Purposes, "greetings"))));
        Assert.Equal("governance/no-such-use", await WhatAsync(() => UseAsync(new DpiaSubject("people", "newsletter"))));
    }

    [Fact]
    public async Task What_has_no_words_or_levels_beyond_the_scale_is_refused()
    {
        var risk = Content.Risks[0];
        foreach (var bad in (DpiaContent[])[Content with { Necessity = " " }, Content with { Advice = "" }, Content with { Views = new string('x', 8_001) }, Content with { Risks = [] }, Content with { Risks = [risk with { Severity = 5 }] }, Content with { Risks = [risk with { LikelihoodAfter = 0 }] }, Content with { Risks = [risk with { Measures = "" }] }])
        {
            Assert.Equal("governance/bad-dpia", await WhatAsync(() => WriteAsync(Newsletter, bad)));
        }
    }

    private Task<DpiaUse> UseAsync(DpiaSubject subject) => Db.ReadAsync(tx => register.UseAsync(tx, subject, Ct), Ct);

    private Task<Dpia> WriteAsync(DpiaSubject subject, DpiaContent content, string? by = null) => house.AsAsync(by ?? house.Alma, async (tx, token) =>
        await register.WriteAsync(tx, token, subject, (await register.UseAsync(tx, subject, Ct)).Digest, content, Ct), Ct);

    private Task SignAsync(DpiaSubject subject, long version) => house.DoAsync(house.Ansel, (tx, token) => register.SignAsync(tx, token, subject, version, Ct), Ct);

    private static async Task<string> WhatAsync(Func<Task> work) => (await Assert.ThrowsAsync<Fault>(work)).What;
}
