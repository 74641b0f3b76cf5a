using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Candor.Audit;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Storage;
using Candor.Vault;
using Checkpoint = Candor.Audit.Checkpoint;

namespace Candor.Server.Commands;

/// <summary><c>candor audit verify|prove</c>: both work on a stopped installation, and neither needs a network.</summary>
internal static class AuditCommand
{
    public static Command Make() => new("audit", "Verify the log, and prove single entries.") { MakeVerify(), MakeProve() };

    private static Command MakeVerify()
    {
        var checkpoint = new Option<FileInfo?>("--checkpoint") { Description = "A checkpoint kept outside, which the log must still contain." };
        var witnessKeys = new Option<string[]>("--witness-key") { Description = "Key of a witness that must have signed the checkpoint, the one kept outside or else the newest that is stored; repeat it for more.", DefaultValueFactory = _ => [] };
        var command = new Command("verify", "Recompute the whole log and compare it with what is stored. Exit code 1 when anything differs.") { checkpoint, witnessKeys, Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            // The database and its keys alone: a damaged log must not keep its own verification from starting.
            var settings = Shared.Settings(parsed);
            var root = settings.Folder.LoadKey();
            await using var database = await CandorHost.OpenDatabaseAsync(settings, ct);
            var keys = await KeyRing.OpenAsync(database, root, ct);
            var (origin, total) = await database.ReadAsync(async tx => (await AuditLog.FindOriginAsync(tx, ct) ?? "", await AuditLog.CountAsync(tx, ct)), ct);
            var key = new NoteSigner(origin, keys.Secret(KeyRing.LogSigning)).Key;
            var witnesses = parsed.GetValue(witnessKeys)!.Select(NoteKey.ParseWitness).ToList();
            var note = parsed.GetValue(checkpoint) is { } file ? await File.ReadAllTextAsync(file.FullName, ct)
                : witnesses.Count > 0 ? await CosignedAsync(database, ct) : null;
            var outside = note is null ? null : Checkpoint.Parse(SignedNote.Open(note, key));
            _ = witnesses.Count > 0 ? SignedNote.Open(note!, [key, .. witnesses]) : null;
            var unsigned = witnesses.Where(w => SignedNote.LineOf(note!, w) is null).ToList();
            var watch = Stopwatch.StartNew();
            var report = await Shared.WithProgressAsync("Log", report => new LogVerifier(database, key)
                .VerifyAsync(outside, new Progress<long>(done => report((double)done / Math.Max(1, total), $"{done:N0} of {total:N0} entries")), ct));
            foreach (var finding in report.Findings)
            {
                Shared.Results.WriteLine($"{finding.What}{(finding.Index is { } index ? $" at {index}" : "")}: {finding.Sentence}");
            }

            foreach (var witness in witnesses)
            {
                Shared.Results.WriteLine(SignedNote.LineOf(note!, witness) is { } line
                    ? string.Create(CultureInfo.InvariantCulture, $"{witness.Name} has seen the first {outside!.Size:N0} entries, at {SignedNote.TimeOf(line):u}.")
                    : $"not-cosigned: {witness.Name} has not signed this checkpoint.");
            }

            Shared.Results.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{report.Size:N0} entries in {watch.Elapsed.TotalSeconds:0.00} s: {(report.IsSound ? "the log is whole." : $"{report.Findings.Count} findings.")}"));
            return report.IsSound && unsigned.Count == 0 ? ExitCode.Done : ExitCode.Refused;
        });
        return command;
    }

    private static async Task<string> CosignedAsync(Database database, CancellationToken ct) => (await database.ReadAsync(tx => CosignedNotes.FindAsync(tx, ct), ct))?.Note
        ?? throw new Fault(FaultKind.NotFound, "audit/not-cosigned", "No witness has signed any checkpoint of this log; start `candor serve` with `--witness`.");

    private static Command MakeProve()
    {
        var entry = new Argument<string>("entry") { Description = "Id or index of the entry." };
        var command = new Command("prove", "Write a proof of one entry that anybody can check.") { entry, Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            if (host.Database.IsClustered)
            {
                await host.Log.SequenceAsync(10_000, ct);
            }

            var text = await host.Database.WriteAsync(tx => host.Checkpoints.ProveAsync(tx, parsed.GetValue(entry)!, ct), ct);
            var proof = LogProof.Parse(text);
            var bytes = await host.Database.ReadAsync(tx => host.Log.FindEntryAsync(tx, proof.Index, ct), ct)
                ?? throw new Fault(FaultKind.NotFound, "audit/no-such-entry", "The entry is gone.");
            var head = proof.Verify(bytes, host.Checkpoints.Key);
            Shared.Results.Write(text);
            Console.Error.WriteLine($"Entry {proof.Index} is in the log of {head.Size} entries. Its bytes, in base64: {Convert.ToBase64String(bytes)}");
            Console.Error.WriteLine($"Key: {host.Checkpoints.Key}");
            return ExitCode.Done;
        });
        return command;
    }
}
