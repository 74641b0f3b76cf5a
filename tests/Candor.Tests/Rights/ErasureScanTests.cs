using Candor.Kernel;
using Candor.Storage;
using Candor.Tests.Server;
using Candor.Tests.Storage;
using Candor.Vault;

namespace Candor.Tests.Rights;

/// <summary>The whole server, and a row in every table that has customers: a table that a later version adds is in here without anybody thinking of it.</summary>
public sealed class ErasureScanTests : ServerTest<Sqlite>
{
    /// <summary>Keep what was done for good, under the random reference, and the ledger itself.</summary>
    private static readonly string[] ByDesign = ["audit_entry", "audit_pending", "erasure"];

    private sealed record Column(string Name, string Type);

    [Fact]
    public async Task No_table_of_any_module_knows_the_customer_afterwards()
    {
        await AddCustomerAsync("ada");
        await GiveAsync("ada", "newsletter");
        Assert.Equal(200, (await SendAsync("PUT", "/v1/customers/ada/consents/newsletter", """{"state":"withdrawn"}""", headers: ("Idempotency-Key", "k-1"))).Status);
        var ada = (await Host.Database.ReadAsync(tx => Host.Vault.FindCustomerAsync(tx, BlindIndex.Reference, "ada", Ct), Ct))!;
        await Host.Database.WriteAsync(tx => Host.Access.OpenCustomerSessionAsync(tx, ada.Id, Ct), Ct);
        var tables = await Host.Database.ReadAsync(async tx => await tx.QueryAsync<string>("SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c ON c.name = 'customer_id' WHERE m.type = 'table'", null, Ct), Ct);
        Assert.True(tables.Count >= 10, string.Join(' ', tables));
        await Host.Database.WriteAsync(async tx =>
        {
            foreach (var (table, _) in (await Host.Database.CountRowsAsync(tx, ada.Id, Ct)).Where(t => t.Rows == 0))
            {
                await FillAsync(tx, table, ada.Id);
            }
        }, Ct);
        await Host.Database.WriteAsync(async tx =>
        {
            foreach (var walk in await tx.QueryAsync<string>("SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c ON c.name = 'after_customer' WHERE m.type = 'table'", null, Ct))
            {
                await FillAsync(tx, walk, ada.Id);
                Assert.NotEqual(0, await tx.RunAsync($"UPDATE {walk} SET after_customer = @Value", new { ada.Id.Value }, Ct));
            }
        }, Ct);
        Assert.All(await Host.Database.ReadAsync(tx => Host.Database.CountRowsAsync(tx, ada.Id, Ct), Ct), t => Assert.True(t.Rows > 0, t.Table));

        var erased = await Host.Erasure.RunAsync(ada.Id, "system:test", Ct);
        Assert.Equal((tables.Count, 0), (erased.Scan.Tables, erased.Scan.Rows));
        Assert.Empty(await NamesAsync(ada));
        Assert.Equal(403, (await GetAsync("/v1/customers/ada?purpose=order-fulfilment")).Status);
        Assert.Equal(0L, await Host.Database.ReadAsync(async tx => await tx.FindAsync<long>("SELECT count(*) FROM idempotency", null, Ct), Ct));
    }

    private static async Task FillAsync(Transaction tx, string table, CustomerId customer)
    {
        var columns = await tx.QueryAsync<Column>("SELECT name AS Name, type AS Type FROM pragma_table_info(@table)", new { table }, Ct);
        // A state is read by its module when the customer goes, so it is one that exists.
        var values = columns.Select(c => c.Name switch { "customer_id" => "'" + customer.Value + "'", "state" => "'done'", _ => null } ?? c.Type switch { "BIGINT" => "7", "BLOB" => "x'07'", "DOUBLE PRECISION" => "7.0", _ => "'seven'" });
        await tx.RunAsync($"INSERT INTO {table} ({string.Join(", ", columns.Select(c => c.Name))}) VALUES ({string.Join(", ", values)}) ON CONFLICT DO NOTHING", null, Ct);
    }

    /// <summary>Every column of every table that has the customer's id or reference in the log, whole or as a part.</summary>
    private Task<List<string>> NamesAsync(CustomerKey customer) => Host.Database.ReadAsync(async tx =>
    {
        var found = new List<string>();
        foreach (var table in await tx.QueryAsync<string>("SELECT name FROM sqlite_schema WHERE type = 'table'", null, Ct))
        {
            foreach (var column in await tx.QueryAsync<Column>("SELECT name AS Name, type AS Type FROM pragma_table_info(@table)", new { table }, Ct))
            {
                var rows = await tx.FindAsync<long>($"SELECT count(*) FROM {table} WHERE instr({column.Name}, @Value) > 0 OR instr({column.Name}, @AuditRef) > 0", new { customer.Id.Value, customer.AuditRef }, Ct);
                if (rows > 0 && !ByDesign.Contains(table))
                {
                    found.Add($"{table}.{column.Name}");
                }
            }
        }

        return found;
    }, Ct);
}
