using Candor.Kernel;
using Candor.Storage;

namespace Candor.Consent;

/// <summary>Consents whose time is over and of which nothing was written down yet. The gate refuses them all the same; the customer was not told.</summary>
public static class OverdueConsents
{
    /// <param name="before">Exclusive: their end.</param>
    public static async ValueTask<long> CountAsync(Transaction tx, DateTimeOffset before, CancellationToken ct) =>
        await tx.FindAsync<long>("SELECT count(*) FROM consent_state WHERE state = 'given' AND expires_at_us < @Before", new { Before = Micros.From(before) }, ct);
}
