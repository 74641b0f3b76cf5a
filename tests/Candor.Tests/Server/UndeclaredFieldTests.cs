using Candor.Collection;
using Candor.Tests.Storage;

namespace Candor.Tests.Server;

public sealed class UndeclaredFieldOnSqlite : UndeclaredFieldTests<Sqlite>;

public sealed class UndeclaredFieldOnPostgres : UndeclaredFieldTests<Postgres>;

/// <summary>Who keeps sending what the catalog does not declare.</summary>
public abstract class UndeclaredFieldTests<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    [Fact]
    public async Task Names_that_are_not_declared_are_counted_by_sender_and_nothing_of_their_values_is_kept()
    {
        await StopHousekeepingAsync();
        await AddCustomerAsync("c-0001");
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(400, (await SendAsync("PATCH", "/v1/customers/c-0001", """{"email":"x@customers.example","shoeSize":"secret-44","starSign":"secret-lion"}""", headers: ("Idempotency-Key", $"u-{i}"))).Status);
        }

        await SendAsync("POST", "/v1/events", """{"events":[{"customer":"c-0001","dataPoint":"steps","id":"s-1","time":"2026-01-01T00:00:00Z","data":{"n":"secret"}}]}""", headers: ("Idempotency-Key", "u-9"));
        Assert.Equal(401, (await SendAsync("PATCH", "/v1/customers/c-0001", """{"stranger":1}""", token: "cndr_nobody", headers: ("Idempotency-Key", "u-10"))).Status);
        var found = await Host.Database.ReadAsync(tx => UndeclaredBook.ReadAsync(tx, Ct), Ct);
        Assert.Equal([("shoeSize", 3L), ("starSign", 3L), ("steps", 1L)], found.Select(f => (f.Name, f.Number)));
        Assert.All(found, f => Assert.StartsWith("key:", f.Sender, StringComparison.Ordinal));
        Assert.DoesNotContain("secret", string.Join(' ', await Host.Database.ReadAsync(async tx => await tx.QueryAsync<string>("SELECT sender || name FROM undeclared_count", null, Ct), Ct)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_could_be_data_itself_is_no_name_and_a_day_has_only_so_many()
    {
        await Host.Database.WriteAsync(async tx =>
        {
            await UndeclaredBook.AddAsync(tx, "key:k", ["ada@customers.example", "Ada Brook", "4242424242424242", "tel0612345678", "", new string('a', 999), "address.street"], Ct);
            await UndeclaredBook.AddAsync(tx, "key:k", Enumerable.Range(0, UndeclaredBook.MaxNames + 50).Select(i => $"field{i}"), Ct);
            return 0;
        }, Ct);
        var found = await Host.Database.ReadAsync(tx => UndeclaredBook.ReadAsync(tx, Ct), Ct);
        Assert.Equal(UndeclaredBook.MaxNames, found.Count);
        Assert.All(found, f => Assert.True(f.Name.Length <= UndeclaredBook.MaxLength));
        Assert.Contains(found, f => f.Name == "address.street");
        Assert.DoesNotContain(found, f => f.Name.Contains('@', StringComparison.Ordinal) || f.Name.Contains(' ', StringComparison.Ordinal) || f.Name is "4242424242424242" or "tel0612345678");
        Assert.Equal(UndeclaredBook.MaxNames + 57, found.Sum(f => f.Number));
        Assert.True(found.Single(f => f.Name.Length == 0).Number > 50);
    }
}
