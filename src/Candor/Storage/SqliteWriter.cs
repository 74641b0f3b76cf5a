using System.Collections.Concurrent;
using System.Data.Common;
using Candor.Kernel;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Candor.Storage;

/// <summary>The one thread that writes. It takes what has queued since the last commit, runs each work in a savepoint, and commits all at once.</summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    /// <summary>Most works to one commit. Bounds how long the first of them waits.</summary>
    private const int MaxGroup = 256;

    /// <summary>Most works that may wait; beyond, callers are told to come back (503).</summary>
    private const int MaxWaiting = 16_384;

    private readonly ConcurrentQueue<Work> waiting = new();
    private readonly SemaphoreSlim arrivals = new(0);
    private readonly SqliteConnection connection;
    private readonly TimeProvider clock;
    private readonly Func<long> nextId;
    private readonly Dictionary<string, DbCommand> prepared = [];
    private readonly List<Func<Transaction, ValueTask>> groupSteps = [];
    private readonly List<Transaction> stepTransactions = [];
    private readonly Thread thread;
    private readonly SqliteCommand begin, commit, rollback, savepoint, release, rollbackTo, checkpoint;
    private volatile bool stopping;

    public SqliteWriter(SqliteConnection connection, TimeProvider clock, Func<long> nextId)
    {
        (this.connection, this.clock, this.nextId) = (connection, clock, nextId);
        (begin, commit, rollback) = (Command("BEGIN IMMEDIATE"), Command("COMMIT"), Command("ROLLBACK"));
        (savepoint, release, rollbackTo) = (Command("SAVEPOINT work"), Command("RELEASE work"), Command("ROLLBACK TO work"));
        checkpoint = Command("PRAGMA wal_checkpoint(TRUNCATE)");
        thread = new Thread(Loop) { IsBackground = true, Name = "candor-writer" };
        thread.Start();
    }

    public void AddGroupStep(Func<Transaction, ValueTask> step)
    {
        lock (groupSteps)
        {
            groupSteps.Add(step);
        }
    }

    public Task<T> RunAsync<T>(Func<Transaction, ValueTask<T>> work, bool writesLast, CancellationToken ct)
    {
        var item = new Work<T>(work, writesLast, ct);
        Enqueue(item);
        return item.Task;
    }

    public Task<bool> CheckpointAsync(CancellationToken ct)
    {
        var item = new Checkpoint(ct);
        Enqueue(item);
        return item.Task;
    }

    public async ValueTask DisposeAsync()
    {
        if (!stopping)
        {
            stopping = true;
            arrivals.Release();
            await Task.Run(thread.Join);
            foreach (var command in prepared.Values.Concat([begin, commit, rollback, savepoint, release, rollbackTo]))
            {
                await command.DisposeAsync();
            }

            await connection.DisposeAsync();
            arrivals.Dispose();
        }
    }

    private void Enqueue(Work item)
    {
        ObjectDisposedException.ThrowIf(stopping, this);
        if (waiting.Count >= MaxWaiting)
        {
            throw new Fault(FaultKind.Unavailable, "storage/busy", $"More than `{MaxWaiting}` requests are waiting to be written; try again in a moment.");
        }

        waiting.Enqueue(item);
        arrivals.Release();
    }

    private void Loop()
    {
        var group = new List<Work>(MaxGroup);
        while (true)
        {
            arrivals.Wait();
            while (group.Count < MaxGroup && waiting.TryDequeue(out var item))
            {
                group.Add(item);
                if (group.Count > 1)
                {
                    // One release was made for each work; the first was taken above.
                    arrivals.Wait(0);
                }
            }

            if (group.Count == 0)
            {
                if (stopping)
                {
                    return;
                }

                continue;
            }

            RunGroup(group);
            group.Clear();
        }
    }

    private void RunGroup(List<Work> group)
    {
        if (group.OfType<Checkpoint>().FirstOrDefault() is not null)
        {
            RunCheckpoints(group);
        }

        group.RemoveAll(w => w is Checkpoint || w.SkipIfCancelled());
        if (group.Count == 0)
        {
            return;
        }

        try
        {
            begin.ExecuteNonQuery();
            foreach (var item in group)
            {
                if (item.WritesLast)
                {
                    RunLast(item);
                }
                else
                {
                    RunOne(item);
                }
            }

            RunGroupSteps();
            commit.ExecuteNonQuery();
        }
        catch (Exception e)
        {
            Abandon(group, e);
            return;
        }

        stepTransactions.ForEach(tx => tx.MarkCommitted());
        foreach (var item in group)
        {
            item.Complete();
        }
    }

    private void RunOne(Work item)
    {
        var tx = new SqliteTransactionScope(nextId(), clock.GetUtcNow(), connection, prepared);
        savepoint.ExecuteNonQuery();
        try
        {
            item.Run(tx);
        }
        catch (Exception e)
        {
            if (raw.sqlite3_get_autocommit(connection.Handle) != 0)
            {
                // SQLite has rolled the whole group back by itself (disk full, I/O error): nobody in it is kept.
                tx.MarkRolledBack();
                throw;
            }

            rollbackTo.ExecuteNonQuery();
            tx.MarkRolledBack();
            item.Fail(e);
        }

        release.ExecuteNonQuery();
    }

    /// <summary>Runs work that needs no savepoint, because a failure comes before its only write.</summary>
    private void RunLast(Work item)
    {
        var tx = new SqliteTransactionScope(nextId(), clock.GetUtcNow(), connection, prepared);
        var before = raw.sqlite3_total_changes(connection.Handle);
        try
        {
            item.Run(tx);
        }
        catch (Exception e)
        {
            tx.MarkRolledBack();
            if (raw.sqlite3_get_autocommit(connection.Handle) != 0 || raw.sqlite3_total_changes(connection.Handle) != before)
            {
                throw;
            }

            item.Fail(e);
        }
    }

    private void RunGroupSteps()
    {
        stepTransactions.Clear();
        lock (groupSteps)
        {
            foreach (var step in groupSteps)
            {
                var tx = new SqliteTransactionScope(nextId(), clock.GetUtcNow(), connection, prepared);
                stepTransactions.Add(tx);
                Work.Finish(step(tx));
            }
        }
    }

    private void Abandon(List<Work> group, Exception e)
    {
        if (e is SqliteException { SqliteExtendedErrorCode: raw.SQLITE_IOERR_FSYNC or raw.SQLITE_IOERR_DIR_FSYNC })
        {
            // After a failed fsync the page cache no longer tells what is on disk; only a restart does.
            Environment.FailFast("The disk did not confirm a write. Candor stops so that nothing unconfirmed is served.");
        }

        if (raw.sqlite3_get_autocommit(connection.Handle) == 0)
        {
            rollback.ExecuteNonQuery();
        }

        stepTransactions.ForEach(tx => tx.MarkRolledBack());
        for (var i = group.Count - 1; i >= 0; i--)
        {
            group[i].Undo();
        }

        var fault = e is SqliteException { SqliteErrorCode: raw.SQLITE_FULL or raw.SQLITE_IOERR }
            ? new Fault(FaultKind.Unavailable, "storage/full", "The disk is full or failing: nothing was stored and nothing is served until there is room.", e)
            : e;
        foreach (var item in group)
        {
            item.Fail(fault);
            item.Complete();
        }
    }

    private void RunCheckpoints(List<Work> group)
    {
        foreach (var item in group.OfType<Checkpoint>())
        {
            try
            {
                // A long read may hold it up, and meanwhile nobody could write.
                SqliteDatabase.Execute(connection, "PRAGMA busy_timeout=200");
                item.IsWhole = (long)checkpoint.ExecuteScalar()! == 0;
            }
            catch (SqliteException e)
            {
                item.Fail(e);
            }
            finally
            {
                SqliteDatabase.Execute(connection, "PRAGMA busy_timeout=5000");
            }

            item.Complete();
        }
    }

    private SqliteCommand Command(string sql)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constant texts of this class only.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }
}
