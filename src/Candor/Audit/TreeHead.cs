namespace Candor.Audit;

/// <summary>The part of the tree that is still growing: its root's makings, and the unfinished tile of each level.</summary>
/// <remarks>A tile holds 256 hashes (C2SP tlog-tiles, height 8). A full tile's root is the next hash of the level above.</remarks>
internal sealed class TreeHead
{
    public const int TileWidth = 256;

    private readonly CompactRange range = new();
    private readonly List<List<byte[]>> unfinished = [];

    public long Size => range.Size;

    public byte[] Root() => range.Root();

    /// <summary>A finished tile: level, index, 256 hashes, and the root over them.</summary>
    public readonly record struct Tile(int Level, long Index, byte[] Hashes, byte[] Root);

    /// <summary>Adds a leaf hash; tiles that it finishes are added to <paramref name="finished"/>, lowest level first.</summary>
    public void Append(byte[] leaf, List<Tile> finished)
    {
        range.Append(leaf);
        var hash = leaf;
        for (var level = 0; ; level++)
        {
            var tile = Level(level);
            tile.Add(hash);
            if (tile.Count < TileWidth)
            {
                return;
            }

            hash = Merkle.Root(tile);
            finished.Add(new Tile(level, (Size >> (8 * (level + 1))) - 1, Joined(tile), hash));
            tile.Clear();
        }
    }

    /// <summary>Puts back the unfinished hashes of one level when a log is opened; highest level first.</summary>
    public void Restore(int level, IReadOnlyList<byte[]> hashes)
    {
        foreach (var hash in hashes)
        {
            range.AppendPerfect(8 * level, hash);
            Level(level).Add(hash);
        }
    }

    private static byte[] Joined(List<byte[]> tile)
    {
        var bytes = new byte[tile.Count * Merkle.HashBytes];
        for (var i = 0; i < tile.Count; i++)
        {
            tile[i].CopyTo(bytes, i * Merkle.HashBytes);
        }

        return bytes;
    }

    private List<byte[]> Level(int level)
    {
        while (unfinished.Count <= level)
        {
            unfinished.Add(new List<byte[]>(TileWidth));
        }

        return unfinished[level];
    }
}
