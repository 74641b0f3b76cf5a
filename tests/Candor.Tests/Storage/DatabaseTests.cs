using Candor.Kernel;
using Candor.Storage;

namespace Candor.Tests.Storage;

public sealed class DatabaseOnSqlite : DatabaseTests<Sqlite>;

public sealed class DatabaseOnPostgres : DatabaseTests<Postgres>;

public abstract class DatabaseTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Db.WriteAsync(async tx => { await tx.RunAsync("CREATE TABLE thing (id BIGINT NOT NULL PRIMARY KEY, name TEXT NULL, body BYTEA NULL)", null, Ct); }, Ct);
    }

    [Fact]
    public async Task Values_of_every_kind_come_back_as_they_were_stored()
    {
        byte[] body = [0, 1, 255];
        await Db.WriteAsync(async tx => { await tx.RunAsync("INSERT INTO thing (id, name, body) VALUES (@Id, @Name, @Body)", new { Id = 7L, Name = "Zoë", Body = body }, Ct); }, Ct);
        var row = await Db.ReadAsync(async tx => await tx.FindAsync<(long Id, string Name, byte[] Body)>("SELECT id, name, body FROM thing", null, Ct), Ct);
        Assert.Equal((7L, "Zoë"), (row.Id, row.Name));
        Assert.Equal(body, row.Body);
    }

    [Fact]
    public async Task A_condition_finds_what_is_on_a_list_of_any_length()
    {
        string[] names = ["Zoë", "it's", "a,\"b\"]", ""];
        var found = await Db.WriteAsync(async tx =>
        {
            for (var i = 0; i < names.Length; i++)
            {
                await tx.RunAsync("INSERT INTO thing (id, name, body) VALUES (@Id, @Name, NULL)", new { Id = (long)i, Name = names[i] }, Ct);
            }

            var counts = new List<object?>();
            foreach (IEnumerable<string> list in (IEnumerable<string>[])[names, [], ["Zoë", "nobody"], Enumerable.Range(0, 5_000).Select(i => $"n{i}").Append("it's")])
            {
                counts.Add(await tx.Prepared("SELECT count(*) FROM thing WHERE " + tx.IsAmong("name", "@names")).SetMany("@names", list).ExecuteScalarAsync(Ct));
            }

            return counts;
        }, Ct);
        Assert.Equal([4L, 0L, 1L, 1L], found);
    }

    [Fact]
    public async Task A_failing_work_is_undone_and_its_neighbours_are_kept()
    {
        var undone = 0;
        var works = Enumerable.Range(0, 200).Select(i => Task.Run(() => Db.WriteAsync(async tx =>
        {
            await InsertAsync(tx, i);
            tx.OnRollback(() => Interlocked.Increment(ref undone));
            if (i % 3 == 0)
            {
                throw new Fault(FaultKind.Conflict, "test/no", "No.");
            }
        }, Ct), Ct)).ToList();
        var failed = 0;
        foreach (var work in works)
        {
            try
            {
                await work;
            }
            catch (Fault)
            {
                failed++;
            }
        }

        Assert.Equal(67, failed);
        Assert.Equal(67, undone);
        Assert.Equal(133, await CountAsync());
    }

    [Fact]
    public async Task A_transaction_is_committed_only_after_its_work_is_over()
    {
        Transaction? seen = null;
        await Db.WriteAsync(async tx =>
        {
            await InsertAsync(tx, 1);
            Assert.False(tx.IsCommitted);
            seen = tx;
        }, Ct);
        Assert.True(seen!.IsCommitted);
    }

    [Fact]
    public async Task A_duplicate_key_is_an_error_of_that_work_alone()
    {
        await Db.WriteAsync(tx => InsertAsync(tx, 1), Ct);
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => Db.WriteAsync(tx => InsertAsync(tx, 1), Ct));
        await Db.WriteAsync(tx => InsertAsync(tx, 2), Ct);
        Assert.Equal(2, await CountAsync());
    }

    [Fact]
    public async Task Read_only_work_cannot_write() =>
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => Db.ReadAsync(async tx =>
        {
            if (Db.IsClustered)
            {
                await tx.RunAsync("SET TRANSACTION READ ONLY", null, Ct);
            }

            await InsertAsync(tx, 1);
            return 0;
        }, Ct));

    [Fact]
    public async Task Migrating_twice_changes_nothing()
    {
        await Db.MigrateAsync(Ct);
        var steps = await Db.ReadAsync(async tx => await tx.FindAsync<long>("SELECT count(*) FROM schema_migration", null, Ct), Ct);
        Assert.Equal(Migrations.Known.Count, steps);
    }

    [Fact]
    public async Task A_newer_database_is_refused()
    {
        await Db.WriteAsync(async tx => { await tx.RunAsync("INSERT INTO schema_migration (number, name, digest, applied_at_us) VALUES (9999, '9999_future', 'x', 0)", null, Ct); }, Ct);
        var fault = await Assert.ThrowsAsync<Fault>(() => Db.MigrateAsync(Ct));
        Assert.Equal("storage/database-is-newer", fault.What);
        Assert.Contains("`9999_future`", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_migration_whose_text_changed_is_refused()
    {
        await Db.WriteAsync(async tx => { await tx.RunAsync("UPDATE schema_migration SET digest = 'x' WHERE number = 1", null, Ct); }, Ct);
        Assert.Equal("storage/migration-changed", (await Assert.ThrowsAsync<Fault>(() => Db.MigrateAsync(Ct))).What);
    }

    [Fact]
    public async Task A_cancelled_work_that_has_not_begun_is_not_run()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Db.WriteAsync(tx => InsertAsync(tx, 1), cancelled.Token));
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task Concurrent_increments_of_one_row_are_all_counted()
    {
        await Db.WriteAsync(tx => InsertAsync(tx, 0), Ct);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => Db.WriteAsync(async tx =>
        {
            await tx.LockCustomerAsync(CustomerId.Parse(new string('a', 32)), exclusive: true, Ct);
            var old = await tx.FindAsync<string>("SELECT name FROM thing WHERE id = 0", null, Ct) ?? "";
            await tx.RunAsync("UPDATE thing SET name = @Name WHERE id = 0", new { Name = old + "+" }, Ct);
        }, Ct), Ct)));
        Assert.Equal(100, (await Db.ReadAsync(async tx => await tx.FindAsync<string>("SELECT name FROM thing WHERE id = 0", null, Ct), Ct))!.Length);
    }

    [Fact]
    public async Task A_read_that_holds_a_row_which_was_changed_meanwhile_is_run_again()
    {
        await Db.WriteAsync(tx => InsertAsync(tx, 1), Ct);
        var runs = 0;
        var name = await Db.ReadAsync(async tx =>
        {
            // The first statement fixes what this read sees.
            await tx.FindAsync<long>("SELECT count(*) FROM thing", null, Ct);
            if (++runs == 1)
            {
                await Db.WriteAsync(async other => { await other.RunAsync("UPDATE thing SET name = 'new' WHERE id = 1", null, Ct); }, Ct);
            }

            return await tx.FindAsync<string>("SELECT name FROM thing WHERE id = 1" + tx.ForShare("thing"), null, Ct);
        }, Ct);
        Assert.Equal(Db.IsClustered ? ("new", 2) : (null, 1), (name, runs));
    }

    [Fact]
    public async Task A_write_that_stood_still_until_the_server_ended_it_is_run_again()
    {
        var runs = 0;
        await Db.WriteAsync(async tx =>
        {
            await InsertAsync(tx, 1);
            if (++runs == 1 && Db.IsClustered)
            {
                await tx.RunAsync("SET LOCAL idle_in_transaction_session_timeout = '20ms'", null, Ct);
                await Task.Delay(500, Ct);
            }

            await tx.RunAsync("UPDATE thing SET name = 'kept' WHERE id = 1", null, Ct);
        }, Ct);
        Assert.Equal((1, Db.IsClustered ? 2 : 1), (await CountAsync(), runs));
    }

    private static async ValueTask InsertAsync(Transaction tx, long id) =>
        await tx.Prepared("INSERT INTO thing (id) VALUES (@id)").Set("@id", id).ExecuteNonQueryAsync(Ct);

    private Task<long> CountAsync() => Db.ReadAsync(async tx => await tx.FindAsync<long>("SELECT count(*) FROM thing", null, Ct), Ct);
}
