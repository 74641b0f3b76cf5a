using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;

namespace Candor.Tests;

/// <summary>Changes to staff without the second person that they need.</summary>
internal static class StaffForTests
{
    /// <summary>Sets the roles of somebody, and whether the account is disabled.</summary>
    public static async ValueTask ChangeStaffAsync(this AccessRegister access, Transaction tx, string staffId, IReadOnlyList<string> roles, bool disabled, string by, CancellationToken ct)
    {
        await AccessRegister.SetRolesAsync(tx, staffId, roles, ct);
        await tx.RunAsync("UPDATE staff SET disabled_at_us = NULL WHERE staff_id = @staffId", new { staffId }, ct);
        if (disabled)
        {
            await access.DisableStaffAsync(tx, staffId, by, ct);
        }
    }
}
