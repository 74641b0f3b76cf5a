using System.Text;
using Candor.Audit;
using Candor.Gate;
using Candor.Governance;
using Candor.Kernel;
using Candor.Reads;
using Candor.Rights;
using Candor.Staff;
using Candor.Storage;
using Candor.Tests.Rights;
using Candor.Tests.Storage;
using Candor.Vault;

namespace Candor.Tests.Governance;

public sealed class ValueCheckOnSqlite : ValueCheckTests<Sqlite>;

public sealed class ValueCheckOnPostgres : ValueCheckTests<Postgres>;

/// <summary>What stands in values and should not: found without a value leaving, taken out by two people's word, passed over where it has to stay.</summary>
public abstract class ValueCheckTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Card = "4242 4242 4242 4242";
    private static readonly DataPointId Carts = DataPointId.Parse("carts");
    private static readonly DataPointId FullName = DataPointId.Parse("fullName");
    private static readonly DataPointId Purchases = DataPointId.Parse("purchases");
    private ErasureHouse house = null!;
    private FourEyes eyes = null!;
    private ValueCheck check = null!;
    private ValueCleaning cleaning = null!;
    private string otto = "";
    private string olga = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await ErasureHouse.BuildAsync(Db, ErasureHouse.Yaml, RootKey.Random(), Ct);
        eyes = new FourEyes(house.Access, house.Log);
        var inspection = new InspectionRead(Db, house.Catalogs, house.SystemReads, house.Log, house.Vault);
        check = new ValueCheck(Db, house.Catalogs, house.Vault, inspection) { PerPage = 2 };
        cleaning = new ValueCleaning(Db, house.Catalogs, house.Ledger, house.Log, house.Vault, inspection, eyes);
        eyes.Add(cleaning.Proposed);
        otto = await AddOfficerAsync("Otto");
        olga = await AddOfficerAsync("Olga");
    }

    [Fact]
    public async Task What_is_found_is_counted_by_data_point_and_kind_and_each_look_is_in_the_log()
    {
        var (ada, ben, cleo) = (await AddAsync("ada"), await AddAsync("ben"), await AddAsync("cleo"));
        await CartAsync(ada, "c-1", $$"""{"note":"card {{Card}}"}""", 9);
        await CartAsync(ada, "c-2", $$"""{"note":"again {{Card}}, I am diabetic"}""", 3);
        await CartAsync(ben, "c-1", $$"""{"note":"{{Card}}"}""", 2);
        await CartAsync(cleo, "c-1", """{"note":""}""", 1);
        await PutAsync(cleo, FullName, "\"Cleo 123-45-6789\"");
        var run = await check.RunAsync(false, null, Ct);
        Assert.Equal((3L, 3L), (run.Seen, run.Looked));
        Assert.NotNull(run.FinishedAt);
        var found = (await CountsAsync()).Select(c => (c.DataPoint.Value, c.Kind, c.Values, c.Customers)).ToList();
        Assert.Equal([("carts", FoundKind.Card, 3L, 2L), ("carts", FoundKind.Empty, 1L, 1L), ("carts", FoundKind.Health, 1L, 1L), ("fullName", FoundKind.NationalId, 1L, 1L)], found.OrderBy(f => f.Item1, StringComparer.Ordinal).ThenBy(f => f.Kind.ToString(), StringComparer.Ordinal));
        Assert.Equal(9, (Clock.GetUtcNow() - (await CountsAsync()).Single(c => c.Kind == FoundKind.Card).Oldest).TotalDays, 0.1);
        foreach (var key in (CustomerKey[])[ada, ben, cleo])
        {
            var entry = Assert.Single(await EntriesAsync(key, AuditKind.Read));
            Assert.Equal(("system:value-check", InspectionRead.Subject, null), (entry.Actor, entry.Subject, entry.Purpose));
            Assert.Equal(["carts", "email", "fullName", "purchases"], entry.DataPoints.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task No_value_is_kept_anywhere_and_none_is_in_the_log()
    {
        var ada = await AddAsync("ada");
        await CartAsync(ada, "c-1", $$"""{"note":"{{Card}}"}""", 1);
        await check.RunAsync(false, null, Ct);
        var kept = await Db.ReadAsync(async tx => string.Join('\n', await tx.QueryAsync<string>("SELECT customer_id || data_point || record_id || kind FROM value_mark", null, Ct))
            + string.Join('\n', (await tx.QueryAsync<byte[]>("SELECT entry FROM audit_entry UNION ALL SELECT entry FROM audit_pending", null, Ct)).Select(e => Encoding.Latin1.GetString(e))), Ct);
        Assert.Contains("carts", kept, StringComparison.Ordinal);
        Assert.DoesNotContain("4242", kept, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_has_nothing_new_is_not_opened_again_and_who_was_found_is_until_it_is_gone()
    {
        var (ada, ben) = (await AddAsync("ada"), await AddAsync("ben"));
        await CartAsync(ben, "c-1", $$"""{"note":"{{Card}}"}""", 1);
        Clock.Advance(TimeSpan.FromHours(2));
        await check.RunAsync(false, null, Ct);
        Assert.Null(await check.RunDueAsync(Ct));
        Clock.Advance(ValueCheck.Every);
        var second = (await check.RunDueAsync(Ct))!;
        Assert.Equal((2L, 1L), (second.Seen, second.Looked));
        Assert.Single(await EntriesAsync(ada, AuditKind.Read));
        Assert.Equal(2, (await EntriesAsync(ben, AuditKind.Read)).Count);
        // Gone by another way, such as retention: the mark goes with the next look.
        await Db.WriteAsync(async tx => { await AgedValues.RemoveRecordAsync(tx, ben.Id, Carts, "c-1", Ct); return 0; }, Ct);
        await PutAsync(ada, FullName, "\"\"");
        Clock.Advance(ValueCheck.Every);
        Assert.Equal(2L, (await check.RunDueAsync(Ct))!.Looked);
        Assert.Equal([("fullName", FoundKind.Empty)], (await CountsAsync()).Select(c => (c.DataPoint.Value, c.Kind)));
        Assert.Equal(2L, (await check.RunAsync(all: true, null, Ct)).Looked);
    }

    [Fact]
    public async Task A_new_installation_is_looked_into_after_a_day()
    {
        await AddAsync("ada");
        Assert.Null(await check.RunDueAsync(Ct));
        Assert.Null((await Db.ReadAsync(tx => ValueFindings.LoadAsync(tx, Ct), Ct)).Last);
        Clock.Advance(TimeSpan.FromHours(23.5));
        Assert.Null(await check.RunDueAsync(Ct));
        Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, (await check.RunDueAsync(Ct))!.Looked);
    }

    [Fact]
    public async Task An_interrupted_look_goes_on_behind_the_last_customers()
    {
        for (var i = 0; i < 5; i++)
        {
            await CartAsync(await AddAsync($"c-{i}"), "c-1", $$"""{"note":"{{Card}}"}""", 1);
        }

        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => check.RunAsync(false, new Stopper(stop), stop.Token));
        var half = (await Db.ReadAsync(tx => ValueWalk.FindAsync(tx, Ct), Ct))!;
        Assert.Null(half.FinishedAt);
        Assert.InRange(half.Seen, 2, 4);
        var run = (await check.RunDueAsync(Ct))!;
        Assert.Equal(5, run.Seen);
        Assert.Equal(5, Assert.Single(await CountsAsync()).Values);
        Assert.Equal(5, await Db.ReadAsync(async tx => (await tx.QueryAsync<byte[]>("SELECT entry FROM audit_entry UNION ALL SELECT entry FROM audit_pending", null, Ct)).Count(e => AuditEntry.Decode(e).Event.Subject == InspectionRead.Subject), Ct));
    }

    [Fact]
    public async Task Two_people_take_it_out_and_nothing_else_of_the_value_changes()
    {
        var (ada, ben) = (await AddAsync("ada"), await AddAsync("ben"));
        await CartAsync(ada, "c-1", $$"""{"note":"card {{Card}} please","total":12.50}""", 9);
        await CartAsync(ada, "c-2", """{"note":"nothing","total":1}""", 8);
        await CartAsync(ben, "c-1", $$"""{"note":"{{Card}}"}""", 2);
        await PutAsync(ben, FullName, $"\"Ben {Card}\"");
        await check.RunAsync(false, null, Ct);
        Assert.Equal(new CleaningCount(2, 2, 0), await cleaning.CountAsync(Carts, FoundKind.Card, Ct));
        var proposal = await AsAsync(otto, (tx, token) => cleaning.ProposeAsync(tx, token, Carts, FoundKind.Card, Ct));
        Assert.Equal(0, await cleaning.RunDueAsync(Ct));
        Assert.Equal("staff/own-proposal", (await Assert.ThrowsAsync<Fault>(() => AsAsync(otto, (tx, token) => eyes.ApproveAsync(tx, token, proposal.Id, Ct)))).What);
        await AsAsync(olga, (tx, token) => eyes.ApproveAsync(tx, token, proposal.Id, Ct));
        Assert.Equal(1, await cleaning.RunDueAsync(Ct));
        var done = Assert.Single(await Db.ReadAsync(tx => ValueCleaning.NewestAsync(tx, 9, Ct), Ct));
        Assert.Equal((2L, 0L, true), (done.Changed, done.Passed, done.FinishedAt is not null));
        Assert.Equal(["""{"note":"card [removed: card number] please","total":12.50}""", """{"note":"nothing","total":1}"""], await ValuesAsync(ada, Carts));
        Assert.Equal(["""{"note":"[removed: card number]"}"""], await ValuesAsync(ben, Carts));
        Assert.Equal([$"\"Ben {Card}\""], await ValuesAsync(ben, FullName));
        Assert.Equal(["fullName"], (await CountsAsync()).Select(c => c.DataPoint.Value));
        var entry = Assert.Single(await EntriesAsync(ada, AuditKind.Erase));
        Assert.Equal(("system:value-cleaning", OwnData.ValuesCleaned, "Card:1"), (entry.Actor, entry.Reason, entry.Subject));
        // The field is sealed anew under its next version, at its place.
        await CleanAsync(FullName, FoundKind.Card);
        Assert.Equal(["\"Ben [removed: card number]\""], await ValuesAsync(ben, FullName));
        Assert.Equal("governance/nothing-found", (await Assert.ThrowsAsync<Fault>(() => AsAsync(otto, (tx, token) => cleaning.ProposeAsync(tx, token, Carts, FoundKind.Card, Ct)))).What);
        Assert.Equal("governance/not-cleaned", (await Assert.ThrowsAsync<Fault>(() => AsAsync(otto, (tx, token) => cleaning.ProposeAsync(tx, token, Carts, FoundKind.Empty, Ct)))).What);
    }

    [Fact]
    public async Task What_is_held_still_or_kept_by_law_is_passed_over_and_counted()
    {
        var (ada, ben) = (await AddAsync("ada"), await AddAsync("ben"));
        await Db.WriteAsync(async tx => { await house.AddPurchaseAsync(tx, ada, "p-9", tx.Now.AddDays(-1), $$"""{"invoiceNumber":"MT {{Card}}"}""", Ct); return 0; }, Ct);
        await Db.WriteAsync(async tx => { await house.AddPurchaseAsync(tx, ben, "p-9", tx.Now.AddDays(-1), $$"""{"note":"{{Card}}"}""", Ct); return 0; }, Ct);
        await check.RunAsync(false, null, Ct);
        await Db.WriteAsync(async tx => { await house.Ledger.RestrictAsync(tx, ben.Id, "test", "en", Ct); return 0; }, Ct);
        Assert.Equal(new CleaningCount(2, 2, 1), await cleaning.CountAsync(Purchases, FoundKind.Card, Ct));
        await CleanAsync(Purchases, FoundKind.Card);
        var done = Assert.Single(await Db.ReadAsync(tx => ValueCleaning.NewestAsync(tx, 9, Ct), Ct));
        Assert.Equal((0L, 2L), (done.Changed, done.Passed));
        Assert.Empty(await EntriesAsync(ben, AuditKind.Erase));
        // Held still, they are not looked at either, and wait.
        await check.RunAsync(true, null, Ct);
        Assert.Equal(1, await Db.ReadAsync(tx => ValueMarks.WaitingAsync(tx, Ct), Ct));
        Assert.Single(await EntriesAsync(ben, AuditKind.Read));
    }

    [Fact]
    public async Task Only_Candor_itself_may_look_and_only_while_nothing_is_held_still()
    {
        var ada = await AddAsync("ada");
        CustomerState state = new(ada.Id, null, 0, IsRestricted: false);
        var now = Clock.GetUtcNow();
        Decision Ask(ActorKind kind, CustomerState? of) => Permit.DecideInspection(
            new ActorState { Kind = kind, Ref = "x", MfaAt = now, TrainingUntil = now.AddDays(1), ExpiresAt = now.AddDays(1), Roles = "privacy-officer" }, of, [Carts], [], now, 1);
        Assert.IsType<Decision.Allowed>(Ask(ActorKind.System, state));
        Assert.Equal(ReasonCode.Restricted, ((Decision.Denied)Ask(ActorKind.System, state with { IsRestricted = true })).Reason);
        Assert.Equal(ReasonCode.NoSuchCustomer, ((Decision.Denied)Ask(ActorKind.System, null)).Reason);
        foreach (var kind in (ActorKind[])[ActorKind.Staff, ActorKind.Service, ActorKind.Customer])
        {
            Assert.Equal(ReasonCode.RoleNotAllowed, ((Decision.Denied)Ask(kind, state)).Reason);
        }
    }

    private sealed class Stopper(CancellationTokenSource stop) : IProgress<ValueCheckProgress>
    {
        public void Report(ValueCheckProgress value)
        {
            if (value.Customers >= 2)
            {
                stop.Cancel();
            }
        }
    }

    private async Task CleanAsync(DataPointId point, FoundKind kind)
    {
        var proposal = await AsAsync(otto, (tx, token) => cleaning.ProposeAsync(tx, token, point, kind, Ct));
        await AsAsync(olga, (tx, token) => eyes.ApproveAsync(tx, token, proposal.Id, Ct));
        await cleaning.RunDueAsync(Ct);
    }

    private Task<string> AddOfficerAsync(string name) => Db.WriteAsync(tx => house.Access.AddStaffAsync(tx, name, ["privacy-officer"], tx.Now.AddYears(9), "test", Ct), Ct);

    private Task<T> AsAsync<T>(string staffId, Func<Transaction, CallerToken, ValueTask<T>> act) => Db.WriteAsync(
        async tx => await act(tx, CallerToken.Parse(await house.Access.OpenStaffSessionAsync(tx, staffId, tx.Now, Ct))), Ct);

    private Task<CustomerKey> AddAsync(string reference) => house.AddAsync(Db, reference, Ct);

    private Task CartAsync(CustomerKey key, string id, string json, int daysAgo) => Db.WriteAsync(async tx =>
        await house.Vault.AppendHistoryAsync(tx, key, Carts, id, tx.Now.AddDays(-daysAgo), Encoding.UTF8.GetBytes(json), "test", Ct), Ct);

    private Task PutAsync(CustomerKey key, DataPointId point, string json) => Db.WriteAsync(async tx => await house.Vault.PutFieldAsync(tx, key, point, Encoding.UTF8.GetBytes(json), "test", Ct), Ct);

    private Task<IReadOnlyList<FoundCount>> CountsAsync() => Db.ReadAsync(tx => ValueMarks.CountAsync(tx, Ct), Ct);

    private async Task<IReadOnlyList<AuditEvent>> EntriesAsync(CustomerKey key, AuditKind kind) =>
        [.. (await Db.ReadAsync(tx => house.Log.OfCustomerAsync(tx, key.AuditRef, null, 99, Ct), Ct)).Select(e => e.Event).Where(e => e.Kind == kind && e.Actor.StartsWith("system:value", StringComparison.Ordinal) && (kind != AuditKind.Read || e.Actor == "system:value-check"))];

    private async Task<IReadOnlyList<string>> ValuesAsync(CustomerKey key, DataPointId point) =>
        [.. (await house.SystemReads.RunAsync(new("test", "test", key.Id, [point]), Ct)).Opened!.Values.OrderBy(v => v.RecordId, StringComparer.Ordinal).Select(v => Encoding.UTF8.GetString(v.Json.Span))];
}
