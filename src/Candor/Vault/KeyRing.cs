using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Vault;

/// <summary>The keys between the root and the customers, and the named secrets of the platform.</summary>
/// <remarks>ROOT wraps KEK versions (AES-KWP); a KEK wraps customers' keys and secrets (XAES-256-GCM, bound to their owner), as
/// <c>0x01 format | 24 B nonce | ciphertext | 16 B tag</c>. Wraps need no counting: see <see cref="XaesKey"/>.</remarks>
public sealed class KeyRing : IDisposable
{
    public const string LogSigning = "log-signing";
    public const string ReceiptSigning = "receipt-signing";
    public const string SessionPepper = "session-pepper";
    public const string Backup = "backup";
    public const string IndexRoot = "index-root";

    /// <summary>Seals what has to be said after a customer's own key is gone, and what belongs to no customer.</summary>
    public const string Parting = "parting";

    /// <summary>Draws lots among customers, and hides what is remembered about one of them from whoever reads the database alone.</summary>
    public const string Lots = "lots";

    internal const string Job = "keys";

    private const byte Format = 1;
    private const int HeaderBytes = 1 + XaesKey.NonceBytes;
    private static readonly string[] Names = [LogSigning, ReceiptSigning, SessionPepper, Backup, IndexRoot, Parting, Lots];
    private readonly Database database;
    private readonly RootKey root;
    private volatile Loaded loaded = new(0, FrozenDictionary<long, XaesKey>.Empty);
    private FrozenDictionary<string, byte[]> secrets = FrozenDictionary<string, byte[]>.Empty;

    private KeyRing(Database database, RootKey root) => (this.database, this.root) = (database, root);

    /// <summary>The versions as the database had them at one moment; replaced whole.</summary>
    private sealed record Loaded(long Active, FrozenDictionary<long, XaesKey> Keks);

    private sealed record KekRow(long Version, byte[]? Wrapped, string State);

    private sealed record SecretRow(string Name, byte[] Wrapped, long KekVersion);

    /// <summary>The KEK version that new customers are wrapped with.</summary>
    public long ActiveVersion => loaded.Active;

    /// <summary>Opens the ring of a database; the first time, makes its keys.</summary>
    /// <exception cref="Fault">Unavailable <c>vault/wrong-root-key</c> when this root key did not make them.</exception>
    public static async Task<KeyRing> OpenAsync(Database database, RootKey root, CancellationToken ct)
    {
        var ring = new KeyRing(database, root);
        // The work may run more than once: each run loads anew what an undone one may have left in memory.
        ring.secrets = await database.WriteAsync(async tx =>
        {
            await tx.LockJobAsync(Job, ct);
            await ring.LoadAsync(tx, ct);
            if (ring.ActiveVersion == 0)
            {
                await RefuseKeysLostAsync(tx, ct);
                await ring.AddKekAsync(tx, ct);
                await ring.LoadAsync(tx, ct);
            }

            return await ring.LoadSecretsAsync(tx, ct);
        }, ct);
        return ring;
    }

    /// <summary>Secrets without any key-encryption key: a copy out of a backup, which holds none. New ones would be of no use and hide that.</summary>
    private static async ValueTask RefuseKeysLostAsync(Transaction tx, CancellationToken ct)
    {
        if (await tx.FindAsync<long>("SELECT count(*) FROM secret", null, ct) > 0)
        {
            throw new Fault(FaultKind.Unavailable, "vault/no-keks", "This database comes from a backup, which holds no key-encryption keys; `candor restore finish` takes them from the ledger beside the backups.");
        }
    }

    /// <summary>A named secret of the platform: 32 bytes, or PKCS#8 for <see cref="ReceiptSigning"/>.</summary>
    public byte[] Secret(string name) => secrets[name];

    /// <summary>Unwraps a customer's key. Dispose of it as soon as the values are open.</summary>
    /// <exception cref="Fault">Erased when its KEK was destroyed; Unavailable when it was changed or moved.</exception>
    public OpenKey Open(CustomerKey key) => new(key, Unwrap(key.Wrapped, key.KekVersion, Owner(key.Id)));

