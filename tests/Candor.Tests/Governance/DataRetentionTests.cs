using System.Text;
using System.Text.Json.Nodes;
using Candor.Audit;
using Candor.Catalog;
using Candor.Governance;
using Candor.Kernel;
using Candor.Reads;
using Candor.Tests.Personalization;
using Candor.Tests.Rights;
using Candor.Tests.Storage;
using Candor.Vault;
using CsCheck;

namespace Candor.Tests.Governance;

public sealed class DataRetentionOnSqlite : DataRetentionTests<Sqlite>;

public sealed class DataRetentionOnPostgres : DataRetentionTests<Postgres>;

/// <summary>What is older than its retention goes, with all that leads to it, and nothing else does.</summary>
public abstract class DataRetentionTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private static readonly string Yaml = ErasureHouse.Yaml
        .Replace("retention: P2Y\n", "retention: P2Y\n    findBy: invoiceNumber\n", StringComparison.Ordinal)
        .Replace("  pageViews:", "  phone:     { kind: field, label: Phone, category: TelephoneNumber, retention: P1M }\n  pageViews:", StringComparison.Ordinal)
        .Replace("email: high, fullName: high, purchases: high", "email: high, fullName: high, phone: low, purchases: high", StringComparison.Ordinal);

    private static readonly string[] Histories = ["purchases", "pageViews", "carts"];
    private ErasureHouse house = null!;
    private PurposeCatalog catalog = null!;

    private RootKey Root { get; } = RootKey.Random();

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await ErasureHouse.BuildAsync(Db, Yaml, Root, Ct);
        catalog = PurposeCatalog.Read(Yaml, "candor.yaml");
    }

    private static readonly Gen<(string Point, long DaysAgo, int Micros)> Record =
        Gen.Select(Gen.Int[0, 2], Gen.OneOf(Gen.Long[0, 3000], Gen.Long[25, 35], Gen.Long[85, 95], Gen.Long[725, 735], Gen.Long[2185, 2195]), Gen.Int[-1, 1], (p, days, micros) => (Histories[p], days, micros));

    [Fact]
    public async Task Nothing_older_is_left_but_what_the_law_keeps_and_nothing_younger_is_touched() =>
        await Gen.Select(Record.Array[0, 8], Gen.Int[0, 5], Gen.Int[0, 60]).Array[1, 5].SampleAsync(async customers =>
        {
            var retention = Retention();
            var made = new List<(string Reference, CustomerKey Key, List<(string Point, string Id, DateTimeOffset Time)> Records, bool IsRestricted, bool HasPhone)>();
            foreach (var (records, odd, phoneDays) in customers)
            {
                made.Add(await AddAsync(records, isRestricted: odd == 0, phoneDays));
            }

            var now = Clock.GetUtcNow();
            var over = made.SelectMany(m => m.Records.Where(r => IsOver(r.Point, r.Time)).Select(r => (m, r))).ToList();
            var counted = (await retention.CountAsync(null, Ct)).ToDictionary(c => c.DataPoint.Value);
            Assert.All(Histories, p => Assert.True(over.Count(o => o.r.Point == p) <= (counted.TryGetValue(p, out var c) ? c.Values : 0)));
            var sizeBefore = (await LeftAsync(made.Select(m => m.Key))).Count;
            Assert.Equal(made.Sum(m => m.Records.Count), sizeBefore);
            await retention.RunAsync(null, Ct);
            foreach (var m in made)
            {
                var expected = m.Records.Where(r => m.IsRestricted || !IsOver(r.Point, r.Time)).Select(r => $"{r.Point} {r.Id}").Order(StringComparer.Ordinal);
                Assert.Equal(expected, await LeftAsync([m.Key]));
                var held = (await house.HeldData.ReadAsSystemAsync("test", m.Reference, PurposeId.Parse("bookkeeping"), Ct)).Found.SelectMany(f => f.Values).Select(v => Encoding.UTF8.GetString(v.Json.Span)).Order(StringComparer.Ordinal);
                var byLaw = m.Records.Where(r => !m.IsRestricted && r.Point == "purchases" && IsOver(r.Point, r.Time) && Period.Parse("P6Y").After(r.Time) > now)
                    .Select(r => new JsonObject { ["invoiceNumber"] = r.Id, ["total"] = 3 }.ToJsonString()).Order(StringComparer.Ordinal);
                Assert.Equal(byLaw, held);
                // What is left of the order numbers is that of the records that are left.
                Assert.Equal(expected.Where(e => e.StartsWith("purchases", StringComparison.Ordinal)), (await OrdersAsync(m.Key)).Select(id => "purchases " + id).Order(StringComparer.Ordinal));
            }

            // A second run finds nothing, and all that is still counted waits for somebody.
            Assert.Equal(0, (await retention.RunAsync(null, Ct)).Removed);
            Assert.All(await retention.CountAsync(null, Ct), c => Assert.Equal(c.Values, c.Waiting));
        }, iter: 25, threads: 1);

    [Fact]
    public void No_value_that_is_over_is_passed_over_whatever_the_calendar() => Gen.Select(Gen.Int[0, 3000], Gen.OneOf(Gen.Int[0, 3000], Gen.Int[26, 33]), Gen.Int[0, 86_399], Gen.Int[0, 86_399]).Sample((from, days, a, b) =>
    {
        var rules = new RetentionRules(catalog);
        var time = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(from).AddSeconds(a);
        var now = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(from + days).AddSeconds(b);
        Assert.All(rules.Timed, d => Assert.True(!rules.IsOver(d.Id, time, now) || time <= rules.Earliest(now)));
    }, iter: 20_000);

    [Fact]
    public void A_month_from_the_end_of_January_is_over_at_the_end_of_February_and_found_then()
    {
        var (rules, time, now) = (new RetentionRules(catalog), new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 2, 28, 12, 0, 0, TimeSpan.Zero));
        Assert.True(rules.IsOver(DataPointId.Parse("phone"), time, now));
        Assert.False(rules.IsOver(DataPointId.Parse("phone"), time.AddMicroseconds(1), now));
        Assert.True(time <= rules.Earliest(now));
        Assert.False(rules.IsOver(DataPointId.Parse("email"), DateTimeOffset.UnixEpoch, now));
    }

    [Fact]
    public async Task A_field_goes_with_what_the_customer_was_found_by_and_there_is_one_entry_for_each_customer()
    {
        var (_, key, _, _, _) = await AddAsync([("pageViews", 100, 0), ("pageViews", 101, 0), ("purchases", 800, 0)], false, 40);
        var (_, young, _, _, _) = await AddAsync([("pageViews", 10, 0)], false, 5);
        Assert.NotNull(await FindByPhoneAsync(key));
        Assert.Equal(4, (await Retention().RunAsync(null, Ct)).Removed);
        Assert.Null(await FindByPhoneAsync(key));
        Assert.NotNull(await FindByPhoneAsync(young));
        Assert.NotNull(await Db.ReadAsync(tx => house.Vault.FindCustomerAsync(tx, BlindIndex.Email, MailOf(key), Ct), Ct));
        Assert.Empty(await EntriesAsync(young));
        var entry = Assert.Single(await EntriesAsync(key)).Event;
        Assert.Equal((AuditKind.Erase, "system:retention", "retention-over", "values:4 held:1"), (entry.Kind, entry.Actor, entry.Reason, entry.Subject));
        Assert.Equal(["pageViews", "phone", "purchases"], entry.DataPoints);
    }

    [Fact]
    public async Task It_counts_for_a_day_first_then_runs_once_a_day_on_whichever_node()
    {
        var (_, key, _, _, _) = await AddAsync([("carts", 40, 0)], false, 0);
        Assert.Null(await Retention().RunDueAsync(Ct));
        Assert.Equal(1, Assert.Single((await Db.ReadAsync(tx => RetentionWalk.FindCountsAsync(tx, Ct), Ct))!.Value.Counts).Values);
        Clock.Advance(TimeSpan.FromHours(23));
        Assert.Null(await Retention().RunDueAsync(Ct));
        Assert.Single(await LeftAsync([key]));
        Clock.Advance(TimeSpan.FromHours(1));
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => Retention().RunDueAsync(Ct), Ct)));
        Assert.Empty(await LeftAsync([key]));
        Assert.Single(await EntriesAsync(key));
        Assert.Null(await Retention().RunDueAsync(Ct));
        Assert.Empty((await Db.ReadAsync(tx => RetentionWalk.FindCountsAsync(tx, Ct), Ct))!.Value.Counts);
    }

    [Fact]
    public async Task Interrupted_it_goes_on_where_it_was()
    {
        var keys = new List<CustomerKey>();
        for (var i = 0; i < 6; i++)
        {
            keys.Add((await AddAsync([("carts", 40, 0)], false, 0)).Key);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Retention(1).RunAsync(new Stopper(stop, 3), stop.Token));
        Assert.Equal(3, (await LeftAsync(keys)).Count);
        var state = await Db.ReadAsync(tx => RetentionWalk.FindAsync(tx, Ct), Ct);
        Assert.Equal((null, 3L), (state!.FinishedAt, state.Removed));
        var seen = new Stopper(stop, int.MaxValue);
        Assert.Equal(6, (await Retention(1).RunAsync(seen, Ct)).Removed);
        Assert.Equal(3, seen.Steps);
        Assert.Empty(await LeftAsync(keys));
        foreach (var key in keys)
        {
            Assert.Single(await EntriesAsync(key));
        }
    }

    [Fact]
    public async Task A_customer_whose_record_was_damaged_does_not_hold_up_the_others()
    {
        var keys = new List<CustomerKey>();
        for (var i = 0; i < 4; i++)
        {
            keys.Add((await AddAsync([("purchases", 800, 0)], false, 0)).Key);
        }

        await Db.WriteAsync(async tx => await tx.RunAsync("UPDATE sealed_record SET sealed = @Bad WHERE customer_id = @Id", new { Bad = new byte[80], Id = keys[1].Id.Value }, Ct), Ct);
        var run = await Retention().RunAsync(null, Ct);
        Assert.Equal((3L, 1L), (run.Removed, run.Failed));
        Assert.Single(await LeftAsync([keys[1]]));
        Assert.Empty(await EntriesAsync(keys[1]));
        Assert.Empty(await LeftAsync([keys[0], keys[2], keys[3]]));
    }

    [Fact]
    public async Task What_a_step_refuses_is_not_removed()
    {
        var (_, key, _, _, _) = await AddAsync([("carts", 40, 0)], false, 0);
        var retention = Retention();
        retention.AlsoDo((_, _, _, _) => throw new Fault(FaultKind.Unavailable, "test/no", "No."));
        Assert.Equal(1, (await retention.RunAsync(null, Ct)).Failed);
        Assert.Single(await LeftAsync([key]));
        Assert.Empty(await EntriesAsync(key));
    }

    private DataRetention Retention(int perPage = 500) => new(Db, house.Catalogs, house.Ledger, house.Log, house.Vault, house.Held) { PerPage = perPage };

    private sealed class Stopper(CancellationTokenSource stop, int after) : IProgress<RetentionProgress>
    {
        public int Steps { get; private set; }

        public void Report(RetentionProgress value)
        {
            if (++Steps == after)
            {
                stop.Cancel();
            }
        }
    }

    private bool IsOver(string point, DateTimeOffset time) => catalog.DataPoints[DataPointId.Parse(point)].Retention.Period!.After(time) <= Clock.GetUtcNow();

    /// <summary>A customer with an address, a telephone number that was changed some days ago, and records.</summary>
    private async Task<(string Reference, CustomerKey Key, List<(string Point, string Id, DateTimeOffset Time)> Records, bool IsRestricted, bool HasPhone)> AddAsync((string Point, long DaysAgo, int Micros)[] records, bool isRestricted, int phoneDays)
    {
        var (reference, added, now) = (CustomerId.New().Value, new List<(string Point, string Id, DateTimeOffset Time)>(), Clock.GetUtcNow());
        var key = await Db.WriteAsync(async tx =>
        {
            var made = await house.Vault.CreateCustomerAsync(tx, reference, Ct);
            await house.Vault.PutFieldAsync(tx, made, DataPointId.Parse("email"), ErasureHouse.Json("\"x\""), "test", Ct, (BlindIndex.Email, MailOf(made)));
            for (var i = 0; i < records.Length; i++)
            {
                var (point, days, micros) = records[i];
                // Some on the very microsecond at which their time is over, and one beside it.
                var time = now.AddDays(-days).AddMicroseconds(micros);
                var json = new JsonObject { ["invoiceNumber"] = $"{i}-{reference}", ["total"] = 3, ["item"] = "hat" };
                await house.Vault.AppendHistoryAsync(tx, made, DataPointId.Parse(point), $"{i}-{reference}", time, ErasureHouse.Json(json.ToJsonString()), "test", Ct);
                await OrderIndex.AddAsync(tx, made.Id, DataPointId.Parse(point), $"{i}-{reference}", OrderIndex.DigestOf(house.Vault, catalog.DataPoints[DataPointId.Parse(point)], System.Text.Json.JsonElement.Parse(json.ToJsonString())), Ct);
                added.Add((point, $"{i}-{reference}", time));
            }

            if (isRestricted)
            {
                await house.Ledger.RestrictAsync(tx, made.Id, "test", "en", Ct);
            }

            return made;
        }, Ct);
        await Db.WriteAsync(async tx =>
        {
            tx.PretendNow(now.AddDays(-phoneDays));
            await house.Vault.PutFieldAsync(tx, key, DataPointId.Parse("phone"), ErasureHouse.Json("\"x\""), "test", Ct, (BlindIndex.Phone, PhoneOf(key)));
        }, Ct);
        return (reference, key, added, isRestricted, phoneDays < 31);
    }

    private static string MailOf(CustomerKey key) => key.Id.Value + "@customers.example";

    private static string PhoneOf(CustomerKey key) => "+4930" + (Convert.ToInt64(key.Id.Value[..8], 16) % 90_000_000 + 10_000_000).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private Task<CustomerKey?> FindByPhoneAsync(CustomerKey key) => Db.ReadAsync(tx => house.Vault.FindCustomerAsync(tx, BlindIndex.Phone, PhoneOf(key), Ct), Ct);

    private async Task<IReadOnlyList<AuditEntry>> EntriesAsync(CustomerKey key)
    {
        if (Db.IsClustered)
        {
            await house.Log.SequenceAsync(100_000, Ct);
        }

        return await Db.ReadAsync(tx => house.Log.OfCustomerAsync(tx, key.AuditRef, null, 50, Ct, e => e.Kind == AuditKind.Erase), Ct);
    }

    private Task<IReadOnlyList<string>> LeftAsync(IEnumerable<CustomerKey> keys) => Db.ReadAsync(async tx =>
    {
        var left = new List<string>();
        foreach (var key in keys)
        {
            left.AddRange((await tx.QueryAsync<(string Point, string Id)>("SELECT data_point, record_id FROM sealed_record WHERE customer_id = @Value", new { key.Id.Value }, Ct)).Select(r => $"{r.Point} {r.Id}"));
        }

        return (IReadOnlyList<string>)[.. left.Order(StringComparer.Ordinal)];
    }, Ct);

    private Task<IReadOnlyList<string>> OrdersAsync(CustomerKey key) => Db.ReadAsync(async tx => await tx.QueryAsync<string>("SELECT record_id FROM order_look_up WHERE customer_id = @Value", new { key.Id.Value }, Ct), Ct);
}

