using System.CommandLine;
using System.Globalization;
using Candor.Governance;
using Spectre.Console;

namespace Candor.Server.Commands;

/// <summary><c>candor minimisation scan</c>: looks into values for what should not be in them.</summary>
internal static class MinimisationCommand
{
    private static readonly Option<bool> All = new("--all") { Description = "Also look at customers who have nothing new since the last look." };

    public static Command Make()
    {
        var scan = new Command("scan", "Look into values for what should not be in them, as the server does once a week: nothing at all, numbers of cards, people and accounts, words about health. May be interrupted and run again.")
        {
            All, Shared.Data, Shared.Postgres,
        };
        scan.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            var run = await Shared.WithProgressAsync("Looking", report => host.ValueCheck.RunAsync(parsed.GetValue(All), new Progress<ValueCheckProgress>(
                p => report((double)p.Customers / Math.Max(1, p.All), $"{Number(p.Customers)} of {Number(p.All)} customers")), ct));
            var findings = await host.Database.ReadAsync(tx => ValueFindings.LoadAsync(tx, ct), ct);
            foreach (var found in findings.Found)
            {
                Shared.Results.WriteLine($"{found.DataPoint}  {found.Kind}  {Number(found.Values)} values of {Number(found.Customers)} customers, the oldest of {found.Oldest:yyyy-MM-dd}");
            }

            Shared.Notes.WriteLine($"Looked at {Number(run.Looked)} of {Number(run.Seen)} customers." + (findings.Waiting > 0 ? $" {Number(findings.Waiting)} could not be looked at and wait." : ""));
            return ExitCode.Done;
        });
        return new Command("minimisation", "Find what need not be held.") { scan };
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
