using Candor.Audit;
using Candor.Governance;
using Candor.Kernel;
using Candor.Tests.Reads;
using Candor.Tests.Storage;

namespace Candor.Tests.Governance;

public sealed class MinimisationBooksOnSqlite : MinimisationBooksTests<Sqlite>;

public sealed class MinimisationBooksOnPostgres : MinimisationBooksTests<Postgres>;

/// <summary>What minimisation is judged by: reads counted from the log, and what is stored.</summary>
public abstract class MinimisationBooksTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private ReadHouse house = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await ReadHouse.BuildAsync(Db, new(), Ct);
    }

    [Fact]
    public async Task Counts_of_days_equal_a_recount_of_the_log_however_it_was_walked()
    {
        var dice = new Random(7);
        var uses = new UseBook(Db, house.Log);
        string[] actors = ["staff:s1", "key:k1", "system:suggestions", "customer"];
        for (var day = 0; day < 4; day++)
        {
            for (var i = 0; i < 40; i++)
            {
                await Db.WriteAsync(tx => house.Log.AppendAsync(tx, new AuditEvent
                {
                    Kind = dice.Next(3) == 0 ? AuditKind.Deny : AuditKind.Read,
                    Actor = actors[dice.Next(actors.Length)],
                    Purpose = dice.Next(4) == 0 ? null : dice.Next(2) == 0 ? "support" : "newsletter",
                    DataPoints = [.. ((string[])["email", "purchases", "pageViews"]).Where(_ => dice.Next(2) == 0)],
                }, Ct), Ct);
            }

            await house.Log.SequenceAsync(1_000, Ct);
            // Two nodes at once: neither counts what the other has.
            await Task.WhenAll(uses.StepAsync(1 + dice.Next(30), Ct), new UseBook(Db, house.Log).StepAsync(1 + dice.Next(30), Ct));
            Clock.Advance(TimeSpan.FromHours(20));
        }

        while (await uses.StepAsync(37, Ct) == 37)
        {
        }

        var (stored, entries) = await Db.ReadAsync(async tx => (
            await UseBook.ReadAsync(tx, DateOnly.MinValue, DateOnly.MaxValue, Ct),
            (await tx.QueryAsync<byte[]>("SELECT entry FROM audit_entry ORDER BY idx", null, Ct)).Select(e => AuditEntry.Decode(e)).ToList()), Ct);
        var expected = new Dictionary<(DateOnly, string, string, string), long>();
        foreach (var entry in entries.Where(e => e.Event is { Kind: AuditKind.Read, Purpose: not null } && e.Event.Actor != "customer"))
        {
            var reader = entry.Event.Actor[0] switch { 's' when entry.Event.Actor.StartsWith("staff", StringComparison.Ordinal) => "staff", 'k' => "service", _ => "candor" };
            foreach (var point in (string[])["", .. entry.Event.DataPoints])
            {
                var key = (DateOnly.FromDateTime(entry.At.UtcDateTime), entry.Event.Purpose!, point, reader);
                expected[key] = expected.GetValueOrDefault(key) + 1;
            }
        }

        Assert.NotEmpty(expected);
        Assert.Equal(expected, stored.ToDictionary(s => (s.Day, s.Purpose.Value, s.DataPoint?.Value ?? "", s.Reader), s => s.Number));
    }

    [Fact]
    public async Task A_real_read_is_counted_and_a_refused_one_is_not()
    {
        var customer = await house.AddCustomerAsync(Db, "c-1", Ct);
        DataPointId[] points = [DataPointId.Parse("email")];
        await house.SystemReads.RunAsync(new("test", "why", customer.Id, points, PurposeId.Parse("support")), Ct);
        await house.SystemReads.RunAsync(new("test", "why", customer.Id, points, PurposeId.Parse("no-such-purpose")), Ct);
        await house.Log.SequenceAsync(1_000, Ct);
        await new UseBook(Db, house.Log).StepAsync(1_000, Ct);
        var cells = await Db.ReadAsync(tx => UseBook.ReadAsync(tx, DateOnly.MinValue, DateOnly.MaxValue, Ct), Ct);
        Assert.Equal([("support", null, "candor", 1L), ("support", "email", "candor", 1L)], cells.Select(c => (c.Purpose.Value, c.DataPoint?.Value, c.Reader, c.Number)).OrderBy(c => c.Item2));
    }

    [Fact]
    public async Task What_is_stored_is_counted_once_a_day_and_no_value_is_opened()
    {
        var stock = new StockBook(Db, house.Vault);
        Assert.Equal(1, await stock.CountDueAsync(Ct));
        Assert.Empty(await ReadAsync());
        for (var i = 0; i < 3; i++)
        {
            var key = await house.AddCustomerAsync(Db, $"c-{i}", Ct);
            await Db.WriteAsync(tx => house.Vault.AppendHistoryAsync(tx, key, DataPointId.Parse("purchases"), "p-2", tx.Now.AddDays(-3), """{"item":"hat"}"""u8.ToArray(), "test", Ct), Ct);
            await Db.WriteAsync(tx => house.Vault.AppendHistoryAsync(tx, key, DataPointId.Parse("purchases"), "p-3", tx.Now.AddDays(-9), """{"item":"tie"}"""u8.ToArray(), "test", Ct), Ct);
        }

        Assert.Equal(0, await stock.CountDueAsync(Ct));
        Clock.Advance(TimeSpan.FromHours(25));
        Assert.Equal(1, await stock.CountDueAsync(Ct));
        var found = await ReadAsync();
        Assert.Equal((3L, 3L, 0L), (found["email"].Records, found["email"].Customers, found["email"].SameInstant));
        Assert.Equal((9L, 3L), (found["purchases"].Records, found["purchases"].Customers));
        Assert.Equal(9.0, (found["purchases"].Newest - found["purchases"].Oldest).TotalDays + 3, 0.01);
        Assert.Equal(new Dictionary<string, long> { ["email"] = 3, ["pageViews"] = 3, ["purchases"] = 9 }, found.ToDictionary(f => f.Key, f => f.Value.Records));
    }

    [Fact]
    public async Task Records_of_one_instant_are_told()
    {
        var key = await house.AddCustomerAsync(Db, "c-1", Ct);
        await Db.WriteAsync(async tx =>
        {
            for (var i = 0; i < 3; i++)
            {
                await house.Vault.AppendHistoryAsync(tx, key, DataPointId.Parse("purchases"), $"twice-{i}", tx.Now, """{"item":"hat"}"""u8.ToArray(), "test", Ct);
            }
        }, Ct);
        await new StockBook(Db, house.Vault).CountAsync(Ct);
        Assert.Equal(2, (await ReadAsync())["purchases"].SameInstant);
    }

    private async Task<Dictionary<string, Candor.Vault.Stock>> ReadAsync() =>
        (await Db.ReadAsync(tx => StockBook.ReadAsync(tx, Ct), Ct)).ToDictionary(s => s.Key.Value, s => s.Value);
}
