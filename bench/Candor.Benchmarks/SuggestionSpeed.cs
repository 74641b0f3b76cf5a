using System.Diagnostics;
using Candor.Personalization;

namespace Candor.Benchmarks;

/// <summary>Session suggestions in process on made-up visits: bulk load, memory, one answer, one event learned, one customer forgotten.</summary>
internal static class SuggestionSpeed
{
    private const int Answers = 20_000;
    private const int Forgotten = 5_000;

    public static void Run(int clicks)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var index = new SessionIndex();
        var clock = Stopwatch.StartNew();
        index.PutMany(MadeUpShop.Visits(clicks));
        Timing.Print("load, s", clock.Elapsed.TotalSeconds);
        Timing.Print("memory, MB", (GC.GetTotalMemory(forceFullCollection: true) - before) / 1e6);

        var ranking = new SessionRanking(index, new SessionSettings());
        var now = (clicks + 1L) * 1_000_000;
        var questions = MadeUpShop.Visits(Answers * 4).Take(Answers).Select(v => new SessionQuestion(v.Viewed, now, 20)).ToList();
        questions.Take(2_000).ToList().ForEach(q => ranking.Rank(q));
        var cpu = Environment.CpuUsage.TotalTime;
        questions.ForEach(q => ranking.Rank(q));
        Timing.Print("suggestion, CPU ms mean", (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds / questions.Count);
        Timing.Report("suggestion, ms", questions.Select(q => Timing.Ms(() => ranking.Rank(q))));
        Timing.Report("suggestion explained, ms", questions.Take(2_000).Select(q => q with { Explained = true }).Select(q => Timing.Ms(() => ranking.Rank(q))));
        Timing.Report("event learned, ms", Enumerable.Range(0, Forgotten).Select(i => Timing.Ms(() => index.Put($"c{i}", "now", ["i1", $"i{i % 100}"], now + i))));
        Timing.Report("customer forgotten, ms", Enumerable.Range(0, Forgotten).Select(i => Timing.Ms(() => index.Remove($"c{i}"))));
    }
}
