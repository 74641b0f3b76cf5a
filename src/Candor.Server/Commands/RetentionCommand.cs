using System.CommandLine;
using System.Globalization;
using Candor.Catalog;
using Candor.Governance;
using Candor.Server.Hosting;
using Spectre.Console;

namespace Candor.Server.Commands;

/// <summary><c>candor retention</c>: what is older than its retention, and its removal.</summary>
internal static class RetentionCommand
{
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Count what would go, and remove nothing." };

    public static Command Make()
    {
        var command = new Command("retention", "Remove what is older than its retention, as the server does once a day. May be interrupted and run again.") { DryRun, Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            if (parsed.GetValue(DryRun))
            {
                await CountAsync(host, ct);
                return ExitCode.Done;
            }

            var run = await Shared.WithProgressAsync("Retention", report => host.Retention.RunAsync(ProgressTo(report), ct));
            Shared.Results.WriteLine($"Removed {Number(run.Removed)} values.");
            if (run.Failed > 0)
            {
                Shared.Notes.WriteLine($"Of {Number(run.Failed)} customers nothing could be removed, because something of theirs cannot be opened; `candor doctor` says more.");
            }

            return run.Failed > 0 ? ExitCode.Refused : ExitCode.Done;
        });
        return command;
    }

    private static async Task CountAsync(CandorHost host, CancellationToken ct)
    {
        var counts = (await Shared.WithProgressAsync("Counting", report => host.Retention.CountAsync(ProgressTo(report), ct))).ToDictionary(c => c.DataPoint);
        var catalog = (await host.Database.ReadAsync(tx => host.Catalogs.GetActiveAsync(tx, ct), ct)).Catalog;
        foreach (var point in catalog.DataPoints.Values.OrderBy(d => d.Id.Value, StringComparer.Ordinal))
        {
            Shared.Results.WriteLine(Line(point, counts.GetValueOrDefault(point.Id)));
        }
    }

    private static string Line(DataPoint point, RetentionCount? count) => $"{point.Id}  {point.Retention}  " + (point.Retention.Period is null ? "goes with the customer"
        : count is null ? "nothing over it"
        : $"{Number(count.Values)} values of {Number(count.Customers)} customers over it, the oldest of {count.Oldest:yyyy-MM-dd}" + (count.Waiting > 0 ? $"; {Number(count.Waiting)} wait, because every use is held still" : ""));

    private static Progress<RetentionProgress> ProgressTo(Action<double, string> report) =>
        new(p => report((double)p.Customers / Math.Max(1, p.All), $"{Number(p.Customers)} of {Number(p.All)} customers, {Number(p.Values)} values"));

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
