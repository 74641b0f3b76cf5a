using System.Data.Common;
using Candor.Kernel;
using Npgsql;

namespace Candor.Storage;

/// <summary>PostgreSQL 15 or newer, shared by any number of nodes. Reads go to the primary only.</summary>
public sealed class PostgresDatabase : Database
{
    /// <summary>How often a transaction is run again that lost a deadlock or serialisation race, or that the server ended because this process stood still in the middle of it.</summary>
    private const int MaxTries = 5;

    /// <summary>SQLSTATE of <c>idle_in_transaction_session_timeout</c>, which the driver has no name for.</summary>
    private const string IdleInTransaction = "25P03";

    /// <summary>Node and database clocks may differ by this much; consents expire by these clocks.</summary>
    private static readonly TimeSpan MaxClockSkew = TimeSpan.FromSeconds(5);

    private readonly NpgsqlDataSource source;

    private readonly NpgsqlConnectionStringBuilder server;

    private PostgresDatabase(NpgsqlDataSource source, NpgsqlConnectionStringBuilder server, Version version, TimeProvider clock) : base(clock) =>
        (this.source, this.server, Version, Major) = (source, server, version.ToString(), version.Major);

    public const string EngineName = "postgresql";

    public string Version { get; }

    internal int Major { get; }

    public override string Engine => EngineName;

    public override bool IsClustered => true;

    public override string Description => $"PostgreSQL {Version}";

    /// <summary>Connects, and refuses a server whose settings could lose what it confirmed.</summary>
    /// <param name="connectionString">Its own <c>Options</c> count, but for the one that makes a commit durable.</param>
    public static async Task<PostgresDatabase> OpenAsync(string connectionString, TimeProvider clock, CancellationToken ct)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            MaxAutoPrepare = 200,
            AutoPrepareMinUsages = 2,
            ApplicationName = "candor",
        };
        // The server takes the last of two.
        settings.Options = $"-c lock_timeout=2s -c idle_in_transaction_session_timeout=5s {settings.Options} -c synchronous_commit=on";
        settings.MaxPoolSize = Math.Min(settings.MaxPoolSize, 40);
        var source = NpgsqlDataSource.Create(settings);
        try
        {
            await using var connection = await source.OpenConnectionAsync(ct);
            await CheckServerAsync(connection, clock, ct);
            return new PostgresDatabase(source, settings, connection.PostgreSqlVersion, clock);
        }
        catch (Exception e)
        {
            await source.DisposeAsync();
            if (e is NpgsqlException)
            {
                throw new Fault(FaultKind.Unavailable, "storage/no-postgres", "PostgreSQL did not answer; check the connection string and that the server runs.", e);
            }

            throw;
        }
    }

    public override Task<T> WriteAsync<T>(Func<Transaction, ValueTask<T>> work, CancellationToken ct) => UntilItFitsAsync(() => RunOnceAsync(work, ct), ct);

    // A read may lock what must not change before its end, such as the active catalog's row; so it can meet a change as a write can.
    public override Task<T> ReadAsync<T>(Func<Transaction, ValueTask<T>> work, CancellationToken ct) => UntilItFitsAsync(async () =>
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var native = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, ct);
        return await work(new PostgresTransactionScope(NextTransactionId(), Clock.GetUtcNow(), connection, native));
    }, ct);

    private static async Task<T> UntilItFitsAsync<T>(Func<Task<T>> transaction, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await transaction();
            }
            catch (PostgresException e) when (IsLost(e) && attempt < MaxTries)
            {
                await Task.Delay(Random.Shared.Next(1, 10 * attempt), ct);
            }
            catch (Exception e) when (FaultOf(e) is { } fault)
            {
                throw fault;
            }
        }
    }

    /// <summary>Nothing: each transaction commits alone here.</summary>
    public override void BeforeGroupCommit(Func<Transaction, ValueTask> step)
    {
    }

    public override async Task<bool> ForgetDeletedAsync(CancellationToken ct)
    {
        var tables = await ReadAsync(async tx => (IReadOnlyList<string>)[.. await TablesWithAsync(tx, CustomerColumn, ct), .. await TablesWithAsync(tx, WalkColumn, ct)], ct);
        await using var connection = await source.OpenConnectionAsync(ct);
#pragma warning disable CA2100 // Names from the schema itself.
        await using var command = new NpgsqlCommand("VACUUM (SKIP_LOCKED) " + string.Join(", ", tables), connection);
#pragma warning restore CA2100
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(ct);
        return true;
    }

    public override async Task CopyAsync(CopyPlan plan, CancellationToken ct)
    {
        await plan.Look(this);
        await PostgresTools.DumpAsync(server, Major, plan.Without, plan.Take, ct);
    }

    public override ValueTask DisposeAsync() => source.DisposeAsync();

    internal override Task<IReadOnlyList<string>> TablesWithAsync(Transaction tx, string column, CancellationToken ct) => tx.QueryAsync<string>(
        """
        SELECT c.relname::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE a.attname = @column AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND n.nspname = current_schema() ORDER BY c.relname
        """, new { column }, ct);

    internal override string Adapt(string migration) => migration.Replace("{clustered}", "", StringComparison.Ordinal);

    internal override async Task<bool> TableExistsAsync(Transaction tx, string table, CancellationToken ct) =>
        await tx.FindAsync<long>("SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = @table", new { table }, ct) > 0;

    private async Task<T> RunOnceAsync<T>(Func<Transaction, ValueTask<T>> work, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var native = await connection.BeginTransactionAsync(System.Data.IsolationLevel.ReadCommitted, ct);
        var tx = new PostgresTransactionScope(NextTransactionId(), Clock.GetUtcNow(), connection, native);
        string? notReplicated = null;
        connection.Notice += (_, notice) => notReplicated ??= notice.Notice.MessageText.Contains("replicat", StringComparison.OrdinalIgnoreCase) ? notice.Notice.MessageText : null;
        try
        {
            var result = await work(tx);
            await native.CommitAsync(ct);
            if (notReplicated is not null)
            {
                // The server says success after a cancelled wait for its standby (syncrep.c); to us that is a failure.
                throw new Fault(FaultKind.Unavailable, "storage/not-replicated", "PostgreSQL did not confirm the write on its standby; nothing is served from it.");
            }

            tx.MarkCommitted();
            return result;
        }
        finally
        {
            if (!tx.IsCommitted)
            {
                tx.MarkRolledBack();
            }
        }
    }

    /// <summary>The server rolled it back, and nothing speaks against the same again.</summary>
    private static bool IsLost(PostgresException e) =>
        e.SqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or IdleInTransaction;

    private static Fault? FaultOf(Exception e) => e switch
    {
        PostgresException lost when IsLost(lost) => new Fault(FaultKind.Unavailable, "storage/busy", "The change was in the way of others again and again, or took too long; nothing was stored, try again.", e),
        PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable } => new Fault(FaultKind.Unavailable, "storage/busy", "The data is locked by another change for too long; try again.", e),
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => new Fault(FaultKind.Unavailable, "storage/full", "The database's disk is full: nothing was stored and nothing is served until there is room.", e),
        PostgresException { SqlState: PostgresErrorCodes.CharacterNotInRepertoire } => new Fault(FaultKind.Invalid, "storage/bad-text", "A text holds a character that cannot be stored, such as U+0000.", e),
        PostgresException => null,
        NpgsqlException => new Fault(FaultKind.Unavailable, "storage/no-postgres", "The connection to PostgreSQL broke before the write was confirmed; nothing is served from it.", e),
        _ => null,
    };

    private static async Task CheckServerAsync(NpgsqlConnection connection, TimeProvider clock, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            "SELECT current_setting('fsync'), current_setting('full_page_writes'), extract(epoch FROM clock_timestamp())::float8, pg_is_in_recovery()::int::bigint", connection);
        await using var row = await command.ExecuteReaderAsync(ct);
        await row.ReadAsync(ct);
        if (row.GetString(0) != "on" || row.GetString(1) != "on")
        {
            throw new Fault(FaultKind.Unavailable, "storage/unsafe-postgres", $"PostgreSQL runs with fsync `{row.GetString(0)}` and full_page_writes `{row.GetString(1)}`; both must be `on`, or confirmed writes can be lost.");
        }

        if (row.GetInt64(3) != 0)
        {
            throw new Fault(FaultKind.Unavailable, "storage/standby", "This PostgreSQL server is a standby; Candor reads and writes on the primary only.");
        }

        var skew = DateTimeOffset.UnixEpoch.AddSeconds(row.GetDouble(2)) - TimeProvider.System.GetUtcNow();
        if (clock == TimeProvider.System && skew.Duration() > MaxClockSkew)
        {
            throw new Fault(FaultKind.Unavailable, "storage/clock-skew", $"The clocks of this node and of PostgreSQL differ by `{skew.TotalSeconds:0}` seconds, at most `{MaxClockSkew.TotalSeconds}` are allowed; consents expire by them.");
        }
    }
}

