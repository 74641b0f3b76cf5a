using System.Security.Cryptography;
using System.Text;
using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Messages;
using Candor.Personalization;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Tests.Reads;
using Candor.Vault;
using MimeKit;

namespace Candor.Tests.Messages;

/// <summary>The modules of <see cref="ReadHouse"/> with messages, in a folder of their own.</summary>
public sealed class MessageHouse : IAsyncDisposable
{
    public static readonly PurposeId Newsletter = PurposeId.Parse("newsletter");
    public static readonly PurposeId Suggestions = PurposeId.Parse("suggestions");
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("candor-mail-");
    private readonly List<MailRoom> rooms = [];
    private readonly ReceiptSigner signer;

    private MessageHouse(Database db, ReadHouse house, ReceiptSigner signer) => (Db, House, this.signer, Outbox) = (db, house, signer, new Outbox(house.Vault));

    public Database Db { get; }

    public ReadHouse House { get; }

    public Outbox Outbox { get; }

    public MailRoom Room { get; private set; } = null!;

    public ReceiptKey ReceiptKey => signer.PublicKey;

    public CallerToken Token { get; private set; } = null!;

    public string Texts => Path.Combine(folder.FullName, "texts");

    public string Pickup => Path.Combine(folder.FullName, "mail");

    public static async Task<MessageHouse> BuildAsync(Database db, CancellationToken ct, SmtpRelay? relay = null)
    {
        var house = await ReadHouse.BuildAsync(db, new ReadBudgetOptions(), ct);
        await house.ApplyCatalogAsync(db, Yaml, "test", ct);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var messages = new MessageHouse(db, house, ReceiptSigner.Open(key.ExportPkcs8PrivateKey()));
        messages.Room = messages.NewRoom(house.Choices, relay);
        var (text, _) = await db.WriteAsync(tx => house.Access.CreateKeyAsync(tx, "shop", [], ["collect", "consents"], TimeSpan.FromDays(366), "test", ct), ct);
        messages.Token = CallerToken.Parse(text);
        return messages;
    }

    /// <summary>One node's parts; a second node has choices of its own.</summary>
    public MailRoom NewRoom(CustomerChoices choices, SmtpRelay? relay = null)
    {
        var settings = new MailSettings { Pickup = Pickup, Texts = Texts, Smtp = relay };
        var room = new MailRoom(settings, new Uri("https://privacy.shop.example/"), Db, House.Catalogs, House.Notices, House.Ledger, House.Log, House.Vault,
            Outbox, House.SystemReads, choices, new ReceiptWriter(signer, new Uri("https://privacy.shop.example/")), UsePauses.IsPausedAsync);
        rooms.Add(room);
        return room;
    }

    /// <summary>A customer with a name, an address and a language.</summary>
    public Task<CustomerKey> AddAsync(string reference, CancellationToken ct, string? email = "ada@customers.example", string name = "Ada Brook", string language = "en") => Db.WriteAsync(async tx =>
    {
        var key = await House.Vault.CreateCustomerAsync(tx, reference, ct);
        foreach (var (point, value) in new[] { ("email", email), ("fullName", name), ("language", language) })
        {
            if (value is not null)
            {
                await House.Vault.PutFieldAsync(tx, key, DataPointId.Parse(point), System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(value), "test", ct);
            }
        }

        return key;
    }, ct);

    public async Task GiveAsync(string reference, PurposeId purpose, CancellationToken ct)
    {
        var catalog = await House.CatalogAsync(Db, ct);
        Assert.NotNull((await House.Choices.GiveAsync(Token, reference, purpose, ReadHouse.Notice(catalog), "test", ct)).Changed);
    }

    public async Task RefuseAsync(string reference, PurposeId purpose, CancellationToken ct)
    {
        var catalog = await House.CatalogAsync(Db, ct);
        Assert.NotNull((await House.Choices.RefuseAsync(Token, reference, purpose, ReadHouse.Notice(catalog), "test", ct)).Changed);
    }

    public async Task WithdrawAsync(string reference, PurposeId purpose, CancellationToken ct) =>
        Assert.NotNull((await House.Choices.WithdrawAsync(Token, reference, purpose, "test", "en", ct)).Changed);

    public Task<string> QueueAsync(CustomerKey customer, OutgoingMessage message, CancellationToken ct) => Db.WriteAsync(tx => Outbox.QueueAsync(tx, customer, message, ct), ct);

    /// <summary>State and outcome of a message.</summary>
    public Task<(string State, string? Outcome)> StateAsync(string id, CancellationToken ct) => Db.ReadAsync(async tx =>
        await tx.FindAsync<(string, string?)>("SELECT state, outcome FROM outbox WHERE message_id = @id", new { id }, ct), ct);

    /// <summary>The mails in the folder.</summary>
    public IReadOnlyList<MimeMessage> Mails() => Directory.Exists(Pickup) ? [.. Directory.GetFiles(Pickup, "*.eml").Select(f => MimeMessage.Load(f))] : [];

    public async ValueTask DisposeAsync()
    {
        foreach (var room in rooms)
        {
            await room.DisposeAsync();
        }

        signer.Dispose();
        folder.Delete(recursive: true);
    }

    public const string Yaml =
        """
        organisation: { name: Test Shop, contact: privacy@shop.example, country: GB, languages: [en, de] }
        dataPoints:
          email:     { kind: field, label: E-mail address, category: EmailAddress, retention: while-customer }
          fullName:  { kind: field, label: Name, category: Name, retention: while-customer }
          language:  { kind: field, label: Language, category: Language, retention: while-customer }
          phone:     { kind: field, label: Phone number, category: TelephoneNumber, retention: while-customer }
          purchases: { kind: history, label: Purchase history, category: PurchasesAndSpendingHabit, retention: P2Y }
          pageViews: { kind: history, label: Pages you looked at, category: Interest, retention: P90D, collectedWith: suggestions }
        purposes:
          support:
            { label: Help, why: So that we can help you., basis: contract, uses: { email: high, purchases: high }, roles: [agent], needsCase: true }
          suggestions:
            { label: Ideas, why: So that we can show you ideas., basis: consent, consentLasts: P12M, remindEvery: P3M, uses: { pageViews: high, purchases: medium }, services: [shop] }
          newsletter:
            { label: { en: News, de: Neues }, why: So that we can send you news., basis: consent, consentLasts: P12M, remindEvery: P6M, askAgainAfter: P9M, uses: { email: high, fullName: low, language: low }, services: [mailer] }
          quality:
            { label: Better service, why: So that we can learn from what went wrong., basis: legitimate-interest, uses: { purchases: medium }, roles: [analyst, agent] }
        """;
}
