using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Collection;

/// <summary>Global Privacy Control: the customer's browser says that their data must not be sold or shared.</summary>
/// <remarks>Source: W3C Global Privacy Control, and 11 CCR 7025(c): it is an opt-out for this browser and, where known, for the person; what they allow
/// afterwards, knowing that it is on, counts. It is no objection to a use by the business alone, and no request to erase.</remarks>
public sealed class OptOutSignal(ConsentLedger ledger, CustomerChoices choices)
{
    /// <summary>How the records that it makes say how they came about.</summary>
    public const string Method = "Global Privacy Control, sent by the browser";

    /// <summary>Whether a request header <c>Sec-GPC</c> carries it: exactly <c>1</c> counts, and one such among several is enough.</summary>
    public static bool IsIn(IEnumerable<string?> headerValues) => headerValues.Contains("1", StringComparer.Ordinal);

    /// <summary>Whether it is about this purpose: the data goes to other organisations, and the customer has a say in it.</summary>
    public static bool Concerns(Purpose purpose) =>
        purpose is { Active: true, Recipients.Count: > 0, Basis: LegalBasis.Consent or LegalBasis.LegitimateInterest };

    /// <summary>Switches off what it concerns, once for each purpose: a later yes of the customer stays. The caller holds the customer's lock.</summary>
    /// <returns>How many purposes it switched off now; 0 when it was honoured before.</returns>
    public async ValueTask<int> HonourAsync(Transaction tx, ActorState actor, CustomerKey key, ActiveCatalog catalog, string language, CancellationToken ct)
    {
        var concerned = catalog.Catalog.Purposes.Values.Where(Concerns).OrderBy(p => p.Id.Value, StringComparer.Ordinal).ToList();
        if (concerned.Count == 0)
        {
            return 0;
        }

        var honoured = await ledger.PurposesByMethodAsync(tx, key.Id, Method, ct);
        foreach (var purpose in concerned.Where(p => !honoured.Contains(p.Id)))
        {
            var record = await ledger.SignalAsync(tx, key.Id, purpose, catalog, NoticeText.Section(catalog.Catalog, purpose.Id, language).Ref, Method, ct);
            await choices.LogAsync(tx, actor, key, purpose, catalog, record, ct);
        }

        return concerned.Count(p => !honoured.Contains(p.Id));
    }
}
