using System.CommandLine;

namespace Candor.Server.Commands;

/// <summary><c>candor trust</c>: the counts behind the page about trust.</summary>
internal static class TrustCommand
{
    private const int MaxDays = 3650;
    private static readonly Option<int> Days = new("--days") { Description = $"How many days back, up to yesterday; 1 to {MaxDays}.", DefaultValueFactory = _ => 90 };

    public static Command Make()
    {
        var recount = new Command("recount", "Count past days again from the ledger, the requests, the log and the times of orders; after an import, for one. Customers who were erased since are not counted.") { Shared.Data, Shared.Postgres, Days };
        recount.Validators.Add(result =>
        {
            if (result.GetValue(Days) is < 1 or > MaxDays)
            {
                result.AddError($"`--days` is 1 to {MaxDays}; got `{result.GetValue(Days)}`.");
            }
        });
        recount.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            var yesterday = DateOnly.FromDateTime(host.Database.Clock.GetUtcNow().UtcDateTime).AddDays(-1);
            var from = yesterday.AddDays(1 - parsed.GetValue(Days));
            await host.TrustDays.RecountAsync(from, yesterday, ct);
            Shared.Results.WriteLine($"Counted {from:yyyy-MM-dd} to {yesterday:yyyy-MM-dd} again.");
            return ExitCode.Done;
        });
        return new Command("trust", "The counts behind the page about trust.") { recount };
    }
}
