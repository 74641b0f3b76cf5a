using Candor.Audit;
using Candor.Backup;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Storage;
using Candor.Tests.Server;
using Candor.Tests.Storage;

namespace Candor.Tests.Backup;

/// <summary>A running installation with a folder for its backups, and empty places to restore into.</summary>
public abstract class BackupTest<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    protected const string Canary = "Canary-4Jd0eVq8";
    protected const string Purpose = "in-session-recommendations";
    private readonly DirectoryInfo shelf = Directory.CreateTempSubdirectory("candor-shelf-");
    private readonly List<string> databases = [];

    protected BackupIdentity Identity { get; } = BackupIdentity.New();

    protected string Shelf => Path.Combine(shelf.FullName, "backups");

    protected string Ledger => File.ReadAllText(LedgerKeeper.PathIn(Shelf));

    protected static bool IsPostgres => typeof(TEngine) == typeof(Postgres);

    internal override HostSettings Adapt(HostSettings settings) => settings with { Backups = new BackupSettings(Shelf, Period.Parse("P1D"), 3) };

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        // From here on a backup is due, which the schedule would make at a moment of its own.
        await StopHousekeepingAsync();
        await File.WriteAllTextAsync(Host.Backups.RecipientFile, Identity.Recipient + "\n", Ct);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        foreach (var database in databases)
        {
            await PostgresServer.DropAsync(database);
        }

        shelf.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    protected async Task AddAsync(string reference)
    {
        Assert.Equal(201, (await SendAsync("PUT", $"/v1/customers/{reference}", $$"""{"fullName":"{{Canary}} {{reference}}","email":"{{Canary}}.{{reference}}@customers.example"}""")).Status);
        Assert.Equal(200, (await GiveAsync(reference, Purpose)).Status);
    }

    protected Task<string> SignAsync() => Host.Database.WriteAsync(tx => Host.Checkpoints.SignAsync(tx, Ct), Ct);

    /// <summary>An empty folder and, on PostgreSQL, an empty database.</summary>
    internal async Task<HostSettings> NewPlaceAsync()
    {
        var folder = Path.Combine(shelf.FullName, $"place-{databases.Count}-{Path.GetRandomFileName()}");
        if (!IsPostgres)
        {
            return new HostSettings(DataFolder.At(folder), null, Host.Settings.Site);
        }

        databases.Add(await PostgresServer.NewEmptyDatabaseAsync(Ct));
        return new HostSettings(DataFolder.At(folder), databases[^1], Host.Settings.Site);
    }

    internal Task<CheckedBackup> RestoreAsync(string file, HostSettings place, BackupIdentity? identity = null) => BackupRestore.RunAsync(
        file, identity ?? Identity, place.Folder.Path, "candor.db", place.Postgres is { } connection ? new PostgresPlace(connection) : null, TimeProvider.System, null, Ct);

    internal Task<RestoreReport> FinishAsync(HostSettings place, string ledger, string? checkpoint = null) => CandorHost.FinishRestoreAsync(place, Root, ledger, checkpoint, Ct);

    internal Task<CandorHost> OpenAsync(HostSettings place) => CandorHost.OpenAsync(place, Root, Ct);

    internal static async Task<string> WhatAsync(Func<Task> act) => (await Assert.ThrowsAsync<Fault>(act)).What;

    protected static bool Holds(string file, ReadOnlySpan<byte> bytes) => File.ReadAllBytes(file).AsSpan().IndexOf(bytes) >= 0;

    internal static async Task VerifyLogAsync(CandorHost host)
    {
        while (host.Database.IsClustered && await host.Log.SequenceAsync(1000, Ct) == 1000)
        {
        }

        var report = await new LogVerifier(host.Database, host.Checkpoints.Key).VerifyAsync(null, null, Ct);
        Assert.Empty(report.Findings);
    }
}
