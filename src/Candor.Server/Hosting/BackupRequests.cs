using System.Globalization;
using Candor.Backup;
using Candor.Kernel;

namespace Candor.Server.Hosting;

/// <summary>On SQLite the running server owns the database: a command asks it for a backup through two files in the data folder, which its owner alone can enter.</summary>
internal static class BackupRequests
{
    private const string Request = "backup-request.txt";
    private const string Answer = "backup-answer.txt";
    private const string Done = "done ", Failed = "failed ", At = "at ";
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    /// <summary>A server that does not take the request up in this time is too old to know of it, or hangs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>What a finished backup is told as.</summary>
    public static string Sentence(BackupRow row) =>
        string.Create(CultureInfo.InvariantCulture, $"Wrote {row.Path}, {row.Bytes:N0} bytes, log of {row.LogSize:N0} entries. The ledger is beside it: keep both, and the identity elsewhere.");

    /// <summary>The command's side: asks, and waits until it is made.</summary>
    public static async Task<string> AskAsync(string folder, string target, Action<double, string> report, CancellationToken ct)
    {
        var (request, answer) = (Path.Combine(folder, Request), Path.Combine(folder, Answer));
        File.Delete(answer);
        await File.WriteAllTextAsync(request + ReplacedEnding, target, ct);
        File.Move(request + ReplacedEnding, request, overwrite: true);
        for (var waited = TimeSpan.Zero; ; waited += Look)
        {
            await Task.Delay(Look, TimeProvider.System, ct);
            var said = File.Exists(answer) ? await File.ReadAllTextAsync(answer, ct) : "";
            if (said.StartsWith(Done, StringComparison.Ordinal) || said.StartsWith(Failed, StringComparison.Ordinal))
            {
                File.Delete(answer);
                return said.StartsWith(Done, StringComparison.Ordinal) ? said[Done.Length..] : throw new Fault(FaultKind.Unavailable, "backup/failed", said[Failed.Length..]);
            }

            if (said.StartsWith(At, StringComparison.Ordinal) && double.TryParse(said[At.Length..].Split(' ')[0], CultureInfo.InvariantCulture, out var share))
            {
                report(share, said.Split(' ')[^1]);
            }
            else if (waited > Patience && File.Exists(request))
            {
                File.Delete(request);
                throw new Fault(FaultKind.Unavailable, "backup/no-answer", "Another process has this data folder open and does not answer; is it a server that serves (`candor serve`)?");
            }
        }
    }

    /// <summary>The server's side: takes a request up, if there is one.</summary>
    public static async Task<int> RunAsync(CandorHost host, CancellationToken ct)
    {
        var (request, answer) = (Path.Combine(host.Settings.Folder.Path, Request), Path.Combine(host.Settings.Folder.Path, Answer));
        if (!File.Exists(request))
        {
            return 0;
        }

        var target = (await File.ReadAllTextAsync(request, ct)).Trim();
        File.Delete(request);
        Say(answer, At + "0 copying");
        try
        {
            Say(answer, Done + Sentence(await host.Backups.MakeAsync(target, "system:cli", new Telling(answer), ct)));
        }
        catch (Exception e)
        {
            Say(answer, Failed + (e is Fault or IOException or UnauthorizedAccessException ? e.Message : "The backup was interrupted or failed; the server's log says more."));
            throw;
        }

        return 0;
    }

    private const string ReplacedEnding = ".new";

    private static void Say(string path, string text)
    {
        File.WriteAllText(path + ReplacedEnding, text);
        File.Move(path + ReplacedEnding, path, overwrite: true);
    }

    private sealed class Telling(string answer) : IProgress<BackupProgress>
    {
        private double told;

        public void Report(BackupProgress value)
        {
            if (value.Share >= told + 0.01)
            {
                told = value.Share;
                Say(answer, string.Create(CultureInfo.InvariantCulture, $"{At}{value.Share:0.000} {value.Step}"));
            }
        }
    }
}
