using System.Collections.Frozen;
using Candor.Audit;
using Candor.Kernel;
using Candor.Messages;
using Candor.Storage;

namespace Candor.Personalization;

/// <summary>A use that is paused, or was.</summary>
/// <param name="Week">Of the audit that it failed.</param>
/// <param name="EndedAt">Null while it lasts.</param>
/// <param name="EndedBy">Staff id.</param>
/// <param name="Reason">In the words of whoever ended it.</param>
public sealed record UsePause(string Id, PurposeId Purpose, long Week, DateTimeOffset PausedAt, DateTimeOffset? EndedAt, string? EndedBy, string? Reason);

/// <summary>Uses that failed an audit and are not made until a privacy officer ends that. Every node knows within a second.</summary>
public sealed class UsePauses(Database database, AuditLog log)
{
    private const string Columns = "SELECT pause_id, purpose, week, paused_at_us, ended_at_us, ended_by, reason FROM use_pause ";
    private FrozenSet<PurposeId> paused = [];

    private sealed record Row(string PauseId, string Purpose, long Week, long PausedAtUs, long? EndedAtUs, string? EndedBy, string? Reason)
    {
        public UsePause As => new(PauseId, PurposeId.Parse(Purpose), Week, Micros.ToInstant(PausedAtUs), Micros.ToInstant(EndedAtUs), EndedBy, Reason);
    }

    /// <summary>Whether a use is paused, as this node last looked.</summary>
    public bool IsPaused(PurposeId purpose) => paused.Contains(purpose);

    /// <summary>Looks which uses are paused. Called about once a second.</summary>
    public async Task KeepUpAsync(CancellationToken ct)
    {
        var now = await database.ReadAsync(async tx => await tx.QueryAsync<string>("SELECT DISTINCT purpose FROM use_pause WHERE ended_at_us IS NULL", null, ct), ct);
        paused = now.Select(PurposeId.Parse).ToFrozenSet();
    }

    /// <summary>Whether a use is paused, as this transaction sees it.</summary>
    public static async ValueTask<bool> IsPausedAsync(Transaction tx, PurposeId purpose, CancellationToken ct) =>
        await tx.FindAsync<long>("SELECT count(*) FROM use_pause WHERE purpose = @Value AND ended_at_us IS NULL", new { purpose.Value }, ct) > 0;

    /// <summary>Those that last first, then the newest.</summary>
    public static async ValueTask<IReadOnlyList<UsePause>> ListAsync(Transaction tx, int most, CancellationToken ct) =>
        [.. (await tx.QueryAsync<Row>(Columns + "ORDER BY CASE WHEN ended_at_us IS NULL THEN 0 ELSE 1 END, paused_at_us DESC, pause_id LIMIT @Most", new { Most = (long)most }, ct)).Select(r => r.As)];

    /// <summary>Pauses a use, and takes back what waits to be sent for it.</summary>
    /// <returns>False when it is paused already.</returns>
    public async ValueTask<bool> PauseAsync(Transaction tx, PurposeId purpose, long week, CancellationToken ct)
    {
        await tx.LockJobAsync("use-pause", ct);
        if (await IsPausedAsync(tx, purpose, ct))
        {
            return false;
        }

        await tx.RunAsync(
            "INSERT INTO use_pause (pause_id, purpose, week, paused_at_us) VALUES (@Id, @Purpose, @week, @NowUs)",
            new { Id = Guid.CreateVersion7(tx.Now).ToString("N"), Purpose = purpose.Value, week, tx.NowUs }, ct);
        await Outbox.CancelAllAsync(tx, purpose, ct);
        await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Admin, Actor = "system:fairness", Purpose = purpose.Value, Subject = "use-paused" }, ct);
        return true;
    }

    /// <summary>Ends a pause.</summary>
    /// <param name="reason">In words, of no customer; it stays out of the log.</param>
    /// <exception cref="Fault">Conflict <c>personalization/not-paused</c> when it has ended, or there is none of that id.</exception>
    public async ValueTask EndAsync(Transaction tx, string id, string staffId, string reason, string by, string? session, CancellationToken ct)
    {
        await tx.LockJobAsync("use-pause", ct);
        if (await tx.FindAsync<Row>(Columns + "WHERE pause_id = @id AND ended_at_us IS NULL", new { id }, ct) is not { } row)
        {
            throw new Fault(FaultKind.Conflict, "personalization/not-paused", "This pause has ended already; reload the page.");
        }

        await tx.RunAsync("UPDATE use_pause SET ended_at_us = @NowUs, ended_by = @staffId, reason = @reason WHERE pause_id = @id", new { tx.NowUs, staffId, reason, id }, ct);
        await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Admin, Actor = by, Session = session, Purpose = row.Purpose, Subject = "use-pause-ended" }, ct);
    }
}
