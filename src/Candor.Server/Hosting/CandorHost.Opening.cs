using Candor.Audit;
using Candor.Backup;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Server.Hosting;

/// <summary>How an installation is opened. What is wrong with it keeps it closed.</summary>
public sealed partial class CandorHost
{
    /// <summary>Opens an installation: root key, database, schema, keys, log head. Any failure leaves it closed, and so does a backup that was not brought up to date.</summary>
    public static Task<CandorHost> OpenAsync(HostSettings settings, RootKey root, CancellationToken ct) =>
        OpenAsync(settings, root, database => RestoredMode.RefuseAsync(database, ct), ct);

    /// <summary>Opens a database that comes from a backup, brings it up to date, and closes it.</summary>
    /// <param name="ledger">Text of the newest ledger.</param>
    /// <param name="checkpoint">Text of the newest checkpoint kept outside; null when there is none.</param>
    public static async Task<RestoreReport> FinishRestoreAsync(HostSettings settings, RootKey root, string ledger, string? checkpoint, CancellationToken ct)
    {
        await using var host = await OpenAsync(settings, root, database => RestoreEnd.PutKeysBackAsync(database, ledger, root, ct), ct);
        return await RestoreEnd.RunAsync(host.Database, host.Log, host.Checkpoints, host.Replay, ledger, checkpoint, ct);
    }

    private static async Task<CandorHost> OpenAsync(HostSettings settings, RootKey root, Func<Database, Task> first, CancellationToken ct)
    {
        var database = await OpenDatabaseAsync(settings, ct);
        try
        {
            await first(database);
            var keys = await KeyRing.OpenAsync(database, root, ct);
            var log = await AuditLog.OpenAsync(database, settings.Site.Authority.Replace(':', '-') + "/audit", ct);
            var host = new CandorHost(settings, database, keys, log);
            await host.Backups.CleanAsync(ct);
            return host;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens the database alone, with its schema brought up to date.</summary>
    public static async Task<Database> OpenDatabaseAsync(HostSettings settings, CancellationToken ct)
    {
        Database database = settings.Postgres is { } connection
            ? await PostgresDatabase.OpenAsync(connection, TimeProvider.System, ct)
            : SqliteDatabase.Open(settings.Folder.Database, TimeProvider.System);
        try
        {
            await database.MigrateAsync(ct);
            return database;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }
}
