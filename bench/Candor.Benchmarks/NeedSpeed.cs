using System.Diagnostics;
using Candor.Personalization;

namespace Candor.Benchmarks;

/// <summary>Next needs in process on made-up purchases: bulk load, memory, one answer, one basket learned, one customer forgotten.</summary>
internal static class NeedSpeed
{
    private const int Answers = 5_000;
    private const int Forgotten = 2_000;

    public static void Run(int customers)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var index = new BasketIndex(new BasketSettings());
        var clock = Stopwatch.StartNew();
        index.BeginFill();
        foreach (var (customer, baskets) in MadeUpShop.Customers(customers))
        {
            index.PutMany(customer, baskets);
        }

        index.EndFill();
        Timing.Print("needs: load, s", clock.Elapsed.TotalSeconds);
        Timing.Print("needs: memory, MB", (GC.GetTotalMemory(forceFullCollection: true) - before) / 1e6);

        var needs = new NextBasket(index);
        var step = Math.Max(1, customers / Answers);
        var asked = Enumerable.Range(0, Math.Min(customers, Answers)).Select(i => $"c{i * step}").ToList();
        asked.Take(1_000).ToList().ForEach(c => needs.Rank(c, 10));
        var cpu = Environment.CpuUsage.TotalTime;
        asked.ForEach(c => needs.Rank(c, 10));
        Timing.Print("next needs, CPU ms mean", (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds / asked.Count);
        Timing.Report("next needs, ms", asked.Select(c => Timing.Ms(() => needs.Rank(c, 10))));
        Timing.Report("next needs explained, ms", asked.Select(c => Timing.Ms(() => needs.Rank(c, 10, explained: true))));
        Timing.Report("basket learned, ms", asked.Take(Forgotten).Select(c => Timing.Ms(() => index.Put(c, "new", ["i1", "i40", "i700"], 1L << 45))));
        Timing.Report("customer forgotten (needs), ms", asked.Take(Forgotten).Select(c => Timing.Ms(() => index.Remove(c))));
    }
}
