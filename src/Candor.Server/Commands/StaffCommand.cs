using System.CommandLine;
using Candor.Kernel;

namespace Candor.Server.Commands;

/// <summary><c>candor staff add|list</c>. Passkeys, training and sign-in are still to come; a member added here has no session yet.</summary>
internal static class StaffCommand
{
    public static Command Make() => new("staff", "People who work here and what they may do.") { MakeAdd(), MakeList() };

    private static Command MakeAdd()
    {
        var name = new Argument<string>("name");
        var roles = new Option<string[]>("--role") { Description = "agent, marketing, analyst, privacy-officer, committee-member, auditor, administrator.", AllowMultipleArgumentsPerToken = true, Required = true };
        var command = new Command("add", "Add a staff member.") { name, roles, Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            var id = await host.Database.WriteAsync(tx => host.Access.AddStaffAsync(tx, parsed.GetValue(name)!, parsed.GetValue(roles)!, null, "system:cli", ct), ct);
            Shared.Results.WriteLine(id);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command MakeList()
    {
        var command = new Command("list", "Show the staff.") { Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            var now = Micros.From(host.Database.Clock.GetUtcNow());
            foreach (var member in await host.Database.ReadAsync(tx => host.Access.StaffAsync(tx, ct), ct))
            {
                var training = member.TrainingUntilUs > now ? "trained" : "training missing";
                Shared.Results.WriteLine($"{member.StaffId}  {member.Name}  {member.Roles}  {(member.DisabledAtUs is null ? training : "disabled")}");
            }

            return ExitCode.Done;
        });
        return command;
    }
}
