using System.Text;
using Candor.Audit;
using Candor.Gate;
using Candor.Kernel;
using Candor.Messages;
using Candor.Rights;
using Candor.Staff;
using Candor.Storage;
using Candor.Tests.Storage;
using Candor.Vault;

namespace Candor.Tests.Rights;

public sealed class ErasureOnSqlite : ErasureTests<Sqlite>
{
    [Fact]
    public async Task Afterwards_no_file_holds_the_wrapped_key_or_a_sealed_value()
    {
        var sealed_ = await Db.ReadAsync(async tx => await tx.QueryAsync<byte[]>("SELECT sealed FROM sealed_record", null, Ct), Ct);
        await House.Erasure.RunAsync(Ada.Id, "system:test", Ct);
        var path = ((SqliteDatabase)Db).Path;
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(path)!, "candor.db*").Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[stream.Length];
            await stream.ReadExactlyAsync(bytes, Ct);
            foreach (var gone in sealed_.Append(Ada.Wrapped).Append(Ada.Commitment).Append(Encoding.ASCII.GetBytes("MT-1")).Append(Encoding.ASCII.GetBytes("scarf")))
            {
                Assert.Equal(-1, bytes.AsSpan().IndexOf(gone));
            }
        }
    }
}

public sealed class ErasureOnPostgres : ErasureTests<Postgres>;

