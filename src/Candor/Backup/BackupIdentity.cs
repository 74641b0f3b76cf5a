using System.Security.Cryptography;
using Candor.Kernel;
using Org.BouncyCastle.Math.EC.Rfc7748;

namespace Candor.Backup;

/// <summary>The secret half, <c>AGE-SECRET-KEY-1…</c>: whoever has it opens every backup. Kept by people, never by a server.</summary>
public sealed class BackupIdentity
{
    private const string Prefix = "age-secret-key-";
    private readonly byte[] secret;

    private BackupIdentity(byte[] secret)
    {
        this.secret = secret;
        var point = new byte[X25519.PointSize];
        X25519.ScalarMultBase(secret, 0, point, 0);
        Recipient = BackupRecipient.Of(point);
    }

    public BackupRecipient Recipient { get; }

    public static BackupIdentity New() => new(RandomNumberGenerator.GetBytes(X25519.ScalarSize));

    public static BackupIdentity Parse(string text) => Bech32.Decode(Prefix, text.Trim()) is { Length: X25519.ScalarSize } secret && text.Trim()[0] == 'A'
        ? new BackupIdentity(secret)
        // The value is a secret and stays out of the message.
        : throw new Fault(FaultKind.Invalid, "backup/bad-identity", "An identity is a line that begins with `AGE-SECRET-KEY-1` and has 74 characters; this is none.");

    /// <summary>Reads an identity file as `candor backup init` and `age-keygen` write it.</summary>
    public static BackupIdentity Load(string path) => File.Exists(path)
        ? Parse(File.ReadAllLines(path).Select(l => l.Trim()).FirstOrDefault(l => l.Length > 0 && l[0] != '#') ?? " ")
        : throw new Fault(FaultKind.NotFound, "backup/no-identity", $"There is no identity file `{path}`.");

    /// <summary>Writes the identity file, readable by its owner alone (0400). An existing file is never replaced.</summary>
    public void Save(string path, DateTimeOffset made)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead;
        }

        try
        {
            using var file = new FileStream(path, options);
            using var text = new StreamWriter(file) { NewLine = "\n" };
            text.WriteLine(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"# created: {made:yyyy-MM-ddTHH:mm:ssZ}"));
            text.WriteLine($"# public key: {Recipient}");
            text.WriteLine(Bech32.Encode(Prefix, secret).ToUpperInvariant());
            text.Flush();
            file.Flush(flushToDisk: true);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new Fault(FaultKind.Conflict, "backup/identity-exists", $"`{path}` exists; an identity is never replaced, because older backups open with it alone.", e);
        }
    }

    /// <summary>X25519 with another's public point; all zeros when that point is of low order.</summary>
    internal byte[] Agree(byte[] point)
    {
        var shared = new byte[X25519.PointSize];
        X25519.ScalarMult(secret, 0, point, 0, shared, 0);
        return shared;
    }
}
