using System.Numerics;
using System.Security.Cryptography;

namespace Candor.Audit;

/// <summary>The Merkle tree of RFC 9162 section 2.1 (the same as RFC 6962), SHA-256.</summary>
public static class Merkle
{
    public const int HashBytes = 32;

    /// <summary>Root of a tree without leaves: SHA-256 of nothing.</summary>
    public static byte[] EmptyRoot => SHA256.HashData([]);

    /// <summary>Hash of one audit entry as a leaf of the tree.</summary>
    /// <param name="entry">Canonical bytes of the entry; 0 to 65,535 of them (the C2SP tlog-tiles bundle limit).</param>
    /// <returns>32 bytes: SHA-256 of 0x00 followed by <paramref name="entry"/>.</returns>
    /// <remarks>Source: RFC 9162 section 2.1.1. The 0x00 keeps a leaf from being passed off as a node, which starts with 0x01.</remarks>
    public static byte[] LeafHash(ReadOnlySpan<byte> entry)
    {
        Span<byte> prefixed = entry.Length < 1024 ? stackalloc byte[entry.Length + 1] : new byte[entry.Length + 1];
        prefixed[0] = 0;
        entry.CopyTo(prefixed[1..]);
        return SHA256.HashData(prefixed);
    }

    /// <summary>Hash of two subtrees: SHA-256 of 0x01, left, right.</summary>
    public static byte[] NodeHash(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Span<byte> prefixed = stackalloc byte[1 + 2 * HashBytes];
        prefixed[0] = 1;
        left.CopyTo(prefixed[1..]);
        right.CopyTo(prefixed[(1 + HashBytes)..]);
        return SHA256.HashData(prefixed);
    }

    /// <summary>Root over a run of hashes of equal-sized subtrees.</summary>
    public static byte[] Root(IReadOnlyList<byte[]> hashes)
    {
        var range = new CompactRange();
        foreach (var hash in hashes)
        {
            range.Append(hash);
        }

        return range.Root();
    }

    /// <summary>Ranges [Low, High) whose hashes prove that leaf <paramref name="index"/> is in a tree of <paramref name="size"/> leaves, bottom up.</summary>
    public static IReadOnlyList<(long Low, long High)> InclusionRanges(long index, long size)
    {
        var ranges = new List<(long, long)>();
        for (var (low, high) = (0L, size); high - low > 1;)
        {
            var middle = low + Split(high - low);
            (ranges, low, high) = index < middle ? (With(ranges, middle, high), low, middle) : (With(ranges, low, middle), middle, high);
        }

        ranges.Reverse();
        return ranges;
    }

    /// <summary>Ranges whose hashes prove that a tree of <paramref name="newSize"/> leaves begins with the one of <paramref name="oldSize"/>; empty when either is empty or both are one.</summary>
    public static IReadOnlyList<(long Low, long High)> ConsistencyRanges(long oldSize, long newSize)
    {
        var ranges = new List<(long, long)>();
        if (oldSize == 0 || oldSize == newSize)
        {
            return ranges;
        }

        var (low, high, whole) = (0L, newSize, true);
        while (oldSize != high)
        {
            var middle = low + Split(high - low);
            if (oldSize <= middle)
            {
                ranges.Add((middle, high));
                high = middle;
            }
            else
            {
                ranges.Add((low, middle));
                (low, whole) = (middle, false);
            }
        }

        if (!whole)
        {
            ranges.Add((low, high));
        }

        ranges.Reverse();
        return ranges;
    }

