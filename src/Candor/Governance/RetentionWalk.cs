using Candor.Kernel;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Governance;

/// <summary>How many values of a data point are older than its retention.</summary>
/// <param name="Values">All of them.</param>
/// <param name="Customers">Whose they are.</param>
/// <param name="Waiting">Of the values, those of customers who have every use held still: a restriction keeps data as it is.</param>
public sealed record RetentionCount(DataPointId DataPoint, long Values, long Customers, long Waiting, DateTimeOffset Oldest);

/// <summary>How far a run is, or was.</summary>
/// <param name="FinishedAt">Null while it is on its way.</param>
/// <param name="Removed">Values.</param>
/// <param name="Failed">Customers of whom nothing could be removed, because something of theirs cannot be opened.</param>
public sealed record RetentionState(DateTimeOffset StartedAt, DateTimeOffset? FinishedAt, string After, long Removed, long Failed);

/// <summary>What is written down about the runs: how far the last one came, and what was counted.</summary>
public static class RetentionWalk
{
    private sealed record StateRow(long StartedAtUs, long? FinishedAtUs, string AfterCustomer, long Removed, long Failed);

    private sealed record CountRow(string DataPoint, long Number, long Customers, long Waiting, long OldestUs);

    /// <summary>Null before the first.</summary>
    public static async ValueTask<RetentionState?> FindAsync(Transaction tx, CancellationToken ct) =>
        await tx.FindAsync<StateRow>("SELECT started_at_us, finished_at_us, after_customer, removed, failed FROM retention_walk WHERE id = 1", null, ct) is { } row
            ? new RetentionState(Micros.ToInstant(row.StartedAtUs), Micros.ToInstant(row.FinishedAtUs), row.AfterCustomer, row.Removed, row.Failed) : null;

    /// <summary>What was counted last, and when; null before the first count.</summary>
    public static async ValueTask<(DateTimeOffset At, IReadOnlyList<RetentionCount> Counts)?> FindCountsAsync(Transaction tx, CancellationToken ct) =>
        await tx.FindAsync<long?>("SELECT counted_at_us FROM retention_count WHERE id = 1", null, ct) is { } at
            ? (Micros.ToInstant(at), [.. (await tx.QueryAsync<CountRow>("SELECT data_point, number, customers, waiting, oldest_us FROM retention_found", null, ct))
                .Select(r => new RetentionCount(DataPointId.Parse(r.DataPoint), r.Number, r.Customers, r.Waiting, Micros.ToInstant(r.OldestUs)))])
            : null;

    internal static async ValueTask KeepCountsAsync(Transaction tx, IEnumerable<RetentionCount> counts, CancellationToken ct)
    {
        await tx.LockJobAsync("retention-count", ct);
        await tx.RunAsync("DELETE FROM retention_found", null, ct);
        foreach (var c in counts)
        {
            await tx.RunAsync("INSERT INTO retention_found (data_point, number, customers, waiting, oldest_us) VALUES (@Point, @Values, @Customers, @Waiting, @Oldest)",
                new { Point = c.DataPoint.Value, c.Values, c.Customers, c.Waiting, Oldest = Micros.From(c.Oldest) }, ct);
        }

        await tx.RunAsync("INSERT INTO retention_count (id, counted_at_us) VALUES (1, @NowUs) ON CONFLICT (id) DO UPDATE SET counted_at_us = excluded.counted_at_us", new { tx.NowUs }, ct);
    }

    /// <summary>Writes down that there is no run yet, so that the first comes a day later.</summary>
    internal static async ValueTask BeginAsync(Transaction tx, CancellationToken ct) => await tx.RunAsync(
        "INSERT INTO retention_walk (id, started_at_us, finished_at_us, after_customer, removed, failed) VALUES (1, @NowUs, @NowUs, '', 0, 0) ON CONFLICT (id) DO NOTHING", new { tx.NowUs }, ct);

    /// <summary>Starts a run from the first customer, unless one is on its way or another node was first.</summary>
    internal static async ValueTask<RetentionState> StartAsync(Transaction tx, RetentionState? last, CancellationToken ct)
    {
        await BeginAsync(tx, ct);
        await tx.RunAsync(
            "UPDATE retention_walk SET started_at_us = @NowUs, finished_at_us = NULL, after_customer = '', removed = 0, failed = 0 WHERE id = 1 AND finished_at_us IS NOT NULL AND started_at_us = @Last",
            new { tx.NowUs, Last = last is null ? tx.NowUs : Micros.From(last.StartedAt) }, ct);
        return (await FindAsync(tx, ct))!;
    }

    /// <summary>Goes on behind a customer; changes nothing where another node is farther.</summary>
    internal static async ValueTask AdvanceAsync(Transaction tx, RetentionState run, string after, long removed, long failed, CancellationToken ct) => await tx.RunAsync(
        "UPDATE retention_walk SET after_customer = @after, removed = removed + @removed, failed = failed + @failed WHERE id = 1 AND started_at_us = @Started AND after_customer < @after",
        new { after, removed, failed, Started = Micros.From(run.StartedAt) }, ct);

    internal static async ValueTask FinishAsync(Transaction tx, RetentionState run, CancellationToken ct) => await tx.RunAsync(
        "UPDATE retention_walk SET finished_at_us = @NowUs WHERE id = 1 AND started_at_us = @Started AND finished_at_us IS NULL", new { tx.NowUs, Started = Micros.From(run.StartedAt) }, ct);
}
