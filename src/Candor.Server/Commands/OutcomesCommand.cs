using System.CommandLine;
using System.Globalization;
using Candor.Fairness;
using Candor.Kernel;
using Candor.Personalization;

namespace Candor.Server.Commands;

/// <summary><c>candor outcomes</c>: how it went for customers with suggestions and for those in the comparison group.</summary>
internal static class OutcomesCommand
{
    private const int DefaultDays = 90;
    private const int MostDays = 3650;
    private static readonly Option<int> Days = new("--days") { Description = "How many days back, today included; 1 to 3650.", DefaultValueFactory = _ => DefaultDays };

    public static Command Make()
    {
        var command = new Command("outcomes", "Does it help? Abandoned carts, repeat purchases and suggestions bought, with a use and in its comparison group. Counts only; nobody is read.") { Shared.Data, Shared.Postgres, Days };
        command.Runs(async (parsed, ct) =>
        {
            // Here and not in a validator, which does not see the default.
            var days = parsed.GetValue(Days);
            if (days is < 1 or > MostDays)
            {
                throw new Fault(FaultKind.Invalid, "fairness/bad-days", $"`--days` is 1 to {MostDays}; got `{days}`.");
            }

            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            var today = DateOnly.FromDateTime(host.Database.Clock.GetUtcNow().UtcDateTime);
            var cells = await host.Database.ReadAsync(tx => OutcomeCells.ReadAsync(tx, today.AddDays(1 - days), today, ct), ct);
            Print(HoldOutReport.Of(cells));
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(IReadOnlyList<HoldOutLine> lines)
    {
        if (lines.Count == 0)
        {
            Shared.Results.WriteLine("Nothing was counted in these days: it takes customers who agreed to a purpose with `holdOut`, and events about them.");
            return;
        }

        Shared.Results.WriteLine($"{"purpose",-28} {"measure",-18} {"with",16} {"without",16} {"difference",11} {"95 % interval",18}");
        foreach (var line in lines)
        {
            var difference = line.Difference is { } d ? Percent(d, "+0.0;-0.0;0.0") : "not defined";
            var interval = line.Interval is { } i ? $"{Percent(i.Low, "+0.0;-0.0;0.0")} to {Percent(i.High, "+0.0;-0.0;0.0")}" : "";
            Shared.Results.WriteLine($"{line.Purpose.Value,-28} {HoldOutReport.CodeOf(line.Measure),-18} {Words(line.With),16} {Words(line.Without),16} {difference,11} {interval,18}");
        }
    }

    private static string Words(Proportion share) => share.Value is { } value ? $"{Percent(value, "0.0")} of {share.Whole.ToString(CultureInfo.InvariantCulture)}" : "none yet";

    private static string Percent(double share, string format) => (share * 100).ToString(format, CultureInfo.InvariantCulture) + " %";
}
