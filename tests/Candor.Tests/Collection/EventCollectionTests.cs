using Candor.Collection;
using Candor.Gate;
using Candor.Kernel;
using Candor.Tests.Storage;
using CsCheck;

namespace Candor.Tests.Collection;

public sealed class EventCollectionOnSqlite : EventCollectionTests<Sqlite>;

public sealed class EventCollectionOnPostgres : EventCollectionTests<Postgres>;

public abstract class EventCollectionTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    [Fact]
    public async Task Each_event_is_answered_by_itself()
    {
        var c = await CollectionHouse.BuildAsync(Db, Ct);
        await c.House.AddCustomerAsync(Db, "ada", Ct);
        var now = Clock.GetUtcNow();
        var outcome = await c.Events.StoreAsync(c.Token,
        [
            CollectionHouse.Purchase("ada", "e-1", now), CollectionHouse.Purchase("ada", "e-1", now), CollectionHouse.Purchase("nobody", "e-2", now),
            CollectionHouse.Purchase("ada", "e-3", now, "pageViews"), CollectionHouse.Purchase("ada", "e-4", now, "visits"), CollectionHouse.Purchase("ada", "e-5", now, "email"),
            CollectionHouse.Purchase("ada", "e-6", now.AddMinutes(6)), CollectionHouse.Purchase("ada", "e-7", now.AddYears(-3)), CollectionHouse.Purchase("ada", "", now),
            CollectionHouse.Purchase("ada", "e-8", now) with { Data = CollectionHouse.Json($"\"{new string('x', EventCollection.MaxDataBytes)}\"") },
            CollectionHouse.Purchase("ada", new string('漢', EventCollection.MaxIdLength), now),
        ], Ct);
        Assert.Equal(
            [EventResult.Stored, EventResult.Duplicate, EventResult.Refused, EventResult.NotNeeded, EventResult.Refused, EventResult.Refused, EventResult.Refused, EventResult.Refused, EventResult.Refused, EventResult.Refused, EventResult.Refused],
            outcome!.Answers.Select(a => a.Result));
        Assert.Equal("no-consent", outcome.Answers[3].Reason);
        Assert.All(outcome.Answers.Where(a => a.Result == EventResult.Refused), a => Assert.EndsWith(".", a.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_page_view_is_stored_with_consent_and_not_after_its_withdrawal()
    {
        var c = await CollectionHouse.BuildAsync(Db, Ct);
        var ada = await c.House.AddCustomerAsync(Db, "ada", Ct);
        await c.House.GiveAsync(Db, ada.Id, "suggestions", Ct);
        Assert.Equal(EventResult.Stored, await ViewAsync(c, "v-10"));
        await Db.WriteAsync(tx => c.House.Ledger.WithdrawAsync(tx, ada.Id, PurposeId.Parse("suggestions"), "test", "en", Ct), Ct);
        Assert.Equal(EventResult.NotNeeded, await ViewAsync(c, "v-11"));
    }

    [Fact]
    public async Task A_revoked_key_stores_nothing()
    {
        var c = await CollectionHouse.BuildAsync(Db, Ct);
        await c.House.AddCustomerAsync(Db, "ada", Ct);
        var before = await CollectionHouse.RecordsAsync(Db, Ct);
        await Db.WriteAsync(tx => c.House.Access.RevokeKeyAsync(tx, c.Token.KeyId!, "test", Ct), Ct);
        var outcome = await c.Events.StoreAsync(c.Token, [CollectionHouse.Purchase("ada", "e-1", Clock.GetUtcNow())], Ct);
        Assert.Equal(ReasonCode.SessionEnded, outcome!.Refused);
        Assert.Equal(before, await CollectionHouse.RecordsAsync(Db, Ct));
    }

    [Fact]
    public async Task Any_order_and_repetition_of_a_batch_stores_the_same_set()
    {
        var c = await CollectionHouse.BuildAsync(Db, Ct);
        await c.House.AddCustomerAsync(Db, "ada", Ct);
        await c.House.AddCustomerAsync(Db, "ben", Ct);
        var all = (from customer in new[] { "ada", "ben" } from i in Enumerable.Range(0, 10) select CollectionHouse.Purchase(customer, $"e-{i}", Clock.GetUtcNow())).ToList();
        var before = await CollectionHouse.RecordsAsync(Db, Ct);
        await Gen.Shuffle(all.Concat(all).ToArray()).SampleAsync(async batch => { await c.Events.StoreAsync(c.Token, batch, Ct); }, iter: 10, threads: 1);
        Assert.Equal(before + all.Count, await CollectionHouse.RecordsAsync(Db, Ct));
    }

    [Fact]
    public async Task Batches_at_the_same_time_do_not_disturb_each_other()
    {
        var c = await CollectionHouse.BuildAsync(Db, Ct);
        foreach (var name in new[] { "ada", "ben", "cleo" })
        {
            await c.House.AddCustomerAsync(Db, name, Ct);
        }

        var before = await CollectionHouse.RecordsAsync(Db, Ct);
        await Task.WhenAll(Enumerable.Range(0, 12).Select(b => Task.Run(() => c.Events.StoreAsync(c.Token,
            [.. new[] { "cleo", "ada", "ben" }.Select(n => CollectionHouse.Purchase(n, $"e-{b}", Clock.GetUtcNow()))], Ct), Ct)));
        Assert.Equal(before + 36, await CollectionHouse.RecordsAsync(Db, Ct));
    }

    private async Task<EventResult> ViewAsync(CollectionHouse c, string id) =>
        (await c.Events.StoreAsync(c.Token, [CollectionHouse.Purchase("ada", id, Clock.GetUtcNow(), "pageViews")], Ct))!.Answers[0].Result;
}
