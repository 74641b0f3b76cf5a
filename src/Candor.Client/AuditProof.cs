using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Candor.Client;

/// <summary>A signed state of the log: its name, how many entries it had, and the root over them.</summary>
public sealed record LogCheckpoint(string Origin, long Size, byte[] Root);

/// <summary>A proof, note or key that does not hold. The message says why.</summary>
public sealed class AuditProofException(string message) : Exception(message);

/// <summary>Checks, without the server and without trusting it, that an entry is in its log and that its log only grew.</summary>
/// <remarks>Formats: RFC 9162 section 2.1, C2SP signed-note, tlog-checkpoint and tlog-proof. Written apart from the server's own code, so that an error in one is not in both.</remarks>
public static class AuditProof
{
    private const string Header = "c2sp.org/tlog-proof@v1";
    private const byte Ed25519Type = 1;
    private const int MaxNoteChars = 1_000_000;

    /// <summary>Checks that an entry is in the log of this key.</summary>
    /// <param name="proofText">A <c>.tlog-proof</c> file.</param>
    /// <param name="entry">Canonical bytes of the entry.</param>
    /// <param name="verifierKey"><c>name+hash+key</c>, as <c>/v1/log/key</c> gives it; keep your own copy.</param>
    /// <returns>The checkpoint that the entry is in.</returns>
    /// <exception cref="AuditProofException">The proof does not hold.</exception>
    public static LogCheckpoint Verify(string proofText, ReadOnlySpan<byte> entry, string verifierKey)
    {
        var split = proofText.IndexOf("\n\n", StringComparison.Ordinal);
        var lines = split < 0 ? [] : proofText[..split].Split('\n');
        var at = lines.Length > 1 && lines[1].StartsWith("extra ", StringComparison.Ordinal) ? 2 : 1;
        if (lines.Length <= at || lines[0] != Header || !lines[at].StartsWith("index ", StringComparison.Ordinal) || Decimal(lines[at][6..]) is not { } index)
        {
            throw new AuditProofException($"This is no proof: it begins with `{Header}` and then says the index.");
        }

        var checkpoint = OpenCheckpoint(proofText[(split + 2)..], verifierKey);
        var hashes = lines[(at + 1)..].Select(l => Base64(l) is { Length: 32 } hash ? hash : throw new AuditProofException("A hash of the proof is malformed.")).ToList();
        return index < checkpoint.Size && RootFrom(Hash(0, entry, default), index, checkpoint.Size, hashes) is { } root && root.AsSpan().SequenceEqual(checkpoint.Root)
            ? checkpoint
            : throw new AuditProofException("The proof does not lead from this entry to this checkpoint.");
    }

    /// <summary>Checks the signature of a checkpoint and reads it.</summary>
    /// <exception cref="AuditProofException">It is not signed with this key, or is no checkpoint.</exception>
    public static LogCheckpoint OpenCheckpoint(string note, string verifierKey)
    {
        var lines = OpenNote(note, verifierKey).Split('\n');
        return lines.Length >= 4 && lines[0].Length > 0 && Decimal(lines[1]) is { } size && Base64(lines[2]) is { Length: 32 } root && Array.IndexOf(lines, "", 3) == lines.Length - 1
            ? new LogCheckpoint(lines[0], size, root)
            : throw new AuditProofException("The signed text is no checkpoint.");
    }

