using System.CommandLine;
using Candor.Audit;
using Candor.Kernel;
using Candor.Server.Web;

namespace Candor.Server.Commands;

/// <summary><c>candor witness</c>: remembers a log's newest checkpoint on another machine, so that nobody can rewrite the log unseen.</summary>
internal static class WitnessCommand
{
    private static readonly Option<string> File = new("--file") { Description = "The witness: its key, the logs it watches, and what it has seen. Keep it; it is all there is.", DefaultValueFactory = _ => "candor.witness" };

    public static Command Make()
    {
        var urls = new Option<string>("--urls") { Description = "Where to listen.", DefaultValueFactory = _ => "http://localhost:5090" };
        var command = new Command("witness", "Be a witness of a log on another machine: sign each checkpoint that does nothing but grow (C2SP tlog-witness).") { MakeInit(), File, urls };
        command.Runs(async (parsed, ct) =>
        {
            var file = parsed.GetValue(File)!;
            // Two at once would each forget what the other has seen.
            await using var alone = Lock(file);
            var witness = Witness.Open(file, TimeProvider.System);
            await using var app = WitnessSite.Build(witness, parsed.GetValue(urls)!);
            try
            {
                await app.StartAsync(ct);
            }
            catch (IOException e)
            {
                throw new Fault(FaultKind.Unavailable, "server/address-in-use", $"Cannot listen on `{parsed.GetValue(urls)}`: the address is in use; choose another with `--urls`.", e);
            }

            Shared.Results.WriteLine($"{witness.Key.Name} watches {string.Join(", ", witness.Logs.Select(l => $"{l.Origin} ({l.Size} entries)"))} on {string.Join(", ", app.Urls)}. Ctrl-C stops it.");
            Shared.Results.WriteLine(witness.Key.ToString());
            await app.WaitForShutdownAsync(ct);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command MakeInit()
    {
        var name = new Option<string>("--name") { Description = "Its name, such as home.example/witness.", Required = true };
        var log = new Option<string[]>("--log") { Description = "The key of a log that it watches, as /v1/log/key shows it; repeat it for more.", Required = true };
        var command = new Command("init", "Make a witness with a new key, and print the key that the log's operator needs.") { File, name, log };
        command.Runs((parsed, _) =>
        {
            Shared.Results.WriteLine(Witness.Create(parsed.GetValue(File)!, parsed.GetValue(name)!, parsed.GetValue(log)!, TimeProvider.System).Key.ToString());
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static FileStream Lock(string file)
    {
        if (!System.IO.File.Exists(file))
        {
            throw new Fault(FaultKind.NotFound, "audit/no-witness", $"There is no witness in `{file}`; `candor witness init` makes one.");
        }

        try
        {
            return new FileStream(file + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException e)
        {
            throw new Fault(FaultKind.Unavailable, "audit/witness-runs", $"The witness in `{file}` is running already.", e);
        }
    }
}
