using System.Diagnostics;
using System.Globalization;
using Candor.Audit;

namespace Candor.Benchmarks;

/// <summary>The whole log read back, each entry decoded and hashed, and the root compared with the stored head.</summary>
internal static class VerifySpeed
{
    public static async Task RunAsync(Platform platform)
    {
        var start = Stopwatch.GetTimestamp();
        var entries = await platform.Database.ReadAsync(async tx =>
        {
            var (size, root) = await platform.Log.HeadAsync(tx, default);
            var range = new CompactRange();
            for (var low = 0L; low < size; low += TreeHead.TileWidth)
            {
                foreach (var hash in await LogTree.HashesAsync(tx, 0, low, Math.Min(size, low + TreeHead.TileWidth), default))
                {
                    range.Append(hash);
                }
            }

            return range.Root().AsSpan().SequenceEqual(root) ? size : throw new InvalidOperationException("The log does not lead to its head.");
        }, default);
        Console.WriteLine((entries / Stopwatch.GetElapsedTime(start).TotalSeconds).ToString("0", CultureInfo.InvariantCulture));
        Console.Error.WriteLine($"verified {entries} entries");
    }
}
