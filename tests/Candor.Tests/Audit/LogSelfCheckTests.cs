using Candor.Audit;
using Candor.Tests.Storage;

namespace Candor.Tests.Audit;

public sealed class LogSelfCheckOnSqlite : LogSelfCheckTests<Sqlite>;

public sealed class LogSelfCheckOnPostgres : LogSelfCheckTests<Postgres>;

public abstract class LogSelfCheckTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private static readonly NoteSigner Signer = new("test.example/audit", new byte[32]);
    private AuditLog log = null!;

    private LogSelfCheck Check => new(Db, log, Signer.Key);

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        log = await AuditLog.OpenAsync(Db, "test.example/audit", Ct);
        await FillAsync(2048 + 700);
        await Db.WriteAsync(tx => new DayCheckpoints(new CheckpointSigner(log, Signer)).MakeAsync(tx, Ct), Ct);
        await FillAsync(100);
        await Db.WriteAsync(tx => new CheckpointSigner(log, Signer).SignAsync(tx, Ct), Ct);
    }

    [Fact]
    public async Task A_whole_log_raises_nothing_and_is_looked_at_again_after_a_day()
    {
        Assert.Equal(2, await Check.StepAsync(Ct));
        Assert.Equal((null, Clock.GetUtcNow()), await StateAsync() is var s ? (s.Finding, s.FinishedAt) : default);
        Assert.Equal(0, await Check.StepAsync(Ct));
        await FillAsync(10);
        Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(2, await Check.StepAsync(Ct));
        Assert.Null((await StateAsync()).Finding);
    }

    // Each kind of change is found, stays found while nothing is put right, and is over when a whole pass finds nothing.
    [Theory]
    [InlineData("UPDATE audit_entry SET entry = (SELECT entry FROM audit_entry WHERE idx = 11) WHERE idx = 10", "id-column at 10")]
    [InlineData("UPDATE audit_entry SET time_us = time_us + 1 WHERE idx = 2100", "time-column at 2100")]
    [InlineData("UPDATE audit_entry SET customer_ref = NULL WHERE idx = 5", "customer-column at 5")]
    [InlineData("DELETE FROM audit_entry WHERE idx = 300", "entry-missing at 300")]
    [InlineData("DELETE FROM audit_entry WHERE idx = 2847", "entry-missing at 2847")]
    [InlineData("UPDATE audit_tile SET root = @Zeros WHERE level = 0 AND idx = 3", "tile-changed at 768")]
    [InlineData("DELETE FROM audit_tile WHERE level = 0 AND idx = 9", "tile-changed at 2304")]
    [InlineData("UPDATE audit_head SET root = @Zeros", "head-changed")]
    [InlineData("UPDATE audit_head SET signed_note = 'x'", "not-the-signed-log")]
    [InlineData("UPDATE audit_checkpoint SET root = @Zeros", "not-the-mailed-log")]
    public async Task What_was_tampered_with_is_found(string sql, string finding)
    {
        await Check.StepAsync(Ct);
        Clock.Advance(TimeSpan.FromDays(1));
        await Db.WriteAsync(async tx => { await tx.RunAsync(sql, new { Zeros = new byte[32] }, Ct); }, Ct);
        await Check.StepAsync(Ct);
        var first = await StateAsync();
        Assert.Equal((finding, Clock.GetUtcNow()), (first.Finding, first.FoundAt));
        Clock.Advance(TimeSpan.FromDays(1));
        await Check.StepAsync(Ct);
        var again = await StateAsync();
        Assert.Equal((finding, first.FoundAt), (again.Finding, again.FoundAt));
    }

    [Fact]
    public async Task An_entry_changed_together_with_its_columns_is_found_by_its_hash()
    {
        var (_, bytes) = AuditEntry.Encode(new AuditEvent { Kind = AuditKind.Read, Actor = "staff:nobody" }, Clock.GetUtcNow());
        var forged = AuditEntry.Decode(bytes);
        await Db.WriteAsync(async tx => { await tx.RunAsync("UPDATE audit_entry SET entry = @bytes, entry_id = @Id, customer_ref = NULL, time_us = @Us WHERE idx = 777", new { bytes, forged.Id, Us = Candor.Kernel.Micros.From(forged.At) }, Ct); }, Ct);
        await Check.StepAsync(Ct);
        Assert.Equal("entry-changed at 777", (await StateAsync()).Finding);
    }

    [Fact]
    public async Task What_was_put_right_is_over_after_a_whole_pass()
    {
        await Db.WriteAsync(async tx => { await tx.RunAsync("UPDATE audit_entry SET time_us = time_us + 1 WHERE idx = 5", null, Ct); }, Ct);
        await Check.StepAsync(Ct);
        Assert.NotNull((await StateAsync()).Finding);
        await Db.WriteAsync(async tx => { await tx.RunAsync("UPDATE audit_entry SET time_us = time_us - 1 WHERE idx = 5", null, Ct); }, Ct);
        Clock.Advance(TimeSpan.FromDays(1));
        await Check.StepAsync(Ct);
        Assert.Null((await StateAsync()).Finding);
    }

    [Fact]
    public async Task One_checkpoint_a_day_is_kept()
    {
        var signer = new CheckpointSigner(log, Signer);
        Assert.Null(await Db.WriteAsync(tx => new DayCheckpoints(signer).MakeAsync(tx, Ct), Ct));
        Clock.Advance(TimeSpan.FromDays(1));
        var made = await Db.WriteAsync(tx => new DayCheckpoints(signer).MakeAsync(tx, Ct), Ct);
        Assert.Equal(("2026-06-02", 2848L, 2748L), (made!.Value.Today.Day, made.Value.Today.Size, made.Value.Before!.Size));
        var all = await Db.ReadAsync(tx => DayCheckpoints.AllAsync(tx, Ct), Ct);
        Assert.Equal("2026-06-01", DayCheckpoints.FirstWith(all, 2747)!.Day);
        Assert.Equal("2026-06-02", DayCheckpoints.FirstWith(all, 2748)!.Day);
        Assert.Null(DayCheckpoints.FirstWith(all, 2848));
    }

    private async Task<LogWalk> StateAsync() => (await Db.ReadAsync(tx => LogWalks.FindAsync(tx, LogSelfCheck.Walk, Ct), Ct))!;

    private async Task FillAsync(int count)
    {
        await Db.WriteAsync(async tx =>
        {
            for (var i = 0; i < count; i++)
            {
                await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Read, Actor = "staff:aa", CustomerRef = [.. Enumerable.Repeat((byte)7, 16)] }, Ct);
            }
        }, Ct);
        while (Db.IsClustered && await log.SequenceAsync(500, Ct) > 0)
        {
        }
    }
}
