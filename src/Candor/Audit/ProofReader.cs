using Candor.Storage;

namespace Candor.Audit;

/// <summary>Proofs of many entries against one checkpoint. Tiles that several of them go through are read once.</summary>
/// <param name="size">Of the checkpoint.</param>
public sealed class ProofReader(Transaction tx, string checkpoint, long size)
{
    private readonly Dictionary<(int Level, long Index), IReadOnlyList<byte[]>> tiles = [];

    /// <summary>The proof of one entry, as a file; see <see cref="LogProof"/>.</summary>
    /// <param name="index">Of the entry, below the size of the checkpoint.</param>
    public async ValueTask<string> ProveAsync(long index, CancellationToken ct)
    {
        var hashes = new List<byte[]>();
        foreach (var (low, high) in Merkle.InclusionRanges(index, size))
        {
            hashes.Add(await LogTree.RangeAsync((level, first, end) => HashesAsync(level, first, end, ct), low, high));
        }

        return new LogProof(index, hashes, checkpoint).ToString();
    }

    private async ValueTask<IReadOnlyList<byte[]>> HashesAsync(int level, long first, long end, CancellationToken ct)
    {
        var index = first / TreeHead.TileWidth;
        var start = index * TreeHead.TileWidth;
        if (!tiles.TryGetValue((level, index), out var tile))
        {
            tiles[(level, index)] = tile = await LoadAsync(level, index, start, ct);
        }

        return first == start && end - start == tile.Count ? tile : [.. tile.Skip((int)(first - start)).Take((int)(end - first))];
    }

    private async ValueTask<IReadOnlyList<byte[]>> LoadAsync(int level, long index, long start, CancellationToken ct)
    {
        // Hashes of this level in the tree of the checkpoint.
        var all = size >> (8 * level);
        if (start + TreeHead.TileWidth <= all && await LogTree.FindTileAsync(tx, level, index, TreeHead.TileWidth, ct) is { } whole)
        {
            return [.. whole.Chunk(Merkle.HashBytes)];
        }

        return await LogTree.HashesAsync(tx, level, start, Math.Min(all, start + TreeHead.TileWidth), ct);
    }
}
