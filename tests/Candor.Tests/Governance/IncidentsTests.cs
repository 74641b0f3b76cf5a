using Candor.Audit;
using Candor.Governance;
using Candor.Kernel;
using Candor.Messages;
using Candor.Staff;
using Candor.Tests.Storage;
using CsCheck;

namespace Candor.Tests.Governance;

public sealed class IncidentsOnSqlite : IncidentsTests<Sqlite>;

public sealed class IncidentsOnPostgres : IncidentsTests<Postgres>;

/// <summary>The record of incidents and its clock.</summary>
public abstract class IncidentsTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private GovernanceHouse house = null!;
    private Incidents incidents = null!;
    private string otto = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await GovernanceHouse.BuildAsync(Db, Ct);
        incidents = new Incidents(Db, house.Eyes, house.House.Log, new StaffMail(house.House.Vault), new Uri("https://shop.example/"));
        otto = await house.AddAsync("Otto", "privacy-officer", Ct);
    }

    [Fact]
    public async Task Officers_are_reminded_at_once_a_day_before_the_end_and_at_the_end_once_each()
    {
        var id = (await OpenAsync(BreachRisk.Risk)).Id;
        Assert.Equal(1, await MailsAsync());
        foreach (var (hours, mails) in ((double, int)[])[(47.9, 1), (48.1, 2), (60, 2), (71.9, 2), (72.1, 3), (100, 3)])
        {
            SetHours(hours);
            await incidents.RemindDueAsync(Ct);
            await incidents.RemindDueAsync(Ct);
            Assert.Equal((hours, mails), (hours, await MailsAsync()));
        }

        // A clock that starts later than was thought is reminded of anew.
        await DoAsync((tx, token) => incidents.WriteAsync(tx, token, id, Facts(BreachRisk.Risk) with { NoticedAt = tx.Now.AddHours(-50) }, Ct));
        await incidents.RemindDueAsync(Ct);
        Assert.Equal(3, await MailsAsync());
        SetHours(123);
        await incidents.RemindDueAsync(Ct);
        await incidents.RemindDueAsync(Ct);
        Assert.Equal(4, await MailsAsync());
    }

    [Fact]
    public async Task Nobody_is_reminded_of_what_was_told_or_need_not_be()
    {
        var told = (await OpenAsync(BreachRisk.Risk)).Id;
        await OpenAsync(BreachRisk.Unlikely);
        await DoAsync((tx, token) => incidents.TellAuthorityAsync(tx, token, told, new IncidentTold(tx.Now, "ICO-1", ""), Ct));
        SetHours(80);
        Assert.Equal(0, await incidents.RemindDueAsync(Ct));
        Assert.Equal(2, await MailsAsync());
    }

    [Fact]
    public async Task Every_step_stays_as_it_was_and_is_in_the_log()
    {
        var id = (await OpenAsync(BreachRisk.High)).Id;
        await DoAsync((tx, token) => incidents.NoteAsync(tx, token, id, "Called the host.", Ct));
        await DoAsync((tx, token) => incidents.WriteAsync(tx, token, id, Facts(BreachRisk.High) with { Title = "Other", NoticedAt = tx.Now }, Ct));
        await DoAsync((tx, token) => incidents.TellAuthorityAsync(tx, token, id, new IncidentTold(tx.Now, "ICO-1", ""), Ct));
        await DoAsync((tx, token) => incidents.TellAuthorityAsync(tx, token, id, new IncidentTold(tx.Now, "ICO-1 b", ""), Ct));
        var incident = await GetAsync(id);
        Assert.Equal(("Other", "A laptop was lost"), (incident.Facts.Title, incident.Steps[0].Facts!.Title));
        Assert.Equal([IncidentStepKind.Facts, IncidentStepKind.Note, IncidentStepKind.Facts, IncidentStepKind.Authority, IncidentStepKind.Authority], incident.Steps.Select(s => s.Kind));
        Assert.Equal(incident.Steps[3].Told!.At, incident.AuthorityAt);
        var entries = await Db.ReadAsync(async tx => (await tx.QueryAsync<byte[]>("SELECT entry FROM audit_entry UNION ALL SELECT entry FROM audit_pending", null, Ct)).Select(e => AuditEntry.Decode(e).Event).Where(e => e.Subject?.StartsWith("incident-", StringComparison.Ordinal) == true).ToList(), Ct);
        Assert.Equal(5, entries.Count);
        Assert.All(entries, e => Assert.Equal("staff:" + otto, e.Actor));
        Assert.DoesNotContain(entries, e => e.ToString().Contains("laptop", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_closes_when_everybody_was_told_who_has_to_be()
    {
        var id = (await OpenAsync(BreachRisk.High)).Id;
        Assert.Equal("governance/still-to-tell", await FaultAsync((tx, token) => incidents.CloseAsync(tx, token, id, "Done.", Ct)));
        await DoAsync((tx, token) => incidents.TellAuthorityAsync(tx, token, id, new IncidentTold(tx.Now, "ICO-1", ""), Ct));
        Assert.Equal("governance/still-to-tell", await FaultAsync((tx, token) => incidents.CloseAsync(tx, token, id, "Done.", Ct)));
        Assert.Equal("governance/bad-incident", await FaultAsync((tx, token) => incidents.SpareCustomersAsync(tx, token, id, " ", Ct)));
        await DoAsync((tx, token) => incidents.SpareCustomersAsync(tx, token, id, "A notice on the site is as good (34(3)(c)).", Ct));
        Assert.NotNull((await DoAsync((tx, token) => incidents.CloseAsync(tx, token, id, "Done.", Ct))).ClosedAt);
        Assert.Equal("governance/incident-closed", await FaultAsync((tx, token) => incidents.NoteAsync(tx, token, id, "More.", Ct)));
        Assert.Null((await DoAsync((tx, token) => incidents.ReopenAsync(tx, token, id, "There is more.", Ct))).ClosedAt);
        await DoAsync((tx, token) => incidents.NoteAsync(tx, token, id, "More.", Ct));
    }

    [Fact]
    public async Task Telling_late_needs_a_reason_and_bad_records_are_refused_by_name()
    {
        var id = (await OpenAsync(BreachRisk.Risk)).Id;
        SetHours(72.5);
        Assert.Equal("governance/late-without-reason", await FaultAsync((tx, token) => incidents.TellAuthorityAsync(tx, token, id, new IncidentTold(tx.Now, "ICO-1", " "), Ct)));
        // Told in time, and written down later.
        Assert.Equal(TellingState.Told, (await DoAsync((tx, token) => incidents.TellAuthorityAsync(tx, token, id, new IncidentTold(tx.Now.AddHours(-1), "ICO-1", ""), Ct))).AuthorityAsOf(Clock.GetUtcNow()));
        var late = (await OpenAsync(BreachRisk.Risk, hoursAgo: 90)).Id;
        Assert.Equal(TellingState.ToldLate, (await DoAsync((tx, token) => incidents.TellAuthorityAsync(tx, token, late, new IncidentTold(tx.Now, "", "The provider told us late."), Ct))).AuthorityAsOf(Clock.GetUtcNow()));
        Assert.Equal("governance/bad-incident", await FaultAsync((tx, token) => incidents.TellAuthorityAsync(tx, token, id, new IncidentTold(tx.Now.AddHours(1), "", ""), Ct)));
        foreach (var bad in (IncidentFacts[])[
            Facts(BreachRisk.Risk) with { Title = "" }, Facts(BreachRisk.Risk) with { What = new string('x', IncidentFacts.MaxText + 1) }, Facts(BreachRisk.Risk) with { Kinds = [] },
            Facts(BreachRisk.Risk) with { NoticedAt = Clock.GetUtcNow().AddMinutes(1) }, Facts(BreachRisk.Risk) with { BeganAt = Clock.GetUtcNow().AddMinutes(1) }, Facts(BreachRisk.Risk) with { Customers = -1 }])
        {
            Assert.Equal("governance/bad-incident", await FaultAsync((tx, token) => incidents.OpenAsync(tx, token, bad, Ct)));
        }

        Assert.Equal("staff/not-allowed", (await Assert.ThrowsAsync<Fault>(() => house.AsAsync(house.Mia, (tx, token) => incidents.OpenAsync(tx, token, Facts(BreachRisk.Risk), Ct), Ct))).What);
        Assert.Equal("governance/no-such-incident", await FaultAsync((tx, token) => incidents.NoteAsync(tx, token, "nothing", "x", Ct)));
    }

    [Fact]
    public void The_clock_is_72_hours_whatever_the_calendar() => Gen.Select(Gen.Int[0, 4000], Gen.Int[0, 86_399], Gen.Double[-10, 100], Gen.Int[0, 2], Gen.Bool).Sample((day, second, hours, risk, told) =>
    {
        var noticed = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(day).AddSeconds(second);
        var (facts, at) = (Facts((BreachRisk)risk) with { NoticedAt = noticed }, noticed.AddHours(hours));
        List<IncidentStep> steps = [new(1, IncidentStepKind.Facts, "x", noticed, facts, null, null)];
        if (told)
        {
            steps.Add(new(2, IncidentStepKind.Authority, "x", at, null, new IncidentTold(at, "", "y"), null));
        }

        var incident = new Incident("x", 1, noticed, null, steps);
        var expected = told ? hours <= 72 ? TellingState.Told : TellingState.ToldLate : risk == 0 ? TellingState.NotNeeded : hours < 72 ? TellingState.Waiting : TellingState.Overdue;
        Assert.Equal(expected, incident.AuthorityAsOf(at));
        Assert.Equal(expected is TellingState.Waiting or TellingState.Overdue ? hours >= 72 ? 3 : hours >= 48 ? 2 : 1 : 1, incident.StageAsOf(at));
        Assert.Equal(risk == 2 ? TellingState.Waiting : TellingState.NotNeeded, incident.Customers);
        Assert.Equal(TellingState.NotNeeded, new Incident("x", 1, noticed, null, [steps[0] with { Facts = facts with { Unintelligible = true } }]).Customers);
    }, iter: 3_000);

    private static IncidentFacts Facts(BreachRisk risk) =>
        new("A laptop was lost", "On the train.", DateTimeOffset.UnixEpoch, null, [BreachKind.Confidentiality], ["email"], ["support"], 120, null, "Somebody could write to them.", "The account was locked.", risk, false, null);

    private DateTimeOffset start;

    private void SetHours(double hours) => Clock.Advance(start.AddHours(hours) - Clock.GetUtcNow());

    private async Task<Incident> OpenAsync(BreachRisk risk, double hoursAgo = 0)
    {
        start = Clock.GetUtcNow();
        return await DoAsync((tx, token) => incidents.OpenAsync(tx, token, Facts(risk) with { NoticedAt = tx.Now.AddHours(-hoursAgo) }, Ct));
    }

    private Task<Incident> DoAsync(Func<Candor.Storage.Transaction, CallerToken, ValueTask<Incident>> act) => house.AsAsync(otto, act, Ct);

    private async Task<string> FaultAsync(Func<Candor.Storage.Transaction, CallerToken, ValueTask<Incident>> act) => (await Assert.ThrowsAsync<Fault>(() => DoAsync(act))).What;

    private Task<Incident> GetAsync(string id) => Db.ReadAsync(tx => Incidents.GetAsync(tx, id, Ct), Ct);

    private Task<long> MailsAsync() => Db.ReadAsync(async tx => await tx.FindAsync<long>("SELECT count(*) FROM staff_mail WHERE template = 'incident-clock'", null, Ct), Ct);
}
