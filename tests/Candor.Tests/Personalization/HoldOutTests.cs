using Candor.Audit;
using Candor.Gate;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Tests.Catalog;
using Candor.Tests.Storage;
using Candor.Vault;

namespace Candor.Tests.Personalization;

public sealed class HoldOutOnSqlite : HoldOutTests<Sqlite>;

public sealed class HoldOutOnPostgres : HoldOutTests<Postgres>;

public abstract class HoldOutTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private static readonly PurposeId Purpose = PurposeId.Parse("in-session-recommendations");
    private SuggestionHouse shop = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        shop = await SuggestionHouse.BuildAsync(Db, Ct);
        await shop.House.ApplyCatalogAsync(Db, ShopCatalog.Yaml.Replace("holdOut: 0", "holdOut: 50", StringComparison.Ordinal).Replace("proactive:\n", "proactive:\n  itemShownAtMost: 2\n", StringComparison.Ordinal), "test", Ct);
        await shop.Suggestions.LoadAsync(null, Ct);
    }

    public override async ValueTask DisposeAsync()
    {
        shop.Dispose();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Who_is_held_out_gets_what_is_popular_is_told_so_and_is_not_read()
    {
        for (var i = 0; i < Popularity.LeastCustomers; i++)
        {
            await JoinAsync($"other-{i}", "tea", "pot");
        }

        var (with, without) = (await FindAsync(isHeldOut: false), await FindAsync(isHeldOut: true));
        var answer = await shop.AskAsync(with.Reference, Ct);
        Assert.Equal((true, false), (answer.IsPersonal, answer.IsHeldOut));
        answer = await shop.AskAsync(without.Reference, Ct);
        Assert.Equal((false, true, (ReasonCode?)null), (answer.IsPersonal, answer.IsHeldOut, answer.WhyNotPersonal));
        Assert.All(answer.Items, i => Assert.Equal(SuggestionReason.Popular, i.Reason));
        Assert.NotEmpty(answer.Items);
        Assert.Empty(answer.DataPoints);
        Assert.Empty((await EntryAsync(answer.Entry)).DataPoints);

        var own = await shop.Suggestions.OwnAsync(await shop.SignInAsync(without.Key.Id, Ct), SuggestionKind.Visit, 5, Ct);
        Assert.True(own!.IsHeldOut);
        Assert.Empty((await EntryAsync(own.Entry)).DataPoints);
    }

    [Fact]
    public async Task A_no_is_a_no_also_for_who_is_held_out()
    {
        var (reference, _) = await FindAsync(isHeldOut: true);
        await shop.WithdrawAsync(reference, Ct);
        var answer = await shop.AskAsync(reference, Ct);
        Assert.Equal((false, ReasonCode.ConsentWithdrawn), (answer.IsHeldOut, answer.WhyNotPersonal));
    }

    [Fact]
    public async Task What_was_passed_over_is_not_suggested_again_in_this_visit_and_is_in_the_next()
    {
        await JoinAsync("other", "tea", "pot");
        var (reference, key) = await FindAsync(isHeldOut: false);
        for (var i = 0; i < 2; i++)
        {
            Assert.Contains("pot", (await shop.AskAsync(reference, Ct)).Items.Select(x => x.Item));
        }

        Assert.DoesNotContain("pot", (await shop.AskAsync(reference, Ct)).Items.Select(x => x.Item));
        Clock.Advance(TimeSpan.FromMinutes(1));
        await shop.ViewAsync(reference, "next", Ct, "tea");
        Assert.Contains("pot", (await shop.AskAsync(reference, Ct)).Items.Select(x => x.Item));
        Assert.Equal(0L, await Db.ReadAsync(async tx => await tx.FindAsync<long>("SELECT count(*) FROM suggestion_wish WHERE customer_id = @Value", new { key.Id.Value }, Ct), Ct));
    }

    [Fact]
    public async Task Both_sides_are_counted_and_nobody_else_and_no_count_names_anybody()
    {
        await JoinAsync("other", "tea", "pot");
        var (with, without) = (await FindAsync(isHeldOut: false), await FindAsync(isHeldOut: true));
        await Db.WriteAsync(tx => shop.House.Vault.CreateCustomerAsync(tx, "stranger", Ct), Ct);
        await shop.AskAsync(with.Reference, Ct);
        await shop.AskAsync(with.Reference, Ct);
        Clock.Advance(TimeSpan.FromMinutes(1));
        foreach (var (reference, order) in new[] { (with.Reference, "1"), (without.Reference, "1"), (with.Reference, "2"), ("stranger", "1") })
        {
            await shop.BuyAsync(reference, $"{reference}-{order}", Ct, "pot");
            Clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.NotEqual(0, await shop.Suggestions.Outcomes.FlushAsync(Ct));
        Assert.Equal(0, await shop.Suggestions.Outcomes.FlushAsync(Ct));
        var today = DateOnly.FromDateTime(Clock.GetUtcNow().UtcDateTime);
        var cells = (await Db.ReadAsync(tx => OutcomeCells.ReadAsync(tx, today, today, Ct), Ct)).Where(c => c.Purpose == Purpose).ToList();
        long Of(CountedOutcome outcome, bool isHeldOut) => cells.Where(c => c.Outcome == outcome && c.IsHeldOut == isHeldOut).Sum(c => c.Number);
        Assert.Equal((2, 1, 1, 1), (Of(CountedOutcome.Orders, false), Of(CountedOutcome.RepeatOrders, false), Of(CountedOutcome.Shown, false), Of(CountedOutcome.ShownBought, false)));
        Assert.Equal((1, 0, 0, 0), (Of(CountedOutcome.Orders, true), Of(CountedOutcome.RepeatOrders, true), Of(CountedOutcome.Shown, true), Of(CountedOutcome.ShownBought, true)));
        var columns = Candor.Storage.Migrations.Known.Single(m => m.Sql.Contains("outcome_count", StringComparison.Ordinal)).Sql;
        Assert.DoesNotContain("customer_id", columns, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_order_that_is_not_kept_is_not_counted()
    {
        var (reference, _) = await FindAsync(isHeldOut: false);
        shop.Shop.Events.AlsoDo((_, _, _, _, _, _, _) => throw new Fault(FaultKind.Unavailable, "test/no", "No."));
        await Assert.ThrowsAsync<Fault>(() => shop.BuyAsync(reference, "o-1", Ct, "pot"));
        await shop.Suggestions.Outcomes.FlushAsync(Ct);
        var cells = await Db.ReadAsync(tx => OutcomeCells.ReadAsync(tx, DateOnly.MinValue, DateOnly.MaxValue, Ct), Ct);
        Assert.All(cells, c => Assert.Equal(0, c.Number));
    }

    private async Task<(string Reference, CustomerKey Key)> FindAsync(bool isHeldOut)
    {
        for (var i = 0; ; i++)
        {
            var reference = $"{isHeldOut}-{i}";
            var key = await JoinAsync(reference, "tea");
            if (shop.House.Vault.Lots.IsDrawn(key.Id, Purpose, 50) == isHeldOut)
            {
                return (reference, key);
            }
        }
    }

    private async Task<CustomerKey> JoinAsync(string reference, params string[] items)
    {
        var key = await shop.AgreeingAsync(reference, Ct);
        await shop.ViewAsync(reference, "first", Ct, items);
        return key;
    }

    private Task<AuditEvent> EntryAsync(string id) => Db.ReadAsync(async tx =>
        (await tx.QueryAsync<byte[]>("SELECT entry FROM audit_entry UNION ALL SELECT entry FROM audit_pending", null, Ct)).Select(e => AuditEntry.Decode(e)).Single(e => e.Id == id).Event, Ct);
}
