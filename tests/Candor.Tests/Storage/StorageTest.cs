using Candor.Storage;
using Microsoft.Extensions.Time.Testing;

namespace Candor.Tests.Storage;

/// <summary>An engine that a storage test runs on.</summary>
public interface IEngine
{
    /// <summary>A fresh, empty, migrated database and what to do when the test is over.</summary>
    Task<(Database Database, Func<ValueTask> Cleanup)> CreateAsync(TimeProvider clock, CancellationToken ct);
}

/// <summary>SQLite in a folder of its own.</summary>
public sealed class Sqlite : IEngine
{
    public async Task<(Database Database, Func<ValueTask> Cleanup)> CreateAsync(TimeProvider clock, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("candor-test-");
        var database = SqliteDatabase.Open(Path.Combine(folder.FullName, "candor.db"), clock);
        await database.MigrateAsync(ct);
        return (database, async () =>
        {
            await database.DisposeAsync();
            folder.Delete(recursive: true);
        });
    }
}

/// <summary>A database of its own on one throw-away PostgreSQL server a test run.</summary>
public sealed class Postgres : IEngine
{
    public async Task<(Database Database, Func<ValueTask> Cleanup)> CreateAsync(TimeProvider clock, CancellationToken ct)
    {
        var connection = await PostgresServer.NewDatabaseAsync(ct);
        var database = await PostgresDatabase.OpenAsync(connection, clock, ct);
        return (database, async () =>
        {
            await database.DisposeAsync();
            await PostgresServer.DropAsync(connection);
        });
    }
}

/// <summary>A storage test: a real database, a fake clock. One empty subclass an engine.</summary>
public abstract class StorageTest<TEngine> : IAsyncLifetime
    where TEngine : IEngine, new()
{
    private Func<ValueTask> cleanup = () => ValueTask.CompletedTask;

    protected Database Db { get; private set; } = null!;

    protected FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 6, 1, 9, 0, 0, TimeSpan.Zero));

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    public virtual async ValueTask InitializeAsync() => (Db, cleanup) = await new TEngine().CreateAsync(Clock, Ct);

    public virtual async ValueTask DisposeAsync()
    {
        await cleanup();
        GC.SuppressFinalize(this);
    }
}
