using System.Globalization;
using Candor.Audit;
using Candor.Catalog;
using Candor.Kernel;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Backup;

/// <summary>Makes backups when asked and by schedule, keeps the ledger beside them, and removes those that are over.</summary>
/// <param name="dataFolder">The installation's own folder: the recipient and the settings lie in it.</param>
/// <param name="schedule">Null: backups are made when somebody asks, and nowhere by themselves.</param>
public sealed class BackupStore(
    Database database, CatalogRegister catalogs, AuditLog log, CheckpointSigner checkpoints, LedgerKeeper ledger, string dataFolder, BackupSettings? schedule)
{
    private const string Prefix = "candor-";
    private const string Suffix = ".age";

    /// <summary>A backup that a node of several began longer ago than this is given up.</summary>
    private static readonly TimeSpan LongestMaking = TimeSpan.FromHours(12);

    private readonly BackupMaker maker = new(database, log, checkpoints, ledger, dataFolder);
    private readonly DateTimeOffset started = database.Clock.GetUtcNow();

    public BackupSettings? Schedule => schedule;

    /// <summary>The file with the public half of the backup key.</summary>
    public string RecipientFile => Path.Combine(dataFolder, SettingsFiles.Recipient);

    /// <summary>The newest backup; null when there is none.</summary>
    public Task<BackupRow?> LastAsync(CancellationToken ct) => database.ReadAsync(tx => BackupRows.LastAsync(tx, ct), ct);

    /// <summary>The newest first, those that failed or are removed included.</summary>
    public Task<IReadOnlyList<BackupRow>> ListAsync(int most, CancellationToken ct) => database.ReadAsync(tx => BackupRows.ListAsync(tx, most, ct), ct);

    /// <summary>When the schedule makes the next one; null without a schedule.</summary>
    public async Task<DateTimeOffset?> NextAsync(CancellationToken ct) =>
        schedule is null ? null : await LastAsync(ct) is { } last ? schedule.Every.After(last.BeganAt) : database.Clock.GetUtcNow();

    /// <summary>Makes one into the schedule's folder now.</summary>
    /// <param name="by">Who asks, as the log names them.</param>
    /// <exception cref="Fault">NotFound <c>backup/no-folder</c> without a schedule.</exception>
    public Task<BackupRow> MakeNowAsync(string by, IProgress<BackupProgress>? progress, CancellationToken ct) => schedule is null
        ? throw new Fault(FaultKind.NotFound, "backup/no-folder", "This server has no folder for backups; start it with `candor serve --backup-folder FOLDER`.")
        : MakeAsync(schedule.Folder, by, progress, ct);

    /// <summary>Makes one.</summary>
    /// <param name="target">A file, or a folder in which it gets a name of its own. The newest ledger is written beside it.</param>
    public async Task<BackupRow> MakeAsync(string target, string by, IProgress<BackupProgress>? progress, CancellationToken ct)
    {
        var recipient = BackupRecipient.Load(RecipientFile);
        var isOurs = schedule is not null && Path.GetFullPath(target) == Path.GetFullPath(schedule.Folder);
        var path = PathOf(Path.GetFullPath(target), isOurs);
        var row = await ClaimAsync(new BackupRow(Guid.CreateVersion7().ToString("N"), path, "making", by, 0, null, null, null, null, isOurs ? schedule!.Every.Text : null, isOurs ? schedule!.Kept : null, null), ct);
        try
        {
            var made = await maker.MakeAsync(path, recipient, progress, ct);
            row = row with { State = "made", Bytes = made.Bytes, LogSize = made.LogSize, KekVersions = string.Join(' ', made.KekVersions) };
            row = await EndAsync(row, recipient, CancellationToken.None);
        }
        catch (Exception e)
        {
            var reason = e is Fault fault ? fault.What : e is OperationCanceledException ? "backup/interrupted" : "backup/failed";
            await EndAsync(row with { State = "failed", Reason = reason }, recipient, CancellationToken.None);
            throw;
        }

        await ledger.WriteAsync(Path.GetDirectoryName(path)!, ct);
        await RemoveOldAsync(ct);
        return row;
    }

    /// <summary>What the schedule asks for now: the ledger every time something was logged, a backup when one is due.</summary>
    public async Task RunDueAsync(CancellationToken ct)
    {
        if (schedule is null || !File.Exists(RecipientFile))
        {
            return;
        }

        Directory.CreateDirectory(schedule.Folder);
        await ledger.KeepAsync(schedule.Folder, ct);
        if (await NextAsync(ct) <= database.Clock.GetUtcNow())
        {
            await MakeNowAsync("system:schedule", null, ct);
        }
    }

    /// <summary>Takes away what a killed process has left: the copy in the clear, and the word that a backup is being made.</summary>
    public async Task CleanAsync(CancellationToken ct)
    {
        WorkFolder.Clean(Path.Combine(dataFolder, BackupMaker.WorkName));
        var before = database.IsClustered ? started - LongestMaking : started;
        await database.WriteAsync(tx => BackupRows.GiveUpAsync(tx, before, ct), ct);
        if (schedule is not null && Directory.Exists(schedule.Folder) && !database.IsClustered)
        {
            foreach (var part in Directory.EnumerateFiles(schedule.Folder, Prefix + "*" + Suffix + ReplacedFile.Unfinished))
            {
                File.Delete(part);
            }
        }
    }

    /// <summary>Backups that still need a version of the key-encryption key and that may still be there: those of the time that the catalog promises to erased customers.</summary>
    public async ValueTask<IReadOnlyList<BackupRow>> NeedingAsync(Transaction tx, long kekVersion, CancellationToken ct)
    {
        var kept = (await catalogs.GetActiveAsync(tx, ct)).Catalog.Organisation.BackupsKept;
        return [.. (await BackupRows.MadeSinceAsync(tx, kept.Before(tx.Now), ct)).Where(b => b.Needs(kekVersion))];
    }

    /// <summary>Versions that nothing here and no backup needs any more, and that could be destroyed.</summary>
    public async ValueTask<IReadOnlyList<long>> DestroyableAsync(Transaction tx, CancellationToken ct)
    {
        var found = new List<long>();
        var used = await KekRows.InUseAsync(tx, ct);
        foreach (var kek in (await KekRows.ListAsync(tx, ct)).Where(k => k.State == "decrypt-only" && !used.Contains(k.Version)))
        {
            if ((await NeedingAsync(tx, kek.Version, ct)).Count == 0)
            {
                found.Add(kek.Version);
            }
        }

        return found;
    }

    /// <summary>Removes what the schedule keeps no longer, and what is older than the catalog promises. The newest always stays.</summary>
    private async Task RemoveOldAsync(CancellationToken ct)
    {
        if (schedule is null)
        {
            return;
        }

        var (rows, oldest) = await database.ReadAsync(async tx =>
            (await BackupRows.ListAsync(tx, BackupSettings.MostKept * 2, ct), (await catalogs.GetActiveAsync(tx, ct)).Catalog.Organisation.BackupsKept.Before(tx.Now)), ct);
        var ours = rows.Where(r => r is { State: "made", Every: not null }).ToList();
        foreach (var row in ours.Where((r, i) => i > 0 && (i >= schedule.Kept || r.BeganAt <= oldest)))
        {
            File.Delete(row.Path);
            await EndAsync(row with { State = "removed" }, null, ct);
        }
    }

    private Task<BackupRow> ClaimAsync(BackupRow row, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        await tx.LockJobAsync("backup", ct);
        if (await BackupRows.UnderWayAsync(tx, tx.Now - LongestMaking, ct) is { } other)
        {
            throw new Fault(FaultKind.Conflict, "backup/under-way", string.Create(CultureInfo.InvariantCulture, $"A backup that began at {other.BeganAt:HH:mm} UTC is being made; wait for it."));
        }

        row = row with { BeganAtUs = tx.NowUs };
        await BackupRows.AddAsync(tx, row, ct);
        return row;
    }, ct);

    private Task<BackupRow> EndAsync(BackupRow row, BackupRecipient? recipient, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        row = row with { EndedAtUs = row.State == "removed" ? row.EndedAtUs : tx.NowUs };
        await BackupRows.EndAsync(tx, row, ct);
        await log.AppendAsync(tx, new AuditEvent
        {
            Kind = AuditKind.System, Actor = row.MadeBy, Reason = "backup-" + row.State,
            Subject = Path.GetFileName(row.Path) + (recipient is null ? "" : $" for {recipient}"),
        }, ct);
        return row;
    }, ct);

    private string PathOf(string target, bool isOurs)
    {
        if (isOurs)
        {
            Directory.CreateDirectory(target);
        }

        if (Directory.Exists(target))
        {
            return Path.Combine(target, Prefix + BackupMaker.IdOf(database.Clock.GetUtcNow()).Replace(".", "", StringComparison.Ordinal) + Suffix);
        }

        if (!Directory.Exists(Path.GetDirectoryName(target)))
        {
            throw new Fault(FaultKind.NotFound, "backup/no-folder", $"There is no folder `{Path.GetDirectoryName(target)}` to write a backup into.");
        }

        return !File.Exists(target) ? target
            : throw new Fault(FaultKind.Conflict, "backup/file-exists", $"`{target}` exists; a backup never replaces a file.");
    }
}
