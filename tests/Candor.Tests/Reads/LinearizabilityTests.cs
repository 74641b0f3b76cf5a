using System.Collections.Concurrent;
using System.Diagnostics;
using Candor.Gate;
using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;
using Candor.Tests.Storage;

namespace Candor.Tests.Reads;

public sealed class LinearizabilityOnSqlite : LinearizabilityTests<Sqlite>;

public sealed class LinearizabilityOnPostgres : LinearizabilityTests<Postgres>;

/// <summary>Gives, withdrawals and reads of a few customers at once, checked against real time: no read that began after a withdrawal
/// was confirmed succeeds before the next give began, and the other way round.</summary>
public abstract class LinearizabilityTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(30);
    private static readonly PurposeId Purpose = PurposeId.Parse("suggestions");

    /// <summary>One finished operation; times are stopwatch ticks, taken before the call and after its answer.</summary>
    private readonly record struct Operation(int Customer, bool IsRead, bool Allowed, long Began, long Ended);

    [Fact]
    public async Task Reads_agree_with_the_order_of_gives_and_withdrawals()
    {
        const int customers = 4;
        var house = await ReadHouse.BuildAsync(Db, new ReadBudgetOptions(), Ct);
        for (var i = 0; i < customers; i++)
        {
            await house.AddCustomerAsync(Db, $"c-{i}", Ct);
        }

        var key = await Db.WriteAsync(async tx => await house.Access.CreateKeyAsync(tx, "shop", [], ["consents"], TimeSpan.FromDays(1), "test", Ct), Ct);
        Assert.True(CallerToken.TryParse(key.Text, out var token));
        var done = new ConcurrentQueue<Operation>();
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        timer.CancelAfter(Duration);
        // One writer a customer, so that its gives and withdrawals alternate and have one order.
        var writers = Enumerable.Range(0, customers).Select(c => Task.Run(() => ChangeAsync(house, token, c, done, timer.Token)));
        var readers = Enumerable.Range(0, 8).Select(r => Task.Run(() => ReadAsync(house, token, r % customers, done, timer.Token)));
        await Task.WhenAll(writers.Concat(readers));

        var violations = done.GroupBy(o => o.Customer).Sum(g => Violations([.. g]));
        Assert.Equal(0, violations);
        Assert.True(done.Count(o => o.IsRead && o.Allowed) > 100 && done.Count(o => o.IsRead && !o.Allowed) > 100, "Both answers must occur for this to say anything.");
        Assert.True(done.Count(o => !o.IsRead) > 100);
    }

    [Fact]
    public void The_checker_finds_a_read_that_came_too_late_and_one_that_came_too_early()
    {
        Operation give = new(0, false, true, 10, 20), withdraw = new(0, false, false, 30, 40);
        Assert.Equal(1, Violations([give, withdraw, new Operation(0, true, true, 41, 50)]));
        Assert.Equal(1, Violations([give, withdraw, new Operation(0, true, true, 1, 9)]));
        Assert.Equal(1, Violations([give, withdraw, new Operation(0, true, false, 21, 29)]));
        Assert.Equal(0, Violations([give, withdraw, new Operation(0, true, true, 21, 29), new Operation(0, true, true, 35, 50), new Operation(0, true, false, 35, 50)]));
    }

    private async Task ChangeAsync(ReadHouse house, CallerToken token, int customer, ConcurrentQueue<Operation> done, CancellationToken stop)
    {
        var notice = ReadHouse.Notice(await house.CatalogAsync(Db, Ct));
        for (var give = true; !stop.IsCancellationRequested; give = !give)
        {
            var began = Stopwatch.GetTimestamp();
            var outcome = await (give
                ? house.Choices.GiveAsync(token, $"c-{customer}", Purpose, notice, "test", Ct)
                : house.Choices.WithdrawAsync(token, $"c-{customer}", Purpose, "test", "en", Ct));
            Assert.NotNull(outcome.Changed);
            done.Enqueue(new Operation(customer, false, give, began, Stopwatch.GetTimestamp()));
            await Task.Delay(2, Ct);
        }
    }

    private async Task ReadAsync(ReadHouse house, CallerToken token, int customer, ConcurrentQueue<Operation> done, CancellationToken stop)
    {
        var request = new ReadRequest(token, $"c-{customer}", Purpose, [DataPointId.Parse("purchases")]);
        while (!stop.IsCancellationRequested)
        {
            var began = Stopwatch.GetTimestamp();
            var outcome = await house.Read.RunAsync(request, Ct);
            done.Enqueue(new Operation(customer, true, outcome!.Decision is Decision.Allowed, began, Stopwatch.GetTimestamp()));
        }
    }

    /// <summary>Reads of one customer that no order of the operations within their times explains. Changes do not overlap, which makes it a look-up.</summary>
    private static int Violations(List<Operation> operations)
    {
        var changes = operations.Where(o => !o.IsRead).OrderBy(o => o.Began).ToList();
        var ends = changes.ConvertAll(c => c.Ended);
        return operations.Count(read => read.IsRead && !Explains(changes, ends, read));
    }

    private static bool Explains(List<Operation> changes, List<long> ends, Operation read)
    {
        // The last change that was over when the read began, or none (nothing was ever given then).
        var found = ends.BinarySearch(read.Began);
        var low = (found < 0 ? ~found : found) - 1;
        var before = low >= 0 && changes[low].Allowed;
        return before == read.Allowed || changes.Skip(low + 1).TakeWhile(c => c.Began <= read.Ended).Any(c => c.Allowed == read.Allowed);
    }
}
