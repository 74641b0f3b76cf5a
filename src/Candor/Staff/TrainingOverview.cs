using Candor.Kernel;
using Candor.Storage;

namespace Candor.Staff;

/// <summary>How somebody stands with one module.</summary>
/// <param name="IsRequired">By the roles that they have now.</param>
/// <param name="Until">Exclusive; null: not passed.</param>
/// <param name="Last">The newest attempt.</param>
public sealed record ModuleStanding(string Module, bool IsRequired, DateTimeOffset? Until, int Attempts, TrainingAttempt? Last);

/// <summary>How somebody stands with all training.</summary>
/// <param name="Until">Exclusive end of their access to customer data because of training; null: there is none.</param>
public sealed record StaffStanding(string StaffId, string Name, string Roles, DateTimeOffset? Until, IReadOnlyList<ModuleStanding> Modules)
{
    public bool IsTrained(DateTimeOffset now) => Until > now;
}

/// <summary>Who has which training.</summary>
public static class TrainingOverview
{
    private sealed record Row(string StaffId, string Name, string Roles, long? TrainingUntilUs);

    /// <summary>Everybody who works here now, by name; each with every module.</summary>
    public static ValueTask<IReadOnlyList<StaffStanding>> OfAllAsync(Transaction tx, CancellationToken ct) => ReadAsync(tx, null, ct);

    /// <summary>One person; null when there is no such person or the account is disabled.</summary>
    public static async ValueTask<StaffStanding?> OfAsync(Transaction tx, string staffId, CancellationToken ct) => (await ReadAsync(tx, staffId, ct)).SingleOrDefault();

    private static async ValueTask<IReadOnlyList<StaffStanding>> ReadAsync(Transaction tx, string? staffId, CancellationToken ct)
    {
        var rows = await tx.QueryAsync<Row>(
            "SELECT staff_id, name, roles, training_until_us FROM staff WHERE disabled_at_us IS NULL AND (staff_id = @staffId OR @all = 1)",
            new { staffId = staffId ?? "", all = staffId is null ? 1L : 0L }, ct);
        var terms = (await TrainingRows.TermsAsync(tx, ct)).OrderBy(m => m.Module, StringComparer.Ordinal).ToList();
        var found = await TrainingRows.FindAsync(tx, staffId, ct);
        return
        [
            .. rows.OrderBy(r => r.Name, StringComparer.OrdinalIgnoreCase).ThenBy(r => r.StaffId, StringComparer.Ordinal).Select(r => new StaffStanding(r.StaffId, r.Name, r.Roles, Micros.ToInstant(r.TrainingUntilUs),
                [.. terms.Select(m => Standing(m, found.Trainees[r.StaffId], [.. found.Attempts[r.StaffId].Where(a => a.Module == m.Module)]))])),
        ];
    }

    private static ModuleStanding Standing(ModuleTerms module, Trainee trainee, IReadOnlyList<TrainingAttempt> attempts) => new(
        module.Module, TrainingStanding.RequiredOf([module], trainee.Roles).Any(), TrainingStanding.Until(module, trainee), attempts.Count, attempts is [.., var last] ? last : null);
}
