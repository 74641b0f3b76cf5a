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
