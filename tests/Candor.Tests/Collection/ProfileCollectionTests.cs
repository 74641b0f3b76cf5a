using Candor.Gate;
using Candor.Kernel;
using Candor.Tests.Reads;
using Candor.Tests.Storage;
using Candor.Vault;

namespace Candor.Tests.Collection;

public sealed class ProfileCollectionOnSqlite : ProfileCollectionTests<Sqlite>;

public sealed class ProfileCollectionOnPostgres : ProfileCollectionTests<Postgres>;

public abstract class ProfileCollectionTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    [Fact]
    public async Task A_new_customer_is_made_and_found_by_mail_whatever_its_case()
    {
        var c = await CollectionHouse.BuildAsync(Db, Ct);
        var outcome = await c.Profiles.PutAsync(c.Token, "ada", CollectionHouse.Json("""{"email":"Ada@Customers.example"}"""), true, Ct);
        Assert.True(outcome!.Created);
        Assert.Equal(["email"], outcome.Stored.Select(s => s.Value));
        Assert.NotNull(await Db.ReadAsync(async tx => await c.House.Vault.FindCustomerAsync(tx, BlindIndex.Email, " ada@customers.example ", Ct), Ct));
    }

    [Fact]
    public async Task What_no_purpose_of_the_customer_needs_is_not_stored_until_they_agree()
    {
        var c = await CollectionHouse.BuildAsync(Db, Ct);
        await c.House.ApplyCatalogAsync(Db, ReadHouse.Yaml(widened: true), "committee-1", Ct);
        var before = await c.Profiles.PutAsync(c.Token, "ada", CollectionHouse.Json("""{"phone":"+44 7700 900001"}"""), true, Ct);
        Assert.Equal(ReasonCode.NoConsent, Assert.Single(before!.NotStored).Reason);
        var key = await Db.ReadAsync(async tx => await c.House.Vault.FindCustomerAsync(tx, BlindIndex.Reference, "ada", Ct), Ct);
        await c.House.GiveAsync(Db, key!.Id, "suggestions", Ct);
        var after = await c.Profiles.PutAsync(c.Token, "ada", CollectionHouse.Json("""{"phone":"+44 7700 900001"}"""), false, Ct);
        Assert.Equal(["phone"], after!.Stored.Select(s => s.Value));
    }

    [Theory]
    [InlineData("""{"emial":"x"}""", "collection/undeclared", "Did you mean `email`?")]
    [InlineData("""{"purchases":[]}""", "collection/is-a-history", "`purchases`")]
    [InlineData("""[1]""", "collection/not-an-object", "Array")]
    [InlineData("""{"email":7}""", "collection/not-a-text", "`email`")]
    [InlineData("""{"email":"a@b.example","email":"c@d.example"}""", "collection/twice", "`email`")]
    public async Task Bad_input_is_refused_by_name_and_nothing_is_stored(string body, string what, string named)
    {
        var c = await CollectionHouse.BuildAsync(Db, Ct);
        var fault = await Assert.ThrowsAsync<Fault>(() => c.Profiles.PutAsync(c.Token, "ada", CollectionHouse.Json(body), true, Ct));
        Assert.Equal(what, fault.What);
        Assert.Contains(named, fault.Message, StringComparison.Ordinal);
        Assert.Equal(0, await Db.ReadAsync(tx => c.House.Vault.CountAsync(tx, Ct), Ct));
    }

    [Fact]
    public async Task Two_customers_cannot_have_one_mail_address()
    {
        var c = await CollectionHouse.BuildAsync(Db, Ct);
        await c.Profiles.PutAsync(c.Token, "ada", CollectionHouse.Json("""{"email":"a@customers.example"}"""), true, Ct);
        var fault = await Assert.ThrowsAsync<Fault>(() => c.Profiles.PutAsync(c.Token, "ben", CollectionHouse.Json("""{"email":"A@customers.example"}"""), true, Ct));
        Assert.Equal((FaultKind.Conflict, "vault/taken"), (fault.Kind, fault.What));
        Assert.Equal(1, await Db.ReadAsync(tx => c.House.Vault.CountAsync(tx, Ct), Ct));
    }

    [Fact]
    public async Task A_key_that_may_not_collect_is_refused_and_logged()
    {
        var c = await CollectionHouse.BuildAsync(Db, Ct);
        var outcome = await c.Profiles.PutAsync(await CollectionHouse.KeyAsync(Db, c.House, [], Ct), "ada", CollectionHouse.Json("{}"), true, Ct);
        Assert.Equal(ReasonCode.RoleNotAllowed, outcome!.Refused);
        Assert.Equal(1, await c.House.CountEntriesAsync(Db, Ct));
    }

    [Fact]
    public async Task Put_removes_what_is_not_sent_and_patch_leaves_it()
    {
        var c = await CollectionHouse.BuildAsync(Db, Ct);
        await c.Profiles.PutAsync(c.Token, "ada", CollectionHouse.Json("""{"email":"a@customers.example"}"""), true, Ct);
        await c.Profiles.PutAsync(c.Token, "ada", CollectionHouse.Json("{}"), false, Ct);
        Assert.NotNull(await Db.ReadAsync(async tx => await c.House.Vault.FindCustomerAsync(tx, BlindIndex.Email, "a@customers.example", Ct), Ct));
        await c.Profiles.PutAsync(c.Token, "ada", CollectionHouse.Json("{}"), true, Ct);
        Assert.Null(await Db.ReadAsync(async tx => await c.House.Vault.FindCustomerAsync(tx, BlindIndex.Email, "a@customers.example", Ct), Ct));
    }
}