    /// <summary>Forgets all keys.</summary>
    public void Dispose()
    {
        foreach (var kek in loaded.Keks.Values)
        {
            kek.Dispose();
        }

        foreach (var secret in secrets.Values)
        {
            CryptographicOperations.ZeroMemory(secret);
        }

        loaded = new(0, FrozenDictionary<long, XaesKey>.Empty);
    }

    /// <summary>Wraps under the version that is active in this transaction, and keeps it active until the end.</summary>
    /// <remarks>Another node may have rotated: a key wrapped under a version that is then destroyed would be lost.</remarks>
    internal async ValueTask<(byte[] Wrapped, long KekVersion)> WrapCustomerAsync(Transaction tx, CustomerId id, ReadOnlyMemory<byte> key, CancellationToken ct)
    {
        var active = await tx.Prepared("SELECT k.version FROM kek k WHERE k.state = 'active'" + tx.ForShare("k")).ExecuteScalarAsync(ct);
        if ((long)active! != ActiveVersion)
        {
            await LoadAsync(tx, ct);
        }

        return WrapCustomer(id, key.Span);
    }

    internal (byte[] Wrapped, long KekVersion) WrapCustomer(CustomerId id, ReadOnlySpan<byte> key)
    {
        var version = ActiveVersion;
        return (Wrap(key, version, Owner(id)), version);
    }

    /// <summary>Loads the versions as this transaction sees them. What was destroyed is wiped from memory.</summary>
    internal async ValueTask LoadAsync(Transaction tx, CancellationToken ct)
    {
        var (before, keks, active) = (loaded, new Dictionary<long, XaesKey>(), 0L);
        foreach (var row in await tx.QueryAsync<KekRow>("SELECT version, wrapped, state FROM kek ORDER BY version", null, ct))
        {
            active = row.State == "active" ? row.Version : active;
            var known = before.Keks.GetValueOrDefault(row.Version);
            if (row.Wrapped is null)
            {
                known?.Dispose();
                continue;
            }

            var bytes = root.Unwrap(row.Wrapped);
            keks[row.Version] = known?.Is(bytes) == true ? known : new XaesKey(bytes);
            CryptographicOperations.ZeroMemory(bytes);
        }

        loaded = new Loaded(active, keks.ToFrozenDictionary());
    }

    /// <summary>Adds a version and makes it the active one; <see cref="LoadAsync"/> it once this is committed.</summary>
    internal async ValueTask<long> AddKekAsync(Transaction tx, CancellationToken ct)
    {
        var version = await tx.FindAsync<long>("SELECT coalesce(max(version), 0) + 1 FROM kek", null, ct);
        var kek = RandomNumberGenerator.GetBytes(XaesKey.KeyBytes);
        await tx.RunAsync("UPDATE kek SET state = 'decrypt-only' WHERE state = 'active'", null, ct);
        await tx.RunAsync("INSERT INTO kek (version, wrapped, state, created_at_us) VALUES (@version, @wrapped, 'active', @NowUs)",
            new { version, wrapped = root.Wrap(kek), tx.NowUs }, ct);
        CryptographicOperations.ZeroMemory(kek);
        return version;
    }

    internal CustomerKey Rewrap(CustomerKey key)
    {
        var plain = Unwrap(key.Wrapped, key.KekVersion, Owner(key.Id));
        var (wrapped, version) = WrapCustomer(key.Id, plain);
        CryptographicOperations.ZeroMemory(plain);
        return key with { Wrapped = wrapped, KekVersion = version };
    }

