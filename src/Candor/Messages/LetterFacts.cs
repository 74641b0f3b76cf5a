using Candor.Catalog;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Messages;

/// <summary>What a message tells that must be true when it is sent, not when it was queued: loaded in the transaction that decides about it.</summary>
/// <param name="Changes">The consent records that a confirmation tells of, oldest first, each with what its receipt is written from; that is null where it has none.</param>
/// <param name="Choices">Where the customer stands.</param>
/// <param name="On">The purposes among them that count now.</param>
internal sealed record LetterFacts(
    ActiveCatalog Catalog, DateTimeOffset Now, IReadOnlyList<(ConsentRecord Record, PurposeCatalog? Catalog, Notice? Notice)> Changes, IReadOnlyList<Choice> Choices, IReadOnlySet<PurposeId> On)
{
    /// <summary>Most changes that one mail tells of; the customer's page has them all.</summary>
    public const int MaxChanges = 20;
}

/// <summary>Loads <see cref="LetterFacts"/>.</summary>
internal sealed class LetterFactsReader(CatalogRegister catalogs, ConsentLedger ledger, NoticeRegister notices)
{
    public ValueTask<ActiveCatalog> CatalogAsync(Transaction tx, CancellationToken ct) => catalogs.GetActiveAsync(tx, ct);

    public async ValueTask<LetterFacts> LoadAsync(Transaction tx, ClaimedMessage message, ActiveCatalog catalog, CancellationToken ct)
    {
        if (message.Template == TemplateBlanks.ChoiceChanged)
        {
            await OutboxRows.MergeAsync(tx, message, ct);
            return new LetterFacts(catalog, tx.Now, await ChangesAsync(tx, message, ct), [], new HashSet<PurposeId>());
        }

        if (message.Template is not (TemplateBlanks.Reminder or TemplateBlanks.ConsentExpiring or TemplateBlanks.AskAgain))
        {
            return new LetterFacts(catalog, tx.Now, [], [], new HashSet<PurposeId>());
        }

        var choices = await ledger.StateAsync(tx, message.Customer, ct);
        return new LetterFacts(catalog, tx.Now, [], choices, ReminderPlan.On(catalog, choices, message.Customer, tx.Now));
    }

    private async ValueTask<IReadOnlyList<(ConsentRecord Record, PurposeCatalog? Catalog, Notice? Notice)>> ChangesAsync(Transaction tx, ClaimedMessage message, CancellationToken ct)
    {
        var changes = new List<(ConsentRecord, PurposeCatalog?, Notice?)>();
        for (var version = message.About ?? 1; changes.Count < LetterFacts.MaxChanges && await ledger.FindAsync(tx, message.Customer, version, ct) is { } record; version++)
        {
            if (record.Purpose is null)
            {
                continue;
            }

            var notice = Receipt.Exists(record.Event) && record.NoticeHash.Length > 0 ? await notices.FindAsync(tx, record.NoticeHash, ct) : null;
            changes.Add((record, notice is null ? null : (await catalogs.LoadAsync(tx, record.CatalogVersion, ct)).Catalog, notice));
        }

        return changes;
    }
}
