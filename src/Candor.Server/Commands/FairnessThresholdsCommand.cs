using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Candor.Audit;
using Candor.Fairness;
using Candor.Kernel;
using Spectre.Console;

namespace Candor.Server.Commands;

/// <summary><c>candor fairness thresholds FILE</c>: a cut-off for each group that makes a rate equal, and what that costs. It changes nothing, and asks for the legal reason first.</summary>
internal static class FairnessThresholdsCommand
{
    private const int MinReason = 20;
    private const int MaxReason = 500;

    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Argument<FileInfo> Source = new("file") { Description = "CSV file, plain or gzip, one row a person." };
    private static readonly Option<string> Decision = new("--decision") { Description = "Column of what was decided; rows without it are left out.", Required = true };
    private static readonly Option<string?> DecisionYes = new("--decision-yes") { Description = "Value of the decision that means yes." };
    private static readonly Option<string> Truth = new("--truth") { Description = "Column of what was right; without it nobody can say what equality costs.", Required = true };
    private static readonly Option<string?> TruthYes = new("--truth-yes") { Description = "Value of the truth that means yes." };
    private static readonly Option<string> Score = new("--score") { Description = "Column of the score, a number; more is better.", Required = true };
    private static readonly Option<string> Group = new("--group") { Description = "Column of groups; a*b for the intersection of two.", Required = true };
    private static readonly Option<string> Equalise = new("--equalise") { Description = "What is made equal: selection-rate (share of yes) or tpr (share of yes where yes is right).", DefaultValueFactory = _ => "selection-rate" };
    private static readonly Option<double> MaxGap = new("--max-gap") { Description = "Largest difference that is left, 0 to 1.", DefaultValueFactory = _ => 0.01 };
    private static readonly Option<int> MinGroup = new("--min-group") { Description = "Smaller groups get the cut-off for everybody.", DefaultValueFactory = _ => AuditPlan.DefaultMinimum };
    private static readonly Option<string?> Reason = new("--legal-reason") { Description = "Why the law lets you treat groups differently here, 20 to 500 characters. Kept with the result." };
    private static readonly Option<string?> Json = new("--json") { Description = "Write all figures to this file." };

    public static Command Make()
    {
        Equalise.AcceptOnlyFromAmong("selection-rate", "tpr");
        var command = new Command("thresholds", "Find a cut-off for each group that makes a rate equal, and say what it costs. Needs the legal reason; with --data or --postgres the log keeps it.")
        {
            Source, Decision, DecisionYes, Truth, TruthYes, Score, Group, Equalise, MaxGap, MinGroup, Reason, Json, Shared.Data, Shared.Postgres,
        };
        command.Runs(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        var reason = CheckReason(parsed.GetValue(Reason));
        var columns = new DecisionColumns(parsed.GetValue(Decision)!, parsed.GetValue(DecisionYes), parsed.GetValue(Truth), parsed.GetValue(TruthYes), parsed.GetValue(Score), [parsed.GetValue(Group)!]);
        var goal = parsed.GetValue(Equalise) == "tpr" ? ThresholdGoal.TruePositiveRate : ThresholdGoal.SelectionRate;
        var tally = new OutcomeTally(columns.Groupings, hasScores: true);
        await Task.Run(() => new DecisionFile(parsed.GetValue(Source)!.ToString(), columns).ReadInto(tally, null, ct), ct);
        var found = GroupThresholds.Find(tally, goal, parsed.GetValue(MaxGap), parsed.GetValue(MinGroup));
        var entry = await LogAsync(parsed, columns, goal, reason, ct);
        Print(found, columns, goal, parsed.GetValue(MinGroup), reason, entry);
        if (parsed.GetValue(Json) is { } file)
        {
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new
            {
                goal = parsed.GetValue(Equalise), maxGap = parsed.GetValue(MaxGap), legalReason = reason, entry, cost = found.Cost, common = Figures(found.Common, parsed.GetValue(MinGroup)), byGroup = Figures(found.ByGroup, parsed.GetValue(MinGroup)),
            }, Indented), ct);
        }

