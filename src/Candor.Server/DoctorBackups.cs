using System.Globalization;
using Candor.Backup;
using Candor.Kernel;
using Candor.Rights;
using Candor.Server.Hosting;

namespace Candor.Server;

/// <summary>The doctor's look at backups, the ledger beside them, and keys that no backup needs any more.</summary>
internal static class DoctorBackups
{
    /// <summary>Without a schedule: after this many days without a backup it says so.</summary>
    private const double PlainDays = 2;

    private static readonly TimeSpan LedgerLate = TimeSpan.FromMinutes(15);

    public static async Task<IReadOnlyList<DoctorCheck>> LookAsync(CandorHost host, CancellationToken ct)
    {
        var last = await host.Backups.LastAsync(ct);
        return [await BackupAsync(host, last, ct), await LedgerAsync(host, last, ct), await KeysAsync(host, ct)];
    }

    private static async Task<DoctorCheck> BackupAsync(CandorHost host, BackupRow? last, CancellationToken ct)
    {
        if (!File.Exists(host.Backups.RecipientFile) || last is null)
        {
            return new DoctorCheck("backups", DoctorState.Warn, "none was made yet.", "`candor backup init`, then `candor serve --backup-folder FOLDER` or `candor backup PATH`.");
        }

        var age = host.Database.Clock.GetUtcNow() - last.BeganAt;
        var every = last.Every is { } text ? Period.Parse(text) : null;
        var finding = string.Create(CultureInfo.InvariantCulture, $"the newest is {Age(age)} old, {last.Bytes ?? 0:N0} bytes");
        if (age.TotalDays > (every is null ? PlainDays : every.ApproximateDays * 2))
        {
            var failed = (await host.Backups.ListAsync(1, ct)) is [{ State: "failed" } row] ? $" The last try failed: `{row.Reason}`." : "";
            return new DoctorCheck("backups", DoctorState.Warn, $"{finding}.{failed}", "Look at the server's log, and make one with `candor backup PATH`.");
        }

        var kept = await KeptAsync(host, ct);
        return every is not null && last.Kept is { } count && every.ApproximateDays * count > kept.ApproximateDays
            ? new DoctorCheck("backups", DoctorState.Warn, $"{finding}; `{count}` of one every `{every}` are older than the catalog's `backupsKept: {kept}`, which erased customers are told.", "Keep fewer, or promise less: they are removed when that time is over.")
            : new DoctorCheck("backups", DoctorState.Ok, finding);
    }

    private static async Task<DoctorCheck> LedgerAsync(CandorHost host, BackupRow? last, CancellationToken ct)
    {
        var path = last is null ? null : LedgerKeeper.PathIn(Path.GetDirectoryName(last.Path)!);
        if (path is null || !File.Exists(path))
        {
            return new DoctorCheck("erasure ledger", DoctorState.Warn, "there is none beside the backups.", "Without it no backup can be used; `candor erase ledger --out FILE` writes it.");
        }

        try
        {
            var ledger = LedgerFile.Parse(await File.ReadAllTextAsync(path, ct), host.Replay.Key);
            var (size, _) = await host.Database.ReadAsync(tx => host.Log.HeadAsync(tx, ct), ct);
            var age = host.Database.Clock.GetUtcNow() - File.GetLastWriteTimeUtc(path);
            var finding = string.Create(CultureInfo.InvariantCulture, $"{Age(age)} old, goes with {ledger.Log.Size:N0} of {size:N0} log entries");
            return ledger.Log.Size < size && age > LedgerLate
                ? new DoctorCheck("erasure ledger", DoctorState.Warn, finding + ".", "A server with `--backup-folder` writes it every minute; `candor erase ledger --out FILE` writes it now.")
                : new DoctorCheck("erasure ledger", DoctorState.Ok, finding);
        }
        catch (Fault fault)
        {
            return new DoctorCheck("erasure ledger", DoctorState.Fail, $"`{path}`: {fault.Message}");
        }
    }

    private static async Task<DoctorCheck> KeysAsync(CandorHost host, CancellationToken ct)
    {
        try
        {
            var old = await host.Database.ReadAsync(tx => host.Backups.DestroyableAsync(tx, ct), ct);
            return old.Count == 0
                ? new DoctorCheck("old keys", DoctorState.Ok, "none that could be destroyed")
                : new DoctorCheck("old keys", DoctorState.Warn, $"no backup needs version {string.Join(", ", old)} of the key-encryption key any more.", $"`candor key destroy {old[0]}` makes what old backups hold of erased customers unreadable for good.");
        }
        catch (Fault fault)
        {
            return new DoctorCheck("old keys", DoctorState.Warn, fault.Message);
        }
    }

    private static async Task<Period> KeptAsync(CandorHost host, CancellationToken ct)
    {
        try
        {
            return (await host.Database.ReadAsync(tx => host.Catalogs.GetActiveAsync(tx, ct), ct)).Catalog.Organisation.BackupsKept;
        }
        catch (Fault)
        {
            return Period.Parse("P35D");
        }
    }

    private static string Age(TimeSpan age) => age.TotalDays >= 2 ? $"{(int)age.TotalDays} days" : age.TotalHours >= 2 ? $"{(int)age.TotalHours} hours" : $"{(int)age.TotalMinutes} minutes";
}
