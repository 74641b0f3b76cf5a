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

/// <summary>Writes to customers about what the rules of the catalog notice: at the right time, once, seldom, and only while their choices allow it.</summary>
/// <remarks>
/// A customer who is due is read by Candor itself for the rule's purpose, decided and logged like every read. What is found is queued only if nothing has happened to them since that read;
/// the gate is asked once more when the message is sent. The limits count what was queued, and a message that could not be sent within <see cref="MostLate"/> is dropped, so they hold for what arrives.
/// </remarks>
public sealed class ProactiveMessages
{
    /// <summary>How long a message may wait for a relay.</summary>
    public static readonly TimeSpan MostLate = TimeSpan.FromHours(12);

    private const string Job = "proactive";

    /// <summary>Newest records that a rule looks at; of carts only the newest matters, and those that share its instant.</summary>
    private const int NewestRecords = 1000;
    private const int NewestCarts = 5;
    private static readonly TimeSpan PausedAgain = TimeSpan.FromDays(1);
    private static readonly TimeSpan ToldKept = TimeSpan.FromDays(366);
    private readonly Database database;
    private readonly CatalogRegister catalogs;
    private readonly ConsentLedger ledger;
    private readonly PersonalVault vault;
    private readonly SystemRead reads;
    private readonly Outbox outbox;
    private readonly SuggestionWishes wishes;
    private readonly ProactivePlan plan;
    private readonly UseOutcomes uses;

    public ProactiveMessages(Database database, CatalogRegister catalogs, ConsentLedger ledger, PersonalVault vault, SystemRead reads, Outbox outbox, Suggestions suggestions)
    {
        (this.database, this.catalogs, this.ledger, this.vault, this.reads, this.outbox) = (database, catalogs, ledger, vault, reads, outbox);
        wishes = new SuggestionWishes(vault);
        uses = suggestions.Uses;
        plan = new ProactivePlan(database, catalogs, ledger, vault, outbox, suggestions);
    }

    private sealed record Prepared(SystemRead.Evaluated Read, ProactiveRule Rule, IReadOnlyList<SuggestionWishes.Row> Wishes);

    /// <summary>Joins the steps of choices and events. At start only.</summary>
    public void Join(CustomerChoices choices, EventCollection events)
    {
        choices.AlsoDo(plan.ChoiceAsync);
        events.AlsoDo(plan.EventsAsync);
    }

    /// <summary>Looks at customers who are due, and queues what there is to say.</summary>
    /// <returns>How many were looked at; the rest waits for the next call, so that the work of a minute is bounded.</returns>
    public async Task<int> RunDueAsync(int most, CancellationToken ct)
    {
        var claimed = await database.WriteAsync(tx => ProactiveRows.ClaimAsync(tx, most, ct), ct);
        foreach (var due in claimed)
        {
            await LookAsync(due, ct);
        }

        return claimed.Count;
    }

    /// <summary>Plans all customers once for each catalog.</summary>
    /// <returns>How many; call again while it is as many as <paramref name="most"/>.</returns>
    public Task<int> WalkAsync(int most, CancellationToken ct) => plan.WalkAsync(most, ct);

    /// <summary>Removes what customers were written to about more than a year ago.</summary>
    public Task<int> PurgeAsync(int most, CancellationToken ct) => database.WriteAsync(tx => ProactiveRows.PurgeAsync(tx, tx.Now - ToldKept, most, ct), ct);

    /// <summary>Removes all that is known of a customer here; part of erasing them.</summary>
    public ValueTask EraseAsync(Transaction tx, CustomerId customer, CancellationToken ct) => ProactiveRows.EraseAsync(tx, customer, ct);

    private async Task LookAsync(ClaimedDue due, CancellationToken ct)
    {
        if (await database.WriteAsync(tx => PrepareAsync(tx, due, ct), ct) is not { } prepared)
        {
            return;
        }

        var opened = reads.Open(prepared.Read);
        var permit = ((Decision.Allowed)opened.Decision).Permit;
        var leftOut = wishes.Open(permit, prepared.Read.Sealed!, prepared.Wishes).Select(w => w.Item).ToHashSet(StringComparer.Ordinal);
        var found = ProactiveNotice.Find(prepared.Rule, OpenedRecord.Of(opened.Opened!, prepared.Rule.Histories), opened.Catalog.Catalog, leftOut);
        await database.WriteAsync(tx => SettleAsync(tx, due, prepared.Rule, opened.Catalog, found, ct), ct);
    }

    /// <summary>Asks the gate, where the customer's choices leave anything to ask.</summary>
    private async ValueTask<Prepared?> PrepareAsync(Transaction tx, ClaimedDue due, CancellationToken ct)
    {
        await tx.LockCustomerAsync(due.Customer, exclusive: false, ct);
        if (!await ProactiveRows.IsCurrentAsync(tx, due, ct))
        {
            return null;
        }

        var catalog = await catalogs.GetActiveAsync(tx, ct);
        var isRestricted = await ledger.RestrictedSinceAsync(tx, due.Customer, ct) is not null;
        if (!due.IsTold && catalog.Catalog.Proactive.Rules.FirstOrDefault(r => r.Name == due.Rule) is { } rule
            && plan.Allowed(catalog, rule, due.Customer, await ledger.StateAsync(tx, due.Customer, ct), isRestricted, tx.Now) is { } purpose)
        {
            if (await UsePauses.IsPausedAsync(tx, purpose.Id, ct))
            {
                // Nothing is read and nobody is written to. A cart is left alone for good, and only waits to be counted as bought; of the rest it is asked again tomorrow.
                await ProactiveRows.SettleAsync(tx, due, tx.Now + (rule is LeftCartRule ? ProactivePlan.CartOpen : PausedAgain), isTold: rule is LeftCartRule, ct);
                return null;
            }

            var read = await reads.EvaluateAsync(tx, new SystemRead.Question(Job, rule.Name, due.Customer, rule.Histories, purpose.Id, rule is LeftCartRule ? NewestCarts : NewestRecords), ct);
            if (read.Decision is Decision.Allowed)
            {
                return new Prepared(read, rule, rule is RunningOutRule ? await wishes.LoadAsync(tx, due.Customer, ct) : []);
            }
        }

        await ProactiveRows.SettleAsync(tx, due, null, isTold: false, ct);
        return null;
    }

