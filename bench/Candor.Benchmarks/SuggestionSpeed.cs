using System.Diagnostics;
using System.Globalization;
using Candor.Personalization;

namespace Candor.Benchmarks;

/// <summary>Session suggestions in process on made-up visits: bulk load, memory, one answer, one event learned, one customer forgotten.</summary>
internal static class SuggestionSpeed
{
    private const int Items = 50_000;
    private const int Answers = 20_000;
    private const int Forgotten = 5_000;

    public static void Run(int clicks)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var index = new SessionIndex();
        var clock = Stopwatch.StartNew();
        index.PutMany(Visits(clicks));
        Print("load, s", clock.Elapsed.TotalSeconds);
        Print("memory, MB", (GC.GetTotalMemory(forceFullCollection: true) - before) / 1e6);

        var ranking = new SessionRanking(index, new SessionSettings());
        var now = (clicks + 1L) * 1_000_000;
        var questions = Visits(Answers * 4).Take(Answers).Select(v => new SessionQuestion(v.Viewed, now, 20)).ToList();
        questions.Take(2_000).ToList().ForEach(q => ranking.Rank(q));
        Report("suggestion, ms", questions.Select(q => Time(() => ranking.Rank(q))));
        Report("suggestion explained, ms", questions.Take(2_000).Select(q => q with { Explained = true }).Select(q => Time(() => ranking.Rank(q))));
        Report("event learned, ms", Enumerable.Range(0, Forgotten).Select(i => Time(() => index.Put($"c{i}", "now", ["i1", $"i{i % 100}"], now + i))));
        Report("customer forgotten, ms", Enumerable.Range(0, Forgotten).Select(i => Time(() => index.Remove($"c{i}"))));
    }

    /// <summary>Visits of four clicks on average; few items are popular (a Zipf-like choice) and neighbours in number go together. The same each time.</summary>
    private static IEnumerable<(string Customer, string Key, IReadOnlyList<string> Viewed, long TimeUs)> Visits(int clicks)
    {
        // A fixed sequence, so that runs compare; nothing here is secret.
        var state = 88_172_645_463_325_252UL;
        int Below(int end)
        {
            unchecked
            {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                return (int)(state % (ulong)end);
            }
        }

        for (var (done, visit) = (0, 0); done < clicks; visit++)
        {
            var length = 1 + Below(7);
            var first = (int)(Items * Math.Pow(Below(1 << 20) / (double)(1 << 20), 3));
            var viewed = new string[length];
            for (var i = 0; i < length; i++)
            {
                viewed[i] = $"i{Math.Min(Items - 1, first + Below(12))}";
            }

            done += length;
            yield return ($"c{visit / 3}", $"v{visit}", viewed, done * 1_000_000L);
        }
    }

    private static double Time(Action act)
    {
        var clock = Stopwatch.GetTimestamp();
        act();
        return Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
    }

    private static void Report(string what, IEnumerable<double> times)
    {
        var sorted = times.Order().ToList();
        Print($"{what}, p50", sorted[sorted.Count / 2]);
        Print($"{what}, p90", sorted[(int)(sorted.Count * 0.9)]);
        Print($"{what}, p99", sorted[(int)(sorted.Count * 0.99)]);
    }

    private static void Print(string what, double value) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-32} {value:0.0000}"));
}
