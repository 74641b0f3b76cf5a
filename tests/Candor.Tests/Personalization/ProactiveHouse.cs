using System.Text.Json;
using Candor.Catalog;
using Candor.Collection;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Staff;
using Candor.Storage;
using Candor.Tests.Collection;
using Candor.Tests.Messages;
using Candor.Tests.Reads;
using Candor.Vault;
using MimeKit;

namespace Candor.Tests.Personalization;

/// <summary>The modules of <see cref="MessageHouse"/> with what notices things by itself.</summary>
internal sealed class ProactiveHouse : IAsyncDisposable
{
    public static readonly PurposeId Carts = PurposeId.Parse("cart-reminders");
    public static readonly PurposeId Refills = PurposeId.Parse("refills");
    private int events;

    public required MessageHouse Mail { get; init; }

    public required EventCollection Events { get; init; }

    public required Suggestions Suggestions { get; init; }

    public required ProactiveMessages Messages { get; init; }

    public required CallerToken Token { get; set; }

    public ReadHouse House => Mail.House;

    private Database Db => Mail.Db;

    public static async Task<ProactiveHouse> BuildAsync(Database db, CancellationToken ct, string? yaml = null)
    {
        var mail = await MessageHouse.BuildAsync(db, ct);
        var h = mail.House;
        await h.ApplyCatalogAsync(db, yaml ?? Yaml, "test", ct);
        var events = new EventCollection(db, h.Catalogs, h.Ledger, h.Log, h.Vault, h.Access);
        var suggestions = new Suggestions(db, h.Catalogs, h.Ledger, h.Log, h.Vault, h.Access, h.Read, h.SystemReads);
        suggestions.Join(h.Choices, events);
        var messages = new ProactiveMessages(db, h.Catalogs, h.Ledger, h.Vault, h.SystemReads, mail.Outbox, suggestions);
        messages.Join(h.Choices, events);
        return new ProactiveHouse { Mail = mail, Events = events, Suggestions = suggestions, Messages = messages, Token = mail.Token };
    }

    public Task<CustomerKey> AddAsync(string reference, CancellationToken ct) => Mail.AddAsync(reference, ct, $"{reference}@customers.example");

    public async Task GiveAsync(string reference, PurposeId purpose, CancellationToken ct) =>
        Assert.NotNull((await House.Choices.GiveAsync(Token, reference, purpose, ReadHouse.Notice(await House.CatalogAsync(Db, ct)), "test", ct)).Changed);

    public async Task WithdrawAsync(string reference, PurposeId purpose, CancellationToken ct) =>
        Assert.NotNull((await House.Choices.WithdrawAsync(Token, reference, purpose, "test", "en", ct)).Changed);

    /// <summary>Stores one event of now; answers whether it was.</summary>
    public async Task<bool> StoreAsync(string reference, string point, object data, CancellationToken ct)
    {
        var e = new IncomingEvent(reference, point, $"e-{++events}", Db.Clock.GetUtcNow(), JsonSerializer.SerializeToElement(data));
        return (await Events.StoreAsync(Token, [e], ct))!.Answers.Single().Result == EventResult.Stored;
    }

    public Task<bool> CartAsync(string reference, string cart, CancellationToken ct, string item = "Tea") => StoreAsync(reference, "carts", new { cart, items = new[] { item }, total = 123.45 }, ct);

    /// <summary>What a server does by itself, once.</summary>
    public async Task<int> RunAsync(CancellationToken ct)
    {
        var looked = await Messages.RunDueAsync(1000, ct);
        await Mail.Room.Sender.SendDueAsync(1000, ct);
        return looked;
    }

    /// <summary>Proactive mails to a customer, in no order.</summary>
    public IReadOnlyList<MimeMessage> To(string reference) =>
        [.. Mail.Mails().Where(m => m.To.ToString().Contains($"{reference}@customers.example", StringComparison.Ordinal) && IsProactive(m.Subject))];

    private static bool IsProactive(string? subject) => subject is "Your cart at Test Shop" or "Your order at Test Shop is late" or "This may soon run out";

    public async Task<CallerToken> NewKeyAsync(CancellationToken ct) => Token = await CollectionHouse.KeyAsync(Db, House, ["collect", "consents"], ct);

    public async ValueTask DisposeAsync()
    {
        Suggestions.Dispose();
        await Mail.DisposeAsync();
    }

    public const string Yaml =
        """
        organisation: { name: Test Shop, contact: privacy@shop.example, country: GB, languages: [en, de] }
        dataPoints:
          email:      { kind: field, label: E-mail address, category: EmailAddress, retention: while-customer }
          fullName:   { kind: field, label: Name, category: Name, retention: while-customer }
          language:   { kind: field, label: Language, category: Language, retention: while-customer }
          purchases:  { kind: history, label: Purchase history, category: PurchasesAndSpendingHabit, retention: P2Y }
          deliveries: { kind: history, label: Deliveries, category: Transaction, retention: P2Y }
          contacts:   { kind: history, label: Your questions, category: Communication, retention: P2Y }
          carts:      { kind: history, label: Carts, category: Purchase, retention: P30D, collectedWith: cart-reminders }
        neverSuggest: [intimate]
        proactive:
          messagesAtMost: { count: 2, per: P7D }
          lateOrders: { history: purchases, endedBy: deliveries, after: P5D, linesFor: support, messagesFor: orders }
          repeatedContacts: { history: contacts, times: 3, within: P14D, linesFor: support }
          runningOut: { history: purchases, before: P3D, lasts: { tea: P30D, food: P20D }, linesFor: needs, messagesFor: refills }
          leftCarts: { history: carts, after: PT4H, atMostEvery: P5D, messagesFor: cart-reminders }
        purposes:
          support:
            { label: Help, why: So that we can help you., basis: contract, uses: { fullName: high, purchases: high, deliveries: high, contacts: high }, roles: [agent], needsCase: true }
          orders:
            { label: Your orders, why: So that your orders reach you., basis: contract, uses: { email: high, fullName: low, purchases: high, deliveries: high }, services: [shop] }
          needs:
            { label: What you may need, why: So that we can guess what you need., basis: consent, consentLasts: P12M, uses: { purchases: high }, roles: [agent], services: [shop], dpvPurpose: ProvidePersonalisedRecommendations, holdOut: 0 }
          refills:
            { label: Refills, why: So that we can tell you what runs out., basis: consent, consentLasts: P12M, uses: { email: high, fullName: low, purchases: high }, services: [mailer] }
          cart-reminders:
            { label: Your cart, why: So that we can write to you once about a cart., basis: consent, consentLasts: P24M, uses: { carts: high, email: high, fullName: low, language: low }, services: [mailer] }
        """;
}
