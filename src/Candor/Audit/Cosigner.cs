using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Candor.Kernel;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Candor.Audit;

/// <summary>The key of a witness: signs that it has seen a checkpoint, and when (C2SP tlog-cosignature, Ed25519).</summary>
/// <remarks>Kept as text in the form of Go's <c>note</c> package: <c>PRIVATE+KEY+name+hash+base64(type, seed)</c>.</remarks>
public sealed class Cosigner
{
    internal const int TimeBytes = 8;
    private const int SeedBytes = 32;
    private const string Prefix = "PRIVATE+KEY+";
    private const byte SeedType = 1;
    private readonly byte[] seed;

    /// <param name="name">Of the witness, such as <c>home.example/witness</c>.</param>
    /// <param name="seed">32 bytes.</param>
    public Cosigner(string name, byte[] seed)
    {
        if (!SignedNote.IsName(name))
        {
            throw new Fault(FaultKind.Invalid, "audit/bad-witness-name", $"The name of a witness has no blanks and no `+`, such as `home.example/witness`; got `{Name.Shown(name)}`.");
        }

        this.seed = seed;
        Key = NoteKey.OfSeed(name, seed, isWitness: true);
    }

    public NoteKey Key { get; }

    /// <summary>A key that nobody has had before.</summary>
    public static Cosigner New(string name) => new(name, RandomNumberGenerator.GetBytes(SeedBytes));

    /// <summary>Reads what <see cref="ToSecret"/> wrote.</summary>
    public static Cosigner Parse(string text)
    {
        var parts = text.StartsWith(Prefix, StringComparison.Ordinal) ? text[Prefix.Length..].Split('+', 3) : [];
        return parts.Length == 3 && SignedNote.FromBase64(parts[2]) is { Length: 1 + SeedBytes } key && key[0] == SeedType
            && new Cosigner(parts[0], key[1..]) is var made && made.Key.Id.ToString("x8", CultureInfo.InvariantCulture) == parts[1]
                ? made
                : throw new Fault(FaultKind.Invalid, "audit/bad-witness-key", "This is not the key of a witness; `candor witness init` makes one.");
    }

    /// <summary>The secret key as text.</summary>
    public string ToSecret() => $"{Prefix}{Key.Name}+{Key.Id:x8}+{Convert.ToBase64String([SeedType, .. seed])}";

    /// <summary>The signature line under a checkpoint.</summary>
    /// <param name="text">The checkpoint without signatures.</param>
    public string Sign(string text, DateTimeOffset now)
    {
        var seconds = now.ToUnixTimeSeconds();
        var message = Message(seconds, Encoding.UTF8.GetBytes(text));
        var signature = new byte[TimeBytes + Ed25519.SignatureSize];
        BinaryPrimitives.WriteInt64BigEndian(signature, seconds);
        Ed25519.Sign(seed, 0, message, 0, message.Length, signature, TimeBytes);
        return Key.Line(signature);
    }

    internal static byte[] Message(long seconds, ReadOnlySpan<byte> text) =>
        [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {seconds}\n")), .. text];
}
