using System.Diagnostics;
using System.Globalization;
using Candor.Fairness;

namespace Candor.Benchmarks;

/// <summary>An audit of a million people in twelve groups with all intervals, from memory and from a CSV file, and 1,000 bootstraps of a table the size of COMPAS.</summary>
internal static class FairnessSpeed
{
    private const int People = 1_000_000;
    private const int Groups = 12;
    private const int Rounds = 5;

    public static void Run()
    {
        Report("audit of 1,000,000 people in 12 groups, counted in memory", () => Figures(Counted()));
        var path = Path.GetTempFileName();
        try
        {
            Write(path);
            Report("the same from a CSV file", () => Figures(FromFile(path)));
        }
        finally
        {
            File.Delete(path);
        }

        // Six groups with the sizes of COMPAS by race.
        int[] sizes = [3696, 32, 2454, 637, 18, 377];
        OutcomeCounts[] counts = [.. sizes.Select(n => new OutcomeCounts(n, n / 2, n / 3, n / 2 - n / 3, n / 3, n - n / 2 - n / 3))];
        Report("1,000 bootstraps of 7,214 people in 6 groups", () => Bootstrap.Of(sizes.Length, Bootstrap.Stratified(counts, 1000, 1)).Differences.Count);
    }

    private static OutcomeTally Counted()
    {
        var tally = new OutcomeTally([new Grouping(["group"])], false);
        var random = new SplitMix64(1);
        int[] values = [0];
        for (var i = 0; i < People; i++)
        {
            var drawn = random.Next();
            values[0] = tally.NumberOf(0, NameOf((int)(drawn % Groups)));
            tally.Add(values, (drawn >> 20 & 1) == 1, (drawn >> 21 & 1) == 1);
        }

        return tally;
    }

    private static OutcomeTally FromFile(string path)
    {
        var columns = new DecisionColumns("decision", null, "truth", null, null, ["group"]);
        var tally = new OutcomeTally(columns.Groupings, false);
        new DecisionFile(path, columns).ReadInto(tally, null, default);
        return tally;
    }

    /// <summary>Everything that a report says: all rates with both intervals, gaps, comparisons, bootstrap.</summary>
    private static int Figures(OutcomeTally tally)
    {
        var audit = AuditReport.Of(tally, new AuditPlan(new AuditLimits())).Groupings.Single();
        return audit.Groups.Sum(g => Rates.All.Count(r => g.Counts.Of(r).Wilson() is not null && g.Counts.Of(r).ClopperPearson() is not null)) + audit.AgainstRest(Rate.Selection).Count;
    }

    private static void Write(string path)
    {
        using var file = new StreamWriter(path);
        file.WriteLine("id,decision,truth,group");
        var random = new SplitMix64(1);
        for (var i = 0; i < People; i++)
        {
            var drawn = random.Next();
            file.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{i},{drawn >> 20 & 1},{drawn >> 21 & 1},{NameOf((int)(drawn % Groups))}"));
        }
    }

    private static string NameOf(int group) => Names[group];

    private static readonly string[] Names = [.. Enumerable.Range(0, Groups).Select(g => $"group {g}")];

    private static void Report(string what, Func<int> work)
    {
        var best = double.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            work();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{best:0.000} s  {what}"));
    }
}
