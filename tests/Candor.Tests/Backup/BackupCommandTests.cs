using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Candor.Audit;
using Candor.Backup;
using Candor.Kernel;
using Candor.Storage;
using Candor.Tests.Crash;
using Candor.Tests.House;
using Candor.Vault;

namespace Candor.Tests.Backup;

/// <summary>The commands of the documentation, as a shell runs them, and backups whose process is killed.</summary>
public sealed partial class BackupCommandTests : IDisposable
{
    private const int Kills = 8;

    /// <summary>Milliseconds after the copy was begun; about what a whole backup takes here.</summary>
    private const int LongestWait = 500;
    private readonly string root = Directory.CreateTempSubdirectory("candor-backup-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public async Task Every_command_of_the_page_works_in_its_order()
    {
        Assert.Equal(0, (await RunAsync("init", "--catalog", "shop", "--data", "my-data")).Code);
        Directory.CreateDirectory(In("backups"));
        var commands = Commands().Matches(Repository.Read("docs/back-up.md")).SelectMany(m => m.Groups[1].Value.Split('\n')).Select(l => l.Trim()).Where(l => l.StartsWith("./candor ", StringComparison.Ordinal)).ToList();
        Assert.True(commands.Count >= 6);
        foreach (var command in commands.Where(c => !c.Contains("--postgres", StringComparison.Ordinal)))
        {
            var backup = Directory.EnumerateFiles(In("backups"), "*.age").Order(StringComparer.Ordinal).LastOrDefault() ?? "";
            var arguments = command["./candor ".Length..].Replace("backups/BACKUP.age", backup, StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (arguments[0] == "serve")
            {
                continue;
            }

            if (arguments is ["restore", "finish", ..])
            {
                File.Copy(In("my-data/root.key"), In("new-data/root.key"));
            }

            var (code, said, error) = await RunAsync(arguments);
            Assert.True(code == 0, $"{command}: {code} {said} {error}");
        }

        Assert.Equal(0, (await RunAsync("audit", "verify", "--data", "new-data")).Code);
    }

    [Fact]
    public async Task A_running_server_makes_the_backup_that_the_command_asks_for()
    {
        Directory.CreateDirectory(In("data"));
        await CrashStore.MakeAsync(In("data"), Ct);
        Assert.Equal(0, (await RunAsync("backup", "init", "--out", "identity.txt", "--data", "data")).Code);
        Assert.Equal(1, (await RunAsync("backup", "init", "--out", "other.txt", "--data", "data")).Code);
        await using (await ServerProcess.StartAsync("serve", In("data"), Ct))
        {
            var (code, said, error) = await RunAsync("backup", "asked.age", "--data", "data");
            Assert.True(code == 0, error);
            Assert.Contains("asked.age", said, StringComparison.Ordinal);
            Assert.Equal((1, 1), ((await RunAsync("backup", "asked.age", "--data", "data")).Code, (await RunAsync("key", "list", "--data", "data")).Code));
        }

        Assert.Equal(0, (await RunAsync("backup", "verify", "asked.age", "--identity", "identity.txt")).Code);
        Assert.Contains("asked.age", (await RunAsync("backup", "list", "--data", "data")).Output, StringComparison.Ordinal);

        Assert.Equal(0, (await RunAsync("restore", "asked.age", "--identity", "identity.txt", "--data", "again")).Code);
        File.Copy(In("data/root.key"), In("again/root.key"));
        string[][] refused = [["key", "list"], ["erase", "c-1", "--yes"], ["held", "c-1", "--purpose", "bookkeeping"], ["staff", "list"], ["erase", "ledger"], ["backup", "more.age"]];
        foreach (var command in refused)
        {
            var (code, _, error) = await RunAsync([.. command, "--data", "again"]);
            Assert.Equal(1, code);
            Assert.Contains("comes from a backup", error, StringComparison.Ordinal);
        }

        await using (var closed = await ServerProcess.StartAsync("serve", In("again"), Ct))
        {
            using var http = new HttpClient { BaseAddress = closed.Address };
            Assert.Equal(503, (int)(await http.GetAsync(new Uri("/me", UriKind.Relative), Ct)).StatusCode);
            Assert.Equal(0, (await RunAsync("restore", "finish", "--ledger", "erasure-ledger.txt", "--data", "again")).Code);
        }

        Assert.Equal(0, (await RunAsync("key", "list", "--data", "again")).Code);
    }

    [Fact]
    public async Task A_backup_whose_process_is_killed_is_whole_or_not_there_and_its_copy_is_gone_at_the_next_start()
    {
        Directory.CreateDirectory(In("data"));
        await CrashStore.MakeAsync(In("data"), Ct);
        await FillAsync(3_000, 16 * 1024);
        Assert.Equal(0, (await RunAsync("backup", "init", "--out", "identity.txt", "--data", "data")).Code);
        Directory.CreateDirectory(In("backups"));
        var moments = new Random(20260202);
        var (killed, left) = (0, 0);
        for (var kill = 0; kill < Kills; kill++)
        {
            using var process = Start("backup", "backups", "--data", "data");
            while (!Directory.Exists(In("data/backup-work")) && !process.HasExited)
            {
                await Task.Delay(5, Ct);
            }

            await Task.Delay(moments.Next(0, LongestWait), Ct);
            killed += process.HasExited ? 0 : 1;
            process.Kill();
            await process.WaitForExitAsync(Ct);
            left += Directory.Exists(In("data/backup-work")) ? 1 : 0;
        }

        Assert.True(killed > 2 && left > 0, $"{killed} killed, {left} left a copy: too few to tell anything.");
        Assert.Equal(0, (await RunAsync("backup", "list", "--data", "data")).Code);
        Assert.False(Directory.Exists(In("data/backup-work")));
        Assert.Equal(0, (await RunAsync("backup", "backups", "--data", "data")).Code);
        var identity = BackupIdentity.Load(In("identity.txt"));
        foreach (var file in Directory.EnumerateFiles(In("backups"), "*.age"))
        {
            Assert.Empty((await BackupCheck.RunAsync(file, identity, null, null, In("check"), TimeProvider.System, null, Ct)).Findings);
        }

        foreach (var part in Directory.EnumerateFiles(In("backups"), "*.part").Where(p => !p.Contains("ledger", StringComparison.Ordinal)))
        {
            await Assert.ThrowsAsync<Fault>(() => BackupCheck.RunAsync(part, identity, null, null, In("check"), TimeProvider.System, null, Ct));
        }
    }

    private async Task FillAsync(int records, int bytes)
    {
        await using var db = SqliteDatabase.Open(In("data/candor.db"), TimeProvider.System);
        var keys = await KeyRing.OpenAsync(db, RootKey.Load(In("data/root.key")), Ct);
        await AuditLog.OpenAsync(db, "localhost/audit", Ct);
        var vault = new PersonalVault(keys, new BlindIndex(keys));
        var customer = await db.WriteAsync(tx => vault.CreateCustomerAsync(tx, "c-1", Ct), Ct);
        for (var at = 0; at < records; at += 500)
        {
            await db.WriteAsync(async tx =>
            {
                for (var i = at; i < Math.Min(records, at + 500); i++)
                {
                    var text = Encoding.ASCII.GetBytes($"\"{Convert.ToBase64String(RandomNumberGenerator.GetBytes(bytes * 3 / 4))}\"");
                    await vault.AppendHistoryAsync(tx, customer, DataPointId.Parse("purchases"), $"p-{i}", tx.Now, text, "test", Ct);
                }
            }, Ct);
        }
    }

    private string In(string path) => Path.Combine(root, path);

    private Process Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo(ServerProcess.Program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = root })!;

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Ct), process.StandardError.ReadToEndAsync(Ct));
        await process.WaitForExitAsync(Ct);
        return (process.ExitCode, (await output).Trim(), await error);
    }

    [GeneratedRegex(@"```bash\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Commands();
}
