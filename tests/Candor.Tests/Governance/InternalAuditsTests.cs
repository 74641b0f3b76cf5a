using Candor.Audit;
using Candor.Governance;
using Candor.Kernel;
using Candor.Tests.Storage;

namespace Candor.Tests.Governance;

public sealed class InternalAuditsOnSqlite : InternalAuditsTests<Sqlite>;

public sealed class InternalAuditsOnPostgres : InternalAuditsTests<Postgres>;

/// <summary>Internal audits: drawn by schedule, reviewed by somebody else than who made the access, followed until closed, and all of it in the log.</summary>
public abstract class InternalAuditsTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private GovernanceHouse house = null!;
    private InternalAudits audits = null!;
    private string pia = "";
    private string pam = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await GovernanceHouse.BuildAsync(Db, Ct);
        audits = new InternalAudits(Db, house.House.Log, house.House.Access);
        (pia, pam) = (await house.AddAsync("Pia", "privacy-officer", Ct), await house.AddAsync("Pam", "privacy-officer", Ct));
    }

    [Fact]
    public async Task One_is_drawn_a_month_after_the_log_began_and_then_when_the_plan_says_so()
    {
        await ReadAsync(house.Mia, 30);
        Assert.Equal(0, await audits.DrawDueAsync(Ct));
        Clock.Advance(TimeSpan.FromDays(31));
        Assert.Equal(1, await audits.DrawDueAsync(Ct));
        Assert.Equal(0, await audits.DrawDueAsync(Ct));
        var first = await NewestAsync();
        Assert.Equal((1, 0, 20, await SizeAsync(-1)), (first.Number, first.FromIndex, (await ItemsAsync(first)).Count, first.ToIndex));

        // While nobody has reviewed it, the next waits; then only what came since is drawn from.
        Clock.Advance(TimeSpan.FromDays(40));
        Assert.Equal(0, await audits.DrawDueAsync(Ct));
        await ReviewAllAsync(first);
        await ReadAsync(house.Mia, 3);
        Assert.Equal(1, await audits.DrawDueAsync(Ct));
        var second = await NewestAsync();
        Assert.Equal((first.ToIndex, 3), (second.FromIndex, (await ItemsAsync(second)).Count));
        await house.DoAsync(pia, (tx, token) => audits.PlanAsync(tx, token, new AuditPlan(AuditPlan.Quarterly, 50), Ct), Ct);
        await ReviewAllAsync(second);
        Clock.Advance(TimeSpan.FromDays(40));
        Assert.Equal(0, await audits.DrawDueAsync(Ct));
        Clock.Advance(TimeSpan.FromDays(60));
        Assert.Equal(1, await audits.DrawDueAsync(Ct));
        // Nothing was read since: nothing to review, so it is closed.
        Assert.NotNull((await NewestAsync()).ClosedAt);
    }

    [Fact]
    public async Task The_draw_can_be_made_again_from_the_log_and_the_seed()
    {
        await ReadAsync(house.Mia, 60);
        await ReadAsync(house.Mia, 2, subject: "emergency");
        await ReadAsync(house.Mia, 9, AuditKind.Deny);
        var audit = await DrawAsync();
        Assert.Equal((2, 9, 60), (audit.Populations[AuditStratum.Emergency], audit.Populations[AuditStratum.Refused], audit.Populations[AuditStratum.Ordinary]));
        var again = AuditDraw.Draw(await audits.PlacesAsync(audit.FromIndex, audit.ToIndex, Ct), Convert.ToUInt64(audit.Seed, 16), audit.Sample);
        var items = await ItemsAsync(audit);
        Assert.Equal(again.Select(d => (d.Index, d.Stratum)), items.Select(i => (i.Index, i.Stratum)));
        Assert.Equal((2, 4, 14), (items.Count(i => i.Stratum == AuditStratum.Emergency), items.Count(i => i.Stratum == AuditStratum.Refused), items.Count(i => i.Stratum == AuditStratum.Ordinary)));
        var drawn = (await LogAsync()).Single(e => e.Subject == "audit-drawn:" + audit.Id);
        Assert.Equal($"seed {audit.Seed} entries 0 to {audit.ToIndex} drawn 20", drawn.Reason);
    }

    [Fact]
    public async Task Nobody_reviews_their_own_access_and_no_verdict_is_changed()
    {
        await ReadAsync(pia, 1);
        var audit = await DrawAsync();
        var index = (await ItemsAsync(audit))[0].Index;
        Assert.Equal("governance/own-access", await WhatAsync(() => ReviewAsync(pia, audit, index, AuditVerdict.InOrder)));
        Assert.Equal("staff/not-allowed", await WhatAsync(() => ReviewAsync(house.Alma, audit, index, AuditVerdict.InOrder)));
        Assert.Equal("governance/bad-text", await WhatAsync(() => ReviewAsync(pam, audit, index, AuditVerdict.Question, " ")));
        await ReviewAsync(pam, audit, index, AuditVerdict.Question, "Which case was it?");
        Assert.Null((await NewestAsync()).ClosedAt);
        await ReviewAsync(pam, audit, index, AuditVerdict.InOrder, "");
        Assert.Equal("governance/reviewed", await WhatAsync(() => ReviewAsync(pam, audit, index, AuditVerdict.Finding, "Yet.")));
        Assert.NotNull((await NewestAsync()).ClosedAt);
        Assert.Equal(["audit-question:", "audit-in-order:", "audit-closed:"], (await LogAsync()).Where(e => e.Actor == "staff:" + pam).Select(e => e.Subject![..(e.Subject!.IndexOf(':', StringComparison.Ordinal) + 1)]));
    }

    [Fact]
    public async Task A_finding_has_an_owner_and_a_day_is_followed_and_closed_with_a_reason_and_its_words_stay_out_of_the_log()
    {
        await ReadAsync(house.Mia, 1);
        var audit = await DrawAsync();
        var index = (await ItemsAsync(audit))[0].Index;
        Assert.Equal("governance/no-owner", await WhatAsync(() => ReviewAsync(pia, audit, index, AuditVerdict.Finding, "No case.", owner: null)));
        Assert.Equal("governance/no-owner", await WhatAsync(() => ReviewAsync(pia, audit, index, AuditVerdict.Finding, "No case.", owner: "nobody")));
        Assert.Equal("governance/bad-due-date", await WhatAsync(() => ReviewAsync(pia, audit, index, AuditVerdict.Finding, "No case.", days: 0)));
        Assert.Equal("governance/bad-due-date", await WhatAsync(() => ReviewAsync(pia, audit, index, AuditVerdict.Finding, "No case.", days: 367)));
        await ReviewAsync(pia, audit, index, AuditVerdict.Finding, "No case was named.", days: 10);
        var finding = Assert.Single(await Db.ReadAsync(tx => InternalAuditRows.OpenFindingsAsync(tx, Ct), Ct));
        Assert.Equal((house.Mia, false), (finding.Owner, finding.IsOverdue(Clock.GetUtcNow().AddDays(10))));
        Assert.True(finding.IsOverdue(Clock.GetUtcNow().AddDays(11)));
        await house.DoAsync(pam, (tx, token) => audits.FollowAsync(tx, token, audit.Id, index, "Mia was told.", Ct), Ct);
        Assert.Equal("governance/bad-text", await WhatAsync(() => house.DoAsync(pam, (tx, token) => audits.CloseAsync(tx, token, audit.Id, index, "", Ct), Ct)));
        await house.DoAsync(pam, (tx, token) => audits.CloseAsync(tx, token, audit.Id, index, "Cases are asked for now.", Ct), Ct);
        Assert.Equal("governance/no-open-finding", await WhatAsync(() => house.DoAsync(pam, (tx, token) => audits.FollowAsync(tx, token, audit.Id, index, "More.", Ct), Ct)));
        Assert.Empty(await Db.ReadAsync(tx => InternalAuditRows.OpenFindingsAsync(tx, Ct), Ct));
        Assert.Equal(["Mia was told."], (await Db.ReadAsync(tx => InternalAuditRows.NotesAsync(tx, audit.Id, Ct), Ct)).Select(n => n.Said));
        var logged = await LogAsync();
        Assert.All(logged, e => Assert.DoesNotContain("case", (e.Reason ?? "") + e.Subject, StringComparison.Ordinal));
        Assert.Equal(3, logged.Count(e => e.Subject!.StartsWith("audit-f", StringComparison.Ordinal) && e.Reason is { Length: 64 }));
        var all = AuditFigures.Of(await NewestAsync(), await ItemsAsync(audit))[^1];
        Assert.Equal((1, 1, 0, 1L, 1L), (all.Population, all.Drawn, all.InOrder, all.Findings.Part, all.Findings.Whole));
        Assert.Equal(0.2065, all.Findings.Wilson()!.Value.Low, 4); // 1 of 1: 1 / (1 + 1.96²)
    }

    [Theory]
    [InlineData("daily", 20)]
    [InlineData("monthly", 4)]
    [InlineData("monthly", 201)]
    public async Task A_plan_that_is_none_is_refused(string every, int sample) =>
        Assert.Equal("governance/bad-plan", await WhatAsync(() => house.DoAsync(pia, (tx, token) => audits.PlanAsync(tx, token, new AuditPlan(every, sample), Ct), Ct)));

    private async Task ReadAsync(string staffId, int count, AuditKind kind = AuditKind.Read, string? subject = null)
    {
        await Db.WriteAsync(async tx =>
        {
            for (var i = 0; i < count; i++)
            {
                await house.House.Log.AppendAsync(tx, new AuditEvent { Kind = kind, Actor = "staff:" + staffId, Purpose = "support", CustomerRef = [.. Enumerable.Repeat((byte)1, 16)], Subject = subject }, Ct);
            }

            return true;
        }, Ct);
        await SequenceAsync();
    }

    private async Task<InternalAudit> DrawAsync()
    {
        await SequenceAsync();
        return await audits.DrawNowAsync(await house.AsAsync(pia, (_, token) => ValueTask.FromResult(token), Ct), Ct);
    }

    private async Task ReviewAllAsync(InternalAudit audit)
    {
        foreach (var item in await ItemsAsync(audit))
        {
            await ReviewAsync(pia, audit, item.Index, AuditVerdict.InOrder, "");
        }

        await SequenceAsync();
    }

    private Task ReviewAsync(string by, InternalAudit audit, long index, AuditVerdict verdict, string note = "Seen.", string? owner = "mia", int days = 10) => house.DoAsync(by, (tx, token) =>
        audits.ReviewAsync(tx, token, audit.Id, index, verdict, note, owner == "mia" ? house.Mia : owner, DateOnly.FromDateTime(tx.Now.UtcDateTime).AddDays(days), Ct), Ct);

    private async Task<InternalAudit> NewestAsync() => (await Db.ReadAsync(tx => InternalAuditRows.NewestAsync(tx, 1, Ct), Ct))[0];

    private Task<IReadOnlyList<AuditItem>> ItemsAsync(InternalAudit audit) => Db.ReadAsync(tx => InternalAuditRows.ItemsAsync(tx, audit.Id, Ct), Ct);

    private async Task SequenceAsync()
    {
        if (Db.IsClustered)
        {
            await house.House.Log.SequenceAsync(10_000, Ct);
        }
    }

    /// <summary>The log's size, without the newest entries.</summary>
    private async Task<long> SizeAsync(int without)
    {
        await SequenceAsync();
        return await Db.ReadAsync(async tx => (await house.House.Log.HeadAsync(tx, Ct)).Size + without, Ct);
    }

    private async Task<IReadOnlyList<AuditEvent>> LogAsync()
    {
        var size = await SizeAsync(0);
        return [.. (await Db.ReadAsync(tx => LogWalks.BetweenAsync(tx, 0, size, Ct), Ct)).Select(e => e.Entry.Event).Where(e => e.Subject?.StartsWith("audit-", StringComparison.Ordinal) == true)];
    }

    private static async Task<string> WhatAsync(Func<Task> act) => (await Assert.ThrowsAsync<Fault>(act)).What;
}
