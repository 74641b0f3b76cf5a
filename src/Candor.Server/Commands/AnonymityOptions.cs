using System.CommandLine;
using Candor.Fairness;
using Candor.Kernel;

namespace Candor.Server.Commands;

/// <summary>Options of the commands that measure or make anonymous records.</summary>
internal static class AnonymityOptions
{
    public static readonly Option<string?> Sensitive = new("--sensitive") { Description = "Column that must not come out." };
    private static readonly Option<int> K = new("--k") { Description = "Everybody must be one of at least this many.", DefaultValueFactory = _ => 5 };
    private static readonly Option<double> MaxSuppressed = new("--max-suppressed") { Description = "Share of records that may be left out, 0 to 1.", DefaultValueFactory = _ => 0.02 };
    private static readonly Option<int> MinL = new("--min-l") { Description = "Different sensitive values that each class must have.", DefaultValueFactory = _ => 1 };
    private static readonly Option<double?> MaxT = new("--max-t") { Description = "Largest distance of a class's sensitive values from everybody's, 0 to 1." };
    private static readonly Option<string[]> As = new("--as") { Description = "How a column becomes coarser, as column=age, date, postcode or country. Others are kept or hidden.", AllowMultipleArgumentsPerToken = true };

    public static void AddTo(Command command)
    {
        foreach (var option in (Option[])[Sensitive, K, MaxSuppressed, MinL, MaxT, As])
        {
            command.Options.Add(option);
        }
    }

    /// <exception cref="Fault">Invalid <c>fairness/bad-limit</c>.</exception>
    public static AnonymityGoal Goal(ParseResult parsed)
    {
        var goal = new AnonymityGoal(parsed.GetValue(K), parsed.GetValue(MaxSuppressed), parsed.GetValue(MinL), parsed.GetValue(MaxT));
        return goal.K < 1 || goal.MaxSuppressed is not (>= 0 and <= 1) || goal.DistinctL < 1 || goal.MaxT is not (null or (>= 0 and <= 1))
            ? throw new Fault(FaultKind.Invalid, "fairness/bad-limit", "`--k` and `--min-l` are at least 1; `--max-suppressed` and `--max-t` are 0 to 1.")
            : goal;
    }

    /// <summary>By column, how it becomes coarser.</summary>
    public static IReadOnlyDictionary<string, string> Coarser(ParseResult parsed)
    {
        var coarser = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var parts in (parsed.GetValue(As) ?? []).Select(a => a.Split('=', 2)))
        {
            coarser[parts[0]] = parts.Length > 1 ? parts[1] : "";
        }

        return coarser;
    }
}
