using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Tests.Reads;

/// <summary>All modules of the path of a read on one database, with the catalog that <see cref="AccessOracle"/> describes.</summary>
public sealed class ReadHouse
{
    private ReadHouse(
        CatalogRegister catalogs, NoticeRegister notices, ConsentLedger ledger, AuditLog log, AccessRegister access, PersonalVault vault,
        ConsentedRead read, CustomerChoices choices, OwnData own, SystemRead system) =>
        (Catalogs, Notices, Ledger, Log, Access, Vault, Read, Choices, Own, SystemReads) = (catalogs, notices, ledger, log, access, vault, read, choices, own, system);

    public CatalogRegister Catalogs { get; }

    public NoticeRegister Notices { get; }

    public ConsentLedger Ledger { get; }

    public AuditLog Log { get; }

    public AccessRegister Access { get; }

    public PersonalVault Vault { get; }

    public ConsentedRead Read { get; }

    public CustomerChoices Choices { get; }

    public OwnData Own { get; }

    public SystemRead SystemReads { get; }

    public required BlindIndex Index { get; init; }

    public required KeyRing Keys { get; init; }

    /// <summary>Builds the modules and applies the catalog as version 1.</summary>
    public static async Task<ReadHouse> BuildAsync(Database db, ReadBudgetOptions budget, CancellationToken ct)
    {
        var keys = await KeyRing.OpenAsync(db, RootKey.Random(), ct);
        var (index, catalogs, notices) = (new BlindIndex(keys), new CatalogRegister(), new NoticeRegister());
        var log = await AuditLog.OpenAsync(db, "test.example/audit", ct);
        var (ledger, vault, access) = (new ConsentLedger(notices), new PersonalVault(keys, index), new AccessRegister(log));
        var house = new ReadHouse(
            catalogs, notices, ledger, log, access, vault,
            new ConsentedRead(db, catalogs, log, vault, index, new ReadBudget(budget, log)),
            new CustomerChoices(db, catalogs, ledger, log, vault, access),
            new OwnData(db, new OwnAccess(catalogs, vault, access), ledger, log, vault),
            new SystemRead(db, catalogs, ledger, log, vault)) { Index = index, Keys = keys };
        await house.ApplyCatalogAsync(db, Yaml(widened: false), null, ct);
        return house;
    }

    /// <summary>Applies a catalog and stores its notices.</summary>
    public Task<ActiveCatalog> ApplyCatalogAsync(Database db, string yaml, string? decision, CancellationToken ct) => db.WriteAsync(async tx =>
    {
        return await Notices.ApplyAsync(tx, Catalogs, PurposeCatalog.Read(yaml, "candor.yaml"), "test", decision, ct);
    }, ct);

    public async Task<ActiveCatalog> CatalogAsync(Database db, CancellationToken ct) =>
        await db.ReadAsync(async tx => await Catalogs.GetActiveAsync(tx, ct), ct);

    /// <summary>A customer with one value of each data point.</summary>
    public Task<CustomerKey> AddCustomerAsync(Database db, string reference, CancellationToken ct) => db.WriteAsync(async tx =>
    {
        var key = await Vault.CreateCustomerAsync(tx, reference, ct);
        await Vault.PutFieldAsync(tx, key, DataPointId.Parse("email"), System.Text.Encoding.UTF8.GetBytes($"\"{reference}@customers.example\""), "test", ct);
        await Vault.AppendHistoryAsync(tx, key, DataPointId.Parse("purchases"), "p-1", tx.Now.AddDays(-3), """{"item":"scarf"}"""u8.ToArray(), "test", ct);
        await Vault.AppendHistoryAsync(tx, key, DataPointId.Parse("pageViews"), "v-1", tx.Now.AddDays(-1), """{"page":"/scarves"}"""u8.ToArray(), "test", ct);
        return key;
    }, ct);

    /// <summary>Gives consent under the current notice.</summary>
    public Task<ConsentRecord> GiveAsync(Database db, CustomerId customer, string purpose, CancellationToken ct) => db.WriteAsync(async tx =>
    {
        var catalog = await Catalogs.GetActiveAsync(tx, ct);
        return await Ledger.GiveAsync(tx, customer, catalog.Catalog.Purposes[PurposeId.Parse(purpose)], catalog, Notice(catalog), "test", ct);
    }, ct);

    /// <summary>The notice that counts now.</summary>
    public static NoticeRef Notice(ActiveCatalog catalog) => NoticeText.Generate(catalog.Catalog, "en").Ref;

    /// <summary>Log entries of reads, allowed and denied.</summary>
    public async Task<long> CountEntriesAsync(Database db, CancellationToken ct) =>
        await db.ReadAsync(async tx =>
            (await tx.QueryAsync<byte[]>("SELECT entry FROM audit_entry UNION ALL SELECT entry FROM audit_pending", null, ct))
            .Count(e => AuditEntry.Decode(e).Event.Kind is AuditKind.Read or AuditKind.Deny), ct);

    /// <summary>The catalog of the tests; widened, every purpose that rests on consent also uses the phone number.</summary>
    public static string Yaml(bool widened) =>
        $$"""
        organisation: { name: Test Shop, contact: privacy@shop.example, country: GB, languages: [en] }
        dataPoints:
          email:     { kind: field, label: E-mail address, category: EmailAddress, retention: while-customer }
          phone:     { kind: field, label: Phone number, category: TelephoneNumber, retention: while-customer }
          purchases: { kind: history, label: Purchase history, category: PurchasesAndSpendingHabit, retention: P2Y }
          pageViews: { kind: history, label: Pages you looked at, category: Interest, retention: P90D, collectedWith: suggestions }
        purposes:
          support:
            { label: Help, why: So that we can help you., basis: contract, uses: { email: high, purchases: high }, roles: [agent], needsCase: true }
          suggestions:
            { label: Ideas, why: So that we can show you ideas., basis: consent, consentLasts: P6M, uses: { pageViews: high, purchases: medium{{(widened ? ", phone: low" : "")}} }, services: [shop] }
          newsletter:
            { label: News, why: So that we can send you news., basis: consent, consentLasts: P6M, uses: { email: high{{(widened ? ", phone: low" : "")}} }, roles: [marketing], services: [mailer] }
          quality:
            { label: Better service, why: So that we can learn from what went wrong., basis: legitimate-interest, uses: { purchases: medium }, roles: [analyst, agent] }
          bookkeeping:
            { label: Our books, why: The law asks us to keep them., basis: legal-obligation, uses: { purchases: high }, roles: [administrator] }
          draft:
            { label: Later, why: Not decided yet., basis: consent, consentLasts: P6M, uses: { email: high }, roles: [agent], services: [shop], active: false }
        """;
}