public sealed class RetentionOfModelsOnSqlite : RetentionOfModelsTests<Sqlite>;

public sealed class RetentionOfModelsOnPostgres : RetentionOfModelsTests<Postgres>;

/// <summary>Models forget what is removed in the same step, and are then what they would be had they never seen it.</summary>
public abstract class RetentionOfModelsTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    [Fact]
    public async Task A_model_equals_one_that_never_saw_what_was_removed()
    {
        using var shop = await SuggestionHouse.BuildAsync(Db, Ct);
        await shop.AgreeingAsync("ada", Ct);
        await shop.AgreeingAsync("eve", Ct);
        await shop.ViewAsync("ada", "a1", Ct, "tea", "urn");
        await shop.BuyAsync("eve", "o1", Ct, "pot");
        Clock.Advance(TimeSpan.FromDays(80));
        await shop.ViewAsync("ada", "a2", Ct, "tea", "pot");
        await shop.ViewAsync("eve", "e1", Ct, "tea", "jam");
        Clock.Advance(TimeSpan.FromDays(15));
        Assert.Contains("urn", shop.Suggestions.Model.Dump(), StringComparison.Ordinal);
        var (h, held) = (shop.House, new HeldVault(shop.House.Keys, shop.House.Index));
        var retention = new DataRetention(Db, h.Catalogs, h.Ledger, h.Log, h.Vault, held);
        retention.AlsoDo((tx, customer, _, ct) => shop.Suggestions.ForgetAsync(tx, customer.Id, ct));
        Assert.Equal(2, (await retention.RunAsync(null, Ct)).Removed);
        Assert.DoesNotContain("urn", shop.Suggestions.Model.Dump(), StringComparison.Ordinal);
        await shop.Suggestions.KeepUpAsync(Ct);
        using var fresh = await SuggestionHouse.BuildAsync(Db, Ct, shop.Shop);
        Assert.Equal(fresh.Suggestions.Model.Dump(), shop.Suggestions.Model.Dump());
        Assert.Contains("a2", shop.Suggestions.Model.Dump(), StringComparison.Ordinal);
    }
}
