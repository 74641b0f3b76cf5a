using Candor.Kernel;
using Candor.Storage;

namespace Candor.Audit;

/// <summary>How far a look at the log has come.</summary>
/// <param name="Index">First entry that it has not looked at.</param>
/// <param name="Since">When the present pass began.</param>
/// <param name="FinishedAt">When a pass last came to the end.</param>
/// <param name="Finding">What it found wrong first, as <c>what at index</c>; null for nothing.</param>
public sealed record LogWalk(long Index, DateTimeOffset ChangedAt, DateTimeOffset? Since, DateTimeOffset? FinishedAt, string? Finding, DateTimeOffset? FoundAt);

/// <summary>Where the looks at the log stand, so that a restart, or another node, goes on from there.</summary>
public static class LogWalks
{
    private sealed record Row(long Idx, long ChangedAtUs, long? SinceUs, long? FinishedAtUs, string? Finding, long? FoundAtUs);

    private sealed record EntryRow(long Idx, byte[] Entry);

    /// <summary>The next entries that a walk has not looked at.</summary>
    /// <param name="most">Most of them.</param>
    /// <returns>From, inclusive, to, exclusive, and what lies between; bytes that are no entry are left out.</returns>
    public static async ValueTask<(long From, long To, IReadOnlyList<(long Index, AuditEntry Entry)> Entries)> ReadOnAsync(Transaction tx, AuditLog log, string walk, int most, CancellationToken ct)
    {
        var from = (await FindAsync(tx, walk, ct))?.Index ?? 0;
        var to = Math.Min(from + most, (await log.HeadAsync(tx, ct)).Size);
        return (from, to, await BetweenAsync(tx, from, to, ct));
    }

    /// <summary>Entries by their place, in its order; bytes that are no entry are left out.</summary>
    /// <param name="from">Inclusive.</param>
    /// <param name="to">Exclusive.</param>
    public static async ValueTask<IReadOnlyList<(long Index, AuditEntry Entry)>> BetweenAsync(Transaction tx, long from, long to, CancellationToken ct) =>
    [
        .. (await tx.QueryAsync<EntryRow>("SELECT idx, entry FROM audit_entry WHERE log = @Log AND idx >= @from AND idx < @to ORDER BY idx", new { AuditLog.Log, from, to }, ct))
            .Select(r => (r.Idx, Entry: AuditEntry.Find(r.Entry)!)).Where(e => e.Entry is not null),
    ];

    /// <summary>Moves a walk on, in the transaction that keeps what was found on the way.</summary>
    /// <returns>False when another node has gone on from there already.</returns>
    public static async ValueTask<bool> MoveAsync(Transaction tx, string walk, long from, long to, CancellationToken ct)
    {
        await tx.LockJobAsync("audit-" + walk, ct);
        if (((await FindAsync(tx, walk, ct))?.Index ?? 0) != from)
        {
            return false;
        }

        await KeepAsync(tx, walk, new LogWalk(to, tx.Now, null, null, null, null), ct);
        return true;
    }

    /// <summary>Null when it has never been begun.</summary>
    public static async ValueTask<LogWalk?> FindAsync(Transaction tx, string walk, CancellationToken ct) => await tx.FindAsync<Row>(
        "SELECT idx, changed_at_us, since_us, finished_at_us, finding, found_at_us FROM audit_walk WHERE log = @Log AND walk = @walk", new { AuditLog.Log, walk }, ct) is { } row
            ? new LogWalk(row.Idx, Micros.ToInstant(row.ChangedAtUs), Micros.ToInstant(row.SinceUs), Micros.ToInstant(row.FinishedAtUs), row.Finding, Micros.ToInstant(row.FoundAtUs))
            : null;

    public static async ValueTask KeepAsync(Transaction tx, string walk, LogWalk state, CancellationToken ct) => await tx.RunAsync(
        """
        INSERT INTO audit_walk (log, walk, idx, changed_at_us, since_us, finished_at_us, finding, found_at_us)
        VALUES (@Log, @walk, @Index, @NowUs, @Since, @Finished, @Finding, @Found)
        ON CONFLICT (log, walk) DO UPDATE SET idx = excluded.idx, changed_at_us = excluded.changed_at_us, since_us = excluded.since_us,
            finished_at_us = excluded.finished_at_us, finding = excluded.finding, found_at_us = excluded.found_at_us
        """,
        new { AuditLog.Log, walk, state.Index, tx.NowUs, Since = Micros.From(state.Since), Finished = Micros.From(state.FinishedAt), state.Finding, Found = Micros.From(state.FoundAt) }, ct);
}
