using System.Globalization;
using System.Text;
using Candor.Audit;
using Candor.Kernel;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Backup;

/// <summary>What one backup came to.</summary>
internal sealed record MadeBackup(long Bytes, long LogSize, IReadOnlyList<long> KekVersions);

/// <summary>Makes one backup file: copy, look over, seal, give it its name. The database goes on being used meanwhile.</summary>
internal sealed class BackupMaker(Database database, AuditLog log, CheckpointSigner checkpoints, LedgerKeeper ledger, string dataFolder)
{
    /// <summary>Copies lie here for a moment, in the data folder.</summary>
    public const string WorkName = "backup-work";

    private const double CopyShare = 0.3, CheckShare = 0.6;

    private sealed record Facts(BackupManifest Manifest, string Checkpoint);

    public async Task<MadeBackup> MakeAsync(string path, BackupRecipient recipient, IProgress<BackupProgress>? progress, CancellationToken ct)
    {
        await ledger.PlaceEntriesAsync(ct);
        var note = await database.WriteAsync(tx => checkpoints.SignAsync(tx, ct), ct);
        using var work = WorkFolder.Make(Path.Combine(dataFolder, WorkName));
        Facts? facts = null;
        var plan = new CopyPlan(
            work.Path, [KekRows.Table],
            async copied => facts = await LookAsync(copied, note, progress, ct),
            content => ReplacedFile.WriteAsync(path, file => WriteAsync(file, recipient, facts!, content, progress, ct)),
            Share(progress, "copying", 0, CopyShare));
        await database.CopyAsync(plan, ct);
        return new MadeBackup(new FileInfo(path).Length, facts!.Manifest.LogSize, facts.Manifest.KekVersions);
    }

    /// <summary>Verifies the log of what is copied against the newest checkpoint, and gathers what the backup says about itself.</summary>
    private async Task<Facts> LookAsync(Database copied, string note, IProgress<BackupProgress>? progress, CancellationToken ct)
    {
        var signed = Audit.Checkpoint.Parse(SignedNote.Open(note, checkpoints.Key));
        var entries = Share(progress, "checking", CopyShare, CheckShare);
        var walked = entries is null ? null : new Told<long>(done => entries.Report((double)done / Math.Max(1, signed.Size)));
        var report = await new LogVerifier(copied, checkpoints.Key).VerifyAsync(signed, walked, ct);
        if (!report.IsSound)
        {
            throw new Fault(FaultKind.Unavailable, "backup/log-not-whole", $"The log does not verify, so no backup was made: {report.Findings[0].Sentence} `candor audit verify` shows all.");
        }

        var made = database.Clock.GetUtcNow();
        if (!ReferenceEquals(copied, database))
        {
            await copied.WriteAsync(tx => RestoredMode.MarkAsync(tx, new RestoredMark(IdOf(made), Micros.From(made), report.Size, report.Root), ct), ct);
        }

        // Of the live database: the copy has no key-encryption keys to count by any more.
        var (step, keks) = await database.ReadAsync(async tx => (await Database.SchemaStepAsync(tx, ct), await KekRows.InUseAsync(tx, ct)), ct);
        return new Facts(new BackupManifest(BackupManifest.CurrentFormat, database.Engine, made, step, log.Origin, signed.Size, checkpoints.Key.ToString(), keks), note);
    }

    private async Task WriteAsync(Stream file, BackupRecipient recipient, Facts facts, Stream content, IProgress<BackupProgress>? progress, CancellationToken ct)
    {
        using var writer = new BackupWriter(file, recipient, facts.Manifest.MadeAt, ct);
        await writer.AddAsync(BackupWriter.Manifest, facts.Manifest.ToJson());
        await writer.AddAsync(BackupWriter.Checkpoint, Encoding.UTF8.GetBytes(facts.Checkpoint));
        foreach (var setting in SettingsFiles.In(dataFolder))
        {
            await writer.AddAsync(BackupWriter.Files + setting, await File.ReadAllBytesAsync(Path.Combine(dataFolder, setting), ct));
        }

        await writer.AddContentAsync(content, Share(progress, "sealing", CheckShare, 1));
        writer.Finish();
    }

    public static string IdOf(DateTimeOffset made) => made.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'.'fffffff'Z'", CultureInfo.InvariantCulture);

    private static Told<double>? Share(IProgress<BackupProgress>? progress, string step, double from, double to) =>
        progress is null ? null : new Told<double>(share => progress.Report(new BackupProgress(step, from + ((to - from) * Math.Clamp(share, 0, 1)))));

    /// <summary>Progress that is told at once, on the thread that makes it.</summary>
    private sealed class Told<T>(Action<T> told) : IProgress<T>
    {
        public void Report(T value) => told(value);
    }
}
