using Candor.Kernel;
using Candor.Storage;

namespace Candor.Vault;

/// <summary>One version of the key-encryption key as it is stored: wrapped by the root key, or destroyed.</summary>
public sealed record KekRow(long Version, byte[]? Wrapped, string State, long CreatedAtUs, long? DestroyedAtUs);

/// <summary>The versions of the key-encryption key on their way out of the database and back.</summary>
/// <remarks>A backup leaves them out, so that a version which is destroyed later is gone for the backups too. They travel with the ledger, of which only the newest is kept.</remarks>
public static class KekRows
{
    /// <summary>The table that a backup leaves out.</summary>
    public const string Table = "kek";

    public static async ValueTask<IReadOnlyList<KekRow>> ListAsync(Transaction tx, CancellationToken ct) =>
        await tx.QueryAsync<KekRow>("SELECT version, wrapped, state, created_at_us, destroyed_at_us FROM kek ORDER BY version", null, ct);

    /// <summary>The versions that something in this database is wrapped with.</summary>
    public static async ValueTask<IReadOnlyList<long>> InUseAsync(Transaction tx, CancellationToken ct)
    {
        var used = new List<long>();
        foreach (var kek in await ListAsync(tx, ct))
        {
            if (await KeyRotation.CountUsersAsync(tx, kek.Version, ct) > 0)
            {
                used.Add(kek.Version);
            }
        }

        return used;
    }

    /// <summary>Puts versions back in place of what is there.</summary>
    /// <exception cref="Fault">Unavailable <c>vault/wrong-root-key</c> when this root key did not wrap them; nothing is changed then.</exception>
    public static async ValueTask PutBackAsync(Transaction tx, IReadOnlyList<KekRow> rows, RootKey root, CancellationToken ct)
    {
        foreach (var row in rows.Where(r => r.Wrapped is not null))
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(root.Unwrap(row.Wrapped));
        }

        await tx.LockJobAsync(KeyRing.Job, ct);
        await tx.RunAsync("DELETE FROM kek", null, ct);
        foreach (var row in rows)
        {
            await tx.RunAsync("INSERT INTO kek (version, wrapped, state, created_at_us, destroyed_at_us) VALUES (@Version, @Wrapped, @State, @CreatedAtUs, @DestroyedAtUs)", row, ct);
        }
    }
}
