using System.Data.Common;
using Candor.Kernel;
using Microsoft.Data.Sqlite;

namespace Candor.Storage;

/// <summary>One SQLite file, owned by one process.</summary>
public sealed class SqliteDatabase : Database
{
    /// <summary>Versions before this one can lose a committed transaction when the WAL is reset (sqlite.org, 3.51.3 release notes).</summary>
    public static readonly Version OldestSafe = new(3, 51, 3);

    private readonly string readConnection;
    private readonly FileStream ownership;
    private readonly SqliteWriter writer;
    private readonly Version version;

    private SqliteDatabase(string path, FileStream ownership, TimeProvider clock) : base(clock)
    {
        this.ownership = ownership;
        Path = path;
        readConnection = new SqliteConnectionStringBuilder { DataSource = path, Pooling = true }.ToString();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        version = Version.Parse(connection.ServerVersion);
        if (version < OldestSafe)
        {
            connection.Dispose();
            throw new Fault(FaultKind.Unavailable, "storage/sqlite-too-old", $"SQLite `{version}` can lose committed data; at least `{OldestSafe}` is needed.");
        }

        Execute(connection, "PRAGMA journal_mode=WAL");
        Execute(connection, "PRAGMA synchronous=FULL");
        Execute(connection, Pragmas);
        // 32 MB: each checkpoint writes pages that changed many times only once.
        Execute(connection, "PRAGMA wal_autocheckpoint=8000");
        writer = new SqliteWriter(connection, clock, NextTransactionId);
    }

    public string Path { get; }

    public const string EngineName = "sqlite";

    public override bool IsClustered => false;

    public override string Engine => EngineName;

    public override string Description => $"SQLite {version}, {Path}";

    private const string Pragmas =
        "PRAGMA foreign_keys=ON; PRAGMA busy_timeout=5000; PRAGMA secure_delete=ON; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA cache_size=-65536";

    /// <summary>Opens or creates the file and takes it for this process.</summary>
    public static SqliteDatabase Open(string path, TimeProvider clock)
    {
        var full = System.IO.Path.GetFullPath(path);
        RefuseNetworkFileSystem(full);
        FileStream ownership;
        try
        {
            ownership = new FileStream(full + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new Fault(FaultKind.Conflict, "storage/in-use", "Another process has this data folder open; stop it first, or give this one another folder.", e);
        }

        try
        {
            return new SqliteDatabase(full, ownership, clock);
        }
        catch
        {
            ownership.Dispose();
            throw;
        }
    }

    public override Task<T> WriteAsync<T>(Func<Transaction, ValueTask<T>> work, CancellationToken ct) => writer.RunAsync(work, writesLast: false, ct);

    public override Task<T> WriteLastAsync<T>(Func<Transaction, ValueTask<T>> work, CancellationToken ct) => writer.RunAsync(work, writesLast: true, ct);

    public override async Task<T> ReadAsync<T>(Func<Transaction, ValueTask<T>> work, CancellationToken ct)
    {
        await using var connection = new SqliteConnection(readConnection);
        await connection.OpenAsync(ct);
        Execute(connection, Pragmas + "; PRAGMA query_only=ON");
        await using var native = connection.BeginTransaction(deferred: true);
        using var tx = new SqliteTransactionScope(NextTransactionId(), Clock.GetUtcNow(), connection, new(), native);
        return await work(tx);
    }

    public override void BeforeGroupCommit(Func<Transaction, ValueTask> step) => writer.AddGroupStep(step);

    /// <summary>Moves the write-ahead log into the file and empties it, so that deleted bytes are gone from both.</summary>
    /// <returns>False when a reader still needs the old pages.</returns>
    public Task<bool> CheckpointAsync(CancellationToken ct) => writer.CheckpointAsync(ct);

    public override Task<bool> ForgetDeletedAsync(CancellationToken ct) => CheckpointAsync(ct);

    public override async Task CopyAsync(CopyPlan plan, CancellationToken ct)
    {
        var path = System.IO.Path.Combine(plan.WorkFolder, "copy.db");
        await Task.Run(() => SqliteCopy.MakeAsync(readConnection, path, plan.Progress, ct), ct);
        await Task.Run(() => SqliteCopy.Check(path, plan.Without), ct);
        await using (var copy = Open(path, Clock))
        {
            await plan.Look(copy);
            await copy.CheckpointAsync(ct);
        }

        await using var content = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None, 1 << 20);
        await plan.Take(content);
    }

    public override async ValueTask DisposeAsync()
    {
        await writer.DisposeAsync();
        SqliteConnection.ClearPool(new SqliteConnection(readConnection));
        await ownership.DisposeAsync();
    }

    internal override string Adapt(string migration) => migration
        .Replace("{clustered}", " WITHOUT ROWID", StringComparison.Ordinal)
        // The driver tells a column's type by its declared name, and knows BLOB only.
        .Replace(" BYTEA", " BLOB", StringComparison.Ordinal);

    internal override async Task<bool> TableExistsAsync(Transaction tx, string table, CancellationToken ct) =>
        await tx.FindAsync<long>("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = @table", new { table }, ct) > 0;

    internal override Task<IReadOnlyList<string>> TablesWithAsync(Transaction tx, string column, CancellationToken ct) => tx.QueryAsync<string>(
        "SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c ON c.name = @column WHERE m.type = 'table' ORDER BY m.name", new { column }, ct);

    internal static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constant texts of this module only.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    /// <summary>File locks on network file systems are not reliable enough for WAL (sqlite.org/wal.html).</summary>
    private static void RefuseNetworkFileSystem(string path)
    {
        var folder = System.IO.Path.GetDirectoryName(path)!;
        var drive = DriveInfo.GetDrives().Where(d => folder.StartsWith(d.Name, StringComparison.Ordinal)).MaxBy(d => d.Name.Length);
        if (drive is not null && drive.DriveType == DriveType.Network)
        {
            throw new Fault(FaultKind.Unavailable, "storage/network-file-system", $"SQLite needs a local disk, and `{folder}` is on a network file system (`{drive.DriveFormat}`).");
        }
    }
}

/// <summary>A transaction on one SQLite connection. Prepared statements are kept by the owner of the connection.</summary>
internal sealed class SqliteTransactionScope(long id, DateTimeOffset now, SqliteConnection connection, Dictionary<string, DbCommand> prepared, DbTransaction? native = null)
    : Transaction(id, now, connection), IDisposable
{
    protected override DbTransaction? Native => native;

    public override DbCommand Prepared(string sql)
    {
        if (!prepared.TryGetValue(sql, out var command))
        {
            prepared[sql] = command = new SqlitePipeline(connection, sql);
        }

        return command;
    }

    public override ValueTask LockCustomerAsync(CustomerId customer, bool exclusive, CancellationToken ct) => ValueTask.CompletedTask;

    public override string SharedLockOf(string customerQuery) => "";

    public override ValueTask LockJobAsync(string job, CancellationToken ct) => ValueTask.CompletedTask;

    public override string ForShare(string alias) => "";

    public override string ForClaim => "";

    public override string IsAmong(string column, string parameter) => $"{column} IN (SELECT value FROM json_each({parameter}))";

    public override string ServerMicros => "0";

    public void Dispose()
    {
        foreach (var command in prepared.Values)
        {
            command.Dispose();
        }
    }
}