        return ExitCode.Done;
    }

    private static string CheckReason(string? text) => text?.Trim() is { Length: >= MinReason and <= MaxReason } reason && !reason.Any(char.IsControl) ? reason
        : throw new Fault(FaultKind.Invalid, "fairness/no-legal-reason",
            $"Cut-offs by group treat people differently for what they are, which the law forbids unless it says otherwise: give the reason with `--legal-reason`, {MinReason} to {MaxReason} characters in one line; got `{text?.Trim().Length ?? 0}`.");

    /// <summary>The log entry; null where no installation was named.</summary>
    private static async Task<string?> LogAsync(ParseResult parsed, DecisionColumns columns, ThresholdGoal goal, string reason, CancellationToken ct)
    {
        if (parsed.GetResult(Shared.Data) is not { Implicit: false } && parsed.GetValue(Shared.Postgres) is null)
        {
            return null;
        }

        await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
        return await host.Database.WriteAsync(tx => host.Log.AppendAsync(tx, new AuditEvent
        {
            Kind = AuditKind.Admin, Actor = "system:cli", Subject = $"group-thresholds:{goal}:{Name.Shown(columns.Groups[0])}", Reason = reason,
        }, ct), ct);
    }

    /// <summary>Of a group that is too small nothing is told but its cut-off.</summary>
    private static object Figures(ThresholdOutcome outcome, int minimum) => new
    {
        accuracy = outcome.Accuracy.Value, gap = outcome.Gap,
        groups = outcome.Groups.Select(g => new
        {
            values = g.Values, ownThreshold = g.HasOwn, threshold = g.Threshold, tooFew = g.Counts.Count < minimum, people = Told(g, minimum)?.Count,
            selectionRate = Told(g, minimum)?.Of(Rate.Selection).Value, tpr = Told(g, minimum)?.Of(Rate.TruePositive).Value, accuracy = Told(g, minimum)?.Of(Rate.Accuracy).Value,
        }),
    };

    private static void Print(GroupThresholds found, DecisionColumns columns, ThresholdGoal goal, int minimum, string reason, string? entry)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Shared.Results) });
        console.Profile.Width = Console.IsOutputRedirected ? 160 : console.Profile.Width;
        var table = new Table { Border = TableBorder.Rounded };
        Array.ForEach(["group", "people", "cut-off for all", "yes", "yes where right", "cut-off of its own", "yes", "yes where right", "right decisions"], h => table.AddColumn(h));
        foreach (var (all, own) in found.Common.Groups.Zip(found.ByGroup.Groups))
        {
            var people = Told(own, minimum)?.Count.ToString("N0", CultureInfo.InvariantCulture) ?? $"too few (under {minimum})";
            string[] cells = [string.Join(" × ", own.Values.Select(v => v ?? "not given")), people, Cut(all.Threshold), Share(all, Rate.Selection, minimum), Share(all, Rate.TruePositive, minimum),
                own.HasOwn ? Cut(own.Threshold) : "that for all", Share(own, Rate.Selection, minimum), Share(own, Rate.TruePositive, minimum), Share(own, Rate.Accuracy, minimum)];
            table.AddRow([.. cells.Select(Markup.Escape)]);
        }

        console.Write(table);
        var what = goal == ThresholdGoal.SelectionRate ? "shares of yes" : "shares of yes where yes is right";
        Shared.Results.WriteLine($"One cut-off for everybody: {Percent(found.Common.Accuracy.Value)} of decisions are right; the {what} differ by {Points(found.Common.Gap)}.");
        Shared.Results.WriteLine($"A cut-off a group: {Percent(found.ByGroup.Accuracy.Value)} are right; the {what} differ by {Points(found.ByGroup.Gap)}. It costs {Points(found.Cost)} of right decisions.");
        Shared.Results.WriteLine($"Legal reason given for `{columns.Groups[0]}`: {reason}{(entry is null ? "" : $" (log entry {entry})")}");
        Shared.Results.WriteLine("Measured on this file alone, and nothing was switched on. Whether the reason holds is for a lawyer to say.");
    }

    private static string Cut(double? threshold) => threshold?.ToString("0.######", CultureInfo.InvariantCulture) ?? "nobody";

    private static OutcomeCounts? Told(GroupThreshold group, int minimum) => group.Counts.Count < minimum ? null : group.Counts;

    private static string Share(GroupThreshold group, Rate rate, int minimum) => Told(group, minimum) is { } counts ? Percent(counts.Of(rate).Value) : "";

    private static string Percent(double? share) => share is { } s ? string.Create(CultureInfo.InvariantCulture, $"{s * 100:0.0} %") : "not defined";

    private static string Points(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.0} points");
}
