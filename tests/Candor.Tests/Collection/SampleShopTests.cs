using Candor.Catalog;
using Candor.Collection;
using Candor.Tests.Storage;

namespace Candor.Tests.Collection;

public sealed class SampleShopOnSqlite : SampleShopTests<Sqlite>;

public sealed class SampleShopOnPostgres : SampleShopTests<Postgres>;

public abstract class SampleShopTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Given = "SELECT 'given' AS what, count(*) AS count FROM consent_state WHERE state = 'given' AND expires_at_us BETWEEN @From AND @To";

    private sealed record Counted(string What, long Count);

    [Fact]
    public async Task Every_kind_of_choice_occurs_and_nothing_is_added_twice()
    {
        var shop = await FilledAsync();
        var (kinds, records) = (await KindsAsync(), await CollectionHouse.RecordsAsync(Db, Ct));
        Assert.Subset(kinds.Select(k => k.What).ToHashSet(), new HashSet<string>(["given", "objected", "refused", "renewed", "restricted", "withdrawn"]));
        Assert.NotEqual(0, Assert.Single(await CountAsync(Given, 0, 30)).Count);
        Assert.NotEqual(0, Assert.Single(await CountAsync(Given, -60, 0)).Count);

        await shop.FillAsync(7, 120, 90, null, Ct);
        Assert.Equal(kinds, await KindsAsync());
        Assert.Equal(records, await CollectionHouse.RecordsAsync(Db, Ct));
    }

    [Fact]
    public async Task Visits_are_kept_only_of_those_who_agreed()
    {
        await FilledAsync();
        Assert.NotEqual(0, Assert.Single(await CountAsync("SELECT 'visits' AS what, count(*) AS count FROM sealed_record WHERE data_point = 'pageViews'")).Count);
        Assert.Equal(0, Assert.Single(await CountAsync(
            """
            SELECT 'visits' AS what, count(*) AS count FROM sealed_record r WHERE r.data_point = 'pageViews' AND NOT EXISTS
            (SELECT 1 FROM consent_state s WHERE s.customer_id = r.customer_id AND s.purpose = 'in-session-recommendations' AND s.state = 'given')
            """)).Count);
    }

    private async Task<SampleShop> FilledAsync()
    {
        var house = (await CollectionHouse.BuildAsync(Db, Ct)).House;
        await house.ApplyCatalogAsync(Db, ReadyCatalogs.Text("shop"), "committee-1", Ct);
        var shop = new SampleShop(Db, house.Catalogs, house.Ledger, house.Log, house.Vault);
        await shop.FillAsync(7, 120, 90, null, Ct);
        return shop;
    }

    private Task<IReadOnlyList<Counted>> KindsAsync() => CountAsync("SELECT event AS what, count(*) AS count FROM consent_record GROUP BY event ORDER BY event");

    private Task<IReadOnlyList<Counted>> CountAsync(string sql, int fromDays = 0, int toDays = 0) => Db.ReadAsync(async tx => await tx.QueryAsync<Counted>(
        sql, new { From = Kernel.Micros.From(Clock.GetUtcNow().AddDays(fromDays)), To = Kernel.Micros.From(Clock.GetUtcNow().AddDays(toDays)) }, Ct), Ct);
}
