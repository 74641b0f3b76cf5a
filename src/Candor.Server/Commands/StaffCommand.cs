using System.CommandLine;
using Candor.Kernel;
using Candor.Staff;

namespace Candor.Server.Commands;

/// <summary><c>candor staff invite|add|list|disable|reset</c>. Whoever has the shell of the host is the last resort when everything to sign in with is lost.</summary>
internal static class StaffCommand
{
    public static Command Make() => new("staff", "People who work here and what they may do.") { MakeInvite(), MakeAdd(), MakeList(), MakeDisable(), MakeReset() };

    private static Option<string[]> Roles() =>
        new("--role") { Description = string.Join(", ", AccessRegister.KnownRoles) + ".", AllowMultipleArgumentsPerToken = true, Required = true };

    private static Command MakeInvite()
    {
        var (name, email, roles) = (new Argument<string>("name"), new Argument<string>("email"), Roles());
        var command = new Command("invite", "Add a staff member who can sign in. Prints a one-time link for them, which counts for 72 hours.") { name, email, roles, Shared.SiteUrl, Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed, parsed.GetValue(Shared.SiteUrl)), ct);
            var token = await host.Database.WriteAsync(tx => host.Invitations.InviteAsync(tx, parsed.GetValue(email)!, parsed.GetValue(name)!, parsed.GetValue(roles)!, "system:cli", ct), ct);
            Shared.Results.WriteLine(StaffSettings.Link(host, token));
            return ExitCode.Done;
        });
        return command;
    }

    private static Command MakeDisable()
    {
        var id = new Argument<string>("id") { Description = "As `candor staff list` shows it." };
        var command = new Command("disable", "Disable an account: its sessions end at once.") { id, Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            await host.Database.WriteAsync(tx => host.Access.DisableStaffAsync(tx, parsed.GetValue(id)!, "system:cli", ct), ct);
            Shared.Results.WriteLine("Disabled.");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command MakeReset()
    {
        var id = new Argument<string>("id") { Description = "As `candor staff list` shows it." };
        var command = new Command("reset", "For who lost what they sign in with: passkeys, password, app, codes and sessions end. Prints a one-time link to set up new ones.") { id, Shared.SiteUrl, Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed, parsed.GetValue(Shared.SiteUrl)), ct);
            var token = await host.Database.WriteAsync(tx => host.Invitations.ResetAsync(tx, parsed.GetValue(id)!, "system:cli", ct), ct);
            Shared.Results.WriteLine(StaffSettings.Link(host, token));
            return ExitCode.Done;
        });
        return command;
    }

    private static Command MakeAdd()
    {
        var name = new Argument<string>("name");
        var roles = Roles();
        var command = new Command("add", "Add a staff member without an address, who cannot sign in.") { name, roles, Shared.Data, Shared.Postgres };
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
                Shared.Results.WriteLine($"{member.StaffId}  {member.Name}  {member.Email ?? "-"}  {member.Roles}  {(member.DisabledAtUs is null ? training : "disabled")}");
            }

            return ExitCode.Done;
        });
        return command;
    }
}
