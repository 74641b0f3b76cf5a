using System.Data.Common;
using System.Text.Json;
using Candor.Kernel;
using Dapper;

namespace Candor.Storage;

/// <summary>One unit of work on the database: all of it is kept, or none.</summary>
/// <remarks>Whoever begins a transaction commits it. On SQLite the work runs on the writer's thread:
/// INVARIANT: it awaits nothing but its own transaction.</remarks>
public abstract class Transaction(long id, DateTimeOffset now, DbConnection connection)
{
    private List<Action>? undo;

    /// <summary>Unique in this process. A permit carries it, and the vault refuses a permit of another transaction.</summary>
    public long Id { get; } = id;

    /// <summary>The instant at which the work began, in whole microseconds.</summary>
    public DateTimeOffset Now { get; private set; } = Micros.ToInstant(Micros.From(now));

    public long NowUs => Micros.From(Now);

    /// <summary>Moves this work to another instant. For made-up data alone: the sample shop has a past.</summary>
    internal void PretendNow(DateTimeOffset instant) => Now = Micros.ToInstant(Micros.From(instant));

    /// <summary>True once the engine has confirmed the commit. INVARIANT: nothing is decrypted before.</summary>
    public bool IsCommitted { get; private set; }

    protected DbConnection Connection { get; } = connection;

    protected virtual DbTransaction? Native => null;

    /// <summary>Runs a statement. <paramref name="args"/> is an object whose properties fill <c>@Name</c>.</summary>
    /// <returns>Number of rows changed.</returns>
    public Task<int> RunAsync(string sql, object? args, CancellationToken ct) =>
        Connection.ExecuteAsync(new CommandDefinition(sql, args, Native, cancellationToken: ct));

    /// <summary>All rows of a query. Columns are long, double, string or byte[].</summary>
    public async Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object? args, CancellationToken ct) =>
        (IReadOnlyList<T>)await Connection.QueryAsync<T>(new CommandDefinition(sql, args, Native, cancellationToken: ct));

    /// <summary>The first row of a query, or the default when there is none.</summary>
    public Task<T?> FindAsync<T>(string sql, object? args, CancellationToken ct) =>
        Connection.QueryFirstOrDefaultAsync<T>(new CommandDefinition(sql, args, Native, cancellationToken: ct));

    /// <summary>A statement for a hot path: parsed once for each connection. Fill it with <see cref="PreparedCommand.Set"/>; do not dispose it.</summary>
    public abstract DbCommand Prepared(string sql);

    /// <summary>Waits for, and holds until the end, the lock of one customer. Reads share it; what changes a customer's choices or key excludes.</summary>
    /// <remarks>A fair queue, so that a withdrawal is not overtaken by later reads. SQLite has one writer and needs none.
    /// Lock first, look after: a snapshot taken before the wait would be old.</remarks>
    public abstract ValueTask LockCustomerAsync(CustomerId customer, bool exclusive, CancellationToken ct);

    /// <summary>The locks of several customers, in one order for all who take several, so that nobody waits for another in a circle.</summary>
    /// <returns>The customers in that order.</returns>
    public async ValueTask<CustomerId[]> LockCustomersAsync(IEnumerable<CustomerId> customers, bool exclusive, CancellationToken ct)
    {
        CustomerId[] ordered = [.. customers.OrderBy(c => c.Value, StringComparer.Ordinal)];
        foreach (var customer in ordered)
        {
            await LockCustomerAsync(customer, exclusive, ct);
        }

        return ordered;
    }

    /// <summary>A statement that takes the shared lock of the customers a query names, to stand first in a pipeline; empty where none is needed.</summary>
    /// <param name="customerQuery">A SELECT of one column, <c>customer_id</c>. On PostgreSQL the statement gives a result set of its own.</param>
    public abstract string SharedLockOf(string customerQuery);

    /// <summary>A lock named by the caller, exclusive until the end: for jobs that one node at a time may do.</summary>
    public abstract ValueTask LockJobAsync(string job, CancellationToken ct);

    /// <summary>Text to append to a SELECT so that the named table's rows cannot change before the end of this transaction.</summary>
    public abstract string ForShare(string alias);

    /// <summary>Text to append to a SELECT that picks rows to work on: it holds them until the end, and passes over those that another node holds.</summary>
    public abstract string ForClaim { get; }

    /// <summary>An SQL condition: the column's text is one of a list, whose parameter is made by <see cref="PreparedCommand.SetMany"/>. One statement for lists of any length.</summary>
    public abstract string IsAmong(string column, string parameter);

    /// <summary>An SQL expression: the database server's clock in microseconds, which is one clock for all nodes. Zero on SQLite, whose one writer needs none.</summary>
    public abstract string ServerMicros { get; }

    /// <summary>Registers what must be put back in memory when this work is not kept.</summary>
    public void OnRollback(Action undoStep) => (undo ??= []).Add(undoStep);

    internal void MarkCommitted()
    {
        IsCommitted = true;
        undo = null;
    }

    internal void MarkRolledBack()
    {
        for (var i = (undo?.Count ?? 0) - 1; i >= 0; i--)
        {
            undo![i]();
        }

        undo = null;
    }
}

/// <summary>Filling prepared statements.</summary>
public static class PreparedCommand
{
    /// <summary>Sets <c>@name</c>. Values are long, double, string, byte[] or null.</summary>
    public static DbCommand Set(this DbCommand command, string name, object? value)
    {
        if (command is SqlitePipeline pipeline)
        {
            pipeline.Bind(name, value);
            return command;
        }

        var at = command.Parameters.IndexOf(name);
        if (at < 0)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            command.Parameters.Add(parameter);
            at = command.Parameters.Count - 1;
        }

        command.Parameters[at].Value = value ?? DBNull.Value;
        return command;
    }

    /// <summary>Sets <c>@name</c> to a list for <see cref="Transaction.IsAmong"/>.</summary>
    public static DbCommand SetMany(this DbCommand command, string name, IEnumerable<string> values) =>
        command.Set(name, JsonSerializer.Serialize(values));
}
