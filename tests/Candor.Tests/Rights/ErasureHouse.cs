using System.Text;
using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Messages;
using Candor.Reads;
using Candor.Rights;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Tests.Rights;

/// <summary>The modules that erasure works on, over one database, with a catalog that has a legal hold.</summary>
public sealed class ErasureHouse
{
    public required KeyRing Keys { get; init; }

    public required AuditLog Log { get; init; }

    public CatalogRegister Catalogs { get; } = new();

    public NoticeRegister Notices { get; } = new();

    public required PersonalVault Vault { get; init; }

    public required HeldVault Held { get; init; }

    public required ConsentLedger Ledger { get; init; }

    public required AccessRegister Access { get; init; }

    public required Outbox Outbox { get; init; }

    public required SystemRead SystemReads { get; init; }

    public required CustomerChoices Choices { get; init; }

    public required HeldData HeldData { get; init; }

    public required Erasure Erasure { get; init; }

    /// <param name="root">The root key, to open a copy of the database with.</param>
    public static async Task<ErasureHouse> BuildAsync(Database db, string? yaml, RootKey root, CancellationToken ct)
    {
        var keys = await KeyRing.OpenAsync(db, root, ct);
        var (index, catalogs, notices) = (new BlindIndex(keys), new CatalogRegister(), new NoticeRegister());
        var log = await AuditLog.OpenAsync(db, "test.example/audit", ct);
        var (vault, held, ledger, access, budget) = (new PersonalVault(keys, index), new HeldVault(keys, index), new ConsentLedger(notices), new AccessRegister(log), new ReadBudget(new ReadBudgetOptions(), log));
        var (outbox, reads) = (new Outbox(vault), new SystemRead(db, catalogs, ledger, log, vault));
        var house = new ErasureHouse
        {
            Keys = keys, Log = log, Vault = vault, Held = held, Ledger = ledger, Access = access, Outbox = outbox, SystemReads = reads,
            Choices = new CustomerChoices(db, catalogs, ledger, log, vault, access),
            HeldData = new HeldData(db, catalogs, log, vault, held, access, budget),
            Erasure = new Erasure(db, catalogs, ledger, log, vault, held, outbox, access, budget, reads),
        };
        if (yaml is not null)
        {
            await db.WriteAsync(async tx => { await notices.ApplyAsync(tx, catalogs, PurposeCatalog.Read(yaml, "candor.yaml"), "test", "test", ct); }, ct);
        }

        return house;
    }

    /// <summary>A customer with two fields and two purchases, one of them long ago.</summary>
    public Task<CustomerKey> AddAsync(Database db, string reference, CancellationToken ct) => db.WriteAsync(async tx =>
    {
        var key = await Vault.CreateCustomerAsync(tx, reference, ct);
        await Vault.PutFieldAsync(tx, key, DataPointId.Parse("email"), Json($"\"{reference}@customers.example\""), "test", ct, (BlindIndex.Email, $"{reference}@customers.example"));
        await Vault.PutFieldAsync(tx, key, DataPointId.Parse("fullName"), Json("\"Ada Brook\""), "test", ct);
        await AddPurchaseAsync(tx, key, "p-1", tx.Now.AddDays(-3), """{"item":"scarf","total":39.8,"invoiceNumber":"MT-1"}""", ct);
        await AddPurchaseAsync(tx, key, "p-2", tx.Now.AddYears(-7), """{"item":"hat","total":12,"invoiceNumber":"MT-0"}""", ct);
        return key;
    }, ct);

    public async ValueTask AddPurchaseAsync(Transaction tx, CustomerKey key, string id, DateTimeOffset time, string json, CancellationToken ct) =>
        Assert.True(await Vault.AppendHistoryAsync(tx, key, DataPointId.Parse("purchases"), id, time, Json(json), "test", ct));

    public static byte[] Json(string json) => Encoding.UTF8.GetBytes(json);

    public const string Yaml =
        """
        organisation: { name: Test Shop, contact: privacy@shop.example, country: GB, languages: [en, de], backupsKept: P35D }
        dataPoints:
          fullName:  { kind: field, label: { en: Your name, de: Ihr Name }, category: Name, retention: while-customer }
          email:     { kind: field, label: { en: E-mail address, de: E-Mail-Adresse }, category: EmailAddress, retention: while-customer }
          language:  { kind: field, label: { en: Your language, de: Ihre Sprache }, category: Language, retention: while-customer }
          purchases:
            kind: history
            label: { en: Purchase history, de: Ihre Einkäufe }
            category: PurchasesAndSpendingHabit
            retention: P2Y
            legalHold: { reason: { en: tax records, de: Unterlagen für die Steuer }, for: P6Y, keeps: [invoiceNumber, total] }
          pageViews: { kind: history, label: { en: Pages you looked at, de: Seiten }, category: Interest, retention: P90D, collectedWith: suggestions }
          carts:     { kind: history, label: { en: Carts, de: Körbe }, category: Purchase, retention: P30D }
        purposes:
          support:
            { label: { en: Help, de: Hilfe }, why: { en: So that we can help you., de: Damit wir Ihnen helfen können. }, basis: contract, uses: { email: high, fullName: high, purchases: high }, roles: [agent] }
          suggestions:
            label: { en: Ideas, de: Tipps }
            why: { en: So that we can show you ideas., de: Damit Sie Tipps sehen. }
            basis: consent
            uses: { pageViews: high, purchases: medium }
            services: [shop]
          reminders:
            label: { en: Reminders, de: Hinweise }
            why: { en: So that we can remind you., de: Damit wir Sie erinnern. }
            basis: consent
            uses: { carts: high, email: high }
            services: [mailer]
          quality:
            label: { en: Better service, de: Besser werden }
            why: { en: So that we can learn., de: Damit wir lernen. }
            basis: legitimate-interest
            uses: { carts: low }
            roles: [analyst]
          bookkeeping:
            label: { en: Our books, de: Unsere Bücher }
            why: { en: The law asks us to keep them., de: Das Gesetz will es so. }
            basis: legal-obligation
            uses: { purchases: high }
            roles: [administrator]
            services: [books]
        """;
}
