using System.Text;
using Candor.Audit;
using Candor.Consent;
using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;
using Candor.Tests.Storage;
using Candor.Vault;

namespace Candor.Tests.Reads;

public sealed class OwnDataOnSqlite : OwnDataTests<Sqlite>;

public sealed class OwnDataOnPostgres : OwnDataTests<Postgres>;

public abstract class OwnDataTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private static readonly DataPointId Purchases = DataPointId.Parse("purchases");
    private ReadHouse house = null!;
    private CustomerKey ada = null!;
    private CallerToken session = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await ReadHouse.BuildAsync(Db, new ReadBudgetOptions(), Ct);
        ada = await house.AddCustomerAsync(Db, "ada", Ct);
        session = CallerToken.Parse(await Db.WriteAsync(tx => house.Access.OpenCustomerSessionAsync(tx, ada.Id, Ct), Ct));
    }

    [Fact]
    public async Task The_overview_counts_what_is_held_and_opens_and_logs_nothing()
    {
        await AddPurchasesAsync(4);
        var overview = (await house.Own.OverviewAsync(session, Ct))!;
        Assert.Equal([("email", 1L), ("pageViews", 1L), ("purchases", 5L)], overview.Held.OrderBy(h => h.DataPoint.Value, StringComparer.Ordinal).Select(h => (h.DataPoint.Value, h.Records)));
        Assert.Null(overview.LastLook);
        Assert.Equal(0, await house.CountEntriesAsync(Db, Ct));
    }

    [Fact]
    public async Task A_history_comes_in_pages_without_a_gap_and_each_page_is_logged()
    {
        await AddPurchasesAsync(9);
        var ids = new List<string>();
        for (var page = 0; page < 4; page++)
        {
            ids.AddRange((await house.Own.ValuesAsync(session, Purchases, 3, page * 3, Ct))!.Opened.Values.Select(v => v.RecordId));
        }

        Assert.Equal(10, ids.Distinct().Count());
        Assert.Equal(10, ids.Count);
        Assert.Equal(4, await house.CountEntriesAsync(Db, Ct));
    }

    [Fact]
    public async Task Looks_come_in_pages_that_never_tear_one_instant_apart()
    {
        await Db.WriteAsync(async tx =>
        {
            for (var i = 0; i < 5; i++)
            {
                await house.Log.AppendAsync(tx, Look($"key:{i}"), Ct);
            }
        }, Ct);
        Clock.Advance(TimeSpan.FromSeconds(1));
        await Db.WriteAsync(tx => house.Log.AppendAsync(tx, Look("staff:x"), Ct), Ct);
        Clock.Advance(TimeSpan.FromSeconds(1));
        var first = (await house.Own.LooksAsync(session, null, 2, withOwn: false, Ct))!;
        Assert.Equal(6, first.Found.Count);
        Assert.Empty((await house.Own.LooksAsync(session, first.Before, 2, withOwn: false, Ct))!.Found);
        Assert.Equal(8, (await house.Own.LooksAsync(session, null, 20, withOwn: true, Ct))!.Found.Count);
    }

    [Fact]
    public async Task A_case_is_shown_to_the_customer_whose_it_is()
    {
        var agent = CallerToken.Parse(await Db.WriteAsync(async tx =>
            await house.Access.OpenStaffSessionAsync(tx, await house.Access.AddStaffAsync(tx, "Sam", ["agent"], tx.Now.AddYears(1), "test", Ct), tx.Now, Ct), Ct));
        await house.Read.RunAsync(new ReadRequest(agent, "ada", PurposeId.Parse("support"), [], "T-17"), Ct);
        Assert.Equal("T-17", Assert.Single((await house.Own.LooksAsync(session, null, 5, withOwn: false, Ct))!.Found).Case);
    }

    [Fact]
    public async Task All_off_is_one_step_with_a_record_and_an_entry_for_each_purpose()
    {
        await house.GiveAsync(Db, ada.Id, "newsletter", Ct);
        await house.GiveAsync(Db, ada.Id, "suggestions", Ct);
        var changed = (await house.Choices.AllOffAsync(session, "test", "en", Ct))!;
        Assert.Equal([("newsletter", ConsentEvent.Withdrawn), ("quality", ConsentEvent.Objected), ("suggestions", ConsentEvent.Withdrawn)], changed.Select(c => (c.Purpose.Id.Value, c.Record.Event)));
        Assert.Equal(3, changed.Select(c => c.Entry).Distinct().Count());
        Assert.Empty((await house.Choices.AllOffAsync(session, "test", "en", Ct))!);
        Assert.Null(await house.Choices.AllOffAsync(CallerToken.Parse("cds_" + new string('A', 43)), "test", "en", Ct));
    }

    [Fact]
    public async Task When_one_of_all_cannot_go_off_none_does()
    {
        await house.GiveAsync(Db, ada.Id, "newsletter", Ct);
        await house.GiveAsync(Db, ada.Id, "suggestions", Ct);
        house.Choices.AlsoDo((_, _, record, _, _) => record.Purpose?.Value == "suggestions" ? throw new Fault(FaultKind.Unavailable, "test/no", "Not now.") : ValueTask.CompletedTask);
        await Assert.ThrowsAsync<Fault>(() => house.Choices.AllOffAsync(session, "test", "en", Ct));
        Assert.All((await house.Own.ChoicesAsync(session, Ct))!.Now, c => Assert.Equal(ConsentState.Given, c.State));
    }

    private AuditEvent Look(string actor) => new() { Kind = AuditKind.Read, Actor = actor, CustomerRef = ada.AuditRef, DataPoints = ["email"] };

    private Task AddPurchasesAsync(int count) => Db.WriteAsync(async tx =>
    {
        for (var i = 0; i < count; i++)
        {
            await house.Vault.AppendHistoryAsync(tx, ada, Purchases, $"more-{i}", tx.Now.AddMinutes(-i % 3), Encoding.UTF8.GetBytes($$"""{"item":"{{i}}"}"""), "test", Ct);
        }
    }, Ct);
}
