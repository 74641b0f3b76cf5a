using Candor.Catalog;
using Candor.Collection;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Messages;
using Candor.Reads;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Personalization;

/// <summary>When customers are looked at for a rule that writes to them: set in the step of whatever may change the answer, so that nobody else is looked at.</summary>
internal sealed class ProactivePlan(Database database, CatalogRegister catalogs, ConsentLedger ledger, PersonalVault vault, Outbox outbox, Suggestions suggestions)
{
    /// <summary>How long a cart counts as open, for whether it was bought in the end.</summary>
    public static readonly TimeSpan CartOpen = TimeSpan.FromDays(7);

    private const string Job = "proactive";

    /// <summary>Customers to one transaction, so that nobody waits long for their locks.</summary>
    private const int Batch = 100;

    public static string TemplateOf(ProactiveRule rule) => rule switch
    {
        LeftCartRule => TemplateBlanks.CartReminder,
        LateOrderRule => TemplateBlanks.LateOrder,
        _ => TemplateBlanks.RunningOut,
    };

    /// <summary>The purpose that a rule writes for, when this customer may be written to for it now; else null.</summary>
    public Purpose? Allowed(ActiveCatalog catalog, ProactiveRule rule, CustomerId customer, IReadOnlyList<Choice> choices, bool isRestricted, DateTimeOffset now)
    {
        if (rule.MessagesFor is not { } id || catalog.Catalog.Purposes.GetValueOrDefault(id) is not { Active: true } purpose || vault.Lots.IsDrawn(customer, id, purpose.HoldOutPercent))
        {
            return null;
        }

        var state = new CustomerState(customer, choices.FirstOrDefault(c => c.Purpose == id), catalog.ConsentSince.GetValueOrDefault(id), isRestricted);
        return Permit.WhyNotThisCustomer(purpose, state, now) is null ? purpose : null;
    }

    /// <summary>The step of stored events.</summary>
    public async ValueTask EventsAsync(
        Transaction tx, CustomerKey customer, IReadOnlyList<IncomingEvent> stored, ActiveCatalog catalog, IReadOnlyList<Choice> choices, bool isRestricted, CancellationToken ct)
    {
        foreach (var rule in catalog.Catalog.Proactive.Rules.Where(r => r.MessagesFor is not null))
        {
            var isAllowed = Allowed(catalog, rule, customer.Id, choices, isRestricted, tx.Now) is not null;
            if (rule is LeftCartRule cart)
            {
                if (await CartAsync(tx, customer, cart, stored, catalog, isAllowed, ct) is { } outcome)
                {
                    Count(tx, customer.Id, catalog, choices, isRestricted, outcome);
                }

                continue;
            }

            var records = stored.Where(e => rule.Histories.Any(h => h.Value == e.DataPoint)).Select(e => new OpenedRecord(DataPointId.Parse(e.DataPoint), e.Time, e.Data)).OrderBy(r => r.Time).ToList();
            if (records.Count == 0)
            {
                continue;
            }

            if (rule is not LateOrderRule late || records.Exists(r => ProactiveNotice.Ends(late, r)))
            {
                await outbox.CancelAsync(tx, customer.Id, rule.MessagesFor!, TemplateOf(rule), ct);
            }

            var due = rule is LateOrderRule ? ProactiveNotice.Find(rule, records, catalog.Catalog, new HashSet<string>()).Select(f => (DateTimeOffset?)f.At).Min() : tx.Now;
            if (isAllowed && due is { } at)
            {
                await ProactiveRows.SetAsync(tx, customer.Id, rule.Name, at, isMoved: false, ct);
            }
        }
    }

    /// <summary>The step of a changed choice.</summary>
    public async ValueTask ChoiceAsync(Transaction tx, CustomerKey customer, ConsentRecord record, ActiveCatalog catalog, CancellationToken ct)
    {
        foreach (var rule in catalog.Catalog.Proactive.Rules.Where(r => r.MessagesFor is not null && (record.Purpose is null || r.MessagesFor == record.Purpose)))
        {
            await PlanAsync(tx, customer.Id, rule, catalog, ct);
        }
    }

