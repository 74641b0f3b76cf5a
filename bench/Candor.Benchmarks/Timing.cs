using System.Diagnostics;
using System.Globalization;

namespace Candor.Benchmarks;

/// <summary>Times of single calls, and how they are printed.</summary>
internal static class Timing
{
    public static double Ms(Action act)
    {
        var clock = Stopwatch.GetTimestamp();
        act();
        return Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
    }

    public static void Report(string what, IEnumerable<double> times)
    {
        var sorted = times.Order().ToList();
        Print($"{what}, p50", sorted[sorted.Count / 2]);
        Print($"{what}, p90", sorted[(int)(sorted.Count * 0.9)]);
        Print($"{what}, p99", sorted[(int)(sorted.Count * 0.99)]);
    }

    public static void Print(string what, double value) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-40} {value:0.0000}"));
}
