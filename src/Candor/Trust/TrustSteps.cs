using Candor.Audit;
using Candor.Catalog;
using Candor.Collection;
using Candor.Consent;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Trust;

/// <summary>What is counted, and when: with each entry of the log, each choice and each order.</summary>
public sealed class TrustSteps(TrustCounts counts)
{
    /// <summary>What a log entry of this kind counts as, about the customer it concerns.</summary>
    internal static IReadOnlyList<TrustMeasure> MeasuresOf(AuditEvent e) => e switch
    {
        { CustomerRef: null } => [],
        { Kind: AuditKind.Read, Actor: "customer" } => [TrustMeasure.Looked, TrustMeasure.Engaged, TrustMeasure.Active],
        { Kind: AuditKind.ConsentGiven or AuditKind.ConsentWithdrawn } or { Kind: AuditKind.ConsentOther, Reason: not "expired" } => [TrustMeasure.Changed, TrustMeasure.Engaged, TrustMeasure.Active],
        { Kind: AuditKind.Collect, Subject: { } subject } when subject.StartsWith("events:", StringComparison.Ordinal) => [TrustMeasure.Active],
        _ => [],
    };

    /// <summary>What something said about a purpose counts as; null for nothing.</summary>
    internal static TrustMeasure? MeasureOf(ConsentEvent what) => what switch
    {
        ConsentEvent.Given => TrustMeasure.Given,
        ConsentEvent.Refused => TrustMeasure.Refused,
        ConsentEvent.Withdrawn => TrustMeasure.Withdrawn,
        ConsentEvent.Objected => TrustMeasure.Objected,
        _ => null,
    };

    /// <summary>The step of a log entry.</summary>
    public async ValueTask EntryAsync(Transaction tx, AuditEvent e, CancellationToken ct)
    {
        foreach (var measure in MeasuresOf(e))
        {
            await counts.SeeAsync(tx, e.CustomerRef!, measure, "", ct);
        }
    }

    /// <summary>The step of a changed choice.</summary>
    public async ValueTask ChoiceAsync(Transaction tx, CustomerKey customer, ConsentRecord record, ActiveCatalog catalog, CancellationToken ct)
    {
        if (record.Purpose is not { } purpose || MeasureOf(record.Event) is not { } measure)
        {
            return;
        }

        await counts.SeeAsync(tx, customer.AuditRef, measure, purpose.Value, ct);
        if (measure is TrustMeasure.Given or TrustMeasure.Refused)
        {
            await counts.SeeAsync(tx, customer.AuditRef, TrustMeasure.Decided, "", ct);
        }

        if (measure == TrustMeasure.Given)
        {
            await counts.SeeAsync(tx, customer.AuditRef, measure, "", ct);
        }
    }

    /// <summary>The step of stored events: what new orders change.</summary>
    public async ValueTask EventsAsync(
        Transaction tx, CustomerKey customer, IReadOnlyList<IncomingEvent> stored, ActiveCatalog catalog, IReadOnlyList<Choice> choices, bool isRestricted, CancellationToken ct)
    {
        var purchases = SuggestionPlan.PurchasesOf(catalog.Catalog);
        var added = stored.Where(e => e.DataPoint == purchases?.Id.Value).Select(e => Micros.ToInstant(Micros.From(e.Time))).ToList();
        if (added.Count == 0)
        {
            return;
        }

        var now = await CustomerValues.TimesAsync(tx, customer.Id, purchases!.Id, ct);
        var before = now.ToList();
        added.ForEach(a => before.Remove(a));
        var changes = new Dictionary<(DateOnly Day, TrustMeasure Measure, string About), long>();
        OrderFacts.Add(changes, now, 1);
        OrderFacts.Add(changes, before, -1);
        counts.Add(tx, changes);
    }
}
