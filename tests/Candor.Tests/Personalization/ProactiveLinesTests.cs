using Candor.Kernel;
using Candor.Personalization;
using Candor.Reads;
using Candor.Staff;
using Candor.Tests.Storage;

namespace Candor.Tests.Personalization;

public sealed class ProactiveLinesOnSqlite : ProactiveLinesTests<Sqlite>;

public sealed class ProactiveLinesOnPostgres : ProactiveLinesTests<Postgres>;

public abstract class ProactiveLinesTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private const int Limit = 100;
    private ProactiveHouse house = null!;
    private CallerToken agent = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await ProactiveHouse.BuildAsync(Db, Ct);
        await house.AddAsync("ada", Ct);
        agent = CallerToken.Parse(await Db.WriteAsync(async tx =>
        {
            var staff = await house.House.Access.AddStaffAsync(tx, "Sam Sample", ["agent"], tx.Now.AddYears(1), "test", Ct);
            return await house.House.Access.OpenStaffSessionAsync(tx, staff, tx.Now, Ct);
        }, Ct));
    }

    public override async ValueTask DisposeAsync()
    {
        await house.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Lines_come_from_the_data_that_one_read_opened_and_no_entry_is_added()
    {
        await house.StoreAsync("ada", "purchases", new { order = "o-1", product = "tea", total = 99.95, promised = "2026-06-03" }, Ct);
        for (var i = 0; i < 3; i++)
        {
            Clock.Advance(TimeSpan.FromDays(2));
            await house.StoreAsync("ada", "contacts", new { order = "o-1", question = "Where is it?" }, Ct);
        }

        var (read, lines) = await LinesAsync("support");
        Assert.Equal(["lateOrders", "repeatedContacts"], lines.Select(l => l.Rule));
        Assert.Equal(("o-1", 1, "purchases"), (lines[0].About, lines[0].Times, lines[0].Source.Value));
        Assert.Equal(("o-1", 3, "contacts"), (lines[1].About, lines[1].Times, lines[1].Source.Value));
        var entries = await house.House.CountEntriesAsync(Db, Ct);
        await new ProactiveLines(Db, house.House.Vault, house.Suggestions.Pauses).ForAsync(await house.House.CatalogAsync(Db, Ct), read, Limit, Ct);
        Assert.Equal(entries, await house.House.CountEntriesAsync(Db, Ct));
        Assert.DoesNotContain("99.95", string.Join(' ', lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_for_another_purpose_or_of_less_data_gives_fewer_lines_and_a_refused_one_none()
    {
        await house.StoreAsync("ada", "purchases", new { order = "o-1", product = "tea" }, Ct);
        Clock.Advance(TimeSpan.FromDays(28));
        Assert.Equal(["lateOrders"], (await LinesAsync("support")).Lines.Select(l => l.Rule));
        Assert.Empty((await LinesAsync("support", "purchases")).Lines);
        Assert.Empty((await LinesAsync("needs")).Lines);
        await house.GiveAsync("ada", PurposeId.Parse("needs"), Ct);
        var line = Assert.Single((await LinesAsync("needs")).Lines);
        Assert.Equal(("runningOut", "tea", "needs"), (line.Rule, line.About, line.Purpose.Value));
        await house.WithdrawAsync("ada", PurposeId.Parse("needs"), Ct);
        Assert.Empty((await LinesAsync("needs")).Lines);
    }

    [Fact]
    public async Task What_a_customer_hid_is_in_no_line()
    {
        await house.StoreAsync("ada", "purchases", new { order = "o-1", product = "tea" }, Ct);
        await house.GiveAsync("ada", PurposeId.Parse("needs"), Ct);
        var id = await Db.ReadAsync(async tx => (await house.House.Vault.FindCustomerAsync(tx, Candor.Vault.BlindIndex.Reference, "ada", Ct))!.Id, Ct);
        var session = CallerToken.Parse(await Db.WriteAsync(tx => house.House.Access.OpenCustomerSessionAsync(tx, id, Ct), Ct));
        await house.Suggestions.WishAsync(session, WishKind.Hide, "tea", Ct);
        Clock.Advance(TimeSpan.FromDays(28));
        Assert.Empty((await LinesAsync("needs")).Lines);
    }

    [Fact]
    public async Task Nothing_is_said_of_a_time_from_which_only_a_part_was_read()
    {
        await house.StoreAsync("ada", "purchases", new { order = "o-1", product = "tea" }, Ct);
        await house.StoreAsync("ada", "purchases", new { order = "o-2", product = "pot" }, Ct);
        Clock.Advance(TimeSpan.FromDays(1));
        foreach (var order in (string[])["o-1", "o-2", "o-3"])
        {
            await house.StoreAsync("ada", "deliveries", new { order, status = order == "o-2" ? "sent" : "delivered" }, Ct);
            Clock.Advance(TimeSpan.FromMinutes(1));
        }

        Clock.Advance(TimeSpan.FromDays(9));
        var (_, all) = await LinesAsync("support");
        Assert.Equal("o-2", Assert.Single(all).About);
        // Of three deliveries two are read; the one that settles the first order is not.
        var read = (await house.House.Read.RunAsync(new ReadRequest(agent, "ada", PurposeId.Parse("support"), [], "T-1", HistoryLimit: 2), Ct))!;
        Assert.Empty(await new ProactiveLines(Db, house.House.Vault, house.Suggestions.Pauses).ForAsync(await house.House.CatalogAsync(Db, Ct), read, 2, Ct));
    }

    private async Task<(ReadOutcome Read, IReadOnlyList<ProactiveLine> Lines)> LinesAsync(string purpose, params string[] points)
    {
        // A session of staff does not last for the days that pass here.
        agent = CallerToken.Parse(await Db.WriteAsync(async tx =>
        {
            var staff = (await house.House.Access.StaffAsync(tx, Ct)).Single();
            return await house.House.Access.OpenStaffSessionAsync(tx, staff.StaffId, tx.Now, Ct);
        }, Ct));
        var read = (await house.House.Read.RunAsync(new ReadRequest(agent, "ada", PurposeId.Parse(purpose), [.. points.Select(DataPointId.Parse)], "T-1"), Ct))!;
        return (read, await new ProactiveLines(Db, house.House.Vault, house.Suggestions.Pauses).ForAsync(await house.House.CatalogAsync(Db, Ct), read, Limit, Ct));
    }
}
