using System.CommandLine;
using System.Globalization;
using Candor.Backup;
using Candor.Kernel;
using Candor.Server.Hosting;

namespace Candor.Server.Commands;

/// <summary><c>candor backup PATH</c>, <c>backup init|verify|list</c>.</summary>
internal static class BackupCommand
{
    private const int MostListed = 100;

    public static readonly Option<FileInfo> Identity = new("--identity") { Description = "The identity file that `candor backup init` made.", Required = true };

    public static Command Make()
    {
        var path = new Argument<string?>("path") { Description = "File to write, or a folder in which the backup gets a name of its own. After -- it may be any text, such as -- list.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("backup", "Make an encrypted backup, verified while it is made; the running server makes it when there is one.")
        {
            path, Shared.Data, Shared.Postgres, MakeInit(), MakeVerify(), MakeList(),
        };
        command.Runs(async (parsed, ct) =>
        {
            var target = parsed.GetValue(path) ?? throw new Fault(FaultKind.Invalid, "server/no-path", "Name a file or a folder: `candor backup PATH`.");
            var settings = Shared.Settings(parsed);
            var made = await Shared.WithProgressAsync("Backup", report => MakeAsync(settings, Path.GetFullPath(target), report, ct));
            Shared.Results.WriteLine(made);
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<string> MakeAsync(HostSettings settings, string target, Action<double, string> report, CancellationToken ct)
    {
        CandorHost host;
        try
        {
            host = await Shared.OpenAsync(settings, ct);
        }
        catch (Fault fault) when (fault.What == "storage/in-use")
        {
            return await BackupRequests.AskAsync(settings.Folder.Path, target, report, ct);
        }

        await using (host)
        {
            var row = await host.Backups.MakeAsync(target, "system:cli", new Progress<BackupProgress>(p => report(p.Share, p.Step)), ct);
            return BackupRequests.Sentence(row);
        }
    }

    private static Command MakeInit()
    {
        var output = new Option<FileInfo>("--out") { Description = "File for the identity; keep it, and a copy, apart from the server and from the backups.", Required = true };
        var command = new Command("init", "Make the key pair that backups are sealed for: the server keeps the public half, you the secret one.") { output, Shared.Data };
        command.Runs((parsed, _) =>
        {
            var folder = DataFolder.At(parsed.GetValue(Shared.Data)!);
            folder.LoadKey();
            var recipient = Path.Combine(folder.Path, SettingsFiles.Recipient);
            if (File.Exists(recipient))
            {
                throw new Fault(FaultKind.Conflict, "backup/already-made", $"`{recipient}` exists: backups are sealed for `{BackupRecipient.Load(recipient)}`. To change to another key pair, remove it first; older backups open with the older identity alone.");
            }

            var identity = BackupIdentity.New();
            identity.Save(parsed.GetValue(output)!.FullName, TimeProvider.System.GetUtcNow());
            File.WriteAllText(recipient, identity.Recipient + "\n");
            Shared.Results.WriteLine($"Backups are sealed for {identity.Recipient}.");
            Shared.Results.WriteLine($"The identity is {parsed.GetValue(output)!.FullName}. Move it away from this machine, and keep a copy: without it no backup can be opened, by anybody.");
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static Command MakeVerify()
    {
        var file = new Argument<FileInfo>("file");
        var checkpoint = new Option<FileInfo?>("--checkpoint") { Description = "A checkpoint of the log kept outside, which the log in the backup must contain." };
        var key = new Option<string?>("--log-key") { Description = "The log's key as you know it, such as from `GET /v1/log/checkpoint`'s reader; the one in the backup unless set." };
        var command = new Command("verify", "Open a backup, check that it is whole, and verify the log in it. Needs no installation.") { file, Identity, checkpoint, key };
        command.Runs(async (parsed, ct) =>
        {
            var outside = parsed.GetValue(checkpoint) is { } kept ? await File.ReadAllTextAsync(kept.FullName, ct) : null;
            var work = Directory.CreateTempSubdirectory("candor-verify-").FullName;
            var found = await Shared.WithProgressAsync("Verifying", report => BackupCheck.RunAsync(
                parsed.GetValue(file)!.FullName, BackupIdentity.Load(parsed.GetValue(Identity)!.FullName), outside, parsed.GetValue(key), work, TimeProvider.System,
                new Progress<long>(done => report(0.5, $"{done:N0} entries")), ct));
            var manifest = found.Manifest;
            Shared.Results.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{manifest.Engine}, made {manifest.MadeAt:yyyy-MM-dd HH:mm:ss} UTC, log `{manifest.Log}` with {found.LogSize ?? manifest.LogSize:N0} entries, key {manifest.LogKey}"));
            foreach (var finding in found.Findings)
            {
                Shared.Results.WriteLine($"{finding.What}: {finding.Sentence}");
            }

            Shared.Results.WriteLine(found switch
            {
                { Findings.Count: > 0 } => "The log in this backup is not whole.",
                { LogSize: null } => "The backup is whole. The log in a PostgreSQL dump is verified when it is put back.",
                _ => "The backup is whole, and so is the log in it.",
            });
            return found.Findings.Count == 0 ? ExitCode.Done : ExitCode.Refused;
        });
        return command;
    }

    private static Command MakeList()
    {
        var command = new Command("list", "Show the backups, the newest first.") { Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            foreach (var row in await host.Backups.ListAsync(MostListed, ct))
            {
                Shared.Results.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{row.BeganAt:yyyy-MM-dd HH:mm:ss}  {row.State,-7}  {row.Bytes ?? 0,14:N0} bytes  keys {row.KekVersions ?? "-"}  {row.Path}{(row.Reason is { } reason ? $"  ({reason})" : "")}"));
            }

            return ExitCode.Done;
        });
        return command;
    }
}
