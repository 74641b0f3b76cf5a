using Candor.Kernel;
using Candor.Storage;

namespace Candor.Audit;

/// <summary>A checkpoint that witnesses have signed beside the log.</summary>
/// <param name="Note">With all signatures.</param>
/// <param name="CosignedAt">When the last of them came.</param>
public sealed record CosignedNote(long Size, string Note, DateTimeOffset CosignedAt);

/// <summary>The newest checkpoints with the signatures of witnesses.</summary>
public static class CosignedNotes
{
    private const long Kept = 10;

    private sealed record Row(long Size, string Note, long CosignedAtUs);

    /// <summary>The newest; null when no witness has signed any.</summary>
    public static async ValueTask<CosignedNote?> FindAsync(Transaction tx, CancellationToken ct) =>
        await tx.FindAsync<Row>("SELECT size, note, cosigned_at_us FROM audit_cosigned WHERE log = @Log ORDER BY size DESC LIMIT 1", new { AuditLog.Log }, ct) is { } row
            ? new CosignedNote(row.Size, row.Note, Micros.ToInstant(row.CosignedAtUs))
            : null;

    /// <summary>Adds a witness's line to a checkpoint; a line of the same key there is replaced.</summary>
    /// <param name="note">The checkpoint as the log has signed it.</param>
    internal static async ValueTask AddAsync(Transaction tx, long size, string note, NoteKey witness, string line, CancellationToken ct)
    {
        var there = await tx.FindAsync<string>("SELECT note FROM audit_cosigned WHERE log = @Log AND size = @size", new { AuditLog.Log, size }, ct) ?? note;
        var merged = SignedNote.LineOf(there, witness) is { } old ? there.Replace(old + "\n", line + "\n", StringComparison.Ordinal) : there + line + "\n";
        await tx.RunAsync(
            """
            INSERT INTO audit_cosigned (log, size, note, cosigned_at_us) VALUES (@Log, @size, @merged, @NowUs)
            ON CONFLICT (log, size) DO UPDATE SET note = excluded.note, cosigned_at_us = excluded.cosigned_at_us
            """, new { AuditLog.Log, size, merged, tx.NowUs }, ct);
        await tx.RunAsync(
            "DELETE FROM audit_cosigned WHERE log = @Log AND size < (SELECT min(size) FROM (SELECT size FROM audit_cosigned WHERE log = @Log ORDER BY size DESC LIMIT @Kept) newest)",
            new { AuditLog.Log, Kept }, ct);
    }
}