    /// <summary>Does the proof lead from this leaf to this root? RFC 9162 section 2.1.3.2.</summary>
    public static bool VerifyInclusion(ReadOnlySpan<byte> leaf, long index, long size, IReadOnlyList<byte[]> proof, ReadOnlySpan<byte> root)
    {
        if (index < 0 || index >= size)
        {
            return false;
        }

        var (node, last, hash) = (index, size - 1, leaf.ToArray());
        foreach (var sibling in proof)
        {
            if (last == 0 || sibling.Length != HashBytes)
            {
                return false;
            }

            if ((node & 1) == 1 || node == last)
            {
                hash = NodeHash(sibling, hash);
                while ((node & 1) == 0 && node != 0)
                {
                    (node, last) = (node >> 1, last >> 1);
                }
            }
            else
            {
                hash = NodeHash(hash, sibling);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        return last == 0 && root.SequenceEqual(hash);
    }

    /// <summary>Does the proof show that the new tree begins with the old one? RFC 9162 section 2.1.4.2.</summary>
    public static bool VerifyConsistency(long oldSize, ReadOnlySpan<byte> oldRoot, long newSize, ReadOnlySpan<byte> newRoot, IReadOnlyList<byte[]> proof)
    {
        if (oldSize < 0 || oldSize > newSize || proof.Any(p => p.Length != HashBytes))
        {
            return false;
        }

        if (oldSize == newSize || oldSize == 0)
        {
            return proof.Count == 0 && (oldSize == 0 ? oldRoot.SequenceEqual(EmptyRoot) : oldRoot.SequenceEqual(newRoot));
        }

        var nodes = BitOperations.IsPow2(oldSize) ? [oldRoot.ToArray(), .. proof] : proof;
        return nodes.Count > 0 && Fold(nodes, oldSize - 1, newSize - 1) is var (old, current) && oldRoot.SequenceEqual(old) && newRoot.SequenceEqual(current);
    }

    /// <summary>Both roots as the proof gives them; null when it has a node too many or too few.</summary>
    private static (byte[] Old, byte[] Current)? Fold(IReadOnlyList<byte[]> nodes, long node, long last)
    {
        while ((node & 1) == 1)
        {
            (node, last) = (node >> 1, last >> 1);
        }

        var (old, current) = (nodes[0], nodes[0]);
        foreach (var sibling in nodes.Skip(1))
        {
            if (last == 0)
            {
                return null;
            }

            if ((node & 1) == 1 || node == last)
            {
                (old, current) = (NodeHash(sibling, old), NodeHash(sibling, current));
                while ((node & 1) == 0 && node != 0)
                {
                    (node, last) = (node >> 1, last >> 1);
                }
            }
            else
            {
                current = NodeHash(current, sibling);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        return last == 0 ? (old, current) : null;
    }

    /// <summary>Largest power of two below a size of 2 or more.</summary>
    internal static long Split(long size) => 1L << (63 - BitOperations.LeadingZeroCount((ulong)(size - 1)));

    private static List<(long, long)> With(List<(long, long)> ranges, long low, long high)
    {
        ranges.Add((low, high));
        return ranges;
    }
}

/// <summary>The right edge of a growing tree: one hash for each perfect subtree, largest first. Appending costs one hash on average.</summary>
public sealed class CompactRange
{
    private readonly List<byte[]> hashes = [];

    /// <summary>Leaves so far.</summary>
    public long Size { get; private set; }

    public void Append(byte[] leaf)
    {
        var hash = leaf;
        for (var size = Size; (size & 1) == 1; size >>= 1)
        {
            hash = Merkle.NodeHash(hashes[^1], hash);
            hashes.RemoveAt(hashes.Count - 1);
        }

        hashes.Add(hash);
        Size++;
    }

    /// <summary>Appends a perfect subtree of 2^<paramref name="level"/> leaves; the size so far is a multiple of that.</summary>
    public void AppendPerfect(int level, byte[] root)
    {
        var hash = root;
        for (var size = Size >> level; (size & 1) == 1; size >>= 1)
        {
            hash = Merkle.NodeHash(hashes[^1], hash);
            hashes.RemoveAt(hashes.Count - 1);
        }

        hashes.Add(hash);
        Size += 1L << level;
    }

    public byte[] Root()
    {
        if (hashes.Count == 0)
        {
            return Merkle.EmptyRoot;
        }

        var root = hashes[^1];
        for (var i = hashes.Count - 2; i >= 0; i--)
        {
            root = Merkle.NodeHash(hashes[i], root);
        }

        return root;
    }
}
