using System.Text;
using Candor.Audit;
using Candor.Gate;
using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;
using Candor.Tests.Storage;

namespace Candor.Tests.Reads;

public sealed class ConsentedReadOnSqlite : ConsentedReadTests<Sqlite>;

public sealed class ConsentedReadOnPostgres : ConsentedReadTests<Postgres>;

public abstract class ConsentedReadTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private const int Budget = 3;

    [Fact]
    public async Task Consent_counts_until_just_before_it_expires()
    {
        var (house, key) = await HouseAsync();
        var ada = await house.AddCustomerAsync(Db, "ada", Ct);
        await house.GiveAsync(Db, ada.Id, "suggestions", Ct);
        Clock.SetUtcNow(Period.Parse("P6M").After(Clock.GetUtcNow()) - TimeSpan.FromMicroseconds(1));
        Assert.IsType<Decision.Allowed>((await house.Read.RunAsync(Request(key, "ada", "suggestions"), Ct))!.Decision);
        Clock.Advance(TimeSpan.FromMicroseconds(1));
        Assert.Equal(new Decision.Denied(ReasonCode.ConsentExpired), (await house.Read.RunAsync(Request(key, "ada", "suggestions"), Ct))!.Decision);
    }

    [Fact]
    public async Task A_read_after_a_confirmed_withdrawal_is_denied_and_both_are_in_the_log()
    {
        var (house, key) = await HouseAsync();
        var ada = await house.AddCustomerAsync(Db, "ada", Ct);
        await house.GiveAsync(Db, ada.Id, "suggestions", Ct);
        var allowed = await house.Read.RunAsync(Request(key, "ada", "suggestions"), Ct);
        await house.Choices.WithdrawAsync(key, "ada", PurposeId.Parse("suggestions"), "test", "en", Ct);
        var denied = await house.Read.RunAsync(Request(key, "ada", "suggestions"), Ct);
        Assert.Equal(ReasonCode.ConsentWithdrawn, denied!.ShownReason);
        Assert.Null(denied.Opened);
        var entries = await Db.ReadAsync(tx => house.Log.OfCustomerAsync(tx, ada.AuditRef, null, 10, Ct), Ct);
        Assert.Equal([AuditKind.Deny, AuditKind.ConsentWithdrawn, AuditKind.Read], entries.Select(e => e.Event.Kind));
        Assert.Equal([denied.Entry, allowed!.Entry], [entries[0].Id, entries[2].Id]);
        Assert.Equal("consent-withdrawn", entries[0].Event.Reason);
    }

    [Fact]
    public async Task A_staff_member_opens_only_so_many_different_customers_in_an_hour()
    {
        var (house, _) = await HouseAsync();
        var staff = await AddAgentAsync(house);
        var agent = await SessionAsync(house, staff);
        for (var i = 0; i <= Budget; i++)
        {
            await house.AddCustomerAsync(Db, $"c{i}", Ct);
        }

        for (var i = 0; i < Budget; i++)
        {
            Assert.IsType<Decision.Allowed>((await ReadAsync(house, agent, $"c{i}")).Decision);
        }

        Assert.Equal(new Decision.Denied(ReasonCode.OverReadBudget), (await ReadAsync(house, agent, $"c{Budget}")).Decision);
        Assert.IsType<Decision.Allowed>((await ReadAsync(house, agent, "c0")).Decision);
        Clock.Advance(TimeSpan.FromHours(1) + TimeSpan.FromMicroseconds(1));
        // The session before has rested too long by now; the budget is the person's, whatever their session.
        agent = await SessionAsync(house, staff);
        Assert.IsType<Decision.Allowed>((await ReadAsync(house, agent, $"c{Budget}")).Decision);
    }

    [Fact]
    public async Task Disabling_a_staff_member_ends_their_access_at_the_next_read()
    {
        var (house, _) = await HouseAsync();
        var staff = await Db.WriteAsync(tx => house.Access.AddStaffAsync(tx, "Sam", ["agent"], tx.Now.AddYears(1), "test", Ct), Ct);
        var token = CallerToken.Parse(await Db.WriteAsync(tx => house.Access.OpenStaffSessionAsync(tx, staff, tx.Now, Ct), Ct));
        await house.AddCustomerAsync(Db, "ada", Ct);
        Assert.IsType<Decision.Allowed>((await ReadAsync(house, token, "ada")).Decision);
        await Db.WriteAsync(tx => house.Access.ChangeStaffAsync(tx, staff, ["agent"], disabled: true, "test", Ct), Ct);
        Assert.Equal(new Decision.Denied(ReasonCode.SessionEnded), (await ReadAsync(house, token, "ada")).Decision);
    }

    [Fact]
    public async Task To_a_service_an_unknown_customer_looks_like_one_who_said_nothing()
    {
        var (house, key) = await HouseAsync();
        await house.AddCustomerAsync(Db, "ada", Ct);
        var silent = await house.Read.RunAsync(Request(key, "ada", "suggestions"), Ct);
        var unknown = await house.Read.RunAsync(Request(key, "nobody", "suggestions"), Ct);
        Assert.Equal(silent!.ShownReason, unknown!.ShownReason);
        Assert.Equal(new Decision.Denied(ReasonCode.NoSuchCustomer), unknown.Decision);
        Assert.Equal(ReasonCode.NoSuchCustomer, (await ReadAsync(house, await AgentAsync(house), "nobody")).ShownReason);
    }

    [Fact]
    public async Task A_token_of_nobody_reads_nothing_and_leaves_no_entry()
    {
        var (house, key) = await HouseAsync();
        var stranger = CallerToken.Parse(CallerToken.NewKey("live").Text);
        Assert.Null(await house.Read.RunAsync(Request(stranger, "ada", "suggestions"), Ct));
        Assert.Equal(0, await house.CountEntriesAsync(Db, Ct));
        Assert.NotNull(key);
    }

    [Fact]
    public async Task The_newest_records_of_a_history_come_first_and_no_more_than_asked()
    {
        var (house, key) = await HouseAsync();
        var ada = await house.AddCustomerAsync(Db, "ada", Ct);
        await house.GiveAsync(Db, ada.Id, "suggestions", Ct);
        await Db.WriteAsync(async tx => { await house.Vault.AppendHistoryAsync(tx, ada, DataPointId.Parse("purchases"), "p-2", tx.Now, "\"newer\""u8.ToArray(), "test", Ct); }, Ct);
        var outcome = await house.Read.RunAsync(Request(key, "ada", "suggestions") with { HistoryLimit = 1 }, Ct);
        Assert.Equal("\"newer\"", Encoding.UTF8.GetString(Assert.Single(outcome!.Opened!.Values).Json.Span));
    }

    [Fact]
    public async Task The_customer_sees_everything_and_nobody_else_does_so_through_their_session()
    {
        var (house, key) = await HouseAsync();
        var ada = await house.AddCustomerAsync(Db, "ada", Ct);
        var session = CallerToken.Parse(await Db.WriteAsync(tx => house.Access.OpenCustomerSessionAsync(tx, ada.Id, Ct), Ct));
        var overview = await house.Own.ValuesAsync(session, 100, Ct);
        Assert.Equal(["email", "pageViews", "purchases"], overview!.Opened.DataPoints.Select(d => d.Value).Order(StringComparer.Ordinal));
        Assert.Null(await house.Own.ValuesAsync(key, 100, Ct));
        await Db.WriteAsync(tx => house.Access.EndSessionAsync(tx, session, Ct), Ct);
        Assert.Null(await house.Own.ValuesAsync(session, 100, Ct));
    }

    private async Task<(ReadHouse House, CallerToken Shop)> HouseAsync()
    {
        var house = await ReadHouse.BuildAsync(Db, new ReadBudgetOptions { CustomersPerHour = Budget }, Ct);
        var (text, _) = await Db.WriteAsync(tx => house.Access.CreateKeyAsync(tx, "shop", [], ["consents"], TimeSpan.FromDays(300), "test", Ct), Ct);
        return (house, CallerToken.Parse(text));
    }

    private async Task<CallerToken> AgentAsync(ReadHouse house) => await SessionAsync(house, await AddAgentAsync(house));

    private Task<string> AddAgentAsync(ReadHouse house) => Db.WriteAsync(tx => house.Access.AddStaffAsync(tx, "Sam", ["agent"], tx.Now.AddYears(1), "test", Ct), Ct);

    private async Task<CallerToken> SessionAsync(ReadHouse house, string staff) =>
        CallerToken.Parse(await Db.WriteAsync(tx => house.Access.OpenStaffSessionAsync(tx, staff, tx.Now, Ct), Ct));

    private static async Task<ReadOutcome> ReadAsync(ReadHouse house, CallerToken token, string reference) =>
        (await house.Read.RunAsync(Request(token, reference, "support") with { Case = "T-1" }, Ct))!;

    private static ReadRequest Request(CallerToken token, string reference, string purpose) =>
        new(token, reference, PurposeId.Parse(purpose), [DataPointId.Parse("purchases")]);
}
