using System.CommandLine;
using Candor.Backup;
using Candor.Kernel;

namespace Candor.Server.Commands;

/// <summary>Options of <c>candor serve</c> for backups that are made by themselves.</summary>
internal static class BackupSchedule
{
    private static readonly Option<string?> Folder = new("--backup-folder") { Description = "Folder for backups, best on another machine or volume; none are made by themselves unless set." };

    private static readonly Option<string> Every = new("--backup-every") { Description = "How often one is made, such as P1D or P1W.", DefaultValueFactory = _ => "P1D" };

    private static readonly Option<int> Kept = new("--backups-kept") { Description = "How many stay; older ones are removed. 1 to 10000.", DefaultValueFactory = _ => 35 };

    public static void AddTo(Command command)
    {
        command.Options.Add(Folder);
        command.Options.Add(Every);
        command.Options.Add(Kept);
    }

    public static BackupSettings? Read(ParseResult parsed)
    {
        var kept = parsed.GetValue(Kept);
        if (kept is < 1 or > BackupSettings.MostKept)
        {
            throw new Fault(FaultKind.Invalid, "backup/bad-schedule", $"`--backups-kept` is 1 to {BackupSettings.MostKept}; got `{kept}`.");
        }

        return parsed.GetValue(Folder) is { } folder ? new BackupSettings(Path.GetFullPath(folder), Period.Parse(parsed.GetValue(Every)!), kept) : null;
    }
}
