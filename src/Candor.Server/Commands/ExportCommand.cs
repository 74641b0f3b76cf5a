using System.CommandLine;
using Candor.Export;
using Candor.Fairness;
using Candor.Kernel;
using Candor.Server.Hosting;

namespace Candor.Server.Commands;

/// <summary><c>candor export pseudonymous|anonymous|counts FILE</c>: what analysts get, without names.</summary>
internal static class ExportCommand
{
    private const string By = "system:export";

    private static readonly Argument<FileInfo> Target = new("file") { Description = "CSV file to make; it must not exist yet." };
    private static readonly Option<string> Purpose = new("--purpose") { Description = "The purpose that the data is taken out for. Customers whose choices do not allow it are left out.", Required = true };
    private static readonly Option<string[]> DataPoints = new("--data-points") { Description = "Data points of the purpose. Of a history the number of records is exported.", Required = true, AllowMultipleArgumentsPerToken = true };
    private static readonly Option<decimal> Epsilon = new("--epsilon") { Description = "How much these counts may tell about one person; taken from the purpose's budget of 3 a year.", Required = true };

    public static Command Make() => new("export", "Take data out for analysts: rows with made-up ids, rows in which nobody is found again, or counts with noise. Every customer in it sees it.")
    {
        Pseudonymous(), Anonymous(), Counts(),
    };

    private static Command Pseudonymous()
    {
        var command = With(new Command("pseudonymous", "One row a customer under an id that is made up for this file alone. It is still personal data."), DataPoints);
        command.Runs(async (parsed, ct) =>
        {
            await using var export = await BeginAsync(parsed, ct);
            var (rows, ids) = (await export.ReadAsync(ct), new Pseudonyms());
            await export.WriteAsync("pseudonymous", ["id", .. rows.Columns], rows.Rows.Select(r => (IReadOnlyList<string>)[ids.Of(r.Customer), .. r.Values]), ct);
            if (rows.Rows.Count > 0)
            {
                RiskWords.Say(RiskOf(rows));
            }

            Shared.Results.WriteLine("The file is pseudonymous, not anonymous: keep it as safe as the customers' data, and delete it when the work is done.");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Anonymous()
    {
        var command = With(new Command("anonymous", "One row a customer, as coarse as it must be for the goal, with the least loss. Exit code 1, and no file, when nothing reaches the goal."), DataPoints);
        AnonymityOptions.AddTo(command);
        command.Runs(async (parsed, ct) =>
        {
            var (goal, coarser) = (AnonymityOptions.Goal(parsed), AnonymityOptions.Coarser(parsed));
            await using var export = await BeginAsync(parsed, ct);
            var rows = await export.ReadAsync(ct);
            if (rows.Rows.Count == 0 || AnonymousRows.Make(rows, coarser, parsed.GetValue(AnonymityOptions.Sensitive), goal, ct) is not { } made)
            {
                Console.Error.WriteLine($"No file was made: with `{rows.Rows.Count}` customers nothing reaches k = {goal.K} with these limits; take fewer data points, or let more records be left out (--max-suppressed).");
                return ExitCode.Refused;
            }

            await export.WriteAsync("anonymous", made.Columns, made.Rows, ct);
            RiskWords.Say(made.Found, made.Hierarchies);
            RiskWords.Say(made.After);
            if (made.Spread is { } spread)
            {
                RiskWords.Say(spread, made.Columns[^1]);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static Command Counts()
    {
        var command = With(new Command("counts", "How many customers have each value of one data point, with noise that hides whether any one of them is counted."), DataPoints, Epsilon);
        command.Runs(async (parsed, ct) =>
        {
            var milli = NoisyCounts.MilliEpsilon(parsed.GetValue(Epsilon));
            await using var export = await BeginAsync(parsed, ct);
            if (export.Plan.Columns is not [var column])
            {
                throw new Fault(FaultKind.Invalid, "export/one-column", $"Counts are made of one data point, got `{export.Plan.Columns.Count}`; run the command once for each, each taking from the budget.");
            }

            // First of all: a budget that is spent stops the command before anything is read.
            var left = await export.Host.Database.WriteAsync(tx => NoiseLedger.SpendAsync(tx, export.Plan.Purpose.Id, milli, ct), ct);
            var counts = NoisyCounts.Of(await export.ReadAsync(ct), 0, milli);
            await export.WriteAsync("counts", [column, "customers"], counts.Counts.Select(c => (IReadOnlyList<string>)[c.Value, c.Count.ToString(System.Globalization.CultureInfo.InvariantCulture)]), ct);
            Shared.Results.WriteLine(FormattableString.Invariant($"Each count is at most {counts.Radius} from the truth in 95 of 100 cases; {counts.Hidden} values were too rare to be named. {(double)left.Left / DiscreteLaplace.PerEpsilon} of epsilon is left this year."));
            return ExitCode.Done;
        });
        return command;
    }

    private static Command With(Command command, params Option[] options)
    {
        command.Arguments.Add(Target);
        foreach (var option in (Option[])[Purpose, .. options, Shared.Data, Shared.Postgres])
        {
            command.Options.Add(option);
        }

        return command;
    }

    private static async Task<ExportFile> BeginAsync(ParseResult parsed, CancellationToken ct)
    {
        var (target, points) = (parsed.GetValue(Target)!, parsed.GetValue(DataPoints)!.Select(DataPointId.Parse).ToList());
        if (target.Exists)
        {
            throw new Fault(FaultKind.Conflict, "export/file-exists", $"The file `{target}` exists already; name another, so that nothing is lost.");
        }

        var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
        try
        {
            return new ExportFile(host, await host.Exports.PlanAsync(PurposeId.Parse(parsed.GetValue(Purpose)!), points, ct), target.FullName, By);
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    private static ReidentificationRisk RiskOf(ExportRows rows) => ReidentificationRisk.OfSizes(
        rows.Rows.GroupBy(r => string.Join('\u001f', r.Values), StringComparer.Ordinal).Select(g => (long)g.Count()));
}
