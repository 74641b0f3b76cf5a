using Candor.Backup;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;

namespace Candor.Server.Pages.Admin;

/// <summary>One backup.</summary>
/// <param name="Tone"><c>yes</c>, <c>wait</c>, <c>no</c> or empty.</param>
public sealed record BackupView(string File, string State, string Tone, IReadOnlyList<FactView> Facts);

/// <summary>Backups: where they go, when, and those there are.</summary>
/// <param name="MayMake">There is a folder for them and the public half of the backup key.</param>
public sealed record AdminBackups(AdminView View, IReadOnlyList<FactView> Settings, IReadOnlyList<BackupView> Backups, bool MayMake, bool IsRunning);

/// <summary>Backups: the last ones, the next one, and one now.</summary>
internal static class AdminBackupRoutes
{
    private const string Path = "/admin/backups";
    private const string Run = "backup";
    private const int Most = 20;

    public static void MapAdminBackups(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, (StaffDoor door, BackgroundRuns runs, HttpContext http) => ShowAsync(door, runs, http, null, null)).ForStaff(AdminDoor.Administrator);
        pages.MapPost(Path, (StaffDoor door, CandorHost host, BackgroundRuns runs, HttpContext http) => door.TryAsync(http, async _ =>
        {
            var by = (await host.WriteAsync(http, tx => host.Eyes.EnterAsync(tx, http.Token(), [AdminDoor.Administrator], http.RequestAborted))).LogName;
            if (!MayMake(host))
            {
                throw new Fault(FaultKind.Conflict, "backup/no-folder", "This server has no folder or no key for backups; `candor backup init` makes the key, `candor serve --backup-folder FOLDER` names the folder.");
            }

            runs.Start(Run, ct => host.Backups.MakeNowAsync(by, null, ct));
            return StaffDoor.Say(http, Path, "backup");
        }, (form, fault) => ShowAsync(door, runs, http, form, fault))).ForSteppedUpStaff(AdminDoor.Administrator);
    }

    private static bool MayMake(CandorHost host) => host.Backups.Schedule is not null && File.Exists(host.Backups.RecipientFile);

    private static async Task<IResult> ShowAsync(StaffDoor door, BackgroundRuns runs, HttpContext http, IFormCollection? sent, Fault? fault)
    {
        var (store, ct) = (door.Host.Backups, http.RequestAborted);
        var view = await door.AdminViewAsync(http, "backups", sent, fault);
        var rows = await store.ListAsync(Most, ct);
        FactView[] settings = store.Schedule is not { } schedule ? [new(view.T("backups.folder"), view.T("backups.folder.none"))] :
        [
            new(view.T("backups.folder"), schedule.Folder), new(view.T("backups.every"), schedule.Every.Text), new(view.T("backups.kept"), view.Number(schedule.Kept)),
            new(view.T("backups.next"), await store.NextAsync(ct) is { } next && next > door.Now ? view.Time(next) : view.T("backups.soon")),
        ];
        return StaffDoor.Page<AdminBackupsPage>(new AdminBackups(view, settings, [.. rows.Select(r => View(view, r))], MayMake(door.Host), runs.IsRunning(Run) || rows.Any(r => r.State == "making")), view.Status);
    }

    private static BackupView View(AdminView view, BackupRow row) => new(
        System.IO.Path.GetFileName(row.Path), view.T("backups.state." + row.State), row.State switch { "made" => "yes", "making" => "wait", "failed" => "no", _ => "" },
        [
            new(view.T("backups.began"), view.Time(row.BeganAtUs)),
            row.State == "failed" ? new(view.T("change.reason"), row.Reason ?? "–") : new(view.T("backups.size"), row.Bytes is { } bytes ? view.T("backups.megabytes", ("n", view.Number((bytes >> 20) + 1))) : "–"),
        ]);
}
