using Candor.Catalog;
using Candor.Gate;
using Candor.Kernel;
using Candor.Reads;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Personalization;

/// <summary>A line of the brief: something that an agent can do something about before the customer has to ask.</summary>
/// <param name="Rule">The rule's member of <c>proactive</c>, such as <c>lateOrders</c>.</param>
/// <param name="Source">The data point that it was found in.</param>
/// <param name="About">The order, the subject or the item.</param>
/// <param name="Since">The order, the first of the contacts, the last purchase.</param>
/// <param name="At">Since when it holds. For what runs out, the days before its end are included.</param>
/// <param name="Times">How many contacts or purchases; 1 for an order.</param>
public sealed record ProactiveLine(string Rule, PurposeId Purpose, DataPointId Source, string About, DateTimeOffset Since, DateTimeOffset At, int Times);

/// <summary>What the rules of the catalog notice in data that one read opened. INVARIANT: nothing is read here but what the customer said about suggestions; the permit that opened the data opens that too.</summary>
public sealed class ProactiveLines(Database database, PersonalVault vault, UsePauses pauses)
{
    /// <summary>Most lines of one brief.</summary>
    public const int MostLines = 10;

    private readonly SuggestionWishes wishes = new(vault);

    /// <summary>The lines of one read: those of the rules that name its purpose in <c>linesFor</c>, as far as the read opened their histories. What has held longest comes first.</summary>
    /// <param name="historyLimit">Newest records that the read asked for of each history. From before the oldest of as many nothing is said: what was not read may have settled it.</param>
    public async Task<IReadOnlyList<ProactiveLine>> ForAsync(ActiveCatalog catalog, ReadOutcome read, int historyLimit, CancellationToken ct)
    {
        if (read is not { Decision: Decision.Allowed { Permit: { Purpose: { } purpose } permit }, Opened: { } opened, Sealed: { } sealed_ })
        {
            return [];
        }

        var rules = catalog.Catalog.Proactive.Rules.Where(r => r.LinesFor == purpose && r.Histories.All(permit.Covers)).ToList();
        if (rules.Count == 0)
        {
            return [];
        }

        var rows = rules.Exists(r => r is RunningOutRule) ? await database.ReadAsync(async tx => await wishes.LoadAsync(tx, permit.Customer, ct), ct) : [];
        var leftOut = wishes.Open(permit, sealed_, rows).Select(w => w.Item).ToHashSet(StringComparer.Ordinal);
        var now = database.Clock.GetUtcNow();
        return
        [
            .. rules.Where(r => r is not RunningOutRule || !IsHeldOut(permit.Customer, catalog.Catalog.Purposes.GetValueOrDefault(purpose)))
                .SelectMany(r => ProactiveNotice.Find(r, OpenedRecord.Of(opened, r.Histories), catalog.Catalog, leftOut)).Where(f => f.HoldsAt(now) && f.Since >= KnownFrom(opened, f.Rule, historyLimit))
                .OrderBy(f => f.At).ThenBy(f => f.Thing, StringComparer.Ordinal).Take(MostLines)
                .Select(f => new ProactiveLine(f.Rule.Name, purpose, f.Rule.History, f.Shown, f.Since, f.At, f.Times)),
        ];
    }

    /// <summary>From when on the read knows all that a rule looks at.</summary>
    private static DateTimeOffset KnownFrom(OpenedCustomer opened, ProactiveRule rule, int historyLimit) => rule.Histories
        .Select(h => opened.Values.Where(v => v.DataPoint == h && v.RecordId.Length > 0).Select(v => v.Time).ToList())
        .Where(times => times.Count >= historyLimit).Select(times => times.Min()).DefaultIfEmpty(DateTimeOffset.MinValue).Max();

    /// <summary>What a customer may need is a suggestion; that an order is late is none.</summary>
    private bool IsHeldOut(CustomerId customer, Purpose? purpose) => purpose is not null && (pauses.IsPaused(purpose.Id) || vault.Lots.IsDrawn(customer, purpose.Id, purpose.HoldOutPercent));
}
