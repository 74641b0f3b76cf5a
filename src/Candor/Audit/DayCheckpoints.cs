using System.Globalization;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Audit;

/// <summary>The checkpoint of a day.</summary>
/// <param name="Note">As it was signed, and mailed.</param>
public sealed record DayCheckpoint(string Day, long Size, byte[] Root, string Note, DateTimeOffset MadeAt);

/// <summary>One checkpoint a day, kept: what later days are compared with, and what an entry's "proven since" is told from.</summary>
public sealed class DayCheckpoints(CheckpointSigner signer)
{
    private sealed record Row(string Day, long Size, byte[] Root, string Note, long MadeAtUs)
    {
        public DayCheckpoint As => new(Day, Size, Root, Note, Micros.ToInstant(MadeAtUs));
    }

    /// <summary>Makes today's (UTC), and answers it with the one before; null when today has one. One node a day does it.</summary>
    public async ValueTask<(DayCheckpoint Today, DayCheckpoint? Before)?> MakeAsync(Transaction tx, CancellationToken ct)
    {
        await tx.LockJobAsync("audit-checkpoint", ct);
        var day = tx.Now.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var before = await NewestAsync(tx, ct);
        if (before?.Day is { } last && string.CompareOrdinal(last, day) >= 0)
        {
            return null;
        }

        var note = await signer.ServeAsync(tx, ct);
        var point = Checkpoint.Parse(SignedNote.Open(note, signer.Key));
        await tx.RunAsync("INSERT INTO audit_checkpoint (log, day, size, root, note, made_at_us) VALUES (@Log, @day, @Size, @Root, @note, @NowUs)",
            new { AuditLog.Log, day, point.Size, point.Root, note, tx.NowUs }, ct);
        return (new DayCheckpoint(day, point.Size, point.Root, note, tx.Now), before);
    }

    /// <summary>The newest; null before the first day.</summary>
    public static async ValueTask<DayCheckpoint?> NewestAsync(Transaction tx, CancellationToken ct) =>
        (await tx.FindAsync<Row>("SELECT day, size, root, note, made_at_us FROM audit_checkpoint WHERE log = @Log ORDER BY made_at_us DESC LIMIT 1", new { AuditLog.Log }, ct))?.As;

    /// <summary>All, oldest first: one a day.</summary>
    public static async ValueTask<IReadOnlyList<DayCheckpoint>> AllAsync(Transaction tx, CancellationToken ct) =>
        [.. (await tx.QueryAsync<Row>("SELECT day, size, root, note, made_at_us FROM audit_checkpoint WHERE log = @Log ORDER BY made_at_us", new { AuditLog.Log }, ct)).Select(r => r.As)];

    /// <summary>The first that an entry is in; null when it is younger than all of them.</summary>
    /// <param name="all">Of <see cref="AllAsync"/>.</param>
    public static DayCheckpoint? FirstWith(IReadOnlyList<DayCheckpoint> all, long index) => all.FirstOrDefault(c => c.Size > index);
}
