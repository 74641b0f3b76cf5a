using System.CommandLine;
using Candor.Fairness;
using Candor.Kernel;

namespace Candor.Server.Commands;

/// <summary><c>candor fairness risk FILE</c>: how easily people are found again in records without names, and which coarser columns would help.</summary>
internal static class FairnessRiskCommand
{
    private static readonly Argument<FileInfo> Source = new("file") { Description = "CSV file, plain or gzip, one row a person." };
    private static readonly Option<string[]> By = new("--by") { Description = "Columns that somebody may know from elsewhere, such as age, sex and postcode.", Required = true, AllowMultipleArgumentsPerToken = true };

    public static Command Make()
    {
        var command = new Command("risk", "Measure the risk of finding people again, and search the least loss that brings it down. Exit code 1 when the records as they are do not reach the goal.")
        {
            Source, By,
        };
        AnonymityOptions.AddTo(command);
        command.Runs((parsed, ct) => Task.Run(() => Run(parsed, ct), ct));
        return command;
    }

    private static int Run(ParseResult parsed, CancellationToken ct)
    {
        var (source, by, sensitive, goal) = (parsed.GetValue(Source)!, parsed.GetValue(By)!, parsed.GetValue(AnonymityOptions.Sensitive), AnonymityOptions.Goal(parsed));
        if (!source.Exists)
        {
            throw new Fault(FaultKind.NotFound, "fairness/no-such-file", $"There is no file `{source}`.");
        }

        using var file = source.OpenRead();
        using var bytes = UnpackedFile.Open(file, "fairness");
        var records = RecordFile.Read(bytes, sensitive is null ? by : [.. by, sensitive], ct);
        if (records.Records == 0)
        {
            Shared.Results.WriteLine("The file has no records, so there is nobody to find again.");
            return ExitCode.Done;
        }

        var coarser = AnonymityOptions.Coarser(parsed);
        var columns = records.Numbers.Take(by.Length).ToList();
        var own = sensitive is null ? null : records.Numbers[^1];
        Print(columns, own, sensitive);
        var hierarchies = by.Select((c, i) => GeneralisationHierarchy.Named(c, records.Values[i], coarser.GetValueOrDefault(c))).ToList();
        var search = new AnonymisationSearch(hierarchies, columns, own);
        var isReached = search.At(new int[by.Length], goal with { MaxSuppressed = 0 }) is not null;
        Shared.Results.WriteLine(isReached ? "The records reach the goal as they are." : "The records do not reach the goal: they are pseudonymised, not anonymous.");
        if (!isReached)
        {
            Print(search.Find(goal, ct), hierarchies);
        }

        return isReached ? ExitCode.Done : ExitCode.Refused;
    }

    private static void Print(IReadOnlyList<int[]> columns, int[]? own, string? sensitive)
    {
        var classes = ReidentificationRisk.ClassesOf(columns);
        RiskWords.Say(ReidentificationRisk.Of(classes));
        if (own is not null)
        {
            RiskWords.Say(SensitiveSpread.Of(classes, own), sensitive!);
        }
    }

    private static void Print(Anonymisation? found, List<GeneralisationHierarchy> hierarchies)
    {
        if (found is null)
        {
            Shared.Results.WriteLine("No way to make these columns coarser reaches it; leave columns out, or let more records be left out.");
            return;
        }

        RiskWords.Say(found, hierarchies);
    }
}
