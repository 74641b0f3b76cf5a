using System.Security.Cryptography;
using System.Text;
using Candor.Kernel;

namespace Candor.Backup;

/// <summary>The text before an age file's payload: the file's key, wrapped for one recipient, and a MAC over it.</summary>
/// <remarks>Source: C2SP age, age-encryption.org/v1. Of the kinds of recipients, X25519 alone; stanzas of other kinds are passed over.</remarks>
internal static class AgeHeader
{
    public const int FileKeyBytes = 16;

    private const string Version = "age-encryption.org/v1";
    private const string Label = "age-encryption.org/v1/X25519";
    private const int KeyBytes = 32;
    private const int TagBytes = 16;
    private const int Columns = 64;

    /// <summary>More is no header of ours nor of any tool.</summary>
    private const int MaxBytes = 1 << 20;

    private sealed record Stanza(string[] Arguments, byte[] Body);

    /// <summary>The header that wraps a file key for a recipient, under a fresh ephemeral key.</summary>
    public static byte[] Write(ReadOnlySpan<byte> fileKey, BackupRecipient recipient)
    {
        var ephemeral = BackupIdentity.New();
        var share = ephemeral.Recipient.Key;
        var body = new byte[FileKeyBytes + TagBytes];
        using (var aead = new ChaCha20Poly1305(WrapKey(ephemeral.Agree(recipient.Key), share, recipient.Key)))
        {
            aead.Encrypt(new byte[12], fileKey, body.AsSpan(0, FileKeyBytes), body.AsSpan(FileKeyBytes));
        }

        var text = $"{Version}\n-> X25519 {ToBase64(share)}\n{ToBase64(body)}\n---";
        return Encoding.ASCII.GetBytes($"{text} {ToBase64(Mac(fileKey, Encoding.ASCII.GetBytes(text)))}\n");
    }

    /// <summary>Reads a header and unwraps the file key; the stream stands at the payload then.</summary>
    /// <exception cref="Fault">Invalid <c>backup/not-a-backup</c> or <c>backup/damaged</c>; Conflict <c>backup/other-identity</c>.</exception>
    public static byte[] Read(Stream stream, BackupIdentity identity)
    {
        var header = new MemoryStream();
        if (Line(stream, header) != Version)
        {
            throw new Fault(FaultKind.Invalid, "backup/not-a-backup", "This file does not begin as a backup (an age file of version 1) does.");
        }

        var stanzas = new List<Stanza>();
        var line = Line(stream, header);
        while (line.StartsWith("->", StringComparison.Ordinal))
        {
            stanzas.Add(ReadStanza(line, stream, header));
            line = Line(stream, header);
        }

        if (!line.StartsWith("--- ", StringComparison.Ordinal) || stanzas.Count == 0 || FromBase64(line[4..]) is not { Length: KeyBytes } mac)
        {
            throw Damaged();
        }

        var fileKey = stanzas.Where(s => s.Arguments[0] == "X25519").Select(s => Unwrap(s, identity)).ToList().FirstOrDefault(k => k is not null)
            ?? throw new Fault(FaultKind.Conflict, "backup/other-identity", $"This file was sealed for somebody else than `{identity.Recipient}`; take the identity that was made for it.");
        // Up to and including the `---`, whose line has ended with one byte more.
        var signed = header.GetBuffer().AsSpan(0, (int)header.Length - 1 - line.Length + 3);
        return CryptographicOperations.FixedTimeEquals(Mac(fileKey, signed), mac) ? fileKey : throw Damaged();
    }

    /// <summary>HKDF-SHA-256, 32 bytes.</summary>
    public static byte[] Derive(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> salt, string info)
    {
        var key = new byte[KeyBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, key, salt, Encoding.ASCII.GetBytes(info));
        return key;
    }

    private static Stanza ReadStanza(string line, Stream stream, MemoryStream header)
    {
        var parts = line.Split(' ');
        if (parts.Length < 2 || parts[0] != "->" || parts.Skip(1).Any(a => a.Length == 0 || a.Any(c => c is < '!' or > '~')))
        {
            throw Damaged();
        }

        var body = new StringBuilder();
        string row;
        do
        {
            row = Line(stream, header);
            body.Append(row.Length <= Columns ? row : throw Damaged());
        }
        while (row.Length == Columns);
        return new Stanza(parts[1..], FromBase64(body.ToString()) ?? throw Damaged());
    }

    /// <summary>The file key, or null when the stanza is for somebody else.</summary>
    private static byte[]? Unwrap(Stanza stanza, BackupIdentity identity)
    {
        if (stanza.Arguments is not [_, var text] || FromBase64(text) is not { Length: KeyBytes } share || stanza.Body.Length != FileKeyBytes + TagBytes)
        {
            throw Damaged();
        }

        var shared = identity.Agree(share);
        if (!shared.AsSpan().ContainsAnyExcept((byte)0))
        {
            throw Damaged();
        }

        var key = new byte[FileKeyBytes];
        using var aead = new ChaCha20Poly1305(WrapKey(shared, share, identity.Recipient.Key));
        try
        {
            aead.Decrypt(new byte[12], stanza.Body.AsSpan(0, FileKeyBytes), stanza.Body.AsSpan(FileKeyBytes), key);
            return key;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    /// <summary>The next line without its end, which is kept in the header too.</summary>
    private static string Line(Stream stream, MemoryStream header)
    {
        var start = (int)header.Length;
        while (stream.ReadByte() is var next and >= 0 && header.Length < MaxBytes)
        {
            header.WriteByte((byte)next);
            if (next == '\n')
            {
                return Encoding.Latin1.GetString(header.GetBuffer().AsSpan(start, (int)header.Length - start - 1));
            }
        }

        throw start == 0 ? new Fault(FaultKind.Invalid, "backup/not-a-backup", "This file does not begin as a backup (an age file of version 1) does.") : Damaged();
    }

    private static byte[] WrapKey(byte[] shared, byte[] share, byte[] recipient) => Derive(shared, [.. share, .. recipient], Label);

    private static byte[] Mac(ReadOnlySpan<byte> fileKey, ReadOnlySpan<byte> header) => HMACSHA256.HashData(Derive(fileKey, [], "header"), header);

    private static string ToBase64(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    /// <summary>Standard base64 without padding, canonical; null for anything else.</summary>
    private static byte[]? FromBase64(string text)
    {
        var padded = text + new string('=', (4 - text.Length % 4) % 4);
        var bytes = new byte[padded.Length];
        return Convert.TryFromBase64String(padded, bytes, out var length) && ToBase64(bytes.AsSpan(0, length)) == text ? bytes[..length] : null;
    }

    private static Fault Damaged() => new(FaultKind.Invalid, "backup/damaged", "The beginning of this file is damaged: it is not the one that was written.");
}
