using System.CommandLine;
using Candor.Audit;
using Candor.Kernel;
using Candor.Server.Hosting;

namespace Candor.Server.Commands;

/// <summary>Who outside signs the log, and what in it is worth a question; from options and the environment.</summary>
internal static class LogOptions
{
    private const string AtAnyHour = "any";

    private static readonly Option<string[]> Witness = new("--witness")
    {
        Description = "Address of a witness, whose key follows as --witness-key; repeat both for more. Also CANDOR_WITNESS and CANDOR_WITNESS_KEY, parted by blanks.",
        DefaultValueFactory = _ => Words("CANDOR_WITNESS"),
    };

    private static readonly Option<string[]> WitnessKey = new("--witness-key") { Description = "Key of a witness, as `candor witness init` prints it.", DefaultValueFactory = _ => Words("CANDOR_WITNESS_KEY") };

    private static readonly Option<string?> Hours = new("--business-hours")
    {
        Description = $"When looks at customers are nothing odd, such as `Mon-Fri 08:00-18:00 Europe/Berlin`, or `{AtAnyHour}`; also CANDOR_BUSINESS_HOURS. Mon-Sat 06:00-22:00 UTC unless set.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("CANDOR_BUSINESS_HOURS"),
    };

    private static readonly Option<string?> Limits = new("--anomalies")
    {
        Description = "Limits from which on something in the log is worth a question, such as `bulk=40 denials=20`; also CANDOR_ANOMALIES.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("CANDOR_ANOMALIES"),
    };

    public static void AddTo(Command command)
    {
        command.Add(Witness);
        command.Add(WitnessKey);
        command.Add(Hours);
        command.Add(Limits);
    }

    /// <exception cref="Fault">Invalid, when an option cannot be read.</exception>
    public static HostSettings Settings(ParseResult parsed, HostSettings settings)
    {
        var (urls, keys, hours) = (parsed.GetValue(Witness)!, parsed.GetValue(WitnessKey)!, parsed.GetValue(Hours));
        if (urls.Length != keys.Length)
        {
            throw new Fault(FaultKind.Invalid, "server/witness-keys", $"Each `--witness` has a `--witness-key`; got `{urls.Length}` and `{keys.Length}`.");
        }

        var witnesses = urls.Zip(keys, WitnessAddress.Parse).ToList();
        if (witnesses.GroupBy(w => w.Key.Name).FirstOrDefault(g => g.Count() > 1) is { Key: var twice })
        {
            throw new Fault(FaultKind.Invalid, "server/witness-twice", $"There are two witnesses of the name `{Name.Shown(twice)}`; one key is one witness.");
        }

        var anomalies = new AnomalySettings().With(parsed.GetValue(Limits) ?? "");
        return settings with
        {
            Witnesses = witnesses,
            Anomalies = string.IsNullOrEmpty(hours) ? anomalies : anomalies with { Hours = hours == AtAnyHour ? null : BusinessHours.Parse(hours) },
        };
    }

    private static string[] Words(string variable) => (Environment.GetEnvironmentVariable(variable) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
