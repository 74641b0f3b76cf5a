using System.Security.Cryptography;
using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Reads;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Messages;

/// <summary>All parts of the module on one installation, put together once.</summary>
public sealed class MailRoom : IAsyncDisposable
{
    private readonly MailPost post;

    /// <param name="choices">Takes the module's step with each changed choice from now on.</param>
    /// <param name="site">Where the customer's pages are.</param>
    /// <param name="isPaused">Asked for each message that is sent for a purpose.</param>
    /// <exception cref="Fault">Invalid <c>messages/bad-text</c>: a text of the installation has a mistake.</exception>
    public MailRoom(
        MailSettings settings, Uri site, Database database, CatalogRegister catalogs, NoticeRegister notices, ConsentLedger ledger, AuditLog log, PersonalVault vault,
        Outbox outbox, SystemRead reads, CustomerChoices choices, ReceiptWriter receipts, PauseLook isPaused)
    {
        Settings = settings;
        Texts = MessageTexts.Open(settings.Texts);
        Unsubscribing = new Unsubscribing(vault.Partings, choices, site);
        post = new MailPost(settings, site, database.Clock);
        var writer = new LetterWriter(Texts, receipts, Unsubscribing, site);
        Sender = new OutboxSender(database, reads, vault, new LetterFactsReader(catalogs, ledger, notices), writer, post, isPaused);
        Farewells = new FarewellSender(database, catalogs, vault.Partings, writer, post);
        StaffSender = new StaffMailSender(database, catalogs, vault.Partings, writer, post);
        Webhooks = new Webhooks(vault, log);
        WebhookSender = new WebhookSender(database, reads, vault, log, Webhooks, site);
        Reminders = new Reminders(database, catalogs, ledger, vault, outbox);
        choices.AlsoDo(new ChoiceMessages(outbox, Webhooks, Reminders, vault, settings.GatherChoices).TakeAsync);
    }

    public MailSettings Settings { get; }

    public MessageTexts Texts { get; }

    public Unsubscribing Unsubscribing { get; }

    public OutboxSender Sender { get; }

    public FarewellSender Farewells { get; }

    public StaffMailSender StaffSender { get; }

    public Webhooks Webhooks { get; }

    public WebhookSender WebhookSender { get; }

    public Reminders Reminders { get; }

    /// <summary>How many messages stand how.</summary>
    public static ValueTask<IReadOnlyList<OutboxCount>> CountsAsync(Transaction tx, CancellationToken ct) => OutboxRows.CountsAsync(tx, ct);

    /// <summary>When the message that has waited longest was due; null when none is due.</summary>
    public static ValueTask<DateTimeOffset?> OldestDueAsync(Transaction tx, CancellationToken ct) => OutboxRows.OldestDueAsync(tx, ct);

    /// <summary>Messages that were given up, the newest first. Nothing in them tells to whom.</summary>
    public static ValueTask<IReadOnlyList<DeadMessage>> DeadAsync(Transaction tx, int most, CancellationToken ct) => OutboxRows.DeadAsync(tx, most, ct);

    /// <summary>Sends a mail that says nothing but that mail arrives, now and once.</summary>
    /// <param name="words">Subject, text and ending.</param>
    /// <returns>Null when it left; else a short word for why not.</returns>
    /// <exception cref="Fault">Invalid <c>messages/bad-address</c>.</exception>
    public async Task<string?> SendTestAsync(string address, (string Subject, string Text, string Ending) words, Organisation organisation, string language, CancellationToken ct)
    {
        if (!Letter.IsAddress(address))
        {
            throw new Fault(FaultKind.Invalid, "messages/bad-address", "This cannot be an e-mail address.");
        }

        var letter = new Letter(
            RandomNumberGenerator.GetHexString(32, lowercase: true), address, null, words.Subject, $"{words.Text}\n-- \n{words.Ending}\n", MailPage.ToHtml(words.Subject, words.Text, words.Ending, language), [], null);
        return (await post.SendAsync(letter, organisation, ct))?.Code;
    }

    public async ValueTask DisposeAsync()
    {
        WebhookSender.Dispose();
        await post.DisposeAsync();
    }
}
