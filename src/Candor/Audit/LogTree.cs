using Candor.Kernel;
using Candor.Storage;

namespace Candor.Audit;

/// <summary>Reads the stored tree: hashes, tiles, entry bundles, proofs (C2SP tlog-tiles).</summary>
public static class LogTree
{
    private sealed record HashRow(byte[] Hash);

    /// <summary>Levels that have at least one hash at this size.</summary>
    internal static int Levels(long size)
    {
        var levels = 0;
        for (; size > 0; size >>= 8)
        {
            levels++;
        }

        return levels;
    }

    /// <summary>Hashes [low, high) of a level: leaf hashes at level 0, roots of full tiles of the level below above it.</summary>
    internal static async ValueTask<IReadOnlyList<byte[]>> HashesAsync(Transaction tx, int level, long low, long high, CancellationToken ct)
    {
        var args = new { AuditLog.Log, Below = (long)level - 1, low, high };
        if (level == 0)
        {
            var entries = await tx.QueryAsync<HashRow>("SELECT entry AS Hash FROM audit_entry WHERE log = @Log AND idx >= @low AND idx < @high ORDER BY idx", args, ct);
            return [.. entries.Select(e => Merkle.LeafHash(e.Hash))];
        }

        var roots = await tx.QueryAsync<HashRow>("SELECT root AS Hash FROM audit_tile WHERE log = @Log AND level = @Below AND idx >= @low AND idx < @high ORDER BY idx", args, ct);
        return [.. roots.Select(r => r.Hash)];
    }

    /// <summary>Bytes of a tile: <paramref name="width"/> hashes of 32 bytes; null when the tree is not that large.</summary>
    public static async ValueTask<byte[]?> FindTileAsync(Transaction tx, int level, long index, int width, CancellationToken ct)
    {
        if (width == TreeHead.TileWidth)
        {
            return await tx.FindAsync<byte[]>("SELECT hashes FROM audit_tile WHERE log = @Log AND level = @level AND idx = @index", new { AuditLog.Log, level = (long)level, index }, ct);
        }

        var low = index * TreeHead.TileWidth;
        var hashes = await HashesAsync(tx, level, low, low + width, ct);
        return hashes.Count == width ? [.. hashes.SelectMany(h => h)] : null;
    }

    /// <summary>An entry bundle: for each entry a big-endian u16 length and its bytes; null when there are not as many.</summary>
    public static async ValueTask<byte[]?> FindBundleAsync(Transaction tx, long index, int width, CancellationToken ct)
    {
        var low = index * TreeHead.TileWidth;
        var rows = await tx.QueryAsync<HashRow>("SELECT entry AS Hash FROM audit_entry WHERE log = @Log AND idx >= @low AND idx < @high ORDER BY idx",
            new { AuditLog.Log, low, high = low + width }, ct);
        return rows.Count == width ? [.. rows.SelectMany(r => new[] { (byte)(r.Hash.Length >> 8), (byte)(r.Hash.Length & 0xff) }.Concat(r.Hash))] : null;
    }

    /// <summary>Proof that leaf <paramref name="index"/> is in the tree of <paramref name="size"/> leaves.</summary>
    public static async ValueTask<IReadOnlyList<byte[]>> InclusionAsync(Transaction tx, long index, long size, CancellationToken ct) =>
        index >= 0 && index < size ? await RangesAsync(tx, Merkle.InclusionRanges(index, size), ct)
            : throw new Fault(FaultKind.Invalid, "audit/no-such-index", $"A tree of `{size}` entries has no entry `{index}`.");

    /// <summary>Proof that the tree of <paramref name="newSize"/> leaves begins with the one of <paramref name="oldSize"/>.</summary>
    public static async ValueTask<IReadOnlyList<byte[]>> ConsistencyAsync(Transaction tx, long oldSize, long newSize, CancellationToken ct) =>
        oldSize >= 0 && oldSize <= newSize ? await RangesAsync(tx, Merkle.ConsistencyRanges(oldSize, newSize), ct)
            : throw new Fault(FaultKind.Invalid, "audit/bad-sizes", $"A tree of `{newSize}` entries does not begin with one of `{oldSize}`.");

    /// <summary>Root of the tree as it was at a size.</summary>
    public static async ValueTask<byte[]> RootAsync(Transaction tx, long size, CancellationToken ct) => size == 0 ? Merkle.EmptyRoot : await RangeAsync(tx, 0, size, ct);

    private static async ValueTask<IReadOnlyList<byte[]>> RangesAsync(Transaction tx, IReadOnlyList<(long Low, long High)> ranges, CancellationToken ct)
    {
        var hashes = new List<byte[]>(ranges.Count);
        foreach (var (low, high) in ranges)
        {
            hashes.Add(await RangeAsync(tx, low, high, ct));
        }

        return hashes;
    }

    /// <summary>Hash over leaves [low, high), a range that occurs in a tree: its low end is a multiple of the power of two that it begins with.</summary>
    private static ValueTask<byte[]> RangeAsync(Transaction tx, long low, long high, CancellationToken ct) =>
        RangeAsync((level, first, end) => HashesAsync(tx, level, first, end, ct), low, high);

    /// <param name="hashes">Hashes [low, high) of a level, never of more than one tile at once.</param>
    internal static async ValueTask<byte[]> RangeAsync(Func<int, long, long, ValueTask<IReadOnlyList<byte[]>>> hashes, long low, long high)
    {
        var range = new CompactRange();
        for (var at = low; at < high;)
        {
            // The highest level at which a whole tile's worth of hashes, or the rest, can be taken at once.
            var level = 0;
            while ((high - at) >> (8 * (level + 1)) > 0 && at % (1L << (8 * (level + 1))) == 0)
            {
                level++;
            }

            var step = 1L << (8 * level);
            var first = at / step;
            var end = Math.Min(high / step, (first / TreeHead.TileWidth + 1) * TreeHead.TileWidth);
            foreach (var hash in await hashes(level, first, end))
            {
                range.AppendPerfect(8 * level, hash);
            }

            at = end * step;
        }

        return range.Root();
    }
}
