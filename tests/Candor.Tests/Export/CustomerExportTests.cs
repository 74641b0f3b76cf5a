using System.Text;
using Candor.Audit;
using Candor.Catalog;
using Candor.Export;
using Candor.Fairness;
using Candor.Kernel;
using Candor.Reads;
using Candor.Tests.Reads;
using Candor.Tests.Storage;

namespace Candor.Tests.Export;

public sealed class CustomerExportOnSqlite : CustomerExportTests<Sqlite>;

public sealed class CustomerExportOnPostgres : CustomerExportTests<Postgres>;

/// <summary>Only who agreed is in an export, each with an entry of their own, and nothing in it names anybody.</summary>
public abstract class CustomerExportTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Yaml =
        """
        organisation: { name: Test, contact: privacy@test.example, country: GB, languages: [en] }
        dataPoints:
          email: { kind: field, label: E-mail, category: EmailAddress, retention: while-customer }
          country: { kind: field, label: Country, category: Country, retention: while-customer }
          purchases: { kind: history, label: Purchases, category: Purchase, retention: P2Y }
        purposes:
          reports: { label: Reports, why: We count., basis: consent, uses: { email: low, country: low, purchases: low }, roles: [analyst] }
          support: { label: Support, why: We help., basis: contract, uses: { country: low }, roles: [agent] }
          draft: { label: Draft, why: Not yet., basis: consent, uses: { country: low }, roles: [analyst], active: false }
        """;

    private static readonly PurposeId Reports = PurposeId.Parse("reports");

    private ReadHouse house = null!;
    private CustomerExport export = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await ReadHouse.BuildAsync(Db, new ReadBudgetOptions(), Ct);
        await house.ApplyCatalogAsync(Db, Yaml, "test", Ct);
        export = new CustomerExport(Db, house.Catalogs, house.Log, house.Vault, house.SystemReads);
    }

    [Fact]
    public async Task Only_who_agreed_is_in_it_and_each_sees_the_read()
    {
        var agreed = await AddAsync("a", "DE", 2);
        await AddAsync("b", "FR", 1);
        await house.GiveAsync(Db, agreed, "reports", Ct);
        var before = await house.CountEntriesAsync(Db, Ct);
        var rows = await export.ReadAsync(await PlanAsync("country", "purchases"), null, Ct);
        Assert.Equal(["country", "purchases.count"], rows.Columns);
        var (customer, values) = Assert.Single(rows.Rows);
        Assert.Equal(agreed, customer);
        Assert.Equal(["DE", "2"], values);
        Assert.Equal(new Dictionary<string, long> { ["no-consent"] = 1 }, rows.LeftOut);
        Assert.Equal(2, await house.CountEntriesAsync(Db, Ct) - before);
        Assert.Contains(await Db.ReadAsync(async tx => await house.Log.OfCustomerAsync(tx, (await house.Vault.FindCustomerAsync(tx, agreed, Ct))!.AuditRef, null, 10, Ct), Ct), e => e.Event.Actor == "system:export" && e.Event.Kind == AuditKind.Read);
    }

    [Fact]
    public async Task Everybody_is_read_also_over_several_batches()
    {
        for (var i = 0; i < 203; i++)
        {
            await house.GiveAsync(Db, await AddAsync($"c{i}", i % 2 == 0 ? "DE" : "FR", 0), "reports", Ct);
        }

        var rows = await export.ReadAsync(await PlanAsync("country"), null, Ct);
        Assert.Equal(203, rows.Rows.Count);
        Assert.Equal(102, rows.Rows.Count(r => r.Values[0] == "DE"));
    }

    [Theory]
    [InlineData("reports", "email", "export/identifying")]
    [InlineData("reports", "shoeSize", "export/not-for-this-purpose")]
    [InlineData("support", "country", "export/not-for-analysts")]
    [InlineData("draft", "country", "export/no-such-purpose")]
    [InlineData("nothing", "country", "export/no-such-purpose")]
    [InlineData("reports", "", "export/nothing")]
    public async Task What_may_not_leave_is_refused_by_name(string purpose, string dataPoint, string what)
    {
        var fault = await Assert.ThrowsAsync<Fault>(() => export.PlanAsync(PurposeId.Parse(purpose), dataPoint.Length == 0 ? [] : [DataPointId.Parse(dataPoint)], Ct));
        Assert.Equal(what, fault.What);
    }

    [Fact]
    public async Task An_export_is_in_the_log_with_its_digest()
    {
        var id = await export.LogAsync(await PlanAsync("country"), "system:export", "anonymous", 7, new string('a', 64), Ct);
        await house.Log.SequenceAsync(1000, Ct);
        var bytes = await Db.ReadAsync(async tx => await house.Log.FindEntryAsync(tx, (await house.Log.FindIndexAsync(tx, id, Ct))!.Value, Ct), Ct);
        var entry = AuditEntry.Decode(bytes!).Event;
        Assert.Equal((AuditKind.Export, "reports", "anonymous 7", new string('a', 64)), (entry.Kind, entry.Purpose, entry.Reason, entry.Subject));
    }

    [Fact]
    public async Task What_is_spent_of_the_budget_is_spent_for_all_and_comes_back_with_the_year()
    {
        var spent = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            try
            {
                await SpendAsync(500);
                return true;
            }
            catch (Fault fault) when (fault.What == "fairness/budget-spent")
            {
                return false;
            }
        }));
        Assert.Equal(6, spent.Count(s => s));
        Assert.Equal(0, (await Db.ReadAsync(tx => NoiseLedger.FindAsync(tx, Reports, Ct), Ct)).Left);
        Clock.SetUtcNow(new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.Equal(NoiseLedger.YearlyBudget - 1, (await SpendAsync(1)).Left);
    }

    private Task<PrivacyBudget> SpendAsync(long milliEpsilon) => Db.WriteAsync(tx => NoiseLedger.SpendAsync(tx, Reports, milliEpsilon, Ct), Ct);

    private Task<ExportPlan> PlanAsync(params string[] dataPoints) => export.PlanAsync(Reports, [.. dataPoints.Select(DataPointId.Parse)], Ct);

    private Task<CustomerId> AddAsync(string reference, string country, int purchases) => Db.WriteAsync(async tx =>
    {
        var key = await house.Vault.CreateCustomerAsync(tx, reference, Ct);
        await house.Vault.PutFieldAsync(tx, key, DataPointId.Parse("email"), Encoding.UTF8.GetBytes($"\"{reference}@customers.example\""), "test", Ct);
        await house.Vault.PutFieldAsync(tx, key, DataPointId.Parse("country"), Encoding.UTF8.GetBytes($"\"{country}\""), "test", Ct);
        for (var i = 0; i < purchases; i++)
        {
            await house.Vault.AppendHistoryAsync(tx, key, DataPointId.Parse("purchases"), $"p-{i}", tx.Now, """{"item":"scarf"}"""u8.ToArray(), "test", Ct);
        }

        return key.Id;
    }, Ct);
}
