using System.Security.Cryptography;
using Candor.Kernel;

namespace Candor.Vault;

/// <summary>The key at the top: 32 random bytes outside the database. Without it nothing can be read, by anybody, ever.</summary>
public sealed class RootKey
{
    public const int Bytes = 32;

    private const UnixFileMode OwnerReads = UnixFileMode.UserRead;
    private readonly byte[] key;

    private RootKey(byte[] key) => this.key = key;

    internal ReadOnlySpan<byte> Key => key;

    /// <summary>A key that no file holds; for tests.</summary>
    public static RootKey Random() => new(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>Makes a new key file, readable by its owner alone (0400). An existing file is never replaced.</summary>
    public static RootKey CreateFile(string path)
    {
        var root = Random();
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = OwnerReads;
            }

            using var file = new FileStream(path, options);
            file.Write(root.key);
            file.Flush(flushToDisk: true);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new Fault(FaultKind.Conflict, "vault/root-key-exists", $"`{path}` already holds a root key; replacing it would make everything under it unreadable.", e);
        }

        return root;
    }

    /// <summary>Loads the key, and refuses a file that others could have read.</summary>
    public static RootKey Load(string path)
    {
        if (!File.Exists(path))
        {
            throw new Fault(FaultKind.Unavailable, "vault/no-root-key", $"The root key `{path}` is missing; put it back from where you keep its copy. Without it the data cannot be read.");
        }

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~(OwnerReads | UnixFileMode.UserWrite)) != 0)
        {
            throw new Fault(FaultKind.Unavailable, "vault/root-key-open", $"Others than its owner can read the root key `{path}`; run `chmod 0400` on it, and rotate it if somebody may have.");
        }

        var bytes = File.ReadAllBytes(path);
        return bytes.Length == Bytes
            ? new RootKey(bytes)
            : throw new Fault(FaultKind.Unavailable, "vault/bad-root-key", $"A root key has `{Bytes}` bytes; `{path}` has `{bytes.Length}`.");
    }

    /// <summary>AES-KWP, RFC 5649.</summary>
    internal byte[] Wrap(ReadOnlySpan<byte> secret)
    {
        using var aes = Aes.Create();
        aes.SetKey(key);
        return aes.EncryptKeyWrapPadded(secret);
    }

    internal byte[] Unwrap(ReadOnlySpan<byte> wrapped)
    {
        using var aes = Aes.Create();
        aes.SetKey(key);
        try
        {
            return aes.DecryptKeyWrapPadded(wrapped);
        }
        catch (CryptographicException e)
        {
            throw new Fault(FaultKind.Unavailable, "vault/wrong-root-key", "This root key does not belong to this database; start with the key that made it.", e);
        }
    }
}
