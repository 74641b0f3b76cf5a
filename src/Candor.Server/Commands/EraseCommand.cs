using System.CommandLine;
using System.Text;
using Candor.Audit;
using Candor.Kernel;
using Candor.Rights;
using Candor.Server.Hosting;
using Candor.Vault;

namespace Candor.Server.Commands;

/// <summary><c>candor erase REFERENCE</c>, and the ledger that keeps a restored backup from bringing anybody back.</summary>
internal static class EraseCommand
{
    private const int SequenceBatch = 10_000;

    public static Command Make()
    {
        var reference = new Argument<string?>("reference") { Description = "Your own id of the customer. After -- it may be any text, such as -- ledger.", Arity = ArgumentArity.ZeroOrOne };
        var yes = new Option<bool>("--yes") { Description = "Do it without asking." };
        var language = new Option<string>("--language") { Description = "Language of what is shown.", DefaultValueFactory = _ => "en" };
        var command = new Command("erase", "Erase a customer for good: shows first what goes and what the law keeps, and asks.")
        {
            reference, yes, language, Shared.Data, Shared.Postgres, MakeLedger(), MakeReplay(),
        };
        command.Runs(async (parsed, ct) =>
        {
            var asked = parsed.GetValue(reference) ?? throw new Fault(FaultKind.Invalid, "server/no-reference", "Name the customer: `candor erase REFERENCE`.");
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            var customer = await host.Database.ReadAsync(tx => host.Vault.FindCustomerAsync(tx, BlindIndex.Reference, asked, ct), ct)
                ?? throw new Fault(FaultKind.NotFound, "rights/no-such-customer", "There is no customer of this reference.");
            var preview = await host.Database.ReadAsync(tx => host.Erasure.PreviewAsync(tx, customer.Id, ct), ct);
            Show(preview.In(parsed.GetValue(language)!));
            if (!parsed.GetValue(yes) && !await IsConfirmedAsync(asked, ct))
            {
                Console.Error.WriteLine("Nothing was erased. Type the reference to confirm, or add --yes.");
                return ExitCode.Refused;
            }

            var erased = await host.Erasure.RunAsync(customer.Id, "system:cli", ct);
            Shared.Results.WriteLine($"Erased. Entry {erased.Entry}, {erased.Scan}. The last backup that may hold the sealed data is gone on {erased.BackupsUntil:yyyy-MM-dd}.");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command MakeLedger()
    {
        var output = new Option<FileInfo?>("--out") { Description = "File to write; standard output unless set." };
        var command = new Command("ledger", "Write the erasure ledger, signed. Keep the newest one apart from the backups.") { output, Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            if (host.Database.IsClustered)
            {
                await host.Log.SequenceAsync(SequenceBatch, ct);
            }

            var text = await host.Replay.ExportAsync(ct);
            if (parsed.GetValue(output) is { } file)
            {
                await File.WriteAllTextAsync(file.FullName, text, new UTF8Encoding(false), ct);
                Console.Error.WriteLine($"Written to {file.FullName}.");
            }
            else
            {
                Shared.Results.Write(text);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static Command MakeReplay()
    {
        var file = new Argument<FileInfo>("file") { Description = "The newest ledger, written with candor erase ledger." };
        var checkpoint = new Option<FileInfo?>("--checkpoint") { Description = "The newest checkpoint of the log that was kept outside; an older ledger is refused." };
        var older = new Option<bool>("--older") { Description = "Take a ledger although the log is known to have gone on after it." };
        var command = new Command("replay", "After a backup was put back: erase again who is in the ledger, and stop again what was stopped since.") { file, checkpoint, older, Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            var ledger = LedgerFile.Parse(await File.ReadAllTextAsync(parsed.GetValue(file)!.FullName, ct), host.Replay.Key);
            var known = parsed.GetValue(checkpoint) is { } kept ? Checkpoint.Parse(SignedNote.Open(await File.ReadAllTextAsync(kept.FullName, ct), host.Checkpoints.Key)) : null;
            var report = await host.Replay.RunAsync(ledger, known, parsed.GetValue(older), ct);
            Shared.Results.WriteLine($"Erased again: {report.Erased}. Not here any more: {report.Gone}. Uses stopped again: {report.Stopped}.");
            return ExitCode.Done;
        });
        return command;
    }

    private static void Show(ErasureWords words)
    {
        foreach (var line in words.Goes.Concat(words.Also).Select(g => "- " + g).Concat(words.Kept).Append(words.Backups))
        {
            Console.Error.WriteLine(line);
        }
    }

    private static async Task<bool> IsConfirmedAsync(string reference, CancellationToken ct)
    {
        if (Console.IsInputRedirected)
        {
            return false;
        }

        Console.Error.Write("Type the reference to erase this customer for good: ");
        return await Console.In.ReadLineAsync(ct) == reference;
    }
}
