using System.Text;
using Candor.Gate;
using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;
using Candor.Tests.Storage;
using Candor.Vault;

namespace Candor.Tests.Vault;

public sealed class PersonalVaultOnSqlite : PersonalVaultTests<Sqlite>
{
    [Fact]
    public async Task After_shredding_no_file_holds_the_value_or_the_wrapped_key()
    {
        var (_, vault) = await VaultAsync(RootKey.Random());
        var key = await AddAsync(vault, "ada");
        await Db.WriteAsync(tx => vault.ShredAsync(tx, key.Id, Ct), Ct);
        await ((SqliteDatabase)Db).CheckpointAsync(Ct);
        var path = ((SqliteDatabase)Db).Path;
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(path)!, "candor.db*").Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[stream.Length];
            await stream.ReadExactlyAsync(bytes, Ct);
            Assert.Equal(-1, bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Canary)));
            Assert.Equal(-1, bytes.AsSpan().IndexOf(key.Wrapped));
        }
    }
}

public sealed class PersonalVaultOnPostgres : PersonalVaultTests<Postgres>;

public abstract class PersonalVaultTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    protected const string Canary = "canary-7c1e0f5b9a3d4e6f8a2b0c9d7e5f3a1b7c1e0f5b9a3d4e6f8a2b0c9d7e5f";
    private static readonly DataPointId Email = DataPointId.Parse("email"), Phone = DataPointId.Parse("phone");

    [Fact]
    public async Task A_permit_opens_what_its_own_transaction_loaded_once_that_is_committed()
    {
        var (_, vault) = await VaultAsync(RootKey.Random());
        var key = await AddAsync(vault, "ada");
        var (permit, sealed_) = await LoadAsync(vault, key, [Email]);
        Assert.Equal($"\"{Canary}\"", Encoding.UTF8.GetString(Assert.Single(vault.Open(permit, sealed_).Values).Json.Span));
    }

    [Fact]
    public async Task Nothing_is_opened_before_the_commit()
    {
        var (_, vault) = await VaultAsync(RootKey.Random());
        var key = await AddAsync(vault, "ada");
        await Db.WriteAsync(async tx =>
        {
            var sealed_ = await vault.LoadAsync(tx, key, [Email], 10, Ct);
            Assert.Throws<InvalidOperationException>(() => vault.Open(PermitFor(tx, key, [Email]), sealed_));
        }, Ct);
    }

    [Fact]
    public async Task A_permit_of_another_transaction_customer_or_data_point_opens_nothing()
    {
        var (_, vault) = await VaultAsync(RootKey.Random());
        var (ada, ben) = (await AddAsync(vault, "ada"), await AddAsync(vault, "ben"));
        var (permit, sealed_) = await LoadAsync(vault, ada, [Email]);
        var (later, _) = await LoadAsync(vault, ada, [Email]);
        Assert.Throws<InvalidOperationException>(() => vault.Open(later, sealed_));
        var (_, others) = await LoadAsync(vault, ben, [Email]);
        Assert.Throws<InvalidOperationException>(() => vault.Open(permit, others));
        var narrow = await Db.WriteAsync(async tx => (Permit: PermitFor(tx, ada, [Phone]), Sealed: await vault.LoadAsync(tx, ada, [Email], 10, Ct)), Ct);
        Assert.Throws<InvalidOperationException>(() => vault.Open(narrow.Permit, narrow.Sealed));
    }

    [Fact]
    public async Task A_value_put_in_place_of_another_customers_or_of_a_newer_one_is_noticed()
    {
        var (_, vault) = await VaultAsync(RootKey.Random());
        var (ada, ben) = (await AddAsync(vault, "ada"), await AddAsync(vault, "ben"));
        await Db.WriteAsync(async tx => { await tx.RunAsync("UPDATE sealed_field SET sealed = (SELECT sealed FROM sealed_field WHERE customer_id = @Ben) WHERE customer_id = @Ada", new { Ada = ada.Id.Value, Ben = ben.Id.Value }, Ct); }, Ct);
        var (permit, sealed_) = await LoadAsync(vault, ada, [Email]);
        Assert.Equal("vault/damaged", Assert.Throws<Fault>(() => vault.Open(permit, sealed_)).What);

        var old = await Db.ReadAsync(async tx => await tx.FindAsync<byte[]>("SELECT sealed FROM sealed_field WHERE customer_id = @Value", new { ben.Id.Value }, Ct), Ct);
        await Db.WriteAsync(async tx => { await vault.PutFieldAsync(tx, ben, Email, "\"new\""u8.ToArray(), "test", Ct); }, Ct);
        await Db.WriteAsync(async tx => { await tx.RunAsync("UPDATE sealed_field SET sealed = @old WHERE customer_id = @Value", new { old, ben.Id.Value }, Ct); }, Ct);
        (permit, sealed_) = await LoadAsync(vault, ben, [Email]);
        Assert.Equal("vault/damaged", Assert.Throws<Fault>(() => vault.Open(permit, sealed_)).What);
    }

    [Fact]
    public async Task After_shredding_nobody_is_found_and_another_customer_is_untouched()
    {
        var (_, vault) = await VaultAsync(RootKey.Random());
        var (ada, ben) = (await AddAsync(vault, "ada"), await AddAsync(vault, "ben"));
        await Db.WriteAsync(tx => vault.ShredAsync(tx, ada.Id, Ct), Ct);
        Assert.Null(await Db.ReadAsync(async tx => await vault.FindCustomerAsync(tx, BlindIndex.Reference, "ada", Ct), Ct));
        foreach (var sql in new[]
        {
            "SELECT count(*) FROM customer_key WHERE customer_id = @Value", "SELECT count(*) FROM customer_lookup WHERE customer_id = @Value",
            "SELECT count(*) FROM sealed_field WHERE customer_id = @Value", "SELECT count(*) FROM sealed_record WHERE customer_id = @Value",
        })
        {
            Assert.Equal(0, await Db.ReadAsync(async tx => await tx.FindAsync<long>(sql, new { ada.Id.Value }, Ct), Ct));
        }

        var (permit, sealed_) = await LoadAsync(vault, ben, [Email]);
        Assert.Single(vault.Open(permit, sealed_).Values);
    }

    [Fact]
    public async Task Keys_are_rotated_while_reading_goes_on_and_an_old_version_can_then_be_destroyed()
    {
        var (ring, vault) = await VaultAsync(RootKey.Random());
        var keys = new List<CustomerKey>();
        for (var i = 0; i < KeyRotation.Batch + 20; i++)
        {
            keys.Add(await AddAsync(vault, $"c{i}"));
        }

        var rotation = new KeyRotation(Db, ring);
        Assert.Equal("vault/kek-in-use", (await Assert.ThrowsAsync<Fault>(() => rotation.DestroyAsync(1, Ct))).What);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => rotation.RotateAsync(new StopAtOnce(stop), stop.Token));
        var (permit, sealed_) = await LoadAsync(vault, (await FindAsync(vault, "c3"))!, [Email]);
        Assert.Single(vault.Open(permit, sealed_).Values);
        Assert.Equal(2, await rotation.RotateAsync(null, Ct));
        await rotation.DestroyAsync(1, Ct);
        (permit, sealed_) = await LoadAsync(vault, (await FindAsync(vault, $"c{KeyRotation.Batch + 19}"))!, [Email]);
        Assert.Single(vault.Open(permit, sealed_).Values);
        Assert.Equal(["destroyed", "active"], (await Db.ReadAsync(tx => rotation.StatusAsync(tx, Ct), Ct)).Select(s => s.State));
    }

    [Fact]
    public async Task Another_root_key_opens_nothing_and_says_so()
    {
        await VaultAsync(RootKey.Random());
        Assert.Equal("vault/wrong-root-key", (await Assert.ThrowsAsync<Fault>(() => KeyRing.OpenAsync(Db, RootKey.Random(), Ct))).What);
    }

    [Theory]
    [InlineData(BlindIndex.Email, "Ada@Customers.example", " ada@customers.EXAMPLE ", true)]
    [InlineData(BlindIndex.Email, "ada@customers.example", "ad@customers.example", false)]
    [InlineData(BlindIndex.Phone, "+44 7700 900001", "0044 (7700) 900-001", true)]
    [InlineData(BlindIndex.Phone, "+44 7700 900001", "+44 7700 900002", false)]
    [InlineData(BlindIndex.Reference, "c-1", "C-1", false)]
    public async Task Values_that_mean_the_same_have_one_digest(string kind, string one, string other, bool same)
    {
        var (ring, _) = await VaultAsync(RootKey.Random());
        var index = new BlindIndex(ring);
        Assert.Equal(16, index.Of(kind, one).Length);
        Assert.Equal(same, index.Of(kind, one).AsSpan().SequenceEqual(index.Of(kind, other)));
    }

    protected async Task<(KeyRing Ring, PersonalVault Vault)> VaultAsync(RootKey root)
    {
        var ring = await KeyRing.OpenAsync(Db, root, Ct);
        return (ring, new PersonalVault(ring, new BlindIndex(ring)));
    }

    protected Task<CustomerKey> AddAsync(PersonalVault vault, string reference) => Db.WriteAsync(async tx =>
    {
        var key = await vault.CreateCustomerAsync(tx, reference, Ct);
        await vault.PutFieldAsync(tx, key, Email, Encoding.UTF8.GetBytes($"\"{Canary}\""), "test", Ct);
        return key;
    }, Ct);

    private Task<CustomerKey?> FindAsync(PersonalVault vault, string reference) =>
        Db.ReadAsync(async tx => await vault.FindCustomerAsync(tx, BlindIndex.Reference, reference, Ct), Ct);

    private Task<(Permit Permit, SealedCustomer Sealed)> LoadAsync(PersonalVault vault, CustomerKey key, DataPointId[] dataPoints) =>
        Db.WriteAsync(async tx => (PermitFor(tx, key, dataPoints), await vault.LoadAsync(tx, key, dataPoints, 10, Ct)), Ct);

    /// <summary>A real permit: the customer's own request.</summary>
    private static Permit PermitFor(Transaction tx, CustomerKey key, DataPointId[] dataPoints) =>
        ((Decision.Allowed)Permit.DecideOwnRequest(
            new ActorState { Kind = ActorKind.Customer, Ref = key.Id.Value }, new CustomerState(key.Id, null, 0, false), dataPoints, tx.Now, tx.Id)).Permit;

    private sealed class StopAtOnce(CancellationTokenSource stop) : IProgress<long>
    {
        public void Report(long value) => stop.Cancel();
    }
}