    /// <summary>Does the newer log begin with the older one? True when nothing that was in the older one was changed or taken out.</summary>
    /// <param name="proof">Hashes of the consistency proof, in the order of RFC 9162 section 2.1.4.1.</param>
    public static bool IsConsistent(LogCheckpoint older, LogCheckpoint newer, IReadOnlyList<byte[]> proof)
    {
        if (older.Origin != newer.Origin || older.Size < 0 || older.Size > newer.Size || proof.Any(h => h.Length != 32))
        {
            return false;
        }

        if (older.Size == 0 || older.Size == newer.Size)
        {
            return proof.Count == 0 && older.Root.AsSpan().SequenceEqual(older.Size == 0 ? SHA256.HashData([]) : newer.Root);
        }

        var at = 0;
        var (old, now) = Subtree(0, newer.Size, true);
        return at == proof.Count && old.AsSpan().SequenceEqual(older.Root) && now.AsSpan().SequenceEqual(newer.Root);

        // The recursive definition of the RFC read backwards: hashes are taken from the proof bottom up.
        (byte[]? Old, byte[]? Now) Subtree(long low, long high, bool whole)
        {
            if (high == older.Size)
            {
                var hash = whole ? older.Root : Next();
                return (hash, hash);
            }

            var middle = low + (1L << (63 - BitOperations.LeadingZeroCount((ulong)(high - low - 1))));
            if (older.Size <= middle)
            {
                var (left, leftNow) = Subtree(low, middle, whole);
                return (left, Join(leftNow, Next()));
            }

            var (right, rightNow) = Subtree(middle, high, false);
            var common = Next();
            return (Join(common, right), Join(common, rightNow));
        }

        byte[]? Next() => at < proof.Count ? proof[at++] : null;
    }

    private static byte[]? Join(byte[]? left, byte[]? right) => left is null || right is null ? null : Hash(1, left, right);

    /// <summary>Root that a proof gives; null when it has too few or too many hashes.</summary>
    private static byte[]? RootFrom(byte[] leaf, long index, long size, List<byte[]> proof)
    {
        var at = 0;
        var root = Subtree(0, size);
        return at == proof.Count ? root : null;

        byte[]? Subtree(long low, long high)
        {
            if (high - low == 1)
            {
                return leaf;
            }

            var middle = low + (1L << (63 - BitOperations.LeadingZeroCount((ulong)(high - low - 1))));
            var inner = index < middle ? Subtree(low, middle) : Subtree(middle, high);
            var sibling = at < proof.Count ? proof[at++] : null;
            return index < middle ? Join(inner, sibling) : Join(sibling, inner);
        }
    }

    private static string OpenNote(string note, string verifierKey)
    {
        var (name, id, key) = ParseKey(verifierKey);
        var split = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (split < 0 || note.Length > MaxNoteChars || !note.EndsWith('\n') || note.Any(c => c < ' ' && c != '\n'))
        {
            throw new AuditProofException("This is no signed note: a text, an empty line, and signature lines.");
        }

        var text = note[..(split + 1)];
        var isSigned = false;
        foreach (var line in note[(split + 2)..].Split('\n')[..^1])
        {
            var parts = line.Split(' ');
            if (parts is not ["—", { Length: > 0 }, _] || Base64(parts[2]) is not { Length: > 4 } signature)
            {
                throw new AuditProofException("A signature line is malformed.");
            }

            if (parts[1] == name && BinaryPrimitives.ReadUInt32BigEndian(signature) == id)
            {
                isSigned = Ed25519.Verify(key, Encoding.UTF8.GetBytes(text), signature.AsSpan(4)) ? true : throw new AuditProofException($"The signature of `{name}` is wrong.");
            }
        }

        return isSigned ? text : throw new AuditProofException($"`{name}` has not signed this.");
    }

    private static (string Name, uint Id, byte[] Key) ParseKey(string text)
    {
        // Base64 may hold a plus, so only the first two part the text.
        var parts = text.Trim().Split('+', 3);
        if (parts.Length != 3 || parts[0].Length == 0 || Base64(parts[2]) is not { Length: 1 + Ed25519.KeyBytes } key || key[0] != Ed25519Type
            || BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData([.. Encoding.UTF8.GetBytes(parts[0]), (byte)'\n', .. key])) is var id && parts[1] != id.ToString("x8", CultureInfo.InvariantCulture))
        {
            throw new AuditProofException("A verifier key looks like `name+12345678+base64`.");
        }

        return (parts[0], id, key[1..]);
    }

    private static byte[] Hash(byte prefix, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => SHA256.HashData([prefix, .. left, .. right]);

    private static long? Decimal(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number.ToString(CultureInfo.InvariantCulture) == text ? number : null;

    private static byte[]? Base64(string text)
    {
        var buffer = new byte[text.Length];
        return Convert.TryFromBase64String(text, buffer, out var length) && Convert.ToBase64String(buffer, 0, length) == text ? buffer[..length] : null;
    }
}
