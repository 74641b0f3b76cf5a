using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Candor.Kernel;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Candor.Audit;

/// <summary>A key that checks signed notes: <c>name+hash+key</c> (C2SP signed-note). Ed25519, of a log or of a witness.</summary>
public sealed class NoteKey
{
    private const byte Ed25519Type = 1;

    /// <summary>Timestamped cosignatures (C2SP tlog-cosignature).</summary>
    private const byte CosignatureType = 4;

    private NoteKey(byte type, string name, byte[] publicKey) => (Type, Name, PublicKey, Id) = (type, name, publicKey, KeyId(type, name, publicKey));

    private byte Type { get; }

    public string Name { get; }

    public byte[] PublicKey { get; }

    /// <summary>First 4 bytes of SHA-256 over name, newline, type and key.</summary>
    public uint Id { get; }

    /// <summary>Of a witness: what it signs is when it saw a checkpoint, and that the log only grew until then.</summary>
    public bool IsWitness => Type == CosignatureType;

    public override string ToString() => $"{Name}+{Id:x8}+{Convert.ToBase64String([Type, .. PublicKey])}";

    /// <summary>Reads a key of either kind; see <see cref="IsWitness"/>.</summary>
    /// <exception cref="Fault">Invalid <c>audit/bad-key</c>.</exception>
    public static NoteKey Parse(string text)
    {
        // Base64 may hold a plus, so only the first two part the text.
        var parts = text.Trim().Split('+', 3);
        var key = parts.Length == 3 ? SignedNote.FromBase64(parts[2]) : null;
        if (key is not { Length: 33 } || key[0] is not (Ed25519Type or CosignatureType) || !SignedNote.IsName(parts[0])
            || !uint.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id) || parts[1].Length != 8)
        {
            throw Bad(text);
        }

        var made = new NoteKey(key[0], parts[0], key[1..]);
        return made.Id == id ? made : throw Bad(text);
    }

    /// <summary>Reads the key of a witness.</summary>
    /// <exception cref="Fault">Invalid <c>audit/bad-key</c>, or <c>audit/not-a-witness</c> for the key of a log.</exception>
    public static NoteKey ParseWitness(string text) => Parse(text) is { IsWitness: true } key ? key
        : throw new Fault(FaultKind.Invalid, "audit/not-a-witness", $"`{Kernel.Name.Shown(text)}` is the key of a log; a witness prints its own with `candor witness init`.");

    /// <summary>The public half of a secret key.</summary>
    /// <param name="seed">32 bytes.</param>
    internal static NoteKey OfSeed(string name, byte[] seed, bool isWitness = false)
    {
        var publicKey = new byte[Ed25519.PublicKeySize];
        Ed25519.GeneratePublicKey(seed, 0, publicKey, 0);
        return new NoteKey(isWitness ? CosignatureType : Ed25519Type, name, publicKey);
    }

    /// <summary>The line under a note that carries a signature of this key.</summary>
    /// <param name="signature">What stands after the key's id: for a witness the time and then its signature.</param>
    internal string Line(ReadOnlySpan<byte> signature)
    {
        var bytes = new byte[sizeof(uint) + signature.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Id);
        signature.CopyTo(bytes.AsSpan(sizeof(uint)));
        return $"— {Name} {Convert.ToBase64String(bytes)}\n";
    }

    internal bool Verify(ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature)
    {
        var signed = text;
        if (IsWitness)
        {
            if (signature.Length != Cosigner.TimeBytes + Ed25519.SignatureSize || signature[0] > 0x7f)
            {
                return false;
            }

            signed = Cosigner.Message(BinaryPrimitives.ReadInt64BigEndian(signature), text);
            signature = signature[Cosigner.TimeBytes..];
        }

        return signature.Length == Ed25519.SignatureSize && Ed25519.Verify(signature.ToArray(), 0, PublicKey, 0, signed.ToArray(), 0, signed.Length);
    }

    private static uint KeyId(byte type, string name, byte[] publicKey) =>
        BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData([.. Encoding.UTF8.GetBytes(name), (byte)'\n', type, .. publicKey]));

    private static Fault Bad(string text) => new(FaultKind.Invalid, "audit/bad-key", $"A verifier key looks like `name+12345678+base64`; got `{Kernel.Name.Shown(text)}`.");
}

/// <summary>A key that signs notes.</summary>
public sealed class NoteSigner
{
    private readonly byte[] seed;

