using System.Collections.Frozen;
using Candor.Storage;

namespace Candor.Staff;

/// <summary>An active member of staff, as others may write to them.</summary>
/// <param name="Email">Lower case; null where none is known.</param>
public sealed record StaffContact(string StaffId, string Name, string Roles, string? Email)
{
    public bool HasAnyRole(IReadOnlyList<string> roles) => Roles.Split(' ').Any(r => roles.Contains(r, StringComparer.Ordinal));
}

/// <summary>Who works here and how they are reached. Disabled accounts are nobody here, except that old log entries still have their names.</summary>
public static class StaffDirectory
{
    /// <summary>Null when there is no such person, or the account is disabled.</summary>
    public static async ValueTask<StaffContact?> FindAsync(Transaction tx, string staffId, CancellationToken ct) => await tx.FindAsync<StaffContact>(
        "SELECT staff_id, name, roles, email FROM staff WHERE staff_id = @staffId AND disabled_at_us IS NULL", new { staffId }, ct);

    /// <summary>Everybody active with one of the roles, those without an address included.</summary>
    public static async ValueTask<IReadOnlyList<StaffContact>> WithRoleAsync(Transaction tx, IReadOnlyList<string> roles, CancellationToken ct) =>
        // Roles are few words in one text, and a business has few people: looking at all of them is cheaper than a table of pairs.
        [.. (await tx.QueryAsync<StaffContact>("SELECT staff_id, name, roles, email FROM staff WHERE disabled_at_us IS NULL ORDER BY created_at_us, staff_id", null, ct)).Where(s => s.HasAnyRole(roles))];

    /// <summary>The services of all API keys by key id, those of revoked ones included.</summary>
    public static async ValueTask<FrozenDictionary<string, string>> ServicesAsync(Transaction tx, CancellationToken ct) =>
        (await tx.QueryAsync<(string KeyId, string Service)>("SELECT key_id, service FROM api_key", null, ct)).ToFrozenDictionary(k => k.KeyId, k => k.Service, StringComparer.Ordinal);

    /// <summary>The names of AI assistants by what the log calls them, <c>key:ID</c>; those of revoked keys included.</summary>
    public static async ValueTask<FrozenDictionary<string, string>> AssistantsAsync(Transaction tx, CancellationToken ct) =>
        (await tx.QueryAsync<(string KeyId, string Assistant)>("SELECT key_id, assistant FROM api_key WHERE assistant IS NOT NULL", null, ct)).ToFrozenDictionary(k => "key:" + k.KeyId, k => k.Assistant, StringComparer.Ordinal);

    /// <summary>All names by id, those of disabled accounts included.</summary>
    public static async ValueTask<FrozenDictionary<string, string>> NamesAsync(Transaction tx, CancellationToken ct) =>
        (await tx.QueryAsync<(string StaffId, string Name)>("SELECT staff_id, name FROM staff", null, ct)).ToFrozenDictionary(s => s.StaffId, s => s.Name, StringComparer.Ordinal);
}
