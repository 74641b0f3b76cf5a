using Candor.Audit;
using Candor.Gate;
using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;
using Candor.Tests.Storage;

namespace Candor.Tests.Reads;

public sealed class ReadBudgetOnSqlite : ReadBudgetTests<Sqlite>;

public sealed class ReadBudgetOnPostgres : ReadBudgetTests<Postgres>;

/// <summary>The end of the read budget, and how a second factor moves it once an hour.</summary>
public abstract class ReadBudgetTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private const int Budget = 3;
    private ReadHouse house = null!;
    private string sam = "";
    private CallerToken token = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await ReadHouse.BuildAsync(Db, new ReadBudgetOptions { CustomersPerHour = Budget }, Ct);
        for (var i = 0; i < Budget * 3; i++)
        {
            await house.AddCustomerAsync(Db, $"c-{i}", Ct);
        }

        sam = await Db.WriteAsync(tx => house.Access.AddStaffAsync(tx, "Sam", ["agent"], tx.Now.AddYears(1), "test", Ct), Ct);
        await ConfirmAsync();
    }

    [Fact]
    public async Task A_second_factor_after_the_end_gives_as_many_again_once_and_the_log_has_it()
    {
        Assert.Equal(Budget, await OpenAsync(0, Budget));
        Assert.False(await OpenAsync(Budget));
        // Signed in just before is not confirmed since.
        Assert.False(await OpenAsync(Budget));
        Clock.Advance(TimeSpan.FromSeconds(10));
        await ConfirmAsync();
        Assert.True(await OpenAsync(0));
        Assert.Equal(Budget, await OpenAsync(Budget, Budget * 2));
        Assert.False(await OpenAsync(Budget * 2));
        Clock.Advance(TimeSpan.FromSeconds(10));
        await ConfirmAsync();
        Assert.False(await OpenAsync(Budget * 2));
        var raised = (await EventsAsync()).Where(e => e.Subject == "read-budget-raised").ToList();
        Assert.Equal(("staff:" + sam, "3"), (Assert.Single(raised).Actor, raised[0].Reason));
        Assert.Equal((Budget * 2, Budget * 2), await UseAsync());
        await Db.WriteAsync(async tx =>
        {
            await ReadBudget.CountMissAsync(tx, new ActorState { Kind = ActorKind.Staff, Ref = sam }, Ct);
            return true;
        }, Ct);
        Assert.Equal((Budget * 2 + 1, Budget * 2), await UseAsync());
    }

    private async Task<(long, long)> UseAsync()
    {
        var use = (await Db.ReadAsync(tx => new ReadBudget(new ReadBudgetOptions { CustomersPerHour = Budget }, house.Log).UsedAsync(tx, Ct), Ct))[sam];
        return (use.Customers, use.Allowed);
    }

    [Fact]
    public async Task A_second_factor_before_the_end_raises_nothing()
    {
        await OpenAsync(0, Budget);
        await ConfirmAsync();
        Assert.False(await OpenAsync(Budget));
        Assert.DoesNotContain(await EventsAsync(), e => e.Subject == "read-budget-raised");
    }

    [Fact]
    public async Task An_hour_later_the_budget_is_what_it_was_and_can_be_raised_again()
    {
        await OpenAsync(0, Budget);
        await OpenAsync(Budget);
        Clock.Advance(TimeSpan.FromMicroseconds(1));
        await ConfirmAsync();
        Assert.Equal(Budget, await OpenAsync(Budget, Budget * 2));
        Clock.Advance(TimeSpan.FromHours(1));
        await ConfirmAsync();
        Assert.Equal(Budget, await OpenAsync(0, Budget));
        Assert.False(await OpenAsync(Budget));
        Clock.Advance(TimeSpan.FromMicroseconds(1));
        await ConfirmAsync();
        Assert.True(await OpenAsync(Budget));
        Assert.Equal(2, (await EventsAsync()).Count(e => e.Subject == "read-budget-raised"));
    }

    /// <summary>A session with a second factor of now.</summary>
    private async Task ConfirmAsync() => token = CallerToken.Parse(await Db.WriteAsync(tx => house.Access.OpenStaffSessionAsync(tx, sam, tx.Now, Ct), Ct));

    private async Task<int> OpenAsync(int from, int to)
    {
        var opened = 0;
        for (var i = from; i < to; i++)
        {
            opened += await OpenAsync(i) ? 1 : 0;
        }

        return opened;
    }

    private async Task<bool> OpenAsync(int customer)
    {
        var outcome = (await house.Read.RunAsync(new ReadRequest(token, $"c-{customer}", PurposeId.Parse("support"), [], "T-1"), Ct))!;
        Assert.True(outcome.Decision is Decision.Allowed or Decision.Denied { Reason: ReasonCode.OverReadBudget });
        return outcome.Decision is Decision.Allowed;
    }

    private async Task<IReadOnlyList<AuditEvent>> EventsAsync() => await Db.ReadAsync(async tx =>
        (await tx.QueryAsync<byte[]>("SELECT entry FROM audit_entry UNION ALL SELECT entry FROM audit_pending", null, Ct)).Select(e => AuditEntry.Decode(e).Event).ToList(), Ct);
}
