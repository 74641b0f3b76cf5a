using Candor.Kernel;
using Org.BouncyCastle.Math.EC.Rfc7748;

namespace Candor.Backup;

/// <summary>Whom backups are sealed for: the public half, <c>age1…</c>. All that a server has; it cannot open what it has sealed.</summary>
public sealed record BackupRecipient
{
    private const string Prefix = "age";

    private BackupRecipient(byte[] key) => Key = key;

    internal byte[] Key { get; }

    public static BackupRecipient Parse(string text) => Bech32.Decode(Prefix, text.Trim()) is { Length: X25519.PointSize } key
        ? new BackupRecipient(key)
        : throw new Fault(FaultKind.Invalid, "backup/bad-recipient", $"A recipient looks like `age1…` and has 62 characters; got `{Name.Shown(text.Trim())}`.");

    /// <summary>Reads a file of one recipient; lines that begin with <c>#</c> are comments, as the tool `age` has them.</summary>
    public static BackupRecipient Load(string path) => File.Exists(path)
        ? Parse(File.ReadAllLines(path).Select(l => l.Trim()).FirstOrDefault(l => l.Length > 0 && l[0] != '#') ?? "")
        : throw new Fault(FaultKind.NotFound, "backup/no-recipient", $"There is no `{path}`; `candor backup init` makes the key pair that backups are sealed for.");

    public bool Equals(BackupRecipient? other) => other is not null && Key.AsSpan().SequenceEqual(other.Key);

    public override int GetHashCode() => BitConverter.ToInt32(Key);

    public override string ToString() => Bech32.Encode(Prefix, Key);

    internal static BackupRecipient Of(byte[] key) => new(key);
}
