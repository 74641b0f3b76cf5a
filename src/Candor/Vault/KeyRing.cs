using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Vault;

/// <summary>The keys between the root and the customers, and the named secrets of the platform.</summary>
/// <remarks>ROOT wraps KEK versions (AES-KWP); a KEK wraps customers' keys and secrets (AES-256-GCM, bound to their owner).
/// One KEK makes at most <see cref="MaxWraps"/> wraps (NIST SP 800-38D: random nonces), far more than monthly rotation lets happen.</remarks>
public sealed class KeyRing
{
    public const long MaxWraps = 1L << 31;
    public const string LogSigning = "log-signing";
    public const string ReceiptSigning = "receipt-signing";
    public const string SessionPepper = "session-pepper";
    public const string Backup = "backup";
    public const string IndexRoot = "index-root";

    private const int NonceBytes = 12, TagBytes = 16;
    private readonly Database database;
    private readonly RootKey root;
    // Key bytes, not ciphers: a cipher object must not be used by two threads at once, and making one costs microseconds.
    private readonly ConcurrentDictionary<long, byte[]> keks = new();
    private readonly Dictionary<string, byte[]> secrets = [];

    private KeyRing(Database database, RootKey root) => (this.database, this.root) = (database, root);

    internal sealed record KekRow(long Version, byte[]? Wrapped, string State);

    private sealed record SecretRow(string Name, byte[] Wrapped, long KekVersion);

    /// <summary>The KEK version that new customers are wrapped with.</summary>
    public long ActiveVersion { get; private set; }

    /// <summary>Opens the ring of a database; the first time, makes its keys.</summary>
    public static async Task<KeyRing> OpenAsync(Database database, RootKey root, CancellationToken ct)
    {
        var ring = new KeyRing(database, root);
        await database.WriteAsync(async tx =>
        {
            await tx.LockJobAsync("keys", ct);
            await ring.LoadAsync(tx, ct);
            if (ring.ActiveVersion == 0)
            {
                await ring.AddKekAsync(tx, 1, ct);
                await ring.LoadAsync(tx, ct);
            }

            await ring.LoadSecretsAsync(tx, ct);
        }, ct);
        return ring;
    }

    /// <summary>A named secret of the platform: 32 bytes, or PKCS#8 for <see cref="ReceiptSigning"/>.</summary>
    public byte[] Secret(string name) => secrets[name];

    /// <summary>Unwraps a customer's key. Dispose of it as soon as the values are open.</summary>
    public OpenKey Open(CustomerKey key) => new(key, Unwrap(key.Wrapped, key.KekVersion, "ck|v1|" + key.Id.Value));

    internal (byte[] Wrapped, long KekVersion) WrapCustomer(CustomerId id, ReadOnlySpan<byte> key) => (Wrap(key, ActiveVersion, "ck|v1|" + id.Value), ActiveVersion);

    internal async ValueTask LoadAsync(Transaction tx, CancellationToken ct)
    {
        foreach (var row in await tx.QueryAsync<KekRow>("SELECT version, wrapped, state FROM kek ORDER BY version", null, ct))
        {
            if (row.State == "active")
            {
                ActiveVersion = row.Version;
            }

            if (row.Wrapped is null)
            {
                keks.TryRemove(row.Version, out _);
            }
            else if (!keks.ContainsKey(row.Version))
            {
                keks[row.Version] = root.Unwrap(row.Wrapped);
            }
        }
    }

    internal async ValueTask AddKekAsync(Transaction tx, long version, CancellationToken ct)
    {
        var kek = RandomNumberGenerator.GetBytes(Sealing.KeyBytes);
        await tx.RunAsync("UPDATE kek SET state = 'decrypt-only' WHERE state = 'active'", null, ct);
        await tx.RunAsync("INSERT INTO kek (version, wrapped, state, created_at_us) VALUES (@version, @wrapped, 'active', @NowUs)",
            new { version, wrapped = root.Wrap(kek), tx.NowUs }, ct);
        CryptographicOperations.ZeroMemory(kek);
    }

