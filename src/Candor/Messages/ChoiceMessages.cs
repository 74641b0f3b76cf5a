using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Messages;

/// <summary>What messages have to do with a changed choice, in its own transaction: what waits for a purpose that is off now is dropped, the customer gets a confirmation,
/// the business's other systems are told, and the next reminder is worked out anew.</summary>
public sealed class ChoiceMessages
{
    /// <summary>Events of a changed choice: this and the event's code, such as <c>candor.consent.withdrawn</c>.</summary>
    public const string EventPrefix = "candor.consent.";

    private readonly Outbox outbox;
    private readonly Webhooks webhooks;
    private readonly Reminders reminders;
    private readonly PersonalVault vault;
    private readonly TimeSpan gather;

    internal ChoiceMessages(Outbox outbox, Webhooks webhooks, Reminders reminders, PersonalVault vault, TimeSpan gather) =>
        (this.outbox, this.webhooks, this.reminders, this.vault, this.gather) = (outbox, webhooks, reminders, vault, gather);

    /// <summary>The step; see <see cref="Reads.ChoiceStep"/>.</summary>
    public async ValueTask TakeAsync(Transaction tx, CustomerKey customer, ConsentRecord record, ActiveCatalog catalog, CancellationToken ct)
    {
        if (record.Purpose is not { } purpose)
        {
            return;
        }

        if (record.Event is ConsentEvent.Withdrawn or ConsentEvent.Refused or ConsentEvent.Expired or ConsentEvent.Objected)
        {
            await outbox.CancelAsync(tx, customer.Id, purpose, ct);
        }

        if (IsConfirmed(record.Event) && !await OutboxRows.WaitsAsync(tx, customer.Id, TemplateBlanks.ChoiceChanged, ct) && await Addresses.HasAsync(tx, vault, customer, catalog, ct))
        {
            // One that waits tells of this change as well: it names all records from its first on.
            var values = new Dictionary<string, string> { [OutgoingMessage.LanguageValue] = record.Language };
            await outbox.QueueAsync(tx, customer, new OutgoingMessage(TemplateBlanks.ChoiceChanged, null, values, tx.Now + gather) { About = record.Version }, ct);
        }

        var state = record.Event.StateAfter()?.Code();
        await webhooks.QueueAsync(tx, customer, EventPrefix + record.Event.Code(), new { purpose = purpose.Value, state, record.Version, record = record.Id }, ct);
        await reminders.PlanAsync(tx, customer.Id, catalog, ct);
    }

    /// <summary>A no to a question changes nothing, and an end that time brought was announced before: neither is worth a mail. Their receipts are on the customer's page.</summary>
    private static bool IsConfirmed(ConsentEvent what) =>
        what is ConsentEvent.Given or ConsentEvent.Renewed or ConsentEvent.Withdrawn or ConsentEvent.Objected or ConsentEvent.ObjectionLifted;
}
