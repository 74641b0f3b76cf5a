using Candor.Audit;
using Candor.Catalog;
using Candor.Governance;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Server;

/// <summary>How one check came out.</summary>
internal enum DoctorState
{
    Ok,
    Warn,
    Fail,
}

/// <summary>One check.</summary>
/// <param name="Finding">In English, for the console.</param>
internal sealed record DoctorCheck(string Name, DoctorState State, string Finding, string? Advice = null)
{
    /// <summary>What the finding names, in its order and numbers as digits alone, for pages that say it in another language.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];
}

/// <summary>Looks an installation over: files first, then what only shows when it is open.</summary>
internal static class Doctor
{
    private const long LowDiskBytes = 1L << 30;
    private const int SampledCustomers = 100;

    public static async Task<IReadOnlyList<DoctorCheck>> LookAsync(HostSettings settings, CancellationToken ct)
    {
        var checks = new List<DoctorCheck> { Folder(settings.Folder), Key(settings.Folder), Disk(settings.Folder) };
        if (checks.Any(c => c.State == DoctorState.Fail))
        {
            return checks;
        }

        try
        {
            await using var host = await CandorHost.OpenAsync(settings, settings.Folder.LoadKey(), ct);
            checks.AddRange(await InsideAsync(host, ct));
        }
        catch (Fault fault)
        {
            checks.Add(new DoctorCheck("opening", DoctorState.Fail, fault.Message));
        }

        return checks;
    }

    /// <summary>The same for an installation that is open: its own process looks.</summary>
    public static async Task<IReadOnlyList<DoctorCheck>> LookAsync(CandorHost host, CancellationToken ct) =>
        [Folder(host.Settings.Folder), Key(host.Settings.Folder), Disk(host.Settings.Folder), .. await InsideAsync(host, ct)];

    private static async Task<IReadOnlyList<DoctorCheck>> InsideAsync(CandorHost host, CancellationToken ct) =>
    [
        new("database", DoctorState.Ok, $"{host.Database.Description} is open, its schema is current") { Values = [host.Database.Description] },
        new("keys", DoctorState.Ok, $"version {host.Keys.ActiveVersion} of the key-encryption key is active, all secrets unwrap") { Values = [$"{host.Keys.ActiveVersion}"] },
        await CustomersAsync(host, ct), await LogAsync(host, ct), await CatalogAsync(host, ct), .. await DoctorBackups.LookAsync(host, ct), await DoctorMail.MessagesAsync(host, ct), await DoctorMail.WebhooksAsync(host, ct),
        .. await ContractsAsync(host, ct),
    ];

    private static DoctorCheck Folder(DataFolder folder)
    {
        if (!Directory.Exists(folder.Path))
        {
            return new DoctorCheck("data folder", DoctorState.Fail, $"`{folder.Path}` does not exist.", "`candor init` makes it.");
        }

        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        return OperatingSystem.IsWindows() || (File.GetUnixFileMode(folder.Path) & others) == 0
            ? new DoctorCheck("data folder", DoctorState.Ok, "only its owner can enter")
            : new DoctorCheck("data folder", DoctorState.Warn, "others than its owner can enter.", $"Run `chmod 0700 {folder.Path}`.") { Values = [folder.Path] };
    }

    private static DoctorCheck Key(DataFolder folder)
    {
        try
        {
            folder.LoadKey();
        }
        catch (Fault fault)
        {
            return new DoctorCheck("root key", DoctorState.Fail, fault.Message);
        }

        return Path.GetDirectoryName(Path.GetFullPath(folder.RootKey)) == folder.Path
            ? new DoctorCheck("root key", DoctorState.Warn, "it lies beside the data, so whoever copies the folder can read it.", "Keep it on another volume and set CANDOR_ROOT_KEY.")
            : new DoctorCheck("root key", DoctorState.Ok, "it lies apart from the data, and only its owner can read it");
    }