    /// <summary>Looks at all customers once for each catalog, in steps that go on where the last one stopped: a new rule may find something in what is there already.</summary>
    /// <returns>How many; call again while it is as many as <paramref name="most"/>.</returns>
    public async Task<int> WalkAsync(int most, CancellationToken ct)
    {
        var done = 0;
        for (var last = Batch; last == Batch && done < most; done += last)
        {
            last = await database.WriteAsync(tx => WalkBatchAsync(tx, Math.Min(Batch, most - done), ct), ct);
        }

        return done;
    }

    private async ValueTask<int> WalkBatchAsync(Transaction tx, int most, CancellationToken ct)
    {
        await tx.LockJobAsync(Job, ct);
        var catalog = await catalogs.GetActiveAsync(tx, ct);
        if (await ProactiveRows.WalkFromAsync(tx, catalog.Version, ct) is not { } after)
        {
            return 0;
        }

        var rules = catalog.Catalog.Proactive.Rules.Where(r => r is { MessagesFor: not null } and not LeftCartRule).ToList();
        var customers = rules.Count == 0 ? [] : await vault.IdsAsync(tx, after, most, ct);
        foreach (var customer in customers)
        {
            await tx.LockCustomerAsync(customer, exclusive: true, ct);
            foreach (var rule in rules)
            {
                await PlanAsync(tx, customer, rule, catalog, ct);
            }
        }

        await ProactiveRows.KeepWalkAsync(tx, catalog.Version, customers.Count > 0 && customers.Count == most ? customers[^1].Value : null, ct);
        return customers.Count;
    }

    /// <summary>Looks at a customer soon if they may be written to now, and not any more if they may not.</summary>
    private async ValueTask PlanAsync(Transaction tx, CustomerId customer, ProactiveRule rule, ActiveCatalog catalog, CancellationToken ct)
    {
        var isRestricted = await ledger.RestrictedSinceAsync(tx, customer, ct) is not null;
        if (Allowed(catalog, rule, customer, await ledger.StateAsync(tx, customer, ct), isRestricted, tx.Now) is null)
        {
            await ProactiveRows.RemoveAsync(tx, customer, rule.Name, ct);
        }
        else if (rule is not LeftCartRule)
        {
            // A cart that was left before it was allowed to write about it is left alone.
            await ProactiveRows.SetAsync(tx, customer, rule.Name, tx.Now, isMoved: false, ct);
        }
    }

    /// <summary>A cart that changed is waited for anew; one that was looked at again, emptied or bought is not waited for any more.</summary>
    /// <returns>What is to be counted; null when nothing is.</returns>
    private async ValueTask<CountedOutcome?> CartAsync(
        Transaction tx, CustomerKey customer, LeftCartRule rule, IReadOnlyList<IncomingEvent> stored, ActiveCatalog catalog, bool isAllowed, CancellationToken ct)
    {
        var purchases = SuggestionPlan.PurchasesOf(catalog.Catalog)?.Id.Value;
        var bought = stored.Where(e => e.DataPoint == purchases).Select(e => (DateTimeOffset?)e.Time).Max();
        var cart = stored.Where(e => e.DataPoint == rule.History.Value).MaxBy(e => e.Time);
        if (bought is null && cart is null)
        {
            return null;
        }

        await outbox.CancelAsync(tx, customer.Id, rule.MessagesFor!, TemplateOf(rule), ct);
        if (isAllowed && cart is not null && !(bought >= cart.Time) && ProactiveNotice.IsOpenCart(cart.Data))
        {
            var isNew = !await ProactiveRows.ExistsAsync(tx, customer.Id, rule.Name, ct);
            await ProactiveRows.SetAsync(tx, customer.Id, rule.Name, cart.Time + rule.After.Time, isMoved: true, ct);
            return isNew ? CountedOutcome.Carts : null;
        }

        return await ProactiveRows.RemoveAsync(tx, customer.Id, rule.Name, ct) && bought is not null ? CountedOutcome.CartsBought : null;
    }

    private void Count(Transaction tx, CustomerId customer, ActiveCatalog catalog, IReadOnlyList<Choice> choices, bool isRestricted, CountedOutcome outcome)
    {
        foreach (var (purpose, isHeldOut) in suggestions.OutcomeSteps.Sides(catalog, customer, choices, isRestricted, tx.Now))
        {
            suggestions.Outcomes.Add(tx, purpose.Id, isHeldOut, outcome, 1);
        }
    }
}
