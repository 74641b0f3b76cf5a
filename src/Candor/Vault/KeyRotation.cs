using Candor.Kernel;
using Candor.Storage;

namespace Candor.Vault;

/// <summary>Gives every living customer's key a new wrapping, so that an old key-encryption key, and with it every erased customer in old backups, can be destroyed.</summary>
public sealed class KeyRotation(Database database, KeyRing ring)
{
    /// <summary>Customers to one transaction.</summary>
    private const int Batch = 500;

    private sealed record KeyRow(string CustomerId, byte[] AuditRef, byte[] Wrapped, long KekVersion, byte[] Commitment, long CreatedAtUs);

    /// <summary>One version as an administrator sees it.</summary>
    public sealed record KekStatus(long Version, string State, long CreatedAtUs, long? DestroyedAtUs);

    /// <summary>Makes a new version, then rewraps. May be stopped and started again at any time; reading goes on meanwhile.</summary>
    /// <param name="progress">Customers done so far.</param>
    /// <returns>The new version.</returns>
    public async Task<long> RotateAsync(IProgress<long>? progress, CancellationToken ct)
    {
        var next = ring.ActiveVersion + 1;
        await database.WriteAsync(async tx =>
        {
            await tx.LockJobAsync("keys", ct);
            await ring.AddKekAsync(tx, next, ct);
        }, ct);
        await database.ReadAsync(async tx =>
        {
            await ring.LoadAsync(tx, ct);
            return true;
        }, ct);
        await RewrapAsync(progress, ct);
        return next;
    }

    /// <summary>Rewraps whatever is not yet under the active version; the second half of a rotation that was stopped.</summary>
    public async Task RewrapAsync(IProgress<long>? progress, CancellationToken ct)
    {
        await database.WriteAsync(tx => ring.RewrapSecretsAsync(tx, ct), ct);
        for (var done = 0L; ;)
        {
            ct.ThrowIfCancellationRequested();
            var changed = await database.WriteAsync(tx => RewrapBatchAsync(tx, ct), ct);
            if (changed == 0)
            {
                return;
            }

            progress?.Report(done += changed);
        }
    }

    /// <summary>Destroys a version for good. Refused while anything still needs it.</summary>
    public Task DestroyAsync(long version, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        await tx.LockJobAsync("keys", ct);
        var users = await tx.FindAsync<long>(
            "SELECT (SELECT count(*) FROM customer_key WHERE kek_version = @version) + (SELECT count(*) FROM secret WHERE kek_version = @version)", new { version }, ct);
        if (users > 0 || version == ring.ActiveVersion)
        {
            throw new Fault(FaultKind.Conflict, "vault/kek-in-use", $"Version `{version}` still wraps `{users}` keys; run `candor key rotate` first.");
        }

        var changed = await tx.RunAsync("UPDATE kek SET wrapped = NULL, state = 'destroyed', destroyed_at_us = @NowUs WHERE version = @version AND wrapped IS NOT NULL",
            new { version, tx.NowUs }, ct);
        if (changed == 0)
        {
            throw new Fault(FaultKind.NotFound, "vault/no-such-kek", $"There is no key-encryption key of version `{version}` to destroy.");
        }

        await ring.LoadAsync(tx, ct);
    }, ct);

    public async ValueTask<IReadOnlyList<KekStatus>> StatusAsync(Transaction tx, CancellationToken ct) =>
        await tx.QueryAsync<KekStatus>("SELECT version, state, created_at_us, destroyed_at_us FROM kek ORDER BY version", null, ct);

    private async ValueTask<int> RewrapBatchAsync(Transaction tx, CancellationToken ct)
    {
        var rows = await tx.QueryAsync<KeyRow>(
            "SELECT customer_id, audit_ref, wrapped, kek_version, commitment, created_at_us FROM customer_key WHERE kek_version < @ActiveVersion LIMIT @Batch",
            new { ring.ActiveVersion, Batch = (long)Batch }, ct);
        foreach (var row in rows)
        {
            var key = ring.Rewrap(new CustomerKey(CustomerId.Parse(row.CustomerId), row.AuditRef, row.Wrapped, row.KekVersion, row.Commitment, row.CreatedAtUs));
            // An erasure in between has deleted the row; the version in the condition keeps a newer wrapping.
            await tx.Prepared("UPDATE customer_key SET wrapped = @wrapped, kek_version = @new WHERE customer_id = @id AND kek_version = @old")
                .Set("@wrapped", key.Wrapped).Set("@new", key.KekVersion).Set("@id", row.CustomerId).Set("@old", row.KekVersion).ExecuteNonQueryAsync(ct);
        }

        return rows.Count;
    }
}
