using System.CommandLine;
using System.Globalization;
using Candor.Backup;
using Candor.Storage;

namespace Candor.Server.Commands;

/// <summary><c>candor restore FILE</c> puts a backup into an empty folder; <c>candor restore finish</c> opens it for use.</summary>
internal static class RestoreCommand
{
    public static Command Make()
    {
        var file = new Argument<FileInfo?>("file") { Description = "The backup.", Arity = ArgumentArity.ZeroOrOne };
        var identity = new Option<FileInfo?>("--identity") { Description = "The identity file that `candor backup init` made." };
        var command = new Command("restore", "Put a backup into an empty folder. It stays closed until `candor restore finish`.") { file, identity, Shared.Data, Shared.Postgres, MakeFinish() };
        command.Runs(async (parsed, ct) =>
        {
            if (parsed.GetValue(file) is not { } backup || parsed.GetValue(identity) is not { } key)
            {
                throw new Kernel.Fault(Kernel.FaultKind.Invalid, "server/no-path", "Name the backup and the identity: `candor restore FILE --identity IDENTITY --data FOLDER`.");
            }

            var settings = Shared.Settings(parsed);
            var place = settings.Postgres is { } connection ? new PostgresPlace(connection) : null;
            var restored = await Shared.WithProgressAsync("Restoring", report => BackupRestore.RunAsync(
                backup.FullName, BackupIdentity.Load(key.FullName), settings.Folder.Path, Path.GetFileName(settings.Folder.Database), place, TimeProvider.System,
                new Progress<long>(done => report(0.5, $"{done:N0} entries")), ct));
            Shared.Results.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"Restored the backup of {restored.Manifest.MadeAt:yyyy-MM-dd HH:mm:ss} UTC into {settings.Folder.Path}; its log of {restored.LogSize:N0} entries verifies."));
            Shared.Results.WriteLine($"It is closed. Put the root key at {settings.Folder.RootKey}, then run `candor restore finish --ledger FILE` with the newest {LedgerKeeper.FileName}.");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command MakeFinish()
    {
        var ledger = new Option<FileInfo>("--ledger") { Description = $"The newest {LedgerKeeper.FileName} beside the backups.", Required = true };
        var checkpoint = new Option<FileInfo?>("--checkpoint") { Description = "The newest checkpoint of the log that was kept outside; an older ledger is refused." };
        var command = new Command("finish", "Erase again who was erased since the backup, stop again what was withdrawn, and open the installation.") { ledger, checkpoint, Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            var settings = Shared.Settings(parsed);
            var text = await File.ReadAllTextAsync(parsed.GetValue(ledger)!.FullName, ct);
            var known = parsed.GetValue(checkpoint) is { } kept ? await File.ReadAllTextAsync(kept.FullName, ct) : null;
            var report = await Hosting.CandorHost.FinishRestoreAsync(settings, settings.Folder.LoadKey(), text, known, ct);
            Shared.Results.WriteLine($"Erased again: {report.Replay.Erased}. Not here any more: {report.Replay.Gone}. Uses stopped again: {report.Replay.Stopped}. Sessions ended: {report.Sessions}.");
            Shared.Results.WriteLine(report.LostEntries > 0
                ? $"The log had {report.LostEntries:N0} entries after this backup; what they recorded is lost. Check staff and API keys that were changed since. The installation is open: start the server anew."
                : "Nothing was logged after this backup. The installation is open: start the server anew.");
            return ExitCode.Done;
        });
        return command;
    }
}