public abstract class ErasureTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private static readonly PurposeId Bookkeeping = PurposeId.Parse("bookkeeping");

    protected ErasureHouse House { get; private set; } = null!;

    protected CustomerKey Ada { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        House = await ErasureHouse.BuildAsync(Db, ErasureHouse.Yaml, RootKey.Random(), Ct);
        Ada = await House.AddAsync(Db, "ada", Ct);
    }

    [Fact]
    public async Task Nobody_is_found_afterwards_and_the_log_and_the_ledger_say_so()
    {
        var session = CallerToken.Parse(await Db.WriteAsync(tx => House.Access.OpenCustomerSessionAsync(tx, Ada.Id, Ct), Ct));
        await Db.WriteAsync(tx => House.Ledger.RestrictAsync(tx, Ada.Id, "test", "en", Ct), Ct);
        await Db.WriteAsync(tx => House.Outbox.QueueAsync(tx, Ada, new OutgoingMessage("choice-changed", null, new Dictionary<string, string>()), Ct), Ct);
        var erased = await House.Erasure.RunAsync(Ada.Id, "system:test", Ct);
        await Db.ReadAsync(async tx =>
        {
            Assert.Null(await House.Vault.FindCustomerAsync(tx, BlindIndex.Reference, "ada", Ct));
            Assert.Null(await House.Vault.FindCustomerAsync(tx, BlindIndex.Email, "ada@customers.example", Ct));
            Assert.Null(await House.Access.FindActorAsync(tx, session, Ct));
            Assert.All(await Db.CountRowsAsync(tx, Ada.Id, Ct), t => Assert.Equal(0, t.Rows));
            var entry = (await House.Log.OfCustomerAsync(tx, Ada.AuditRef, null, 1, Ct))[0];
            Assert.Equal((erased.Entry, AuditKind.Erase, "system:test", "legal-hold"), (entry.Id, entry.Event.Kind, entry.Event.Actor, entry.Event.Reason));
            Assert.Equal($"scanned:{erased.Scan.Tables} left:0", entry.Event.Subject);
            Assert.Equal(new ErasedRow(Ada.Id.Value, Micros.From(erased.At), Micros.From(erased.At.AddDays(35)), erased.Entry), await ErasureLedger.FindAsync(tx, Ada.Id, Ct));
            return true;
        }, Ct);
        Assert.Equal(FaultKind.Erased, (await Assert.ThrowsAsync<Fault>(() => House.Erasure.RunAsync(Ada.Id, "system:test", Ct))).Kind);
        Assert.Equal(FaultKind.NotFound, (await Assert.ThrowsAsync<Fault>(() => House.Erasure.RunAsync(CustomerId.New(), "system:test", Ct))).Kind);
    }

    [Fact]
    public async Task A_line_of_the_ledger_goes_with_the_last_backup()
    {
        await House.Erasure.RunAsync(Ada.Id, "system:test", Ct);
        Clock.Advance(TimeSpan.FromDays(35) - TimeSpan.FromMicroseconds(1));
        Assert.Equal(0, await Db.WriteAsync(tx => ErasureLedger.ForgetAsync(tx, Ct), Ct));
        Clock.Advance(TimeSpan.FromMicroseconds(1));
        Assert.Equal(1, await Db.WriteAsync(tx => ErasureLedger.ForgetAsync(tx, Ct), Ct));
    }

    [Fact]
    public async Task The_farewell_names_what_is_kept_and_how_long_backups_live()
    {
        await Db.WriteAsync(tx => House.Vault.PutFieldAsync(tx, Ada, DataPointId.Parse("language"), "\"de\""u8.ToArray(), "test", Ct), Ct);
        await House.Erasure.RunAsync(Ada.Id, "system:test", Ct);
        var (id, sealed_) = await Db.ReadAsync(async tx => ((await tx.FindAsync<string>("SELECT message_id FROM farewell", null, Ct))!, (await tx.FindAsync<byte[]>("SELECT sealed FROM farewell", null, Ct))!), Ct);
        var farewell = System.Text.Json.JsonSerializer.Deserialize<Farewell>(House.Vault.Partings.Open(Outbox.FarewellKind, id, sealed_).Span)!;
        Assert.Equal(("erased", "ada@customers.example", "Ada Brook", "de"), (farewell.Template, farewell.Address, farewell.Name, farewell.Language));
        Assert.Contains("invoiceNumber und total von 1 Eintrag", farewell.Values["kept"], StringComparison.Ordinal);
        Assert.Contains("29. Mai 2032", farewell.Values["kept"], StringComparison.Ordinal);
        Assert.Equal(("29. Mai 2032", "6. Juli 2026"), (farewell.Values["until"], farewell.Values["backups"]));
    }

    [Fact]
    public async Task The_preview_says_what_goes_what_stays_and_until_when_and_opens_nothing()
    {
        House.Erasure.AlsoCount("messages", House.Outbox.CountWaitingAsync);
        await Db.WriteAsync(tx => House.Outbox.QueueAsync(tx, Ada, new OutgoingMessage("choice-changed", null, new Dictionary<string, string>()), Ct), Ct);
        var words = (await Db.ReadAsync(tx => House.Erasure.PreviewAsync(tx, Ada.Id, Ct), Ct)).In("en");
        Assert.Equal(["E-mail address: 1 entry", "Purchase history: 2 entries", "Your name: 1 entry"], words.Goes.Order(StringComparer.Ordinal));
        Assert.Equal(["Purchase history: the law makes us keep invoiceNumber and total of 1 entry, until 29 May 2032. The reason: tax records."], words.Kept);
        Assert.Equal(["1 message that waits to be sent to you"], words.Also);
        Assert.Contains("35 days", words.Backups, StringComparison.Ordinal);
        Assert.Contains("6 July 2026", words.Backups, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_customer_of_whom_nothing_is_known_is_erased_like_any_other()
    {
        var ben = await Db.WriteAsync(tx => House.Vault.CreateCustomerAsync(tx, "ben", Ct), Ct);
        var words = (await Db.ReadAsync(tx => House.Erasure.PreviewAsync(tx, ben.Id, Ct), Ct)).In("de");
        Assert.Equal((0, 0), (words.Goes.Count, words.Kept.Count));
        Assert.Empty((await House.Erasure.RunAsync(ben.Id, "system:test", Ct)).Held);
        Assert.Equal(0, await Db.ReadAsync(async tx => await tx.FindAsync<long>("SELECT count(*) FROM farewell", null, Ct), Ct));
    }

    [Fact]
    public async Task A_step_that_fails_leaves_the_customer_whole()
    {
        House.Erasure.AlsoDo((_, _, _) => throw new Fault(FaultKind.Unavailable, "test/no", "Not now."));
        await Assert.ThrowsAsync<Fault>(() => House.Erasure.RunAsync(Ada.Id, "system:test", Ct));
        Assert.NotNull(await Db.ReadAsync(tx => House.Vault.FindCustomerAsync(tx, BlindIndex.Reference, "ada", Ct), Ct));
        Assert.Null(await Db.ReadAsync(tx => ErasureLedger.FindAsync(tx, Ada.Id, Ct), Ct));
    }

    [Fact]
    public async Task A_table_that_nobody_empties_undoes_the_erasure_and_is_named()
    {
        await Db.WriteAsync(async tx =>
        {
            await tx.RunAsync("CREATE TABLE forgotten (customer_id TEXT NOT NULL PRIMARY KEY)", null, Ct);
            await tx.RunAsync("INSERT INTO forgotten (customer_id) VALUES (@Value)", new { Ada.Id.Value }, Ct);
        }, Ct);
        var bug = await Assert.ThrowsAsync<InvalidOperationException>(() => House.Erasure.RunAsync(Ada.Id, "system:test", Ct));
        Assert.Contains("forgotten", bug.Message, StringComparison.Ordinal);
        Assert.NotNull(await Db.ReadAsync(tx => House.Vault.FindCustomerAsync(tx, Ada.Id, Ct), Ct));
    }

    [Fact]
    public async Task What_the_law_keeps_is_read_for_that_law_alone_and_each_read_is_logged()
    {
        await House.Erasure.RunAsync(Ada.Id, "system:test", Ct);
        var books = CallerToken.Parse((await Db.WriteAsync(tx => House.Access.CreateKeyAsync(tx, "books", [], [], TimeSpan.FromDays(9), "test", Ct), Ct)).Text);
        var shop = CallerToken.Parse((await Db.WriteAsync(tx => House.Access.CreateKeyAsync(tx, "shop", [], ["consents"], TimeSpan.FromDays(9), "test", Ct), Ct)).Text);
        var read = (await House.HeldData.ReadAsync(books, "ada", Bookkeeping, null, Ct))!;
        var value = Assert.Single(Assert.Single(read.Found).Values);
        Assert.Equal("""{"total":39.8,"invoiceNumber":"MT-1"}""", Encoding.UTF8.GetString(value.Json.Span));
        Assert.NotEqual(Ada.Id, read.Found[0].Customer);
        Assert.Equal(ReasonCode.RoleNotAllowed, (await House.HeldData.ReadAsync(shop, "ada", Bookkeeping, null, Ct))!.Refused);
        Assert.Equal(ReasonCode.NotForThisPurpose, (await House.HeldData.ReadAsSystemAsync("test", "ada", PurposeId.Parse("support"), Ct)).Refused);
        Assert.Equal(ReasonCode.NoSuchCustomer, (await House.HeldData.ReadAsync(books, "ben", Bookkeeping, null, Ct))!.Refused);
        var heldRef = await Db.ReadAsync(async tx => (await tx.FindAsync<byte[]>("SELECT audit_ref FROM held_key", null, Ct))!, Ct);
        var entries = await Db.ReadAsync(tx => House.Log.OfCustomerAsync(tx, heldRef, null, 10, Ct), Ct);
        Assert.Equal([AuditKind.Deny, AuditKind.Deny, AuditKind.Read], entries.Select(e => e.Event.Kind));
        Assert.NotEqual(Ada.AuditRef, heldRef);
    }

    [Fact]
    public async Task The_reference_may_be_used_again_and_both_are_held_then()
    {
        await House.Erasure.RunAsync(Ada.Id, "system:test", Ct);
        var again = await House.AddAsync(Db, "ada", Ct);
        Assert.NotEqual(Ada.Id, again.Id);
        await House.Erasure.RunAsync(again.Id, "system:test", Ct);
        Assert.Equal(2, (await House.HeldData.ReadAsSystemAsync("test", "ada", Bookkeeping, Ct)).Found.Count);
    }

    [Fact]
    public async Task What_is_held_goes_when_its_time_is_over_and_its_key_with_it()
    {
        await House.Erasure.RunAsync(Ada.Id, "system:test", Ct);
        var end = new DateTimeOffset(2032, 5, 29, 9, 0, 0, TimeSpan.Zero);
        Clock.SetUtcNow(end - TimeSpan.FromMicroseconds(1));
        Assert.Equal(0, await House.HeldData.RemoveDueAsync(100, Ct));
        Clock.SetUtcNow(end);
        Assert.Equal(1, await House.HeldData.RemoveDueAsync(100, Ct));
        Assert.Equal((0, 0), await Db.ReadAsync(async tx => (await tx.FindAsync<long>("SELECT count(*) FROM held_key", null, Ct), await tx.FindAsync<long>("SELECT count(*) FROM held_record", null, Ct)), Ct));
    }

    [Fact]
    public async Task What_is_held_stays_readable_when_the_key_encryption_key_is_rotated()
    {
        await House.Erasure.RunAsync(Ada.Id, "system:test", Ct);
        var rotation = new KeyRotation(Db, House.Keys);
        var old = House.Keys.ActiveVersion;
        await rotation.RotateAsync(null, Ct);
        await rotation.DestroyAsync(old, Ct);
        Assert.Single((await House.HeldData.ReadAsSystemAsync("test", "ada", Bookkeeping, Ct)).Found);
    }
}
