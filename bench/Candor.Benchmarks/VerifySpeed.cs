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
        var report = await new LogVerifier(platform.Database, null).VerifyAsync(null, null, default);
        var entries = report.IsSound ? report.Size : throw new InvalidOperationException(report.Findings[0].Sentence);
        Console.WriteLine((entries / Stopwatch.GetElapsedTime(start).TotalSeconds).ToString("0", CultureInfo.InvariantCulture));
        Console.Error.WriteLine($"verified {entries} entries");
    }
}
