using Candor.Kernel;
using Candor.Storage;

namespace Candor.Tests.Storage;

public sealed class SqliteDatabaseTests : StorageTest<Sqlite>
{
    [Fact]
    public void A_second_owner_of_the_file_is_refused()
    {
        var fault = Assert.Throws<Fault>(() => SqliteDatabase.Open(((SqliteDatabase)Db).Path, Clock));
        Assert.Equal("storage/in-use", fault.What);
    }

    [Fact]
    public async Task Work_that_waits_for_something_else_is_refused_and_undone()
    {
        var other = new TaskCompletionSource();
        await Assert.ThrowsAsync<InvalidOperationException>(() => Db.WriteAsync(async tx => { await other.Task; }, Ct));
        other.SetResult();
    }

    [Fact]
    public async Task A_group_step_runs_before_each_commit_and_its_failure_fails_the_group()
    {
        var steps = 0;
        Db.BeforeGroupCommit(_ => ++steps == 2 ? throw new Fault(FaultKind.Unavailable, "test/step", "No.") : ValueTask.CompletedTask);
        await Db.WriteAsync(async tx => { await tx.RunAsync("CREATE TABLE thing (id BIGINT)", null, Ct); }, Ct);
        await Assert.ThrowsAsync<Fault>(() => Db.WriteAsync(async tx => { await tx.RunAsync("INSERT INTO thing VALUES (1)", null, Ct); }, Ct));
        Assert.Equal(0, await Db.WriteAsync(async tx => await tx.FindAsync<long>("SELECT count(*) FROM thing", null, Ct), Ct));
        Assert.Equal(3, steps);
    }

    [Fact]
    public async Task The_write_ahead_log_can_be_emptied()
    {
        await Db.WriteAsync(async tx => { await tx.RunAsync("CREATE TABLE thing (id BIGINT)", null, Ct); }, Ct);
        await ((SqliteDatabase)Db).CheckpointAsync(Ct);
        Assert.Equal(0, new FileInfo(((SqliteDatabase)Db).Path + "-wal").Length);
    }
}
