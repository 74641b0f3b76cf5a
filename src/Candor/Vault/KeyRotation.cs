using Candor.Kernel;
using Candor.Storage;

namespace Candor.Vault;

/// <summary>Gives every living customer's key a new wrapping, so that an old key-encryption key, and with it every erased customer in old backups, can be destroyed.</summary>
/// <remarks>Values stay as they are: only the wrapped keys change. Reading and writing go on meanwhile, on all nodes.</remarks>
public sealed class KeyRotation(Database database, KeyRing ring)
{
    /// <summary>Customers to one transaction; bounds how long a writer waits behind it.</summary>
    public const int Batch = 500;

    private sealed record KeyRow(string CustomerId, byte[] AuditRef, byte[] Wrapped, long KekVersion, byte[] Commitment);

    /// <summary>A table of wrapped keys: those of customers, and those of what is held after an erasure.</summary>
    private sealed record WrappedKeys(string Select, string Update)
    {
        public static readonly WrappedKeys Customers = new(
            """
            SELECT customer_id, audit_ref, wrapped, kek_version, commitment FROM customer_key
            WHERE customer_id > @after AND kek_version < @active ORDER BY customer_id LIMIT @Batch
            """,
            "UPDATE customer_key SET wrapped = @wrapped, kek_version = @new WHERE customer_id = @id AND kek_version = @old");

        public static readonly WrappedKeys Held = new(
            """
            SELECT held_id AS customer_id, audit_ref, wrapped, kek_version, commitment FROM held_key
            WHERE held_id > @after AND kek_version < @active ORDER BY held_id LIMIT @Batch
            """,
            "UPDATE held_key SET wrapped = @wrapped, kek_version = @new WHERE held_id = @id AND kek_version = @old");
    }

    /// <summary>What one transaction did, and where the next one goes on.</summary>
    private sealed record Step(int Seen, int Damaged, string After);

    /// <summary>One version as an administrator sees it.</summary>
    public sealed record KekStatus(long Version, string State, long CreatedAtUs, long? DestroyedAtUs);

    /// <summary>Makes a new version and rewraps. If an earlier rotation was stopped, finishes that one and makes no other.</summary>
    /// <param name="progress">Customers done so far.</param>
    /// <returns>The version that wraps everything now.</returns>
    /// <exception cref="Fault">Unavailable <c>vault/damaged-key</c> when some keys could not be unwrapped; all others are done.</exception>
    public async Task<long> RotateAsync(IProgress<long>? progress, CancellationToken ct)
    {
        await database.WriteAsync(async tx =>
        {
            await tx.LockJobAsync(KeyRing.Job, ct);
            if (await OlderAsync(tx, ct) == 0)
            {
                await ring.AddKekAsync(tx, ct);
            }
        }, ct);
        await RewrapAsync(progress, ct);
        return ring.ActiveVersion;
    }

    /// <summary>Rewraps whatever is not yet under the active version; the second half of a rotation, and harmless when there is nothing to do.</summary>
    public async Task RewrapAsync(IProgress<long>? progress, CancellationToken ct)
    {
        await ReloadAsync(ct);
        await database.WriteAsync(async tx =>
        {
            await tx.LockJobAsync(KeyRing.Job, ct);
            await ring.RewrapSecretsAsync(tx, ct);
        }, ct);
        var (done, damaged) = (0L, 0L);
        foreach (var keys in (WrappedKeys[])[WrappedKeys.Customers, WrappedKeys.Held])
        {
            for (var (seen, after) = (1, ""); seen > 0;)
            {
                ct.ThrowIfCancellationRequested();
                var step = await database.WriteAsync(tx => RewrapBatchAsync(tx, keys, after, ct), ct);
                (seen, after, damaged) = (step.Seen, step.After, damaged + step.Damaged);
                progress?.Report(done += step.Seen - step.Damaged);
            }
        }

        if (damaged > 0)
        {
            throw new Fault(FaultKind.Unavailable, "vault/damaged-key", $"The keys of `{damaged}` customers were changed or moved and could not be rewrapped; all others are done. `candor doctor` says more.");
        }
    }

    /// <summary>Destroys a version for good. Refused while anything still needs it.</summary>
    /// <remarks>Do this when the last backup that was made under it has left the time that backups are kept: then what those backups hold of erased customers is gone too.</remarks>
    public async Task DestroyAsync(long version, CancellationToken ct)
    {
        await database.WriteAsync(tx => DestroyAsync(tx, version, ct), ct);
        await ReloadAsync(ct);
    }