/// <summary>A transaction on PostgreSQL. Advisory locks have two parts: 77 and a customer, or 76 and a job. Statements are prepared by the driver after their second use.</summary>
internal sealed class PostgresTransactionScope(long id, DateTimeOffset now, NpgsqlConnection connection, NpgsqlTransaction native)
    : Transaction(id, now, connection)
{
    private readonly Dictionary<string, DbCommand> prepared = [];

    protected override DbTransaction? Native => native;

    public override DbCommand Prepared(string sql)
    {
        if (!prepared.TryGetValue(sql, out var command))
        {
#pragma warning disable CA2100 // Modules pass constant texts; values travel as parameters.
            prepared[sql] = command = new NpgsqlCommand(sql, connection, native);
#pragma warning restore CA2100
        }

        return command;
    }

    public override async ValueTask LockCustomerAsync(CustomerId customer, bool exclusive, CancellationToken ct)
    {
        var command = Prepared(exclusive ? "SELECT pg_advisory_xact_lock(77, hashtext(@customer))" : "SELECT pg_advisory_xact_lock_shared(77, hashtext(@customer))");
        await command.Set("@customer", customer.Value).ExecuteNonQueryAsync(ct);
    }

    public override string SharedLockOf(string customerQuery) =>
        $"SELECT pg_advisory_xact_lock_shared(77, hashtext(locked.customer_id)) FROM ({customerQuery}) locked;\n";

    public override async ValueTask LockJobAsync(string job, CancellationToken ct)
    {
        await Prepared("SET LOCAL lock_timeout = '60s'").ExecuteNonQueryAsync(ct);
        await Prepared("SELECT pg_advisory_xact_lock(76, hashtext(@job))").Set("@job", job).ExecuteNonQueryAsync(ct);
    }

    public override string ForShare(string alias) => " FOR SHARE OF " + alias;

    public override string ForClaim => " FOR UPDATE SKIP LOCKED";

    public override string IsAmong(string column, string parameter) => $"{column} = ANY(ARRAY(SELECT json_array_elements_text(CAST({parameter} AS json))))";

    public override string ServerMicros => "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
}
