using Candor.Audit;
using Candor.Kernel;
using Candor.Storage;
using Candor.Tests.Storage;
using Checkpoint = Candor.Audit.Checkpoint;

namespace Candor.Tests.Audit;

public sealed class AuditLogOnSqlite : AuditLogTests<Sqlite>;

public sealed class AuditLogOnPostgres : AuditLogTests<Postgres>;

public abstract class AuditLogTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Origin = "shop.example/audit/2026";
    private static readonly NoteSigner Signer = new(Origin, [.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
    private static readonly byte[] Ada = [.. Enumerable.Repeat((byte)0xad, 16)];

    private AuditLog log = null!;

    private CheckpointSigner Checkpoints => new(log, Signer);

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        log = await AuditLog.OpenAsync(Db, Origin, Ct);
    }

    [Fact]
    public async Task Eight_writers_at_once_leave_a_log_that_verifies()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async writer =>
        {
            for (var i = 0; i < 80; i++)
            {
                await AppendAsync(Made($"key:{writer}"));
            }
        }));
        await IntegrateAsync();
        await Db.WriteAsync(tx => Checkpoints.SignAsync(tx, Ct), Ct);
        var report = await VerifyAsync();
        Assert.Empty(report.Findings);
        Assert.Equal((640L, 640L), (report.Size, report.SignedSize));
    }

    [Fact]
    public async Task A_work_that_is_not_kept_leaves_no_gap()
    {
        var works = Enumerable.Range(0, 60).Select(i => Db.WriteAsync(async tx =>
        {
            await log.AppendAsync(tx, Made($"key:{i}"), Ct);
            await log.AppendAsync(tx, Made($"key:{i}"), Ct);
            return i % 3 == 0 ? throw new Fault(FaultKind.Conflict, "test/no", "Not kept.") : i;
        }, Ct)).ToList();
        await Task.WhenAll(works.Select(async w =>
        {
            try
            {
                await w;
            }
            catch (Fault)
            {
            }
        }));
        await IntegrateAsync();
        var report = await VerifyAsync();
        Assert.Empty(report.Findings);
        Assert.Equal(80, report.Size);
    }

    [Fact]
    public async Task A_log_goes_on_where_it_ended_when_it_is_opened_again()
    {
        for (var round = 0; round < 3; round++)
        {
            await AppendManyAsync(255);
            log = await AuditLog.OpenAsync(Db, Origin, Ct);
            await AppendManyAsync(2);
        }

        var report = await VerifyAsync();
        Assert.Empty(report.Findings);
        Assert.Equal(771, report.Size);
    }

    [Fact]
    public async Task Every_entry_is_proved_against_the_checkpoint_and_every_earlier_root_is_a_beginning_of_the_log()
    {
        var ids = await AppendManyAsync(520);
        await Db.WriteAsync(async tx =>
        {
            var root = await LogTree.RootAsync(tx, 520, Ct);
            foreach (var size in new[] { 0, 1, 2, 255, 256, 257, 300, 511, 512, 513, 519, 520 })
            {
                var proof = await LogTree.ConsistencyAsync(tx, size, 520, Ct);
                Assert.True(Merkle.VerifyConsistency(size, await LogTree.RootAsync(tx, size, Ct), 520, root, proof), $"{size}");
            }

            foreach (var id in ids.Where((_, i) => i % 37 == 0))
            {
                var proof = LogProof.Parse(await Checkpoints.ProveAsync(tx, id, Ct));
                var entry = await log.FindEntryAsync(tx, proof.Index, Ct);
                Assert.Equal(520, proof.Verify(entry, Signer.Key).Size);
                Assert.Throws<Fault>(() => proof.Verify([.. entry!, 0], Signer.Key));
            }
        }, Ct);
    }

    [Fact]
    public async Task Tiles_and_bundles_lead_to_the_root()
    {
        await AppendManyAsync(300);
        await Db.ReadAsync(async tx =>
        {
            var (full, rest) = (await LogTree.FindTileAsync(tx, 0, 0, 256, Ct), await LogTree.FindTileAsync(tx, 0, 1, 44, Ct));
            Assert.Equal((8192, 44 * 32), (full!.Length, rest!.Length));
            Assert.Equal(await LogTree.RootAsync(tx, 300, Ct), Merkle.Root([.. full.Concat(rest).Chunk(32)]));
            Assert.Equal(Merkle.Root([.. full.Chunk(32)]), await LogTree.FindTileAsync(tx, 1, 0, 1, Ct));
            var bundle = await LogTree.FindBundleAsync(tx, 1, 44, Ct);
            var length = bundle![0] << 8 | bundle[1];
            Assert.Equal(rest[..32], Merkle.LeafHash(bundle.AsSpan(2, length)));
            Assert.Null(await LogTree.FindTileAsync(tx, 0, 1, 45, Ct));
            Assert.Null(await LogTree.FindBundleAsync(tx, 1, 45, Ct));
            return 0;
        }, Ct);
    }

    [Fact]
    public async Task A_customer_sees_entries_about_them_newest_first_and_at_once()
    {
        await AppendAsync(Made("key:1") with { CustomerRef = Ada });
        await IntegrateAsync();
        Clock.Advance(TimeSpan.FromSeconds(1));
        await AppendAsync(Made("key:2") with { CustomerRef = Ada });
        await AppendAsync(Made("key:3"));
        var seen = await Db.ReadAsync(tx => log.OfCustomerAsync(tx, Ada, null, 10, Ct), Ct);
        Assert.Equal(["key:2", "key:1"], seen.Select(e => e.Event.Actor));
    }

    [Fact]
    public async Task A_checkpoint_is_never_signed_for_a_log_that_was_put_back_or_rewritten()
    {
        await AppendManyAsync(5);
        var first = await Db.WriteAsync(tx => Checkpoints.SignAsync(tx, Ct), Ct);
        Assert.Equal(first, await Db.WriteAsync(tx => Checkpoints.SignAsync(tx, Ct), Ct));
        await AppendManyAsync(1);
        await RunAsync("UPDATE audit_entry SET entry = (SELECT e.entry FROM audit_entry e WHERE e.idx = 1) WHERE idx = 0");
        Assert.Equal("audit/rewritten", (await Assert.ThrowsAsync<Fault>(() => Db.WriteAsync(tx => Checkpoints.SignAsync(tx, Ct), Ct))).What);
        await RunAsync("UPDATE audit_head SET size = 4");
        Assert.Equal("audit/rolled-back", (await Assert.ThrowsAsync<Fault>(() => Db.WriteAsync(tx => Checkpoints.SignAsync(tx, Ct), Ct))).What);
    }

    // Each statement is a way to tamper; the words are findings that must be among those reported. Index -1: the whole log is meant.
    [Theory]
    [InlineData("UPDATE audit_entry SET entry = (SELECT e.entry FROM audit_entry e WHERE e.idx = 8) WHERE idx = 7", "entry-changed", 7)]
    [InlineData("UPDATE audit_entry SET entry = (SELECT e.entry FROM audit_entry e WHERE e.idx = 299) WHERE idx = 298", "head-changed", -1)]
    [InlineData("UPDATE audit_entry SET entry = @Junk WHERE idx = 7", "entry-unreadable", 7)]
    [InlineData("UPDATE audit_entry SET customer_ref = @Junk WHERE idx = 7", "customer-column", 7)]
    [InlineData("UPDATE audit_entry SET customer_ref = NULL WHERE idx = 298", "customer-column", 298)]
    [InlineData("UPDATE audit_entry SET time_us = time_us + 1 WHERE idx = 7", "time-column", 7)]
    [InlineData("UPDATE audit_entry SET entry_id = 'x' WHERE idx = 7", "id-column", 7)]
    [InlineData("DELETE FROM audit_entry WHERE idx = 7", "entry-missing", 7)]
    [InlineData("DELETE FROM audit_entry WHERE idx = 299", "entries-cut", 299)]
    [InlineData("UPDATE audit_entry SET idx = CASE idx WHEN 7 THEN 1007 ELSE idx END", "entry-missing", 7)]
    [InlineData("UPDATE audit_tile SET hashes = @Junk", "tile-changed", 0)]
    [InlineData("UPDATE audit_tile SET root = @Junk", "tile-changed", 0)]
    [InlineData("DELETE FROM audit_tile", "tile-missing", 0)]
    [InlineData("UPDATE audit_head SET root = @Junk", "head-changed", -1)]
    [InlineData("UPDATE audit_head SET size = 299", "entries-after-head", 299)]
    [InlineData("UPDATE audit_head SET signed_root = @Junk", "checkpoint-changed", -1)]
    [InlineData("UPDATE audit_head SET signed_size = 299", "checkpoint-changed", -1)]
    [InlineData("UPDATE audit_head SET signed_note = @Text", "checkpoint-changed", -1)]
    public async Task Tampering_is_found(string sql, string what, int index)
    {
        await AppendManyAsync(300);
        await Db.WriteAsync(tx => Checkpoints.SignAsync(tx, Ct), Ct);
        Assert.Empty((await VerifyAsync()).Findings);
        await RunAsync(sql);
        var report = await VerifyAsync();
        Assert.Contains((what, index < 0 ? null : (long?)index), report.Findings.Select(f => (f.What, f.Index)));
    }

    [Fact]
    public async Task Entries_that_changed_places_are_found()
    {
        await AppendManyAsync(300);
        await RunAsync("UPDATE audit_entry SET idx = 1007 WHERE idx = 7");
        await RunAsync("UPDATE audit_entry SET idx = 7 WHERE idx = 9");
        await RunAsync("UPDATE audit_entry SET idx = 9 WHERE idx = 1007");
        Assert.Equal([("entry-changed", 7L), ("entry-changed", 9L)], (await VerifyAsync()).Findings.Where(f => f.What == "entry-changed").Select(f => (f.What, f.Index!.Value)));
    }

    [Fact]
    public async Task A_log_put_back_to_an_earlier_state_does_not_match_the_checkpoint_kept_outside()
    {
        await AppendManyAsync(300);
        var outside = Checkpoint.Parse(SignedNote.Open(await Db.WriteAsync(tx => Checkpoints.SignAsync(tx, Ct), Ct), Signer.Key));
        Assert.Empty((await VerifyAsync(outside)).Findings);
        var earlier = await Db.ReadAsync(tx => LogTree.RootAsync(tx, 290, Ct), Ct);
        await RunAsync("DELETE FROM audit_entry WHERE idx >= 290");
        await Db.WriteAsync(async tx => { await tx.RunAsync("UPDATE audit_head SET size = 290, root = @earlier, signed_size = 0, signed_root = NULL, signed_note = NULL", new { earlier }, Ct); }, Ct);
        Assert.Empty((await VerifyAsync()).Findings); // without the outside copy nothing shows
        Assert.Equal("not-the-outside-log", Assert.Single((await VerifyAsync(outside)).Findings).What);
    }

    [Fact]
    public async Task A_read_after_the_end_of_its_consent_is_found()
    {
        var choice = Made("customer") with { CustomerRef = Ada, Purpose = "offers" };
        var read = choice with { Kind = AuditKind.Read, Actor = "staff:1" };
        await AppendAsync(choice with { Kind = AuditKind.ConsentGiven, ConsentVersion = 1 });
        await AppendAsync(read with { ConsentVersion = 1 });
        await AppendAsync(choice with { Kind = AuditKind.ConsentWithdrawn, ConsentVersion = 2 });
        await AppendAsync(read with { ConsentVersion = 1 });
        await AppendAsync(read with { ConsentVersion = 2 });
        await AppendAsync(read with { Purpose = "support", ConsentVersion = 0 });
        await AppendAsync(choice with { Kind = AuditKind.ConsentGiven, ConsentVersion = 3 });
        await AppendAsync(read with { ConsentVersion = 3 });
        await IntegrateAsync();
        Assert.Equal([("read-after-end", 3L), ("read-after-end", 4L)], (await VerifyAsync()).Findings.Select(f => (f.What, f.Index!.Value)));
    }

    private static AuditEvent Made(string actor) => new() { Kind = AuditKind.System, Actor = actor, CustomerRef = [.. Enumerable.Repeat((byte)7, 16)] };

    private Task<string> AppendAsync(AuditEvent e) => Db.WriteAsync(tx => log.AppendAsync(tx, e, Ct), Ct);

    private async Task<IReadOnlyList<string>> AppendManyAsync(int count)
    {
        var ids = await Db.WriteAsync<List<string>>(async tx =>
        {
            var made = new List<string>();
            for (var i = 0; i < count; i++)
            {
                made.Add(await log.AppendAsync(tx, Made($"key:{i}"), Ct));
            }

            return made;
        }, Ct);
        await IntegrateAsync();
        return ids;
    }

    private async Task IntegrateAsync()
    {
        while (Db.IsClustered && await log.SequenceAsync(256, Ct) > 0)
        {
        }
    }

    private Task<LogReport> VerifyAsync(Checkpoint? outside = null) => new LogVerifier(Db, Signer.Key).VerifyAsync(outside, null, Ct);

    private Task RunAsync(string sql) => Db.WriteAsync(async tx => { await tx.RunAsync(sql, new { Junk = new byte[32], Text = "junk\n\n— x AAAAAAAA\n" }, Ct); }, Ct);
}
