using System.Globalization;
using Candor.Kernel;

namespace Candor.Audit;

/// <summary>Where a tile stands below the log's address (C2SP tlog-tiles): <c>tile/LEVEL/INDEX[.p/WIDTH]</c>, or <c>tile/entries/INDEX[.p/WIDTH]</c>.</summary>
/// <param name="Level">0 to 63; -1 for entry bundles.</param>
/// <param name="Width">1 to 256; 256 is a full tile.</param>
public readonly record struct TilePath(int Level, long Index, int Width)
{
    public const int Entries = -1;

    /// <summary>"tile", the level, and groups up to 10^15 tiles: more entries than a long counts are never asked for.</summary>
    private const int MaxParts = 2 + 5;

    public override string ToString()
    {
        var groups = new List<string>();
        for (var rest = Index; ; rest /= 1000)
        {
            groups.Add((groups.Count > 0 ? "x" : "") + (rest % 1000).ToString("000", CultureInfo.InvariantCulture));
            if (rest < 1000)
            {
                break;
            }
        }

        groups.Reverse();
        var level = Level == Entries ? "entries" : Level.ToString(CultureInfo.InvariantCulture);
        return $"tile/{level}/{string.Join('/', groups)}{(Width < TreeHead.TileWidth ? $".p/{Width}" : "")}";
    }

    /// <summary>Reads a path and takes no other spelling of it.</summary>
    public static TilePath Parse(string path)
    {
        var parts = path.Split('/');
        var width = TreeHead.TileWidth;
        if (parts.Length > 3 && parts[^2].EndsWith(".p", StringComparison.Ordinal) && int.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out width))
        {
            parts = [.. parts[..^2], parts[^2][..^2]];
        }

        var (level, index) = (Entries, 0L);
        var fine = parts.Length is >= 3 and <= MaxParts && parts[0] == "tile"
            && (parts[1] == "entries" || (int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out level) && level <= 63));
        foreach (var part in fine ? parts[2..] : [])
        {
            fine &= int.TryParse(part.AsSpan(part.StartsWith('x') ? 1 : 0), NumberStyles.None, CultureInfo.InvariantCulture, out var group) && group < 1000;
            index = index * 1000 + group;
        }

        var read = new TilePath(level, index, width);
        return fine && width is >= 1 and <= TreeHead.TileWidth && read.ToString() == path
            ? read
            : throw new Fault(FaultKind.NotFound, "audit/no-such-tile", $"`{Name.Shown(path)}` is not the path of a tile, such as `tile/0/x001/067.p/5`.");
    }

    /// <summary>Width that the tile at this place has in a tree of this size; 0 when it is not there.</summary>
    public static int WidthAt(int level, long index, long size) =>
        (int)Math.Clamp((Math.Max(level, 0) >= 8 ? 0 : size >> (8 * Math.Max(level, 0))) - index * TreeHead.TileWidth, 0, TreeHead.TileWidth);
}
