using Candor.Storage;

namespace Candor.Staff;

/// <summary>What members of staff sign in with: passkeys, password and authenticator, recovery codes.</summary>
public sealed class StaffFactors
{
    /// <summary>Forgets everything that somebody signs in with.</summary>
    internal static async ValueTask ForgetAsync(Transaction tx, string staffId, CancellationToken ct)
    {
        await tx.RunAsync("DELETE FROM staff_passkey WHERE staff_id = @staffId", new { staffId }, ct);
        await tx.RunAsync("DELETE FROM staff_secret WHERE staff_id = @staffId", new { staffId }, ct);
        await tx.RunAsync("DELETE FROM staff_recovery_code WHERE staff_id = @staffId", new { staffId }, ct);
    }
}
