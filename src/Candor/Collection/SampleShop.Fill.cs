using System.Globalization;
using System.Text.Json;
using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Reads;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Collection;

/// <summary>Fills the sample shop: the same seed and day give the same people, visits, orders, questions and choices.</summary>
public sealed partial class SampleShop(Database database, CatalogRegister catalogs, ConsentLedger ledger, AuditLog log, PersonalVault vault)
{
    private const string Source = "sample-shop";
    private static readonly string[] First = ["Ada", "Ben", "Cleo", "Dev", "Edie", "Finn", "Gia", "Hugo", "Iris", "Jon", "Kit", "Lena", "Milo", "Nia", "Otto", "Pia", "Quinn", "Rosa", "Sol", "Tess"];
    private static readonly string[] Last = ["Brook", "Carrow", "Dale", "Elm", "Fenn", "Gale", "Heath", "Ivers", "Jessop", "Kell", "Lark", "Marsh", "North", "Oake", "Pike", "Quill", "Reed", "Stone", "Thorn", "Vale"];
    private static readonly string[] Streets = ["Mill Lane", "Church Street", "Station Road", "Orchard Close", "High Street", "Park Row"];
    private static readonly string[] Towns = ["Leeds", "York", "Bath", "Derby", "Exeter", "Lincoln"];
    private static readonly string[] Questions = ["Where is my parcel?", "Can I change the delivery address?", "The mug arrived chipped.", "How do I wash the blanket?", "Can I get an invoice?", "Is the tea organic?"];

    /// <summary>Fills what is missing, one customer to a transaction; may be stopped and called again.</summary>
    public async Task FillAsync(ulong seed, int customers, int days, IProgress<SampleProgress>? progress, CancellationToken ct)
    {
        var today = database.Clock.GetUtcNow();
        var catalog = await database.ReadAsync(tx => catalogs.GetActiveAsync(tx, ct), ct);
        var notice = NoticeText.Generate(catalog.Catalog, catalog.Catalog.Organisation.Languages[0]).Ref;
        for (var i = 1; i <= customers; i++)
        {
            ct.ThrowIfCancellationRequested();
            var person = new SamplePerson(i, new SampleRandom(seed + ((ulong)i << 32)), today, days);
            await database.WriteAsync(tx => AddAsync(tx, person, catalog, notice, ct), ct);
            if (i % 25 == 0 || i == customers)
            {
                progress?.Report(new SampleProgress(i));
            }
        }
    }

