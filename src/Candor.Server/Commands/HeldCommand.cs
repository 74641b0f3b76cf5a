using System.CommandLine;
using System.Text;
using Candor.Kernel;
using Candor.Server.Web;

namespace Candor.Server.Commands;

/// <summary><c>candor held REFERENCE --purpose NAME</c>: what the law keeps of an erased customer.</summary>
internal static class HeldCommand
{
    public static Command Make()
    {
        var reference = new Argument<string>("reference") { Description = "Your own id of the customer, as it was." };
        var purpose = new Option<string>("--purpose") { Description = "A purpose that rests on a legal obligation, such as bookkeeping.", Required = true };
        var command = new Command("held", "Show what the law keeps of an erased customer. Logged like every read.") { reference, purpose, Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            var read = await host.HeldData.ReadAsSystemAsync("cli", parsed.GetValue(reference)!, PurposeId.Parse(parsed.GetValue(purpose)!), ct);
            if (read.Refused is { } no)
            {
                Console.Error.WriteLine($"{Problems.Sentence(no)} Entry {read.Entry}.");
                return ExitCode.Refused;
            }

            foreach (var value in read.Found.SelectMany(f => f.Values))
            {
                Shared.Results.WriteLine($"{value.DataPoint}  {value.Time:yyyy-MM-dd}  {Encoding.UTF8.GetString(value.Json.Span)}");
            }

            return ExitCode.Done;
        });
        return command;
    }
}
