using Candor.Kernel;
using Candor.Storage;

namespace Candor.Governance;

/// <summary>How far a look into values is, or was.</summary>
/// <param name="FinishedAt">Null while it is on its way.</param>
/// <param name="Since">Customers with nothing newer, and without a mark, are passed over; the epoch: nobody is.</param>
/// <param name="Seen">Customers who were passed or looked at.</param>
/// <param name="Looked">Customers whose values were opened.</param>
public sealed record ValueCheckState(DateTimeOffset StartedAt, DateTimeOffset? FinishedAt, DateTimeOffset Since, string Rules, string After, long Seen, long Looked);

/// <summary>What is written down about looks into values.</summary>
public static class ValueWalk
{
    private sealed record Row(long StartedAtUs, long? FinishedAtUs, long SinceUs, string Rules, string AfterCustomer, long Seen, long Looked);

    /// <summary>Null before the first.</summary>
    public static async ValueTask<ValueCheckState?> FindAsync(Transaction tx, CancellationToken ct) =>
        await tx.FindAsync<Row>("SELECT started_at_us, finished_at_us, since_us, rules, after_customer, seen, looked FROM value_check WHERE id = 1", null, ct) is { } r
            ? new ValueCheckState(Micros.ToInstant(r.StartedAtUs), Micros.ToInstant(r.FinishedAtUs), Micros.ToInstant(r.SinceUs), r.Rules, r.AfterCustomer, r.Seen, r.Looked) : null;

    /// <summary>Writes down that there was no look yet, as if one that looked for nothing had begun then: the first comes a week later.</summary>
    internal static async ValueTask BeginAsync(Transaction tx, DateTimeOffset at, CancellationToken ct) => await tx.RunAsync(
        "INSERT INTO value_check (id, started_at_us, finished_at_us, since_us, rules, after_customer, seen, looked) VALUES (1, @At, @At, 0, '', '', 0, 0) ON CONFLICT (id) DO NOTHING", new { At = Micros.From(at) }, ct);

    /// <summary>Starts a look, unless one by the same rules is on its way: that goes on.</summary>
    internal static async ValueTask<ValueCheckState> StartAsync(Transaction tx, DateTimeOffset since, string rules, CancellationToken ct)
    {
        await tx.LockJobAsync("value-check", ct);
        if (await FindAsync(tx, ct) is { FinishedAt: null } going && going.Rules == rules)
        {
            return going;
        }

        await tx.RunAsync(
            """
            INSERT INTO value_check (id, started_at_us, finished_at_us, since_us, rules, after_customer, seen, looked) VALUES (1, @NowUs, NULL, @Since, @rules, '', 0, 0)
            ON CONFLICT (id) DO UPDATE SET started_at_us = excluded.started_at_us, finished_at_us = NULL, since_us = excluded.since_us, rules = excluded.rules, after_customer = '', seen = 0, looked = 0
            """, new { tx.NowUs, Since = Micros.From(since), rules }, ct);
        return (await FindAsync(tx, ct))!;
    }

    /// <summary>Goes on behind a customer; changes nothing where another node is farther.</summary>
    internal static async ValueTask AdvanceAsync(Transaction tx, ValueCheckState run, string after, long seen, long looked, CancellationToken ct) => await tx.RunAsync(
        "UPDATE value_check SET after_customer = @after, seen = seen + @seen, looked = looked + @looked WHERE id = 1 AND started_at_us = @Started AND after_customer < @after",
        new { after, seen, looked, Started = Micros.From(run.StartedAt) }, ct);

    internal static async ValueTask FinishAsync(Transaction tx, ValueCheckState run, CancellationToken ct) => await tx.RunAsync(
        "UPDATE value_check SET finished_at_us = @NowUs, after_customer = '' WHERE id = 1 AND started_at_us = @Started AND finished_at_us IS NULL", new { tx.NowUs, Started = Micros.From(run.StartedAt) }, ct);
}