    internal async ValueTask RewrapSecretsAsync(Transaction tx, CancellationToken ct)
    {
        var version = ActiveVersion;
        foreach (var row in await tx.QueryAsync<SecretRow>("SELECT name, wrapped, kek_version FROM secret WHERE kek_version < @version", new { version }, ct))
        {
            var plain = Unwrap(row.Wrapped, row.KekVersion, SecretOwner(row.Name));
            await tx.RunAsync("UPDATE secret SET wrapped = @wrapped, kek_version = @version WHERE name = @Name",
                new { row.Name, wrapped = Wrap(plain, version, SecretOwner(row.Name)), version }, ct);
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    private async ValueTask<FrozenDictionary<string, byte[]>> LoadSecretsAsync(Transaction tx, CancellationToken ct)
    {
        var found = new Dictionary<string, byte[]>();
        foreach (var row in await tx.QueryAsync<SecretRow>("SELECT name, wrapped, kek_version FROM secret", null, ct))
        {
            found[row.Name] = Unwrap(row.Wrapped, row.KekVersion, SecretOwner(row.Name));
        }

        var version = ActiveVersion;
        foreach (var name in Names.Where(n => !found.ContainsKey(n)))
        {
            found[name] = name == ReceiptSigning ? NewSigningKey() : RandomNumberGenerator.GetBytes(Sealing.KeyBytes);
            await tx.RunAsync("INSERT INTO secret (name, wrapped, kek_version) VALUES (@name, @wrapped, @version)",
                new { name, wrapped = Wrap(found[name], version, SecretOwner(name)), version }, ct);
        }

        return found.ToFrozenDictionary();
    }

    private static byte[] NewSigningKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKey();
    }

    private static string Owner(CustomerId id) => "ck|v1|" + id.Value;

    private static string SecretOwner(string name) => "secret|v1|" + name;

    private byte[] Wrap(ReadOnlySpan<byte> secret, long version, string owner)
    {
        var wrapped = new byte[HeaderBytes + secret.Length + XaesKey.TagBytes];
        wrapped[0] = Format;
        var nonce = wrapped.AsSpan(1, XaesKey.NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        Span<byte> context = stackalloc byte[MaxContext];
        Kek(version).Encrypt(nonce, secret, wrapped.AsSpan(HeaderBytes, secret.Length), wrapped.AsSpan(^XaesKey.TagBytes), Context(context, owner, version));
        return wrapped;
    }

    private byte[] Unwrap(ReadOnlySpan<byte> wrapped, long version, string owner)
    {
        if (wrapped.Length <= HeaderBytes + XaesKey.TagBytes || wrapped[0] != Format)
        {
            throw Damaged(null);
        }

        var plain = new byte[wrapped.Length - HeaderBytes - XaesKey.TagBytes];
        Span<byte> context = stackalloc byte[MaxContext];
        try
        {
            Kek(version).Decrypt(wrapped[1..HeaderBytes], wrapped[HeaderBytes..^XaesKey.TagBytes], wrapped[^XaesKey.TagBytes..], plain, Context(context, owner, version));
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw Damaged(e);
        }

        return plain;
    }

    private XaesKey Kek(long version) => loaded.Keks.GetValueOrDefault(version) ?? Reload(version);

    /// <summary>Another node may have rotated since this one looked.</summary>
    private XaesKey Reload(long version)
    {
        database.ReadAsync(async tx =>
        {
            await LoadAsync(tx, CancellationToken.None);
            return true;
        }, CancellationToken.None).GetAwaiter().GetResult();
        return loaded.Keks.GetValueOrDefault(version)
            ?? throw new Fault(FaultKind.Erased, "vault/kek-destroyed", $"The key-encryption key of version `{version}` was destroyed; what it wrapped is gone.");
    }

    /// <summary>Longest context: a prefix, a customer's id or a secret's name, a number.</summary>
    private const int MaxContext = 128;

    private static ReadOnlySpan<byte> Context(Span<byte> buffer, string owner, long version)
    {
        var length = Encoding.UTF8.GetBytes(owner, buffer);
        BinaryPrimitives.WriteInt64BigEndian(buffer[length..], version);
        return buffer[..(length + sizeof(long))];
    }

    private static Fault Damaged(Exception? inner) =>
        new(FaultKind.Unavailable, "vault/damaged-key", "A stored key was changed or moved; `candor doctor` says more.", inner);
}