    /// <summary>The same as part of something larger; <see cref="ReloadAsync"/> once that is committed.</summary>
    public static async ValueTask DestroyAsync(Transaction tx, long version, CancellationToken ct)
    {
        await tx.LockJobAsync(KeyRing.Job, ct);
        await CheckUnusedAsync(tx, version, ct);
        await tx.RunAsync("UPDATE kek SET wrapped = NULL, state = 'destroyed', destroyed_at_us = @NowUs WHERE version = @version", new { version, tx.NowUs }, ct);
    }

    /// <summary>Refuses a version that is not there, is destroyed, or still wraps something.</summary>
    /// <exception cref="Fault">NotFound <c>vault/no-such-kek</c> or Conflict <c>vault/kek-in-use</c>.</exception>
    public static async ValueTask CheckUnusedAsync(Transaction tx, long version, CancellationToken ct)
    {
        var state = await tx.FindAsync<string>("SELECT state FROM kek WHERE version = @version", new { version }, ct);
        if (state is null or "destroyed")
        {
            throw new Fault(FaultKind.NotFound, "vault/no-such-kek", $"There is no key-encryption key of version `{version}` to destroy.");
        }

        var users = await CountUsersAsync(tx, version, ct);
        if (users > 0 || state == "active")
        {
            throw new Fault(FaultKind.Conflict, "vault/kek-in-use", $"Version `{version}` still wraps `{users}` keys or is the active one; rotate first.");
        }
    }

    public async ValueTask<IReadOnlyList<KekStatus>> StatusAsync(Transaction tx, CancellationToken ct) =>
        await tx.QueryAsync<KekStatus>("SELECT version, state, created_at_us, destroyed_at_us FROM kek ORDER BY version", null, ct);

    /// <summary>Customers and secrets that an older version than the active one still wraps: more than none only during a rotation, or after one was stopped.</summary>
    public async ValueTask<long> OlderAsync(Transaction tx, CancellationToken ct) => await tx.FindAsync<long>(
        """
        SELECT (SELECT count(*) FROM customer_key WHERE kek_version < (SELECT max(version) FROM kek))
             + (SELECT count(*) FROM held_key WHERE kek_version < (SELECT max(version) FROM kek))
             + (SELECT count(*) FROM secret WHERE kek_version < (SELECT max(version) FROM kek))
        """, null, ct);

    /// <summary>Keys and secrets that a version wraps.</summary>
    internal static async ValueTask<long> CountUsersAsync(Transaction tx, long version, CancellationToken ct) => await tx.FindAsync<long>(
        """
        SELECT (SELECT count(*) FROM customer_key WHERE kek_version = @version) + (SELECT count(*) FROM held_key WHERE kek_version = @version)
             + (SELECT count(*) FROM secret WHERE kek_version = @version)
        """, new { version }, ct);

    /// <summary>Looks again at which versions there are; what was destroyed is wiped from memory.</summary>
    public Task ReloadAsync(CancellationToken ct) => database.ReadAsync(async tx =>
    {
        await ring.LoadAsync(tx, ct);
        return true;
    }, ct);

    /// <summary>Rewraps the next customers by id. A damaged key is passed over, so that it does not hold up the others.</summary>
    private async ValueTask<Step> RewrapBatchAsync(Transaction tx, WrappedKeys keys, string after, CancellationToken ct)
    {
        var active = ring.ActiveVersion;
        var rows = await tx.QueryAsync<KeyRow>(keys.Select, new { after, active, Batch = (long)Batch }, ct);
        var damaged = 0;
        foreach (var row in rows)
        {
            try
            {
                var key = ring.Rewrap(new CustomerKey(CustomerId.Parse(row.CustomerId), row.AuditRef, row.Wrapped, row.KekVersion, row.Commitment, 0));
                // An erasure in between has deleted the row; the version in the condition keeps a newer wrapping.
                await tx.Prepared(keys.Update)
                    .Set("@wrapped", key.Wrapped).Set("@new", key.KekVersion).Set("@id", row.CustomerId).Set("@old", row.KekVersion).ExecuteNonQueryAsync(ct);
            }
            catch (Fault)
            {
                damaged++;
            }
        }

        return new Step(rows.Count, damaged, rows.Count > 0 ? rows[^1].CustomerId : after);
    }
}
