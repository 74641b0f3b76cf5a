using System.Diagnostics;
using Candor.Catalog;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Reads;

namespace Candor.Benchmarks;

/// <summary>The models of a store: made through the gate, their memory, one answer, and one customer forgotten from all of them.</summary>
internal static class ModelSpeed
{
    private const int Forgotten = 2_000;

    private sealed class Told(Action<ModelProgress> tell) : IProgress<ModelProgress>
    {
        public void Report(ModelProgress value) => tell(value);
    }

    public static async Task RunAsync(Platform platform)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var reads = new ConsentedRead(platform.Database, platform.Catalogs, platform.Log, platform.Vault, platform.Index, new ReadBudget(new ReadBudgetOptions(), platform.Log));
        var system = new SystemRead(platform.Database, platform.Catalogs, platform.Ledger, platform.Log, platform.Vault);
        using var suggestions = new Suggestions(platform.Database, platform.Catalogs, platform.Ledger, platform.Log, platform.Vault, platform.Access, reads, system);
        var (clock, cpu) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        await suggestions.LoadAsync(new Told(p => Console.Error.WriteLine($"{clock.Elapsed.TotalSeconds:0.0} s: {p.Customers} of {p.All} customers")), default);
        Timing.Print("models from the store, s", clock.Elapsed.TotalSeconds);
        Timing.Print("models from the store, CPU s", (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
        Timing.Print("resident at its highest, MB", Process.GetCurrentProcess().PeakWorkingSet64 / 1e6);
        var model = suggestions.Model;
        Timing.Print("clicks held", model.Visits.Look(held => (double)held.Items.All().Sum(i => i.Holders)));
        Timing.Print("memory of the models, MB", (GC.GetTotalMemory(forceFullCollection: true) - before) / 1e6);

        var ranking = new SessionRanking(model.Visits, new SessionSettings());
        var now = Micros.From(platform.Database.Clock.GetUtcNow());
        var questions = MadeUpShop.Visits(80_000).Take(10_000).Select(v => new SessionQuestion(v.Viewed, now, 20) { Explained = true }).ToList();
        questions.Take(2_000).ToList().ForEach(q => ranking.Rank(q));
        Timing.Report("suggestion explained, ms", questions.Select(q => Timing.Ms(() => ranking.Rank(q))));
        var customers = model.Visits.Look(held => held.Visits.ToArray().Select(v => v.Customer).OfType<string>().Distinct().Where((_, i) => i % 7 == 0).Take(Forgotten).ToList());
        Timing.Report("customer forgotten, ms", customers.Select(c => Timing.Ms(() => model.Put(c, SuggestionKind.Visit, null))));
    }
}
