using Candor.Storage;

namespace Candor.Staff;

/// <summary>Ends every session at once: after a backup was put back, nobody can tell which of them had been ended since.</summary>
public static class SessionEnd
{
    /// <returns>How many were live.</returns>
    public static async ValueTask<int> EndAllAsync(Transaction tx, CancellationToken ct) =>
        await tx.RunAsync("UPDATE session SET revoked_at_us = @NowUs WHERE revoked_at_us IS NULL AND expires_at_us > @NowUs", new { tx.NowUs }, ct);
}
