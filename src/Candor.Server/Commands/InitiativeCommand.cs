using System.CommandLine;

namespace Candor.Server.Commands;

/// <summary><c>candor initiative export</c>.</summary>
internal static class InitiativeCommand
{
    public static Command Make()
    {
        var export = new Command("export", "Print the approved initiatives as a list that the log's key has signed, for `candor catalog diff --initiative`.") { Shared.Data, Shared.Postgres };
        export.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            Shared.Results.Write(await host.ApprovedInitiativesAsync(ct));
            return ExitCode.Done;
        });
        return new Command("initiative", "Approved new uses of data.") { export };
    }
}
