using System.Text;
using Candor.Audit;
using Candor.Catalog;
using Candor.Gate;
using Candor.Kernel;
using Candor.Rights;
using Candor.Staff;
using Candor.Tests.Storage;
using Candor.Vault;

namespace Candor.Tests.Rights;

public sealed class RightsRequestsOnSqlite : RightsRequestsTests<Sqlite>;

public sealed class RightsRequestsOnPostgres : RightsRequestsTests<Postgres>;

public abstract class RightsRequestsTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private ErasureHouse house = null!;
    private RequestFulfilment fulfilment = null!;
    private RightsRequests requests = null!;
    private RequestReader reader = null!;
    private CustomerKey ada = null!;
    private CallerToken session = null!;
    private CallerToken officer = null!;
    private CallerToken agent = null!;
    private CallerToken program = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await ErasureHouse.BuildAsync(Db, ErasureHouse.Yaml, RootKey.Random(), Ct);
        fulfilment = new RequestFulfilment(Db, house.Log, house.Ledger, house.Choices, house.Erasure);
        house.Erasure.AlsoDo(fulfilment.ForgetAsync);
        requests = new RightsRequests(Db, house.Catalogs, house.Log, house.Vault, house.Access, new BlindIndex(house.Keys), house.Outbox, fulfilment, new Uri("https://privacy.shop.example"));
        reader = new RequestReader(Db, house.Catalogs, house.Log, house.Vault, house.Access, requests);
        ada = await house.AddAsync(Db, "ada", Ct);
        session = CallerToken.Parse(await Db.WriteAsync(tx => house.Access.OpenCustomerSessionAsync(tx, ada.Id, Ct), Ct));
        officer = await StaffAsync("privacy-officer");
        agent = await StaffAsync("agent");
        program = CallerToken.Parse((await Db.WriteAsync(tx => house.Access.CreateKeyAsync(tx, "crm", [], ["requests"], TimeSpan.FromDays(300), "test", Ct), Ct)).Text);
    }

    [Theory]
    [InlineData(RequestType.Access)]
    [InlineData(RequestType.Portability)]
    public async Task A_report_asked_for_in_the_own_session_is_ready_at_once_for_thirty_days(RequestType type)
    {
        var filed = await FileAsync(session, null, type);
        Assert.Equal((RequestState.Done, Clock.GetUtcNow().AddDays(30), "fulfilled"), (filed.State, filed.ReadyUntil!.Value, filed.Outcome));
        var view = (await reader.ShowAsync(session, filed.Id, Ct)).View!;
        Assert.Equal(["received", "acknowledged", "identity-proven", "in-work", "done"], view.Steps.Select(s => s.State.Code()));
        Assert.Equal(["request-received", "request-done"], await TemplatesAsync());
    }

    [Fact]
    public async Task Both_clocks_stand_with_every_request()
    {
        var filed = await FileAsync(session, null, RequestType.Rectification);
        Assert.Equal((new DateOnly(2026, 6, 15), new DateOnly(2026, 7, 1), new DateOnly(2026, 7, 16), new DateOnly(2026, 7, 1)), (filed.AcknowledgeBy, filed.GdprDue, filed.CcpaDue, filed.Due));
        await ApplyAsync(ErasureHouse.Yaml.Replace("country: GB", "country: US", StringComparison.Ordinal));
        var us = await FileAsync(session, null, RequestType.Rectification);
        Assert.Equal((RequestLaw.Ccpa, new DateOnly(2026, 7, 16)), (us.Law, us.Due));
        Assert.Equal(new DateOnly(2026, 6, 22), (await FileAsync(agent, "ada", RequestType.Objection)).Due);
        Clock.Advance(Deadlines.EndOf(us.Due) - Clock.GetUtcNow() - TimeSpan.FromMicroseconds(1));
        Assert.False(us.IsLate(Clock.GetUtcNow()));
        Clock.Advance(TimeSpan.FromMicroseconds(1));
        Assert.True(us.IsLate(Clock.GetUtcNow()));
    }

    [Fact]
    public async Task A_restriction_holds_everything_still_until_it_is_lifted()
    {
        var filed = await FileAsync(session, null, RequestType.Restriction);
        Assert.Equal(RequestState.Done, filed.State);
        Assert.NotNull(await RestrictedAsync());
        Assert.Equal("rights/no-reason", (await Assert.ThrowsAsync<Fault>(() => requests.LiftRestrictionAsync(officer, filed.Id, null, Ct))).What);
        Assert.NotNull((await requests.LiftRestrictionAsync(session, filed.Id, null, Ct)).Request);
        Assert.Null(await RestrictedAsync());
        Assert.Contains(await EntriesAsync(), e => e.Event.Kind == AuditKind.ConsentOther);
    }

    [Fact]
    public async Task An_objection_stops_the_use_named_or_every_use_that_can_be_objected_to()
    {
        Assert.Equal("rights/no-objection-here", (await Assert.ThrowsAsync<Fault>(() =>
            requests.FileAsync(session, null, new NewRequest(RequestType.Objection, PurposeId.Parse("support")), Ct))).What);
        var filed = (await requests.FileAsync(session, null, new NewRequest(RequestType.Objection, PurposeId.Parse("quality")), Ct)).Request!;
        Assert.Equal(RequestState.Done, filed.State);
        Assert.Equal("objected", (await Db.ReadAsync(tx => house.Ledger.StateAsync(tx, ada.Id, Ct), Ct)).Single(c => c.Purpose.Value == "quality").State.ToString().ToLowerInvariant());
        // On behalf, without proof: acknowledged first, then done.
        var behalf = await FileAsync(agent, "ada", RequestType.Objection);
        Assert.Equal(RequestState.Received, behalf.State);
        Assert.Equal("rights/not-from-here", (await Assert.ThrowsAsync<Fault>(() => requests.FulfilAsync(officer, behalf.Id, null, Ct))).What);
        await requests.AcknowledgeAsync(officer, behalf.Id, Ct);
        Assert.Equal(RequestState.Done, (await requests.FulfilAsync(officer, behalf.Id, null, Ct)).Request!.State);
    }

    [Fact]
    public async Task On_behalf_nothing_is_done_before_it_is_proven_who_asks()
    {
        var filed = await FileAsync(agent, "ada", RequestType.Access);
        Assert.Equal((RequestState.IdentityNeeded, RequestChannel.Staff), (filed.State, filed.Channel));
        Assert.Equal(["request-received", "request-identity"], await TemplatesAsync());
        Assert.Equal("rights/not-from-here", (await Assert.ThrowsAsync<Fault>(() => requests.FulfilAsync(officer, filed.Id, null, Ct))).What);
        Assert.Equal("rights/no-reason", (await Assert.ThrowsAsync<Fault>(() => requests.ProveAsync(officer, filed.Id, " ", Ct))).What);
        Assert.Equal(ReasonCode.RoleNotAllowed, (await requests.ProveAsync(agent, filed.Id, "knows her", Ct)).Refused!.Reason);
        Assert.Equal(RequestState.IdentityProven, (await requests.ProveAsync(officer, filed.Id, "passport seen", Ct)).Request!.State);
        Assert.Equal(RequestState.Done, (await requests.FulfilAsync(officer, filed.Id, null, Ct)).Request!.State);
        var other = await FileAsync(program, "ada", RequestType.Access);
        Assert.Equal(RequestState.Done, (await requests.ProveAsync(session, other.Id, null, Ct)).Request!.State);
    }

    [Fact]
    public async Task To_a_program_somebody_unknown_looks_like_a_customer()
    {
        var (known, unknown) = (await FileAsync(program, "ada", RequestType.Erasure), await FileAsync(program, "nobody", RequestType.Erasure));
        Assert.Equal((known.State, known.Due, known.Channel), (unknown.State, unknown.Due, unknown.Channel));
        foreach (var reference in new[] { "ada", "nobody" })
        {
            Assert.Single((await requests.ListAsync(program, reference, Ct)).Requests!);
            Assert.Equal("rights/already-open", (await Assert.ThrowsAsync<Fault>(() => FileAsync(program, reference, RequestType.Erasure))).What);
        }

        Assert.Empty((await requests.ListAsync(program, "nobody-else", Ct)).Requests!);
        Assert.Equal(ReasonCode.NoSuchCustomer, (await requests.FileAsync(agent, "nobody", new NewRequest(RequestType.Access), Ct)).Refused!.Reason);
        Assert.Equal("rights/nobody-known", (await Assert.ThrowsAsync<Fault>(() => requests.ProveAsync(officer, unknown.Id, "x", Ct))).What);
        Assert.Equal("no-match", (await requests.RefuseAsync(officer, unknown.Id, RefusalReason.NoMatch, "Nobody is known.", Ct)).Request!.Outcome);
        // What came another way is not shown to it, whoever it is about.
        await FileAsync(session, null, RequestType.Rectification);
        Assert.Single((await requests.ListAsync(program, "ada", Ct)).Requests!);
    }

    [Fact]
    public async Task Anothers_request_looks_like_none()
    {
        var eve = await house.AddAsync(Db, "eve", Ct);
        var evil = CallerToken.Parse(await Db.WriteAsync(tx => house.Access.OpenCustomerSessionAsync(tx, eve.Id, Ct), Ct));
        var filed = await FileAsync(session, null, RequestType.Rectification);
        foreach (var id in new[] { filed.Id, CustomerId.New().Value, "x", "" })
        {
            Assert.Equal("rights/no-such-request", (await Assert.ThrowsAsync<Fault>(() => reader.ShowAsync(evil, id, Ct))).What);
            Assert.Equal("rights/no-such-request", (await Assert.ThrowsAsync<Fault>(() => requests.WithdrawAsync(evil, id, Ct))).What);
            Assert.Equal("rights/no-such-request", (await Assert.ThrowsAsync<Fault>(() => requests.ProveAsync(evil, id, null, Ct))).What);
        }

        Assert.Equal(ReasonCode.RoleNotAllowed, (await requests.FileAsync(evil, "ada", new NewRequest(RequestType.Erasure), Ct)).Refused!.Reason);
        Assert.Equal(ReasonCode.RoleNotAllowed, (await requests.FileAsync(evil, "nobody", new NewRequest(RequestType.Erasure), Ct)).Refused!.Reason);
        Assert.Equal(ReasonCode.RoleNotAllowed, (await requests.ListAsync(evil, "ada", Ct)).Refused!.Reason);
    }

    [Fact]
    public async Task A_term_is_extended_once_in_the_first_term_and_the_customer_gets_the_reason()
    {
        var filed = await FileAsync(session, null, RequestType.Rectification);
        Assert.Equal("rights/no-reason", Assert.Throws<Fault>(() => { _ = requests.ExtendAsync(officer, filed.Id, ExtensionReason.Complex, " ", Ct); }).What);
        var extended = (await requests.ExtendAsync(officer, filed.Id, ExtensionReason.Complex, "Many old orders.", Ct)).Request!;
        Assert.Equal((RequestState.Extended, new DateOnly(2026, 9, 1), new DateOnly(2026, 8, 30), new DateOnly(2026, 9, 1)), (extended.State, extended.GdprDue, extended.CcpaDue, extended.Due));
        Assert.Equal("rights/no-extension", (await Assert.ThrowsAsync<Fault>(() => requests.ExtendAsync(officer, filed.Id, ExtensionReason.Complex, "Again.", Ct))).What);
        Assert.Contains("request-extended", await TemplatesAsync());
        var late = await FileAsync(session, null, RequestType.Rectification);
        Clock.Advance(Deadlines.EndOf(late.Due) - Clock.GetUtcNow());
        officer = await StaffAsync("privacy-officer");
        Assert.Equal("rights/no-extension", (await Assert.ThrowsAsync<Fault>(() => requests.ExtendAsync(officer, late.Id, ExtensionReason.Complex, "Late.", Ct))).What);
    }

    [Fact]
    public async Task What_people_write_is_sealed_shown_to_customer_and_officer_alone_and_each_look_is_logged()
    {
        var filed = (await requests.FileAsync(session, null, new NewRequest(RequestType.Rectification, Note: " My street is wrong.\r\nIt is Elm. "), Ct)).Request!;
        await requests.RefuseAsync(officer, filed.Id, RefusalReason.Other, "We hold no street.", Ct);
        string?[] Notes(RequestView view) => [.. view.Steps.Select(s => s.Note).Where(n => n is not null)];
        Assert.Equal(["My street is wrong.\nIt is Elm.", "We hold no street."], Notes((await reader.ShowAsync(session, filed.Id, Ct)).View!));
        Assert.Equal(2, Notes((await reader.ShowAsync(officer, filed.Id, Ct)).View!).Length);
        Assert.Equal(2, Notes((await reader.ShowAsync(Asker.System("cli"), filed.Id, Ct)).View!).Length);
        Assert.Empty(Notes((await reader.ShowAsync(agent, filed.Id, Ct)).View!));
        Assert.Equal(3, (await EntriesAsync()).Count(e => e.Event.Kind == AuditKind.Read && e.Event.Subject == $"request-notes:{filed.Id}"));
        var stored = await Db.ReadAsync(async tx => await tx.QueryAsync<byte[]>("SELECT note FROM rights_request_step WHERE note IS NOT NULL", null, Ct), Ct);
        Assert.Equal(2, stored.Count);
        Assert.DoesNotContain(stored, n => Encoding.UTF8.GetString(n).Contains("street", StringComparison.Ordinal));
        foreach (var bad in new[] { new string('x', NewRequest.MaxNote + 1), "a\0b", "\ud800" })
        {
            Assert.Equal(FaultKind.Invalid, (await Assert.ThrowsAsync<Fault>(() => requests.FileAsync(session, null, new NewRequest(RequestType.Rectification, Note: bad), Ct))).Kind);
        }
    }

    [Fact]
    public async Task Every_step_stands_in_the_log_with_who_took_it()
    {
        var filed = await FileAsync(agent, "ada", RequestType.Rectification);
        await requests.ProveAsync(officer, filed.Id, "passport", Ct);
        await requests.FulfilAsync(officer, filed.Id, "Street changed.", Ct);
        var logged = (await EntriesAsync()).Where(e => e.Event.Kind == AuditKind.Request).Reverse().ToList();
        Assert.Equal(["received", "identity-needed", "identity-proven: confirmed-by-staff", "in-work", "done"], logged.Select(e => e.Event.Reason));
        Assert.All(logged, e => Assert.Equal($"rectification:{filed.Id}", e.Event.Subject));
        Assert.All(logged, e => Assert.StartsWith("staff:", e.Event.Actor, StringComparison.Ordinal));
        Assert.Equal(2, logged.Select(e => e.Event.Actor).Distinct().Count());
    }

    [Fact]
    public async Task An_erasure_without_cooling_off_happens_at_once_and_leaves_the_request_without_a_customer()
    {
        var open = (await requests.FileAsync(session, null, new NewRequest(RequestType.Rectification, Note: "x"), Ct)).Request!;
        var filed = await FileAsync(session, null, RequestType.Erasure);
        Assert.Equal((RequestState.Done, "fulfilled", null), (filed.State, filed.Outcome, filed.Customer));
        Assert.Null(await Db.ReadAsync(tx => house.Vault.FindCustomerAsync(tx, ada.Id, Ct), Ct));
        var left = (await reader.ShowAsync(officer, open.Id, Ct)).View!;
        Assert.Equal((RequestState.Done, "erased", null), (left.Request.State, left.Request.Outcome, left.Request.Customer));
        Assert.All(left.Steps, s => Assert.Null(s.Note));
        Assert.Equal(0, await Db.ReadAsync(async tx => await tx.FindAsync<long>("SELECT count(*) FROM rights_request_step WHERE note IS NOT NULL OR customer_id <> ''", null, Ct), Ct));
        Assert.Equal(default, await requests.ListAsync(session, null, Ct));
    }

    [Fact]
    public async Task In_the_cooling_off_it_waits_and_may_be_taken_back()
    {
        await ApplyAsync(ErasureHouse.Yaml.Replace("backupsKept: P35D", "backupsKept: P35D, coolingOff: P7D", StringComparison.Ordinal));
        var first = await FileAsync(session, null, RequestType.Erasure);
        Assert.Equal((RequestState.InWork, Clock.GetUtcNow().AddDays(7)), (first.State, first.RunAt!.Value));
        Assert.Equal("rights/cooling-off", (await Assert.ThrowsAsync<Fault>(() => requests.FulfilAsync(officer, first.Id, null, Ct))).What);
        Assert.Equal("withdrawn", (await requests.WithdrawAsync(session, first.Id, Ct)).Request!.Outcome);
        var second = await FileAsync(session, null, RequestType.Erasure);
        Clock.Advance(TimeSpan.FromDays(7) - TimeSpan.FromMicroseconds(1));
        Assert.Equal(0, await fulfilment.RunDueAsync(10, Ct));
        Clock.Advance(TimeSpan.FromMicroseconds(1));
        Assert.Equal(1, await fulfilment.RunDueAsync(10, Ct));
        Assert.Equal(0, await fulfilment.RunDueAsync(10, Ct));
        Assert.Null(await Db.ReadAsync(tx => house.Vault.FindCustomerAsync(tx, ada.Id, Ct), Ct));
        officer = await StaffAsync("privacy-officer");
        Assert.Equal(RequestState.Done, (await reader.ShowAsync(officer, second.Id, Ct)).View!.Request.State);
    }

    [Fact]
    public async Task A_request_is_kept_for_24_months_after_it_was_closed()
    {
        var done = await FileAsync(session, null, RequestType.Access);
        var open = await FileAsync(session, null, RequestType.Rectification);
        Clock.SetUtcNow(done.ClosedAt!.Value.AddMonths(24));
        Assert.Equal(0, await fulfilment.RemoveOldAsync(10, Ct));
        Clock.Advance(TimeSpan.FromMicroseconds(1));
        Assert.Equal(1, await fulfilment.RemoveOldAsync(10, Ct));
        Assert.Equal(open.Id, (await requests.WorkAsync(Asker.System("cli"), true, 10, Ct)).Requests!.Single().Id);
        Assert.Equal(1, await Db.ReadAsync(async tx => (await RequestFigures.OfYearAsync(tx, 2026, Ct)).Requests.Sum(f => f.Received), Ct));
    }

    [Fact]
    public async Task Two_who_act_at_the_same_moment_do_not_both_succeed()
    {
        var filed = await FileAsync(session, null, RequestType.Rectification);
        var results = await Task.WhenAll(Enumerable.Range(0, 6).Select(async i =>
        {
            try
            {
                return (i % 2 == 0 ? await requests.WithdrawAsync(session, filed.Id, Ct) : await requests.RefuseAsync(officer, filed.Id, RefusalReason.Other, "No.", Ct)).Request is not null;
            }
            catch (Fault fault) when (fault.Kind == FaultKind.Conflict)
            {
                return false;
            }
        }));
        Assert.Single(results, r => r);
        Assert.Equal(5, (await reader.ShowAsync(officer, filed.Id, Ct)).View!.Steps.Count);
    }

    [Fact]
    public async Task At_most_twenty_are_open()
    {
        for (var i = 0; i < RightsRequests.MaxOpen; i++)
        {
            await FileAsync(session, null, RequestType.Rectification);
        }

        Assert.Equal("rights/too-many-open", (await Assert.ThrowsAsync<Fault>(() => FileAsync(session, null, RequestType.Rectification))).What);
    }

    private Task ApplyAsync(string yaml) =>
        Db.WriteAsync(async tx => { await house.Notices.ApplyAsync(tx, house.Catalogs, PurposeCatalog.Read(yaml, "candor.yaml"), "test", "test", Ct); }, Ct);

    private async Task<RightsRequest> FileAsync(CallerToken who, string? reference, RequestType type) =>
        (await requests.FileAsync(who, reference, new NewRequest(type), Ct)).Request ?? throw new InvalidOperationException("Not filed.");

    private async Task<CallerToken> StaffAsync(string role) => CallerToken.Parse(await Db.WriteAsync(async tx =>
        await house.Access.OpenStaffSessionAsync(tx, await house.Access.AddStaffAsync(tx, "Sam", [role], tx.Now.AddYears(5), "test", Ct), tx.Now, Ct), Ct));

    private async Task<IReadOnlyList<string>> TemplatesAsync() =>
        await Db.ReadAsync(async tx => await tx.QueryAsync<string>("SELECT template FROM outbox ORDER BY created_at_us, CASE template WHEN 'request-received' THEN 0 ELSE 1 END", null, Ct), Ct);

    private async Task<DateTimeOffset?> RestrictedAsync() => await Db.ReadAsync(tx => house.Ledger.RestrictedSinceAsync(tx, ada.Id, Ct), Ct);

    private async Task<IReadOnlyList<AuditEntry>> EntriesAsync()
    {
        if (Db.IsClustered)
        {
            await house.Log.SequenceAsync(10_000, Ct);
        }

        return await Db.ReadAsync(tx => house.Log.OfCustomerAsync(tx, ada.AuditRef, null, 100, Ct), Ct);
    }
}