    private async ValueTask AddAsync(Transaction tx, SamplePerson person, ActiveCatalog catalog, NoticeRef notice, CancellationToken ct)
    {
        if (await vault.FindCustomerAsync(tx, BlindIndex.Reference, person.Reference, ct) is not null)
        {
            return;
        }

        tx.PretendNow(person.Joined);
        var key = await vault.CreateCustomerAsync(tx, person.Reference, ct);
        await AddFieldsAsync(tx, key, person, catalog.Catalog, ct);
        await ChooseAsync(tx, key, person, catalog, notice, ct);
        tx.PretendNow(person.Today);
        await AddHistoriesAsync(tx, key, person, catalog.Catalog, ct);
        await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Import, Actor = "system:demo", CustomerRef = key.AuditRef, CatalogVersion = catalog.Version, Subject = Source }, ct);
    }

    private async ValueTask AddFieldsAsync(Transaction tx, CustomerKey key, SamplePerson person, PurposeCatalog catalog, CancellationToken ct)
    {
        var (first, last) = (First[person.Number % 20 == 0 ? 19 : person.Number % 20 - 1], Last[(person.Number - 1) / 20 % 20 == 0 ? (person.Number - 1) % 20 : person.Random.Below(20)]);
        (string Field, string Value)[] fields =
        [
            ("fullName", $"{first} {last}"),
            ("email", $"{first}.{last}.{person.Number}@customers.example".ToLowerInvariant()),
            ("phone", string.Create(CultureInfo.InvariantCulture, $"+44 7700 {900_000 + person.Number:000000}")),
            ("address", $"{1 + person.Random.Below(90)} {Streets[person.Random.Below(6)]}, {Towns[person.Random.Below(6)]}"),
            ("preferredChannel", person.Random.Below(3) switch { 0 => "phone", 1 => "chat", _ => "e-mail" }),
            ("language", person.Random.Below(5) == 0 ? "de" : "en"),
        ];
        foreach (var (field, value) in fields)
        {
            var dataPoint = catalog.DataPoints[DataPointId.Parse(field)];
            await vault.PutFieldAsync(tx, key, dataPoint.Id, JsonSerializer.SerializeToUtf8Bytes(value), Source, ct, BlindIndex.LookUpOf(dataPoint.Category, value, catalog.Organisation.Country));
        }
    }

    /// <summary>Choices of every kind, each made on some day of the past.</summary>
    private async ValueTask ChooseAsync(Transaction tx, CustomerKey key, SamplePerson person, ActiveCatalog catalog, NoticeRef notice, CancellationToken ct)
    {
        const string method = "notice at the sample shop";
        foreach (var purpose in catalog.Catalog.Purposes.Values.Where(p => p is { Active: true, Basis: LegalBasis.Consent, BiasAudit: false }).OrderBy(p => p.Id.Value, StringComparer.Ordinal))
        {
            var fate = person.FateOf(purpose.Id.Value);
            if (fate == SampleFate.Never)
            {
                continue;
            }

            tx.PretendNow(ChosenAt(person, fate));
            if (fate == SampleFate.Refused)
            {
                await ledger.RefuseAsync(tx, key.Id, purpose, catalog, notice, method, ct);
                continue;
            }

            await ledger.GiveAsync(tx, key.Id, purpose, catalog, notice, method, ct);
            tx.PretendNow(person.DayBefore(5, 40));
            if (fate == SampleFate.Renewed)
            {
                await ledger.GiveAsync(tx, key.Id, purpose, catalog, notice, method, ct);
            }
            else if (fate == SampleFate.Withdrawn)
            {
                await ledger.WithdrawAsync(tx, key.Id, purpose.Id, "switch in My Data & Privacy", "en", ct);
            }
        }

        if (person.Number % 17 == 0 && catalog.Catalog.Purposes.TryGetValue(PurposeId.Parse("service-quality"), out var quality))
        {
            await ledger.ObjectAsync(tx, key.Id, quality, catalog, "switch in My Data & Privacy", "en", ct);
        }

        if (person.Number % 97 == 0)
        {
            await ledger.RestrictAsync(tx, key.Id, "letter", "en", ct);
        }
    }

    /// <summary>What was ordered lately is on its way, and some of it does not arrive when it should.</summary>
    private static string StatusOf(SamplePerson person, DateTimeOffset time) => (person.Today - time).TotalDays switch
    {
        < 2 => "packed",
        < 6 => "sent",
        < 12 when person.Number % 4 == 1 => "delayed",
        _ => "delivered",
    };

    private static DateTimeOffset ChosenAt(SamplePerson person, SampleFate fate) => fate switch
    {
        SampleFate.Expired => person.Today.AddMonths(-13),
        SampleFate.ExpiringSoon => person.Today.AddMonths(-12).AddDays(2 + person.Random.Below(20)),
        _ => person.DayBefore(60, 85),
    };

    private async ValueTask AddHistoriesAsync(Transaction tx, CustomerKey key, SamplePerson person, PurposeCatalog catalog, CancellationToken ct)
    {
        using var open = vault.BeginSeal(key);
        async ValueTask Add(string dataPoint, int number, DateTimeOffset time, object data)
        {
            var (point, id) = (DataPointId.Parse(dataPoint), $"{dataPoint}-{number}");
            await PersonalVault.InsertRecordAsync(tx, key.Id, point, id, time, PersonalVault.SealRecord(open, point, id, JsonSerializer.SerializeToUtf8Bytes(data)), Source, ct);
            await OrderIndex.AddAsync(tx, key.Id, point, id, OrderIndex.DigestOf(vault, catalog.DataPoints[point], JsonSerializer.SerializeToElement(data)), ct);
        }

        await AddOrdersAsync(person, Add);
        var (visitAt, near) = (person.Today, 0);
        // Visits and carts are kept only where the customer agreed to them.
        for (var i = 1; i <= (person.Agrees("in-session-recommendations") ? person.Visits : 0); i++)
        {
            // Three looks a visit, at things that stand near each other.
            (visitAt, near) = (i - 1) % 3 == 0 ? (person.DayBefore(0, 59), person.Random.Below(Products.Count)) : (visitAt.AddMinutes(1 + person.Random.Below(5)), near);
            var looked = Products[(near + person.Random.Below(4)) % Products.Count];
            await Add("pageViews", i, visitAt, new { product = looked.Id, session = $"visit-{(i + 2) / 3}" });
        }

        if (person.Agrees("cart-reminders") && person.Random.Below(2) == 0)
        {
            var product = Products[person.Random.Below(Products.Count)];
            await Add("carts", 1, person.DayBefore(0, 20), new { item = product.Name, total = product.Price });
        }
    }

    /// <summary>Orders, when they came, and what was asked. One customer in forty waits for a parcel, and has asked about it more than once.</summary>
    private static async ValueTask AddOrdersAsync(SamplePerson person, Func<string, int, DateTimeOffset, object, ValueTask> add)
    {
        var (bought, orders) = (0, person.Purchases().ToList());
        var late = person.FindLate(orders.ConvertAll(o => o.Time));
        foreach (var (product, time, quantity) in orders)
        {
            var (day, status) = (time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), ++bought == late ? "sent" : StatusOf(person, time));
            var order = new { invoiceNumber = $"MT-{person.Number:0000}-{bought:00}", item = product.Name, product = product.Id, quantity, total = product.Price * quantity, date = day, promised = time.AddDays(7).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), status };
            await add("purchases", bought, time, order);
            if (status == "delivered")
            {
                await add("deliveries", bought, time.AddDays(5), new { order.invoiceNumber, status });
            }
        }

        for (var i = 1; i <= person.Contacts; i++)
        {
            await add("serviceContacts", i, person.DayBefore(0, 80), new { question = Questions[person.Random.Below(6)], channel = "e-mail", answered = true });
        }

        if (person.Number % 3 == 1)
        {
            await add("serviceContacts", person.Contacts + 1, person.Today.AddHours(-2 - (person.Number % 30)), new { question = Questions[person.Number % 6], channel = "chat", answered = false });
        }

        for (var i = 1; i <= (late > 0 ? 3 : 0); i++)
        {
            await add("serviceContacts", person.Contacts + 1 + i, person.Today.AddDays(-2 * i), new { question = Questions[0], order = $"MT-{person.Number:0000}-{late:00}", channel = "e-mail", answered = true });
        }
    }
}
