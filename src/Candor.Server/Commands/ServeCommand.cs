using System.CommandLine;
using Candor.Backup;
using Candor.Server.Hosting;
using Candor.Server.Web;

namespace Candor.Server.Commands;

/// <summary><c>candor serve</c>: opens an installation and answers until it is stopped.</summary>
internal static class ServeCommand
{
    public static Command Make()
    {
        var certificate = new Option<string?>("--opendsr-certificate") { Description = "PEM file with a certificate for the host of --site and its key; turns OpenDSR on." };
        var privateToo = new Option<bool>("--opendsr-private-callbacks") { Description = "OpenDSR callbacks may also go to plain http and to hosts of this network." };
        var command = new Command("serve", "Serve an installation made with `candor init`.")
        {
            Shared.Data, Shared.Postgres, Shared.Urls, Shared.SiteUrl, Shared.Rate, MailOptions.Smtp, MailOptions.User, MailOptions.From, TrainingCommand.Folder, certificate, privateToo,
        };
        SignInSettings.AddTo(command);
        StaffSettings.AddTo(command);
        LogOptions.AddTo(command);
        BackupSchedule.AddTo(command);
        WatchOptions.AddTo(command);
        command.Runs(async (parsed, ct) =>
        {
            var urls = parsed.GetValue(Shared.Urls)!;
            var plain = Shared.Settings(parsed, parsed.GetValue(Shared.SiteUrl) ?? urls.Split(';')[0]);
            var settings = plain with
            {
                Mail = MailOptions.Settings(parsed, plain.Folder),
                OpenDsrCertificate = parsed.GetValue(certificate),
                PrivateCallbacks = parsed.GetValue(privateToo),
                StaffRules = StaffSettings.Rules(parsed),
                Backups = BackupSchedule.Read(parsed),
                TrainingFolder = parsed.GetValue(TrainingCommand.Folder),
            };
            await using var host = await OpenAsync(LogOptions.Settings(parsed, settings), urls, WatchOptions.IsJson(parsed), ct);
            if (host is null)
            {
                return ExitCode.Refused;
            }

            var signIn = SignInSettings.Read(parsed) with { Staff = StaffSettings.Oidc(parsed) };
            await RunAsync(host, WatchOptions.Read(parsed, new SiteOptions(urls, parsed.GetValue(Shared.Rate), SignIn: signIn, Proxies: SignInSettings.Proxies(parsed))), async app =>
            {
                Shared.Results.WriteLine($"Candor serves {settings.Folder.Path} on {string.Join(", ", app.Urls)} ({host.Database.Description}). Ctrl-C stops it.");
                // Not cancelled: a start that is interrupted at this moment ends as any other does.
                await StaffSettings.TellFirstAsync(host, CancellationToken.None);
            }, ct);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Opens the installation. One that comes from a backup and is not finished answers every call with one sentence instead, until it is stopped.</summary>
    /// <returns>Null when it was stopped then.</returns>
    private static async Task<CandorHost?> OpenAsync(HostSettings settings, string urls, bool isJson, CancellationToken ct)
    {
        try
        {
            var host = await Shared.OpenAsync(settings, ct);
            try
            {
                await (settings.Backups is { } backups ? host.BackupLedger.RefuseOlderAsync(backups.Folder, ct) : Task.CompletedTask);
                return host;
            }
            catch
            {
                await host.DisposeAsync();
                throw;
            }
        }
        catch (Kernel.Fault fault) when (fault.What == RestoredMode.What)
        {
            Console.Error.WriteLine(fault.Message);
            await using var closed = ClosedSite.Build(urls, fault, isJson);
            await closed.StartAsync(ct);
            Shared.Results.WriteLine($"Candor is closed on {string.Join(", ", closed.Urls)}. After `candor restore finish`, start it anew. Ctrl-C stops it.");
            await closed.WaitForShutdownAsync(ct);
            return null;
        }
    }

    /// <summary>Serves until cancelled.</summary>
    public static async Task RunAsync(CandorHost host, SiteOptions options, Func<WebApplication, Task> started, CancellationToken ct)
    {
        // Before anybody is let in: a mistake in a module keeps the server from starting.
        var trainings = host.Trainings;
        await host.Database.WriteAsync(tx => trainings.CountAsync(tx, "system:start", ct), ct);
        await using var app = Site.Build(host, options);
        try
        {
            await app.StartAsync(ct);
        }
        catch (IOException e)
        {
            throw new Kernel.Fault(Kernel.FaultKind.Unavailable, "server/address-in-use", $"Cannot listen on `{options.Urls}`: the address is in use; choose another with `--urls`.", e);
        }

        await started(app);
        await app.WaitForShutdownAsync(ct);
    }
}