    /// <param name="name">The log's origin.</param>
    /// <param name="seed">32 bytes.</param>
    public NoteSigner(string name, byte[] seed)
    {
        if (!SignedNote.IsName(name))
        {
            throw new Fault(FaultKind.Invalid, "audit/bad-origin", $"A log's name has no blanks and no `+`; got `{Name.Shown(name)}`.");
        }

        this.seed = seed;
        Key = NoteKey.OfSeed(name, seed);
    }

    public NoteKey Key { get; }

    /// <summary>The note: text, empty line, signature line.</summary>
    /// <param name="text">Ends in a newline.</param>
    public string Sign(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var signature = new byte[Ed25519.SignatureSize];
        Ed25519.Sign(seed, 0, bytes, 0, bytes.Length, signature, 0);
        return $"{text}\n{Key.Line(signature)}";
    }
}

/// <summary>Signed notes (C2SP signed-note): text, an empty line, and a line for each signature.</summary>
public static class SignedNote
{
    /// <summary>Signatures looked at; more are refused.</summary>
    private const int MaxSignatures = 64;
    private const int MaxLength = 1_000_000;

    /// <summary>31 December 9999.</summary>
    private const long MaxSeconds = 253_402_300_799;

    /// <summary>The text of a note that at least one of the keys has signed.</summary>
    /// <exception cref="Fault">Invalid when it is no note, when a known key's signature is wrong, or when no known key has signed.</exception>
    public static string Open(string note, params IReadOnlyCollection<NoteKey> keys)
    {
        var split = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (split < 0 || note.Length > MaxLength || !note.EndsWith('\n') || note.Any(c => (c < ' ' && c != '\n') || c == '\ufffd'))
        {
            throw Bad("it is not a text, an empty line and signature lines");
        }

        var text = note[..(split + 1)];
        var lines = note[(split + 2)..].Split('\n')[..^1];
        if (lines.Length is 0 or > MaxSignatures)
        {
            throw Bad($"it has `{lines.Length}` signatures");
        }

        var bytes = Encoding.UTF8.GetBytes(text);
        var verified = new HashSet<NoteKey>();
        foreach (var line in lines)
        {
            Check(line, bytes, keys, verified);
        }

        return verified.Count > 0 ? text : throw Bad("no known key has signed it");
    }

    /// <summary>The signature line of a key in a note that was opened with it; null when it has not signed.</summary>
    public static string? LineOf(string note, NoteKey key) => note[(note.LastIndexOf("\n\n", StringComparison.Ordinal) + 2)..].Split('\n')
        .FirstOrDefault(l => l.Split(' ') is ["—", var name, var signature] && name == key.Name && IdOf(signature) == key.Id);

    /// <summary>When a witness says it saw the checkpoint; null for anything but a line of <see cref="LineOf"/> of a witness.</summary>
    public static DateTimeOffset? TimeOf(string line) =>
        FromBase64(line.Split(' ')[^1]) is { } signature && signature.Length == sizeof(uint) + Cosigner.TimeBytes + Ed25519.SignatureSize
        && BinaryPrimitives.ReadInt64BigEndian(signature.AsSpan(4)) is >= 0 and <= MaxSeconds and var seconds
            ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    private static uint? IdOf(string base64) => FromBase64(base64) is { Length: > 4 } signature ? BinaryPrimitives.ReadUInt32BigEndian(signature) : null;

    private static void Check(string line, byte[] text, IReadOnlyCollection<NoteKey> keys, HashSet<NoteKey> verified)
    {
        var parts = line.Split(' ');
        var signature = parts is ["—", _, _] ? FromBase64(parts[2]) : null;
        if (signature is not { Length: > 4 } || !IsName(parts[1]))
        {
            throw Bad("a signature line is malformed");
        }

        var id = BinaryPrimitives.ReadUInt32BigEndian(signature);
        if (keys.FirstOrDefault(k => k.Name == parts[1] && k.Id == id) is not { } key || verified.Contains(key))
        {
            return; // unknown keys are ignored, and so is a second signature of one key
        }

        if (!key.Verify(text, signature.AsSpan(4)))
        {
            throw Bad($"the signature of `{key.Name}` is wrong");
        }

        verified.Add(key);
    }

    internal static bool IsName(string name) => name.Length > 0 && !name.Any(c => char.IsWhiteSpace(c) || c == '+' || c < ' ');

    internal static byte[]? FromBase64(string text)
    {
        var buffer = new byte[text.Length];
        return Convert.TryFromBase64String(text, buffer, out var length) && Convert.ToBase64String(buffer.AsSpan(0, length)) == text ? buffer[..length] : null;
    }

    private static Fault Bad(string why) => new(FaultKind.Invalid, "audit/bad-note", $"This is not a valid signed note: {why}.");
}
