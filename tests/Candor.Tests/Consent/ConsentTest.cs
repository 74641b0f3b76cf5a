using System.Collections.Frozen;
using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Tests.Storage;

namespace Candor.Tests.Consent;

/// <summary>What the tests of consent share: a small shop's catalog as version 1, its notices stored, and a ledger.</summary>
public abstract class ConsentTest<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    protected const string Method = "switch on My Data & Privacy";

    protected static readonly CustomerId Ada = CustomerId.Parse(new string('a', 32));
    protected static readonly CustomerId Bob = CustomerId.Parse(new string('b', 32));

    protected NoticeRegister Notices { get; } = new();

    protected ConsentLedger Ledger { get; }

    protected ActiveCatalog Shop { get; } = SmallShop.Version(1);

    protected ConsentTest() => Ledger = new ConsentLedger(Notices);

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Db.WriteAsync(tx => Notices.StoreAsync(tx, Shop, Ct), Ct);
    }

    protected NoticeRef NoticeIn(string language) => NoticeText.Generate(Shop.Catalog, language).Ref;

    protected Task<ConsentRecord> GiveAsync(CustomerId customer, string purpose) => GiveAsync(customer, SmallShop.Purpose(Shop, purpose));

    protected Task<ConsentRecord> GiveAsync(CustomerId customer, Purpose purpose) => Db.WriteAsync(tx =>
        Ledger.GiveAsync(tx, customer, purpose, Shop, NoticeIn("en"), Method, Ct), Ct);

    protected Task<ConsentRecord> WithdrawAsync(CustomerId customer, string purpose) => Db.WriteAsync(tx =>
        Ledger.WithdrawAsync(tx, customer, PurposeId.Parse(purpose), Method, "en", Ct), Ct);

    protected Task<IReadOnlyList<Choice>> StateAsync(CustomerId customer) => Db.ReadAsync(tx => Ledger.StateAsync(tx, customer, Ct), Ct);

    protected Task<IReadOnlyList<ConsentRecord>> HistoryAsync(CustomerId customer) => Db.ReadAsync(tx => Ledger.HistoryAsync(tx, customer, Ct), Ct);

    protected static async Task<Fault> FaultOfAsync(Func<Task> work) => await Assert.ThrowsAsync<Fault>(work);
}

/// <summary>A catalog with one purpose of each kind.</summary>
internal static class SmallShop
{
    public const string Yaml =
        """
        organisation: { name: Maple & Thread, contact: privacy@maple.example, country: GB, languages: [en, de] }
        dataPoints:
          email:     { kind: field, label: { en: Email address, de: E-Mail }, category: EmailAddress, retention: while-customer }
          purchases: { kind: history, label: { en: Your orders, de: Ihre Käufe }, category: PurchasesAndSpendingHabit, retention: P2Y }
          pageViews: { kind: history, label: { en: Pages you look at, de: Seiten die Sie sehen }, category: Interest, retention: P90D }
        purposes:
          letters:
            label: { en: Letters with news, de: Briefe mit Neuem }
            why: { en: We want to tell you about new things., de: Wir wollen Ihnen sagen was neu ist. }
            basis: consent
            consentLasts: P30D
            uses: { email: high }
          suggestions:
            label: { en: Suggestions for you, de: Tipps für Sie }
            why: { en: We want to show you things you may like., de: Wir wollen Ihnen zeigen was Sie mögen. }
            basis: consent
            consentLasts: P2Y
            uses: { pageViews: high, purchases: medium }
            services: [shop]
            automatedDecision: true
          support:
            label: { en: Help when you ask us, de: Hilfe wenn Sie fragen }
            why: { en: So that we know your orders., de: Damit wir Ihre Käufe kennen. }
            basis: contract
            uses: { purchases: high }
            roles: [agent]
          counting:
            label: { en: Counting visits, de: Besuche zählen }
            why: { en: We want to know how many people come., de: Wir wollen wissen wie viele kommen. }
            basis: legitimate-interest
            uses: { pageViews: high }
            roles: [marketing]
          plans:
            label: { en: Something new, de: Etwas Neues }
            why: { en: We still think about it., de: Wir denken noch nach. }
            basis: consent
            consentLasts: P1M
            uses: { email: high }
            active: false
        """;

    public static PurposeCatalog Catalog { get; } = PurposeCatalog.Read(Yaml, "small-shop.yaml");

    public static ActiveCatalog Version(long version, PurposeCatalog? catalog = null) =>
        new(version, catalog ?? Catalog, FrozenDictionary<PurposeId, long>.Empty);

    public static Purpose Purpose(ActiveCatalog catalog, string id) => catalog.Catalog.Purposes[PurposeId.Parse(id)];
}
