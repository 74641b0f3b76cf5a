using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
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
    /// <exception cref="Kernel.Fault">Invalid <c>messages/bad-text</c>: a text of the installation has a mistake.</exception>
    public MailRoom(
        MailSettings settings, Uri site, Database database, CatalogRegister catalogs, NoticeRegister notices, ConsentLedger ledger, AuditLog log, PersonalVault vault,
        Outbox outbox, SystemRead reads, CustomerChoices choices, ReceiptWriter receipts)
    {
        Settings = settings;
        Texts = MessageTexts.Open(settings.Texts);
        Unsubscribing = new Unsubscribing(vault.Partings, choices, site);
        post = new MailPost(settings, site, database.Clock);
        var writer = new LetterWriter(Texts, receipts, Unsubscribing, site);
        Sender = new OutboxSender(database, reads, vault, new LetterFactsReader(catalogs, ledger, notices), writer, post);
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

    public async ValueTask DisposeAsync()
    {
        WebhookSender.Dispose();
        await post.DisposeAsync();
    }
}
