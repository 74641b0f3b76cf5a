using Candor.Audit;
using Candor.Governance;
using Candor.Kernel;
using Candor.Messages;
using Candor.Tests.Reads;
using Candor.Tests.Storage;

namespace Candor.Tests.Governance;

public sealed class DueDatesOnSqlite : DueDatesTests<Sqlite>;

public sealed class DueDatesOnPostgres : DueDatesTests<Postgres>;

/// <summary>Days that come near are told of in time, once for each step, and to somebody.</summary>
public abstract class DueDatesTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private GovernanceHouse house = null!;
    private DueDates dates = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await GovernanceHouse.BuildAsync(Db, Ct);
        dates = new DueDates(Db, house.House.Catalogs, new StaffMail(house.House.Vault), new Uri("https://shop.example/"));
    }

    [Theory]
    [InlineData(31, DueStage.Far)]
    [InlineData(30, DueStage.Soon)]
    [InlineData(8, DueStage.Soon)]
    [InlineData(7, DueStage.Near)]
    [InlineData(0, DueStage.Near)]
    [InlineData(-1, DueStage.Over)]
    public void The_last_day_is_still_in_time(int daysLeft, DueStage stage)
    {
        var day = new DateOnly(2026, 6, 1);
        Assert.Equal(stage, new DueDate(DueKind.Contract, "x", "x", day.AddDays(daysLeft), "").StageOn(day));
    }

    [Fact]
    public async Task A_review_is_told_of_a_month_and_a_week_before_and_when_it_is_over_and_anew_when_its_day_is_moved()
    {
        await house.SeatAsync(2, Ct);
        var id = await house.OpenAsync(GovernanceHouse.Form("newsletter", null), Ct);
        await house.VoteAsync(id, "yyyyy", Ct);
        await house.DecideAsync(id, "", 40, Ct);
        // The approval ends at the beginning of the 40th day, so the 39th is the last.
        foreach (var (day, told) in ((int, int)[])[(0, 0), (8, 0), (9, 1), (31, 0), (32, 1), (39, 0), (40, 1), (60, 0)])
        {
            Clock.SetUtcNow(new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero).AddDays(day));
            Assert.Equal((day, told), (day, await dates.MailDueAsync(Ct)));
            Assert.Equal(0, await dates.MailDueAsync(Ct));
        }

        Assert.Equal(3 * house.Members.Count, await MailsAsync());
        await house.VoteAsync(id, "yyyyy", Ct);
        await house.DecideAsync(id, "", 20, Ct);
        Assert.Equal(1, await dates.MailDueAsync(Ct));
        Assert.Equal(new DateOnly(2026, 8, 19), Assert.Single(await AllAsync()).Last);
    }

    [Fact]
    public async Task Contracts_audits_and_findings_are_told_of_in_one_mail_and_not_before_somebody_can_read_it()
    {
        foreach (var member in house.Members)
        {
            await Db.WriteAsync(tx => house.House.Access.DisableStaffAsync(tx, member, "test", Ct), Ct);
        }

        var yaml = ReadHouse.Yaml(widened: false).Replace("roles: [marketing],", "roles: [marketing], recipients: [Mailwell],", StringComparison.Ordinal)
            + "\nrecipients:\n  Mailwell: { does: Sends our mail, country: GB, contract: { signed: 2026-01-31, until: 2026-06-20 } }\n  Unused: { does: Nothing, country: GB, contract: { signed: 2026-01-31, until: 2026-06-02 } }\n";
        await house.House.ApplyCatalogAsync(Db, yaml, "Board", Ct);
        Assert.Equal(0, await dates.MailDueAsync(Ct));
        var pia = await house.AddAsync("Pia", "privacy-officer", Ct);
        Assert.Equal(1, await dates.MailDueAsync(Ct));
        await ReviewAsync(pia);
        // The audit is closed with its only access; the finding is what is left to see to.
        Assert.Equal([(DueKind.Finding, new DateOnly(2026, 6, 6)), (DueKind.Contract, new DateOnly(2026, 6, 20))], (await AllAsync()).Select(d => (d.Kind, d.Last)));
        Assert.Equal(1, await dates.MailDueAsync(Ct));
        Assert.Equal(2, await MailsAsync());
    }

    /// <summary>Draws the one access there is, and finds something.</summary>
    private async Task ReviewAsync(string officer)
    {
        await Db.WriteAsync(async tx => await house.House.Log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Read, Actor = "staff:" + house.Mia, Purpose = "support", CustomerRef = [.. Enumerable.Repeat((byte)1, 16)] }, Ct), Ct);
        if (Db.IsClustered)
        {
            await house.House.Log.SequenceAsync(10_000, Ct);
        }

        var audits = new InternalAudits(Db, house.House.Log, house.House.Access);
        var audit = await audits.DrawNowAsync(await house.AsAsync(officer, (_, token) => ValueTask.FromResult(token), Ct), Ct);
        Assert.Contains(await AllAsync(), d => d is { Kind: DueKind.Audit, Name: "1" } && d.Last == new DateOnly(2026, 6, 15));
        var item = Assert.Single(await Db.ReadAsync(tx => InternalAuditRows.ItemsAsync(tx, audit.Id, Ct), Ct));
        await house.DoAsync(officer, (tx, token) => audits.ReviewAsync(tx, token, audit.Id, item.Index, AuditVerdict.Finding, "No case was named.", house.Mia, new DateOnly(2026, 6, 6), Ct), Ct);
    }

    private Task<IReadOnlyList<DueDate>> AllAsync() => Db.ReadAsync(tx => dates.AllAsync(tx, Ct), Ct);

    private Task<long> MailsAsync() => Db.ReadAsync(async tx => await tx.FindAsync<long>("SELECT count(*) FROM staff_mail WHERE template = @Template", new { DueDates.Template }, Ct), Ct);
}
