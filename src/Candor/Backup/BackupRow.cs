using Candor.Kernel;
using Candor.Storage;

namespace Candor.Backup;

/// <summary>One backup, as the database knows it.</summary>
/// <param name="State"><c>making</c>, <c>made</c>, <c>failed</c> or <c>removed</c>.</param>
/// <param name="KekVersions">Versions of the key-encryption key that it needs, parted by blanks.</param>
/// <param name="Every">The schedule that it belongs to; null when somebody asked for it.</param>
/// <param name="Reason">Name of the fault that ended it.</param>
public sealed record BackupRow(
    string BackupId, string Path, string State, string MadeBy, long BeganAtUs, long? EndedAtUs, long? Bytes, long? LogSize, string? KekVersions, string? Every, long? Kept, string? Reason)
{
    public DateTimeOffset BeganAt => Micros.ToInstant(BeganAtUs);

    public bool Needs(long kekVersion) => KekVersions?.Split(' ').Contains(kekVersion.ToString(System.Globalization.CultureInfo.InvariantCulture)) == true;
}

/// <summary>The rows of backups.</summary>
public static class BackupRows
{
    private const string Columns = "backup_id, path, state, made_by, began_at_us, ended_at_us, bytes, log_size, kek_versions, every, kept, reason";

    /// <summary>The newest first.</summary>
    public static async ValueTask<IReadOnlyList<BackupRow>> ListAsync(Transaction tx, int most, CancellationToken ct) =>
        await tx.QueryAsync<BackupRow>("SELECT " + Columns + " FROM backup ORDER BY began_at_us DESC, backup_id DESC LIMIT @most", new { most = (long)most }, ct);

    /// <summary>The newest that was made and is not removed; null when there is none.</summary>
    public static async ValueTask<BackupRow?> LastAsync(Transaction tx, CancellationToken ct) =>
        await tx.FindAsync<BackupRow>("SELECT " + Columns + " FROM backup WHERE state = 'made' ORDER BY began_at_us DESC, backup_id DESC LIMIT 1", null, ct);

    /// <summary>Those that were made since, removed or not.</summary>
    public static async ValueTask<IReadOnlyList<BackupRow>> MadeSinceAsync(Transaction tx, DateTimeOffset since, CancellationToken ct) => await tx.QueryAsync<BackupRow>(
        "SELECT " + Columns + " FROM backup WHERE state = 'made' AND began_at_us > @Since ORDER BY began_at_us DESC", new { Since = Micros.From(since) }, ct);

    internal static async ValueTask<BackupRow?> UnderWayAsync(Transaction tx, DateTimeOffset since, CancellationToken ct) => await tx.FindAsync<BackupRow>(
        "SELECT " + Columns + " FROM backup WHERE state = 'making' AND began_at_us > @Since ORDER BY began_at_us DESC", new { Since = Micros.From(since) }, ct);

    internal static async ValueTask AddAsync(Transaction tx, BackupRow row, CancellationToken ct) => await tx.RunAsync(
        """
        INSERT INTO backup (backup_id, path, state, made_by, began_at_us, ended_at_us, bytes, log_size, kek_versions, every, kept, reason)
        VALUES (@BackupId, @Path, @State, @MadeBy, @BeganAtUs, @EndedAtUs, @Bytes, @LogSize, @KekVersions, @Every, @Kept, @Reason)
        """, row, ct);

    internal static async ValueTask EndAsync(Transaction tx, BackupRow row, CancellationToken ct) => await tx.RunAsync(
        """
        UPDATE backup SET state = @State, ended_at_us = @EndedAtUs, bytes = @Bytes, log_size = @LogSize, kek_versions = @KekVersions, reason = @Reason
        WHERE backup_id = @BackupId
        """, row, ct);

    /// <summary>Those that a process which has ended was making.</summary>
    internal static async ValueTask<int> GiveUpAsync(Transaction tx, DateTimeOffset before, CancellationToken ct) => await tx.RunAsync(
        "UPDATE backup SET state = 'failed', ended_at_us = @NowUs, reason = 'backup/interrupted' WHERE state = 'making' AND began_at_us < @Before", new { tx.NowUs, Before = Micros.From(before) }, ct);
}