    private static DoctorCheck Disk(DataFolder folder)
    {
        var drive = new DriveInfo(Directory.Exists(folder.Path) ? folder.Path : "/");
        return drive.AvailableFreeSpace >= LowDiskBytes
            ? new DoctorCheck("disk", DoctorState.Ok, $"{drive.AvailableFreeSpace >> 30} GB free") { Values = [$"{drive.AvailableFreeSpace >> 30}"] }
            : new DoctorCheck("disk", DoctorState.Warn, $"only {drive.AvailableFreeSpace >> 20} MB free.", "When it is full, reads are refused: nothing may be read that cannot be logged.") { Values = [$"{drive.AvailableFreeSpace >> 20}"] };
    }

    private static async Task<DoctorCheck> CustomersAsync(CandorHost host, CancellationToken ct)
    {
        var (count, sample) = await host.Database.ReadAsync(async tx => (await host.Vault.CountAsync(tx, ct), await host.Vault.SampleAsync(tx, SampledCustomers, ct)), ct);
        try
        {
            foreach (var key in sample)
            {
                host.Keys.Open(key).Dispose();
            }
        }
        catch (Fault fault)
        {
            return new DoctorCheck("customers", DoctorState.Fail, fault.Message, "Restore from a backup, and verify the log.");
        }

        return new DoctorCheck("customers", DoctorState.Ok, $"{count:N0} customers; the keys of {sample.Count} looked at are whole") { Values = [$"{count}", $"{sample.Count}"] };
    }

    private static async Task<DoctorCheck> LogAsync(CandorHost host, CancellationToken ct)
    {
        try
        {
            var note = await host.Database.WriteAsync(tx => host.Checkpoints.SignAsync(tx, ct), ct);
            var size = Checkpoint.Parse(SignedNote.Open(note, host.Checkpoints.Key)).Size;
            return new DoctorCheck("log", DoctorState.Ok, $"{size:N0} entries, the right edge leads to the stored head") { Values = [$"{size}"] };
        }
        catch (Fault fault)
        {
            return new DoctorCheck("log", DoctorState.Fail, fault.Message, "`candor audit verify` shows where.");
        }
    }

    /// <summary>Contracts with recipients that are over or end soon; nothing where there are none to look at.</summary>
    private static async Task<IReadOnlyList<DoctorCheck>> ContractsAsync(CandorHost host, CancellationToken ct)
    {
        try
        {
            var catalog = (await host.Database.ReadAsync(tx => host.Catalogs.GetActiveAsync(tx, ct), ct)).Catalog;
            var contracts = catalog.Recipients.Values.Count(r => r.Contract is not null);
            var due = RecordGap.OfRecipients(catalog, DateOnly.FromDateTime(host.Database.Clock.GetUtcNow().UtcDateTime)).Where(g => g.Day is not null).ToList();
            return contracts == 0 ? [] : due.Count == 0
                ? [new DoctorCheck("contracts", DoctorState.Ok, $"{contracts} with recipients, none ends within {RecipientContract.SoonDays} days") { Values = [$"{contracts}"] }]
                : [new DoctorCheck("contracts", DoctorState.Warn, $"{string.Join(", ", due.Select(g => $"the one with {g.Name} ends on {Recipient.DayText(g.Day!.Value)}"))}.", "Renew it, and write the new day into `recipients` of the catalog.")
                {
                    Values = [string.Join(", ", due.Select(g => $"{g.Name} ({Recipient.DayText(g.Day!.Value)})"))],
                }];
        }
        catch (Fault fault) when (fault.What == "catalog/none")
        {
            return [];
        }
    }

    private static async Task<DoctorCheck> CatalogAsync(CandorHost host, CancellationToken ct)
    {
        try
        {
            var active = await host.Database.ReadAsync(tx => host.Catalogs.GetActiveAsync(tx, ct), ct);
            return new DoctorCheck("catalog", DoctorState.Ok, $"version {active.Version}, {active.Catalog.Purposes.Count} purposes") { Values = [$"{active.Version}", $"{active.Catalog.Purposes.Count}"] };
        }
        catch (Fault fault)
        {
            return new DoctorCheck("catalog", DoctorState.Warn, fault.Message);
        }
    }
}