    private async ValueTask SettleAsync(Transaction tx, ClaimedDue due, ProactiveRule rule, ActiveCatalog catalog, IReadOnlyList<ProactiveFinding> found, CancellationToken ct)
    {
        // Alone: whatever happened since the read has changed the mark, and whatever comes now waits.
        await tx.LockCustomerAsync(due.Customer, exclusive: true, ct);
        if (!await ProactiveRows.IsCurrentAsync(tx, due, ct) || await vault.FindCustomerAsync(tx, due.Customer, ct) is not { } key)
        {
            return;
        }

        var fresh = new List<(ProactiveFinding Finding, string Mark)>();
        foreach (var finding in found.Where(f => f.HoldsAt(tx.Now)))
        {
            var mark = vault.Lots.MarkOf(key.Id, rule.Name, finding.Thing);
            if (!await ProactiveRows.IsToldAsync(tx, key.Id, rule.Name, mark, ct) && !await IsBoughtAsync(tx, key.Id, finding, catalog, ct))
            {
                fresh.Add((finding, mark));
            }
        }

        var wait = fresh.Count == 0 ? null : await WaitAsync(tx, key.Id, rule, catalog.Catalog, ct);
        if (fresh.Count > 0 && wait is null)
        {
            await QueueAsync(tx, key, rule, fresh, ct);
        }

        if (fresh.Count > 0 && catalog.Catalog.BiasAudit is not null)
        {
            await uses.KeepAsync(tx, key.Id, rule.MessagesFor!, UseOutcome.Told, isYes: wait is null, ct);
        }

        await ProactiveRows.SettleAsync(tx, due, Next(rule, found, fresh, wait, tx.Now), isTold: rule is LeftCartRule, ct);
    }

    /// <summary>When the customer is looked at next: when something begins to hold, or when the limits allow what they did not. Of a cart nothing is said later; it only counts as open for a while.</summary>
    private static DateTimeOffset? Next(
        ProactiveRule rule, IReadOnlyList<ProactiveFinding> found, List<(ProactiveFinding Finding, string Mark)> fresh, DateTimeOffset? wait, DateTimeOffset now)
    {
        if (rule is LeftCartRule)
        {
            return found.Select(f => (DateTimeOffset?)(f.Since + ProactivePlan.CartOpen)).FirstOrDefault(end => end > now);
        }

        var later = found.Where(f => f.At > now).Select(f => (DateTimeOffset?)f.At);
        return (wait is { } until && fresh.Exists(f => f.Finding.Until > until) ? later.Append(until) : later).Min();
    }

    /// <summary>An order that came in some other way than as an event stops the reminder of a cart all the same.</summary>
    private static async ValueTask<bool> IsBoughtAsync(Transaction tx, CustomerId customer, ProactiveFinding finding, ActiveCatalog catalog, CancellationToken ct) =>
        finding.Rule is LeftCartRule && SuggestionPlan.PurchasesOf(catalog.Catalog) is { } purchases
        && await CustomerValues.HasRecordAsync(tx, customer, purchases.Id, finding.Since, DateTimeOffset.MaxValue, ct);

    /// <summary>Until when the limits forbid another message; null: they do not.</summary>
    private static async ValueTask<DateTimeOffset?> WaitAsync(Transaction tx, CustomerId customer, ProactiveRule rule, PurposeCatalog catalog, CancellationToken ct)
    {
        DateTimeOffset? wait = null;
        if (catalog.Proactive.MessagesAtMost is { } cap && await ProactiveRows.QueuedAsync(tx, customer, null, cap.Per.Before(tx.Now) - MostLate, ct) is var all && all.Count >= cap.Count)
        {
            wait = cap.Per.After(all[^cap.Count]) + MostLate;
        }

        if (rule is LeftCartRule { AtMostEvery: var every } && await ProactiveRows.QueuedAsync(tx, customer, rule.Name, every.Before(tx.Now) - MostLate, ct) is [.., var last])
        {
            var end = every.After(last) + MostLate;
            wait = end > (wait ?? end) || wait is null ? end : wait;
        }

        return wait;
    }

    private async ValueTask QueueAsync(Transaction tx, CustomerKey key, ProactiveRule rule, List<(ProactiveFinding Finding, string Mark)> fresh, CancellationToken ct)
    {
        var lines = fresh.SelectMany(f => f.Finding.Shown.Split('\n')).Distinct(StringComparer.Ordinal).Select(l => "- " + l);
        var end = fresh.Min(f => f.Finding.Until);
        var message = new OutgoingMessage(ProactivePlan.TemplateOf(rule), rule.MessagesFor, new Dictionary<string, string> { ["items"] = string.Join('\n', lines) })
        {
            NotAfter = end < tx.Now + MostLate ? end : tx.Now + MostLate,
        };
        var id = await outbox.QueueAsync(tx, key, message, ct);
        foreach (var (_, mark) in fresh)
        {
            await ProactiveRows.TellAsync(tx, key.Id, rule.Name, mark, id, ct);
        }
    }
}
