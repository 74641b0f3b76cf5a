using Candor.Catalog;
using Candor.Collection;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Personalization;

/// <summary>Counts what becomes of customers who agreed to a use, apart for those for whom it is done and those in the comparison group. Nobody else is counted: only lots make two sides alike.</summary>
internal sealed class OutcomeSteps(PersonalVault vault, OutcomeCells cells, ShownItems shown, UseOutcomes uses)
{
    /// <summary>An order after another one within this time is a repeated one.</summary>
    public static readonly TimeSpan RepeatWithin = TimeSpan.FromDays(90);

    /// <summary>Purposes that a customer agreed to and of which some customers are held out, and on which side this one is.</summary>
    public IEnumerable<(Purpose Purpose, bool IsHeldOut)> Sides(ActiveCatalog catalog, CustomerId customer, IReadOnlyList<Choice> choices, bool isRestricted, DateTimeOffset now)
    {
        foreach (var purpose in catalog.Catalog.Purposes.Values.Where(p => p is { Active: true, HoldOutPercent: > 0 }))
        {
            var state = new CustomerState(customer, choices.FirstOrDefault(c => c.Purpose == purpose.Id), catalog.ConsentSince.GetValueOrDefault(purpose.Id), isRestricted);
            if (Permit.WhyNotThisCustomer(purpose, state, now) is null)
            {
                yield return (purpose, vault.Lots.IsDrawn(customer, purpose.Id, purpose.HoldOutPercent));
            }
        }
    }

    /// <summary>The step of stored events: orders, and whether what was shown was bought.</summary>
    public async ValueTask EventsAsync(
        Transaction tx, CustomerKey customer, IReadOnlyList<IncomingEvent> stored, ActiveCatalog catalog, IReadOnlyList<Choice> choices, bool isRestricted, CancellationToken ct)
    {
        var purchases = SuggestionPlan.PurchasesOf(catalog.Catalog);
        var events = stored.Where(e => e.DataPoint == purchases?.Id.Value).ToList();
        if (events.Count == 0)
        {
            return;
        }

        var items = events.Select(e => ShopEvent.Of(e.Data, e.Time, catalog.Catalog)?.Item).OfType<string>().ToList();
        var bought = SuggestionPlan.Of(catalog).All().ToDictionary(p => p.Purpose.Id, p => shown.TakeBought(customer.Id, p.Purpose.Id, items));
        foreach (var (purpose, number) in bought.Where(b => b.Value > 0 && catalog.Catalog.BiasAudit is not null && !vault.Lots.IsDrawn(customer.Id, b.Key, catalog.Catalog.Purposes[b.Key].HoldOutPercent)))
        {
            // What was shown is forgotten when the consent ends, so whoever bought of it allows the use.
            await uses.KeepAsync(tx, customer.Id, purpose, UseOutcome.Bought, isYes: true, ct);
        }

        if (Sides(catalog, customer.Id, choices, isRestricted, tx.Now).ToList() is not { Count: > 0 } sides)
        {
            return;
        }

        var first = events.Min(e => e.Time);
        var orders = events.Select(e => ShopEvent.GroupOf(e.Data, e.Time)).Distinct(StringComparer.Ordinal).Count();
        var isRepeat = await CustomerValues.HasRecordAsync(tx, customer.Id, purchases!.Id, first - RepeatWithin, first, ct);
        foreach (var (purpose, isHeldOut) in sides)
        {
            cells.Add(tx, purpose.Id, isHeldOut, CountedOutcome.Orders, orders);
            cells.Add(tx, purpose.Id, isHeldOut, CountedOutcome.RepeatOrders, isRepeat ? orders : orders - 1);
            cells.Add(tx, purpose.Id, isHeldOut, CountedOutcome.ShownBought, bought.GetValueOrDefault(purpose.Id));
        }
    }
}