    internal CustomerKey Rewrap(CustomerKey key)
    {
        var plain = Unwrap(key.Wrapped, key.KekVersion, "ck|v1|" + key.Id.Value);
        var (wrapped, version) = WrapCustomer(key.Id, plain);
        CryptographicOperations.ZeroMemory(plain);
        return key with { Wrapped = wrapped, KekVersion = version };
    }

    internal async ValueTask RewrapSecretsAsync(Transaction tx, CancellationToken ct)
    {
        foreach (var (name, value) in secrets)
        {
            await tx.RunAsync("UPDATE secret SET wrapped = @wrapped, kek_version = @ActiveVersion WHERE name = @name",
                new { name, wrapped = Wrap(value, ActiveVersion, "secret|v1|" + name), ActiveVersion }, ct);
        }
    }

    private async ValueTask LoadSecretsAsync(Transaction tx, CancellationToken ct)
    {
        foreach (var row in await tx.QueryAsync<SecretRow>("SELECT name, wrapped, kek_version FROM secret", null, ct))
        {
            secrets[row.Name] = Unwrap(row.Wrapped, row.KekVersion, "secret|v1|" + row.Name);
        }

        foreach (var name in new[] { LogSigning, ReceiptSigning, SessionPepper, Backup, IndexRoot }.Where(n => !secrets.ContainsKey(n)))
        {
            var value = name == ReceiptSigning ? NewSigningKey() : RandomNumberGenerator.GetBytes(Sealing.KeyBytes);
            await tx.RunAsync("INSERT INTO secret (name, wrapped, kek_version) VALUES (@name, @wrapped, @ActiveVersion)",
                new { name, wrapped = Wrap(value, ActiveVersion, "secret|v1|" + name), ActiveVersion }, ct);
            secrets[name] = value;
        }
    }

    private static byte[] NewSigningKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKey();
    }

    private byte[] Wrap(ReadOnlySpan<byte> secret, long version, string owner)
    {
        var wrapped = new byte[NonceBytes + secret.Length + TagBytes];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, NonceBytes));
        Span<byte> context = stackalloc byte[128];
        using var kek = new AesGcm(keks[version], TagBytes);
        kek.Encrypt(wrapped.AsSpan(0, NonceBytes), secret, wrapped.AsSpan(NonceBytes, secret.Length), wrapped.AsSpan(^TagBytes), Context(context, owner, version));
        return wrapped;
    }

    private byte[] Unwrap(ReadOnlySpan<byte> wrapped, long version, string owner)
    {
        using var kek = new AesGcm(keks.GetValueOrDefault(version) ?? Reload(version), TagBytes);
        var plain = new byte[wrapped.Length - NonceBytes - TagBytes];
        Span<byte> context = stackalloc byte[128];
        try
        {
            kek.Decrypt(wrapped[..NonceBytes], wrapped[NonceBytes..^TagBytes], wrapped[^TagBytes..], plain, Context(context, owner, version));
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new Fault(FaultKind.Unavailable, "vault/damaged-key", "A stored key was changed or moved; `candor doctor` says more.", e);
        }

        return plain;
    }

    /// <summary>Another node may have rotated since this one looked.</summary>
    private byte[] Reload(long version)
    {
        database.ReadAsync(async tx =>
        {
            await LoadAsync(tx, CancellationToken.None);
            return true;
        }, CancellationToken.None).GetAwaiter().GetResult();
        return keks.TryGetValue(version, out var kek) ? kek
            : throw new Fault(FaultKind.Erased, "vault/kek-destroyed", $"The key-encryption key of version `{version}` was destroyed; what it wrapped is gone.");
    }

    private static ReadOnlySpan<byte> Context(Span<byte> buffer, string owner, long version)
    {
        var length = Encoding.UTF8.GetBytes(owner, buffer);
        BinaryPrimitives.WriteInt64BigEndian(buffer[length..], version);
        return buffer[..(length + 8)];
    }
}
