using Candor.Kernel;

namespace Candor.Storage;

/// <summary>Where everything is kept. SQLite for one process, PostgreSQL for several nodes; the same SQL text for both.</summary>
public abstract class Database(TimeProvider clock) : IAsyncDisposable
{
    protected const string CustomerColumn = "customer_id";
    protected const string WalkColumn = "after_customer";

    private static long lastTransaction;

    // Columns are snake_case and records are not.
    static Database() => Dapper.DefaultTypeMap.MatchNamesWithUnderscores = true;

    public TimeProvider Clock { get; } = clock;

    /// <summary>True when several nodes may share the database.</summary>
    public abstract bool IsClustered { get; }

    /// <summary>Engine and version, for people.</summary>
    public abstract string Description { get; }

    /// <summary>Runs work in one transaction and returns when it is durable.</summary>
    /// <remarks>SQLite: on the single writer, many works to one commit, each in a savepoint of its own.
    /// PostgreSQL: a transaction of its own, run again on a serialisation failure or deadlock, so it must have no effect outside.</remarks>
    public abstract Task<T> WriteAsync<T>(Func<Transaction, ValueTask<T>> work, CancellationToken ct);

    public Task WriteAsync(Func<Transaction, ValueTask> work, CancellationToken ct) =>
        WriteAsync<bool>(async tx =>
        {
            await work(tx);
            return true;
        }, ct);

    /// <summary>Runs work whose only write is its very last act, such as a read and its log entry. Cheaper than <see cref="WriteAsync{T}"/> on SQLite: no savepoint.</summary>
    /// <remarks>INVARIANT: nothing that can fail comes after the write. Should it happen all the same, the whole group of works is undone.</remarks>
    public virtual Task<T> WriteLastAsync<T>(Func<Transaction, ValueTask<T>> work, CancellationToken ct) => WriteAsync(work, ct);

    /// <summary>Runs read-only work. Never for a gated read: that one writes its log entry.</summary>
    public abstract Task<T> ReadAsync<T>(Func<Transaction, ValueTask<T>> work, CancellationToken ct);

    /// <summary>Adds a step that runs once for each group of works, just before its commit. SQLite only; the step of a failed group is undone.</summary>
    public abstract void BeforeGroupCommit(Func<Transaction, ValueTask> step);

    /// <summary>Brings the schema to this binary's version; a newer database is refused.</summary>
    public Task MigrateAsync(CancellationToken ct) => Migrations.ApplyAsync(this, ct);

    /// <summary>Has deleted bytes leave the files, as far as the engine can. After an erasure, outside any transaction.</summary>
    /// <remarks>SQLite: moves the write-ahead log, which still holds the old pages, into the file and empties it. PostgreSQL: vacuums the tables of customers.</remarks>
    /// <returns>False when something still reads the old pages; call again later.</returns>
    public abstract Task<bool> ForgetDeletedAsync(CancellationToken ct);

    /// <summary>Name of the engine, for programs: <c>sqlite</c> or <c>postgresql</c>.</summary>
    public abstract string Engine { get; }

    /// <summary>Copies the whole database as of one moment, while it goes on being used.</summary>
    public abstract Task CopyAsync(CopyPlan plan, CancellationToken ct);

    /// <summary>Number of the last schema step that this database has.</summary>
    public static async ValueTask<long> SchemaStepAsync(Transaction tx, CancellationToken ct) =>
        await tx.FindAsync<long>("SELECT max(number) FROM schema_migration", null, ct);

    /// <summary>How many rows of each table name this customer in a column <c>customer_id</c>. The tables are taken from the schema, so none can be left out.</summary>
    public async ValueTask<IReadOnlyList<(string Table, long Rows)>> CountRowsAsync(Transaction tx, CustomerId customer, CancellationToken ct)
    {
        var counts = new List<(string, long)>();
        foreach (var table in await TablesWithAsync(tx, CustomerColumn, ct))
        {
            // A name from the schema itself.
            counts.Add((table, await tx.FindAsync<long>($"SELECT count(*) FROM {table} WHERE customer_id = @Value", new { customer.Value }, ct)));
        }

        return counts;
    }

    /// <summary>Takes a customer's id out of every walk over customers that has just come to it, a column <c>after_customer</c>. The walk goes on before it, where nobody else is.</summary>
    public async ValueTask LeaveWalksAsync(Transaction tx, CustomerId customer, CancellationToken ct)
    {
        foreach (var table in await TablesWithAsync(tx, WalkColumn, ct))
        {
            // A name from the schema itself.
            await tx.RunAsync($"UPDATE {table} SET after_customer = @Before WHERE after_customer = @Value", new { customer.Value, Before = customer.Value[..^1] }, ct);
        }
    }

    public abstract ValueTask DisposeAsync();

    /// <summary>The tables that have this column, by name.</summary>
    internal abstract Task<IReadOnlyList<string>> TablesWithAsync(Transaction tx, string column, CancellationToken ct);

    /// <summary>Adapts portable DDL to the engine.</summary>
    internal abstract string Adapt(string migration);

    /// <summary>True when this table exists; asked before the first migration.</summary>
    internal abstract Task<bool> TableExistsAsync(Transaction tx, string table, CancellationToken ct);

    protected static long NextTransactionId() => Interlocked.Increment(ref lastTransaction);
}
