using System.CommandLine;
using System.Globalization;
using Candor.Fairness;
using Candor.Kernel;

namespace Candor.Server.Commands;

/// <summary><c>candor fairness risk FILE</c>: how easily people are found again in records without names, and which coarser columns would help.</summary>
internal static class FairnessRiskCommand
{
    private static readonly Argument<FileInfo> Source = new("file") { Description = "CSV file, plain or gzip, one row a person." };
    private static readonly Option<string[]> By = new("--by") { Description = "Columns that somebody may know from elsewhere, such as age, sex and postcode.", Required = true, AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string?> Sensitive = new("--sensitive") { Description = "Column that must not come out." };
    private static readonly Option<int> K = new("--k") { Description = "Everybody must be one of at least this many.", DefaultValueFactory = _ => 5 };
    private static readonly Option<double> MaxSuppressed = new("--max-suppressed") { Description = "Share of records that may be left out, 0 to 1.", DefaultValueFactory = _ => 0.02 };
    private static readonly Option<int> MinL = new("--min-l") { Description = "Different sensitive values that each class must have.", DefaultValueFactory = _ => 1 };
    private static readonly Option<double?> MaxT = new("--max-t") { Description = "Largest distance of a class's sensitive values from everybody's, 0 to 1." };
    private static readonly Option<string[]> As = new("--as") { Description = "How a column becomes coarser, as column=age, date, postcode or country. Others are kept or hidden.", AllowMultipleArgumentsPerToken = true };

    public static Command Make()
    {
        var command = new Command("risk", "Measure the risk of finding people again, and search the least loss that brings it down. Exit code 1 when the records as they are do not reach the goal.")
        {
            Source, By, Sensitive, K, MaxSuppressed, MinL, MaxT, As,
        };
        command.Runs((parsed, ct) => Task.Run(() => Run(parsed, ct), ct));
        return command;
    }

    private static int Run(ParseResult parsed, CancellationToken ct)
    {
        var (source, by, sensitive) = (parsed.GetValue(Source)!, parsed.GetValue(By)!, parsed.GetValue(Sensitive));
        var goal = new AnonymityGoal(parsed.GetValue(K), parsed.GetValue(MaxSuppressed), parsed.GetValue(MinL), parsed.GetValue(MaxT));
        if (goal.K < 1 || goal.MaxSuppressed is not (>= 0 and <= 1) || goal.DistinctL < 1 || goal.MaxT is not (null or (>= 0 and <= 1)))
        {
            throw new Fault(FaultKind.Invalid, "fairness/bad-limit", "`--k` and `--min-l` are at least 1; `--max-suppressed` and `--max-t` are 0 to 1.");
        }

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

        var columns = records.Numbers.Take(by.Length).ToList();
        var own = sensitive is null ? null : records.Numbers[^1];
        Print(columns, own, sensitive);
        var hierarchies = by.Select((c, i) => Hierarchy(c, records.Values[i], parsed.GetValue(As) ?? [])).ToList();
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
        var risk = ReidentificationRisk.Of(classes);
        Line($"{risk.Records:N0} records in {risk.Classes:N0} classes; the smallest has k = {risk.K}.");
        Line($"{risk.UniqueRecords:N0} records ({risk.UniqueShare:P2}) are like no other.");
        Line($"Risk of being picked rightly: {risk.HighestRisk:P2} for the person easiest to find, {risk.AverageRisk:P2} on average; {risk.ShareAtRiskOver(0.2):P2} of the records are over 20 %.");
        if (own is not null)
        {
            var spread = SensitiveSpread.Of(classes, own);
            Line($"{sensitive}: at least {spread.DistinctL} of {spread.DistinctValues} values in a class (entropy {spread.EntropyL:0.00}); a class is up to {spread.T:0.000} away from everybody (t); in {spread.HomogeneousClasses:N0} classes with {spread.RecordsInThem:N0} records all share one value.");
        }
    }

    private static void Print(Anonymisation? found, List<GeneralisationHierarchy> hierarchies)
    {
        if (found is null)
        {
            Line($"No way to make these columns coarser reaches it; leave columns out, or let more records be left out.");
            return;
        }

        Line($"Least loss that does ({found.Loss:P1}): {string.Join(", ", hierarchies.Zip(found.Levels, Shown))}; {found.Suppressed:N0} records are left out, and then k = {found.K}.");

        static string Shown(GeneralisationHierarchy h, int level) =>
            level == 0 ? $"{h.Column} as it is" : level == h.Levels.Count - 1 ? $"{h.Column} hidden" : $"{h.Column} at level {level} of {h.Levels.Count - 1} (such as {h.Levels[level][0]})";
    }

    private static GeneralisationHierarchy Hierarchy(string column, IReadOnlyList<string> values, string[] chosen) =>
        chosen.Select(c => c.Split('=', 2)).LastOrDefault(c => c[0] == column) switch
        {
            null => GeneralisationHierarchy.KeepOrHide(column, values),
            [_, "age"] => GeneralisationHierarchy.Age(column, values),
            [_, "date"] => GeneralisationHierarchy.Date(column, values),
            [_, "postcode"] => GeneralisationHierarchy.Postcode(column, values),
            [_, "country"] => GeneralisationHierarchy.Country(column, values),
            var other => throw new Fault(FaultKind.Invalid, "fairness/bad-hierarchy", $"A column becomes coarser as `age`, `date`, `postcode` or `country`, got `{Name.Shown(string.Join('=', other))}`."),
        };

    private static void Line(FormattableString text) => Shared.Results.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
