using Candor.Kernel;
using Candor.Staff;
using Candor.Tests.Collection;
using Candor.Tests.Reads;
using Candor.Tests.Storage;
using Candor.Trust;
using Candor.Vault;

namespace Candor.Tests.Trust;

public sealed class TrustCountsOnSqlite : TrustCountsTests<Sqlite>;

public sealed class TrustCountsOnPostgres : TrustCountsTests<Postgres>;

/// <summary>What is counted as it happens is what a recount finds, and nobody can be found in it.</summary>
public abstract class TrustCountsTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private static readonly TrustMeasure[] OfOrders = [TrustMeasure.Buyers, TrustMeasure.RepeatBuyers, TrustMeasure.LastBought];
    private static readonly PurposeId[] Purposes = [PurposeId.Parse("newsletter"), PurposeId.Parse("suggestions")];
    private readonly List<(string Reference, CustomerKey Key)> customers = [];
    private CollectionHouse shop = null!;
    private TrustCounts counts = null!;
    private TrustDays days = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        shop = await CollectionHouse.BuildAsync(Db, Ct);
        var h = shop.House;
        (counts, days) = (new TrustCounts(Db, h.Vault.Lots), new TrustDays(Db, h.Catalogs, h.Log));
        var steps = new TrustSteps(counts);
        h.Log.AlsoDo(steps.EntryAsync);
        h.Choices.AlsoDo(steps.ChoiceAsync);
        shop.Events.AlsoDo(steps.EventsAsync);
        for (var i = 0; i < 9; i++)
        {
            customers.Add(($"c-{i}", await Db.WriteAsync(tx => h.Vault.CreateCustomerAsync(tx, $"c-{i}", Ct), Ct)));
        }
    }

    [Fact]
    public async Task The_counts_of_any_day_are_what_a_recount_of_that_day_finds()
    {
        var first = DateOnly.FromDateTime(Clock.GetUtcNow().UtcDateTime);
        for (var day = 0; day < 40; day++)
        {
            await LiveAsync(day);
            await CloseAsync();
        }

        var (last, kinds) = (first.AddDays(39), new HashSet<TrustMeasure>());
        for (var day = first; day <= last; day = day.AddDays(1))
        {
            var stored = Sorted((await ReadAsync(day, day)).Where(c => !OfOrders.Contains(c.Measure)));
            Assert.Equal(Sorted(await Db.ReadAsync(tx => days.CountAsync(tx, day, day, Ct), Ct)), stored);
            kinds.UnionWith(stored.Select(c => c.Measure));
        }

        var orders = Sorted((await ReadAsync(DateOnly.MinValue, DateOnly.MaxValue)).Where(c => OfOrders.Contains(c.Measure) && c.Number != 0));
        Assert.Equal(Sorted(await Db.ReadAsync(tx => days.OrdersAsync(tx, Ct), Ct)), orders);
        Assert.Superset(
            new HashSet<TrustMeasure> { TrustMeasure.Given, TrustMeasure.Refused, TrustMeasure.Decided, TrustMeasure.Withdrawn, TrustMeasure.ConsentsOn, TrustMeasure.Looked, TrustMeasure.Changed, TrustMeasure.Engaged, TrustMeasure.Active }, kinds);
        Assert.Superset(OfOrders.ToHashSet(), orders.Select(c => c.Measure).ToHashSet());

        // A recount puts the same there again.
        var before = Sorted((await ReadAsync(first, last)).Where(c => c.Number != 0));
        await days.RecountAsync(first.AddDays(10), last, Ct);
        Assert.Equal(before, Sorted((await ReadAsync(first, last)).Where(c => c.Number != 0)));
    }

    [Fact]
    public async Task Who_does_it_twice_in_a_month_counts_once_and_is_forgotten_with_the_month()
    {
        var (reference, key) = customers[0];
        for (var day = 0; day < 3; day++)
        {
            await shop.House.Own.LooksAsync(await SignInAsync(key), null, 5, false, Ct);
            await CloseAsync();
        }

        Assert.Equal(1, (await ReadAsync(DateOnly.MinValue, DateOnly.MaxValue)).Where(c => c.Measure == TrustMeasure.Looked).Sum(c => c.Number));
        var seen = await SeenAsync();
        Assert.NotEmpty(seen);
        Assert.DoesNotContain(seen, s => s.Contains(key.Id.Value, StringComparison.Ordinal) || s.Contains(Convert.ToHexStringLower(key.AuditRef), StringComparison.Ordinal) || s.Contains(reference, StringComparison.Ordinal));
        Clock.Advance(TimeSpan.FromDays(32));
        await CloseAsync();
        Assert.Empty(await SeenAsync());
        Assert.Equal(1, (await ReadAsync(DateOnly.MinValue, DateOnly.MaxValue)).Where(c => c.Measure == TrustMeasure.Looked).Sum(c => c.Number));
    }

    [Fact]
    public async Task Who_opens_the_preferences_counts_once_a_month_and_a_recount_does_not_know_them()
    {
        var h = shop.House;
        var visits = new TrustVisits(Db, new Candor.Reads.OwnAccess(h.Catalogs, h.Vault, h.Access), counts);
        var today = DateOnly.FromDateTime(Clock.GetUtcNow().UtcDateTime);
        foreach (var (_, key) in customers.Take(3).Concat(customers.Take(2)))
        {
            await visits.OpenSettingsAsync(await SignInAsync(key), Ct);
        }

        await visits.OpenSettingsAsync(shop.Token, Ct);
        Assert.DoesNotContain(await SeenAsync(), s => customers.Any(c => s.Contains(c.Key.Id.Value, StringComparison.Ordinal) || s.Contains(Convert.ToHexStringLower(c.Key.AuditRef), StringComparison.Ordinal)));
        await CloseAsync();
        long Sum(IReadOnlyList<TrustCell> cells, TrustMeasure measure) => cells.Where(c => c.Measure == measure).Sum(c => c.Number);
        var counted = await ReadAsync(today, today);
        Assert.Equal((3, 3, 0, 6), (Sum(counted, TrustMeasure.Engaged), Sum(counted, TrustMeasure.Active), Sum(counted, TrustMeasure.Looked), Sum(counted, TrustMeasure.SettingsViews)));
        await days.RecountAsync(today, today, Ct);
        counted = await ReadAsync(today, today);
        Assert.Equal((0, 6), (Sum(counted, TrustMeasure.Engaged), Sum(counted, TrustMeasure.SettingsViews)));
    }

    [Fact]
    public async Task What_is_not_kept_is_not_counted()
    {
        shop.House.Choices.AlsoDo((_, _, _, _, _) => throw new Fault(FaultKind.Unavailable, "test/no", "No."));
        shop.Events.AlsoDo((_, _, _, _, _, _, _) => throw new Fault(FaultKind.Unavailable, "test/no", "No."));
        await Assert.ThrowsAsync<Fault>(() => GiveAsync("c-1", Purposes[0]));
        await Assert.ThrowsAsync<Fault>(() => shop.Events.StoreAsync(shop.Token, [CollectionHouse.Purchase("c-1", "p-1", Clock.GetUtcNow())], Ct));
        await CloseAsync();
        Assert.All(await ReadAsync(DateOnly.MinValue, DateOnly.MaxValue), c => Assert.Equal(0, c.Number));
    }

    [Fact]
    public async Task Views_are_counted_by_day_and_by_nobody()
    {
        counts.View(TrustMeasure.NoticeViews);
        counts.View(TrustMeasure.NoticeViews);
        await counts.FlushAsync(Ct);
        counts.View(TrustMeasure.NoticeViews);
        await counts.FlushAsync(Ct);
        var cell = Assert.Single(await ReadAsync(DateOnly.MinValue, DateOnly.MaxValue));
        Assert.Equal((TrustMeasure.NoticeViews, "", 3L), (cell.Measure, cell.About, cell.Number));
    }

    private async Task LiveAsync(int day)
    {
        for (var i = 0; i < customers.Count; i++)
        {
            var (reference, key) = customers[i];
            var act = (day * 5 + i * 7 + day * i) % 11;
            var purpose = Purposes[(day + i) % 2];
            var notice = ReadHouse.Notice(await shop.House.CatalogAsync(Db, Ct));
            switch (act)
            {
                case 0 or 1:
                    await GiveAsync(reference, purpose);
                    break;
                case 2:
                    await shop.House.Choices.RefuseAsync(shop.Token, reference, purpose, notice, "test", Ct);
                    break;
                case 3 when (await Db.ReadAsync(tx => shop.House.Ledger.StateAsync(tx, key.Id, Ct), Ct)).Any(c => c.Purpose == purpose && c.State == Candor.Consent.ConsentState.Given):
                    await shop.House.Choices.WithdrawAsync(shop.Token, reference, purpose, "test", "en", Ct);
                    break;
                case 4 or 5:
                    await shop.House.Own.LooksAsync(await SignInAsync(key), null, 5, false, Ct);
                    break;
                case 6 or 7:
                    // Some orders come in late, and some lines belong to one order.
                    var at = Clock.GetUtcNow().AddDays(-(day * i % 4) * 20);
                    await shop.Events.StoreAsync(shop.Token, [CollectionHouse.Purchase(reference, $"p-{day}-1", at), CollectionHouse.Purchase(reference, $"p-{day}-2", at), CollectionHouse.Purchase(reference, $"p-{day}-3", at.AddHours(-30))], Ct);
                    break;
                default:
                    break;
            }
        }
    }

    private async Task GiveAsync(string reference, PurposeId purpose) =>
        await shop.House.Choices.GiveAsync(shop.Token, reference, purpose, ReadHouse.Notice(await shop.House.CatalogAsync(Db, Ct)), "test", Ct);

    private async Task<CallerToken> SignInAsync(CustomerKey key) =>
        CallerToken.Parse(await Db.WriteAsync(tx => shop.House.Access.OpenCustomerSessionAsync(tx, key.Id, Ct), Ct));

    /// <summary>Goes on to a quarter past midnight, closes the day, and goes on to nine in the morning.</summary>
    private async Task CloseAsync()
    {
        var now = Clock.GetUtcNow();
        Clock.SetUtcNow(new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero).AddDays(1).AddMinutes(15));
        await counts.FlushAsync(Ct);
        if (Db.IsClustered)
        {
            await shop.House.Log.SequenceAsync(100_000, Ct);
        }

        await days.CloseDueAsync(Ct);
        Clock.SetUtcNow(new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero).AddDays(1).AddHours(9));
    }

    private Task<IReadOnlyList<TrustCell>> ReadAsync(DateOnly from, DateOnly to) => Db.ReadAsync(tx => TrustCounts.ReadAsync(tx, from, to, Ct), Ct);

    private Task<IReadOnlyList<string>> SeenAsync() => Db.ReadAsync(async tx => await tx.QueryAsync<string>("SELECT person FROM trust_seen", null, Ct), Ct);

    private static List<TrustCell> Sorted(IEnumerable<TrustCell> cells) => [.. cells.OrderBy(c => c.Day).ThenBy(c => c.Measure).ThenBy(c => c.About, StringComparer.Ordinal)];
}
