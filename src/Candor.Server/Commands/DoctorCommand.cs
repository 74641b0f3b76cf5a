using System.CommandLine;

namespace Candor.Server.Commands;

/// <summary><c>candor doctor</c>: looks an installation over and says what to do.</summary>
internal static class DoctorCommand
{
    public static Command Make()
    {
        var command = new Command("doctor", "Check keys, database, file modes, disk and the log's head.") { Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            var checks = await Doctor.LookAsync(Shared.Settings(parsed), ct);
            foreach (var check in checks)
            {
                Shared.Results.WriteLine($"{check.State.ToString().ToUpperInvariant(),-4}  {check.Name}: {check.Finding}{(check.Advice is { } advice ? $" {advice}" : "")}");
            }

            return checks.All(c => c.State != DoctorState.Fail) ? ExitCode.Done : ExitCode.Refused;
        });
        return command;
    }
}
