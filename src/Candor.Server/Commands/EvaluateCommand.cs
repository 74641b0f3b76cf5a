using System.CommandLine;
using System.Globalization;
using Candor.Personalization;

namespace Candor.Server.Commands;

/// <summary><c>candor evaluate</c>: measures suggestions on an installation's own data, read through the gate.</summary>
internal static class EvaluateCommand
{
    public static Command Make()
    {
        var command = new Command("evaluate", "Measure suggestions on your own data, split by time, and look for better settings. What is read for it stands in the log.") { Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            var report = await Shared.WithProgressAsync("Reading", async report =>
            {
                await host.Suggestions.LoadAsync(new Progress<ModelProgress>(p => report(0, $"{p.Customers:N0} customers read")), ct);
                return host.Suggestions.Evaluate(new Progress<SettingsTried>(p => report(p.Count / 160.0, $"{p.Count} settings tried")));
            });
            Print(report);
            return report.Lines.Count > 0 ? ExitCode.Done : ExitCode.Refused;
        });
        return command;
    }

    private static void Print(EvaluationReport report)
    {
        if (report.Lines.Count == 0)
        {
            Shared.Results.WriteLine($"Too little to measure: it takes at least {ModelEvaluation.Least} visits, or as many customers with two orders, of people who agreed to suggestions.");
            return;
        }

        Shared.Results.WriteLine($"{"model",-28} {"lists",7} {"of",3} {"hits",6} {"MRR",6} {"recall",6} {"NDCG",6} {"cover",6} {"bias",6} {"p50 ms",7} {"p90 ms",7}");
        foreach (var (model, length, r) in report.Lines)
        {
            Shared.Results.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{model,-28} {r.Questions,7} {length,3} {r.HitRate,6:0.0000} {r.Mrr,6:0.0000} {r.Recall,6:0.0000} {r.Ndcg,6:0.0000} {r.Coverage,6:0.000} {r.PopularityBias,6:0.000} {r.P50Ms,7:0.000} {r.P90Ms,7:0.000}"));
        }

        foreach (var settings in new object?[] { report.Visits, report.Needs })
        {
            if (settings is not null)
            {
                Shared.Results.WriteLine($"Found: {settings}");
            }
        }
    }
}
