using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Rights;
using Candor.Staff;
using Candor.Storage;
using Candor.Tests.Storage;
using Candor.Vault;
using Microsoft.Extensions.Time.Testing;

namespace Candor.Tests.Rights;

/// <summary>A backup from before is put back: what the ledger knows happens again before anybody reads.</summary>
public sealed class LedgerReplayTests : IAsyncLifetime
{
    private static readonly PurposeId Suggestions = PurposeId.Parse("suggestions"), Quality = PurposeId.Parse("quality"), Reminders = PurposeId.Parse("reminders");
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("candor-replay-");
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 6, 1, 9, 0, 0, TimeSpan.Zero));
    private readonly RootKey root = RootKey.Random();
    private SqliteDatabase db = null!;
    private ErasureHouse house = null!;
    private CustomerKey ada = null!, ben = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string File(string name) => Path.Combine(folder.FullName, name);

    public async ValueTask InitializeAsync()
    {
        db = SqliteDatabase.Open(File("live.db"), clock);
        await db.MigrateAsync(Ct);
        house = await ErasureHouse.BuildAsync(db, ErasureHouse.Yaml, root, Ct);
        (ada, ben) = (await house.AddAsync(db, "ada", Ct), await house.AddAsync(db, "ben", Ct));
        foreach (var purpose in (PurposeId[])[Suggestions, Reminders])
        {
            await GiveAsync(ben.Id, purpose);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await db.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_customer_erased_after_the_backup_is_erased_again_and_nothing_can_be_read()
    {
        await BackUpAsync();
        await house.Erasure.RunAsync(ada.Id, "system:test", Ct);
        var ledger = await Replay(db, house).ExportAsync(Ct);
        var (restored, again) = await RestoreAsync();
        Assert.NotNull(await restored.ReadAsync(tx => again.Vault.FindCustomerAsync(tx, BlindIndex.Reference, "ada", Ct), Ct));
        var replay = Replay(restored, again);
        Assert.Equal(new ReplayReport(1, 0, 0), await replay.RunAsync(LedgerFile.Parse(ledger, replay.Key), null, false, Ct));
        Assert.Equal(new ReplayReport(0, 1, 0), await replay.RunAsync(LedgerFile.Parse(ledger, replay.Key), null, true, Ct));
        await restored.ReadAsync(async tx =>
        {
            Assert.Null(await again.Vault.FindCustomerAsync(tx, BlindIndex.Reference, "ada", Ct));
            Assert.NotNull(await again.Vault.FindCustomerAsync(tx, BlindIndex.Reference, "ben", Ct));
            Assert.All(await restored.CountRowsAsync(tx, ada.Id, Ct), t => Assert.Equal(0, t.Rows));
            Assert.Equal((await ErasureLedger.FindAsync(tx, ada.Id, Ct))!.ErasedAtUs, Micros.From(clock.GetUtcNow()));
            return true;
        }, Ct);
        Assert.Single((await again.HeldData.ReadAsSystemAsync("test", "ada", PurposeId.Parse("bookkeeping"), Ct)).Found);
        await restored.DisposeAsync();
        foreach (var file in Directory.GetFiles(folder.FullName, "restored.db*").Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)))
        {
            Assert.Equal(-1, (await System.IO.File.ReadAllBytesAsync(file, Ct)).AsSpan().IndexOf(ada.Wrapped));
        }
    }

    [Fact]
    public async Task What_was_stopped_after_the_backup_is_stopped_again_and_what_was_allowed_later_stays()
    {
        await BackUpAsync();
        clock.Advance(TimeSpan.FromHours(1));
        await db.WriteAsync(async tx =>
        {
            var catalog = await house.Catalogs.GetActiveAsync(tx, Ct);
            await house.Ledger.WithdrawAsync(tx, ben.Id, Suggestions, "test", "en", Ct);
            await house.Ledger.ObjectAsync(tx, ben.Id, catalog.Catalog.Purposes[Quality], catalog, "test", "en", Ct);
            await house.Ledger.RestrictAsync(tx, ada.Id, "test", "de", Ct);
        }, Ct);
        var ledger = await Replay(db, house).ExportAsync(Ct);
        // On the database that went on, where the customer said yes again, nothing changes.
        clock.Advance(TimeSpan.FromHours(1));
        await GiveAsync(ben.Id, Suggestions);
        Assert.Equal(new ReplayReport(0, 0, 0), await Replay(db, house).RunAsync(LedgerFile.Parse(ledger, Replay(db, house).Key), null, true, Ct));
        var (restored, again) = await RestoreAsync();
        var replay = Replay(restored, again);
        Assert.Equal(new ReplayReport(0, 0, 3), await replay.RunAsync(LedgerFile.Parse(ledger, replay.Key), null, false, Ct));
        Assert.Equal(new ReplayReport(0, 0, 0), await replay.RunAsync(LedgerFile.Parse(ledger, replay.Key), null, true, Ct));
        var states = await restored.ReadAsync(tx => again.Ledger.StateAsync(tx, ben.Id, Ct), Ct);
        Assert.Equal([(Quality, ConsentState.Objected), (Reminders, ConsentState.Given), (Suggestions, ConsentState.Withdrawn)], states.Select(s => (s.Purpose, s.State)));
        Assert.NotNull(await restored.ReadAsync(tx => again.Ledger.RestrictedSinceAsync(tx, ada.Id, Ct), Ct));
        await restored.DisposeAsync();
    }

    [Fact]
    public async Task A_ledger_that_is_older_than_the_newest_known_checkpoint_is_refused_unless_told()
    {
        var replay = Replay(db, house);
        var ledger = LedgerFile.Parse(await replay.ExportAsync(Ct), replay.Key);
        await house.Erasure.RunAsync(ada.Id, "system:test", Ct);
        Assert.Equal("rights/old-ledger", (await Assert.ThrowsAsync<Fault>(() => replay.RunAsync(ledger, null, false, Ct))).What);
        await replay.RunAsync(ledger, null, true, Ct);
        var fresh = LedgerFile.Parse(await replay.ExportAsync(Ct), replay.Key);
        await replay.RunAsync(fresh, fresh.Log, false, Ct);
        Assert.Equal("rights/old-ledger", (await Assert.ThrowsAsync<Fault>(() => replay.RunAsync(fresh, fresh.Log with { Size = fresh.Log.Size + 1 }, false, Ct))).What);
        Assert.Equal("rights/other-log", (await Assert.ThrowsAsync<Fault>(() => replay.RunAsync(fresh with { Log = fresh.Log with { Root = new byte[32] } }, null, false, Ct))).What);
    }

    [Fact]
    public async Task A_ledger_with_a_line_changed_added_or_taken_out_is_no_ledger()
    {
        await house.Erasure.RunAsync(ada.Id, "system:test", Ct);
        await house.Erasure.RunAsync(ben.Id, "system:test", Ct);
        var replay = Replay(db, house);
        var text = await replay.ExportAsync(Ct);
        Assert.Equal(2, LedgerFile.Parse(text, replay.Key).Erased.Count);
        var lines = text.Split('\n');
        string[] bad = [text.Replace(ada.Id.Value, CustomerId.New().Value, StringComparison.Ordinal), string.Join('\n', lines.Where(l => !l.Contains(ada.Id.Value, StringComparison.Ordinal))), text + lines[^2] + "\n", "", "x", text.Replace("\n---\n", "\n", StringComparison.Ordinal)];
        Assert.All(bad, b => Assert.Equal(FaultKind.Invalid, Assert.Throws<Fault>(() => LedgerFile.Parse(b, replay.Key)).Kind));
        Assert.Throws<Fault>(() => LedgerFile.Parse(text, new NoteSigner(LedgerFile.KeyName("test.example/audit"), new byte[32]).Key));
    }

    private static LedgerReplay Replay(Database database, ErasureHouse h) => new(
        database, h.Catalogs, h.Ledger, h.Log, new CheckpointSigner(h.Log, new NoteSigner(h.Log.Origin, h.Keys.Secret(KeyRing.LogSigning))),
        new NoteSigner(LedgerFile.KeyName(h.Log.Origin), h.Keys.Secret(KeyRing.LogSigning)), h.Erasure, h.Choices);

    private Task<ConsentRecord> GiveAsync(CustomerId customer, PurposeId purpose) => db.WriteAsync(async tx =>
    {
        var catalog = await house.Catalogs.GetActiveAsync(tx, Ct);
        return await house.Ledger.GiveAsync(tx, customer, catalog.Catalog.Purposes[purpose], catalog, NoticeText.Generate(catalog.Catalog, "en").Ref, "test", Ct);
    }, Ct);

    private async Task BackUpAsync()
    {
        Assert.True(await db.CheckpointAsync(Ct));
        System.IO.File.Copy(File("live.db"), File("backup.db"));
    }

    private async Task<(SqliteDatabase Db, ErasureHouse House)> RestoreAsync()
    {
        System.IO.File.Copy(File("backup.db"), File("restored.db"));
        var restored = SqliteDatabase.Open(File("restored.db"), clock);
        return (restored, await ErasureHouse.BuildAsync(restored, null, root, Ct));
    }
}
