using System.Security.Cryptography;
using Candor.Catalog;
using Candor.Collection;
using Candor.Consent;
using Candor.Kernel;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Personalization;

/// <summary>What the models do in the transactions of others: learn stored events, forget whoever takes the ground away. Put back when the transaction is not kept.</summary>
internal sealed class ModelSteps(Database database, SuggestionWishes wishes, SuggestionModel model, ModelFeed feed, ShownItems shown)
{
    private static readonly SuggestionKind[] Kinds = Enum.GetValues<SuggestionKind>();
    private readonly string node = RandomNumberGenerator.GetHexString(16, lowercase: true);
    private long seen = -1;

    /// <summary>The step of a changed choice: what is held for the purpose goes at once; what may be held now is read again soon.</summary>
    public async ValueTask ChoiceAsync(Transaction tx, CustomerKey customer, ConsentRecord record, ActiveCatalog catalog, CancellationToken ct)
    {
        var plan = feed.Plan ?? SuggestionPlan.Of(catalog);
        var kinds = record.Purpose is null ? Kinds : plan.KindOf(record.Purpose) is { } kind ? [kind] : [];
        if (kinds.Length > 0)
        {
            Forget(tx, customer.Id, kinds);
            await TellNodesAsync(tx, customer.Id.Value, ct);
        }
    }

    /// <summary>Takes out all that is held of a customer, whatever the reason: a restriction, a record taken back. What is allowed is read again.</summary>
    public async ValueTask ForgetAsync(Transaction tx, CustomerId customer, CancellationToken ct)
    {
        Forget(tx, customer, Kinds);
        await TellNodesAsync(tx, customer.Value, ct);
    }

    /// <summary>Takes out all that is held of a customer who is erased in this transaction.</summary>
    public async ValueTask EraseAsync(Transaction tx, CustomerId customer, CancellationToken ct)
    {
        Forget(tx, customer, Kinds);
        await TellNodesAsync(tx, SuggestionModel.DigestOf(customer.Value), ct);
    }

    /// <summary>The step of stored events.</summary>
    public async ValueTask EventsAsync(
        Transaction tx, CustomerKey customer, IReadOnlyList<IncomingEvent> stored, ActiveCatalog catalog, IReadOnlyList<Choice> choices, bool isRestricted, CancellationToken ct)
    {
        if (feed.Plan is not { } plan || plan.Catalog.Version != catalog.Version)
        {
            // Not loaded yet, or about to be loaded anew: the load finds the events in the store.
            return;
        }

        foreach (var (kind, purpose) in plan.All())
        {
            var point = kind == SuggestionKind.Visit ? plan.Views! : plan.Purchases!;
            var events = stored.Where(e => e.DataPoint == point.Id.Value).Select(e => ShopEvent.Of(e.Data, e.Time, catalog.Catalog)).OfType<ShopEvent>().ToList();
            if (events.Count == 0 || ModelFeed.WhyNot(plan, purpose, customer.Id, choices, isRestricted, tx.Now) is not null)
            {
                continue;
            }

            if (model.Find(customer.Id.Value, kind) is null && (await wishes.LoadAsync(tx, customer.Id, ct)).Count > 0)
            {
                // What the customer wants left out can be opened only once this is committed.
                feed.MarkStale(customer.Id);
                continue;
            }

            Learn(tx, customer.Id, kind, events, choices.FirstOrDefault(c => c.Purpose == purpose.Id)?.ExpiresAtUs);
        }
    }

    /// <summary>Uses nothing of one item any more.</summary>
    public async ValueTask HideAsync(Transaction tx, CustomerId customer, string item, CancellationToken ct)
    {
        foreach (var kind in Kinds)
        {
            Replace(tx, customer, kind, part => part?.Without(item));
        }

        await TellNodesAsync(tx, customer.Value, ct);
    }

    /// <summary>What other nodes have to tell.</summary>
    /// <param name="Number">The number of the newest change, read after the gate's transaction was committed.</param>
    /// <param name="Who">Whose choices changed since this node last looked.</param>
    /// <param name="IsTooOld">This node slept so long that what it missed is no longer told: it forgets everything and makes its models anew.</param>
    internal readonly record struct Changes(long Number, IReadOnlyList<string> Who, bool IsTooOld);

    private sealed record ClockRow(long Number, long Cleaned);

    /// <summary>Forgets whoever other nodes have told of. After this, an answer reflects every change that was committed before the call.</summary>
    public void CatchUp(Changes changes)
    {
        if (changes.IsTooOld)
        {
            feed.ForgetAll();
        }

        foreach (var who in changes.Who)
        {
            if (CustomerId.TryParse(who, null, out _))
            {
                shown.Forget(who);
            }
            else
            {
                shown.ForgetDigest(who);
            }
        }

        foreach (var id in changes.Who.Select(who => CustomerId.TryParse(who, null, out _) ? who : model.FindByDigest(who)).OfType<string>())
        {
            var customer = CustomerId.Parse(id);
            feed.Change(customer, () => Array.ForEach(Kinds, kind => model.Put(id, kind, null)));
            feed.MarkStale(customer);
        }

        // Numbers only rise; a caller that was overtaken has less to tell.
        InterlockedMax(ref seen, changes.Number);
    }

    /// <summary>The newest change and the customers that other nodes changed since this one last looked. Empty where there are no other nodes.</summary>
    public async ValueTask<Changes> FindChangesAsync(Transaction tx, CancellationToken ct)
    {
        if (!database.IsClustered)
        {
            return new Changes(0, [], false);
        }

        var clock = (await tx.FindAsync<ClockRow>("SELECT number, cleaned FROM suggestion_clock WHERE id = 1", null, ct))!;
        var from = Interlocked.Read(ref seen);
        return clock.Number == from || from < 0 ? new Changes(clock.Number, [], false)
            : new Changes(
                clock.Number, await tx.QueryAsync<string>("SELECT who FROM suggestion_change WHERE number > @from AND node <> @node", new { from, node }, ct), from < clock.Cleaned);
    }

    /// <summary>Removes what every node has seen long ago, and notes up to where, for one that has not.</summary>
    public Task<int> CleanAsync(CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var before = new { before = Micros.From(tx.Now.AddDays(-1)) };
        await tx.RunAsync(
            "UPDATE suggestion_clock SET cleaned = COALESCE((SELECT MAX(number) FROM suggestion_change WHERE at_us < @before), cleaned) WHERE id = 1", before, ct);
        return await tx.RunAsync("DELETE FROM suggestion_change WHERE at_us < @before", before, ct);
    }, ct);

    private void Forget(Transaction tx, CustomerId customer, IReadOnlyList<SuggestionKind> kinds)
    {
        foreach (var kind in kinds)
        {
            Replace(tx, customer, kind, _ => null);
        }

        shown.Forget(customer.Value);
        feed.MarkStale(customer);
    }

    private void Learn(Transaction tx, CustomerId customer, SuggestionKind kind, List<ShopEvent> events, long? untilUs) =>
        Replace(tx, customer, kind, part => (part ?? new CustomerPart([], new HashSet<string>(), untilUs, feed.RetentionOf(kind))).With(events));

    private void Replace(Transaction tx, CustomerId customer, SuggestionKind kind, Func<CustomerPart?, CustomerPart?> change) => feed.Change(customer, () =>
    {
        var before = model.Find(customer.Value, kind);
        var after = change(before);
        model.Put(customer.Value, kind, after);
        tx.OnRollback(() => feed.Change(customer, () => model.Put(customer.Value, kind, before)));
    });

    private async ValueTask TellNodesAsync(Transaction tx, string who, CancellationToken ct)
    {
        if (!database.IsClustered)
        {
            return;
        }

        await tx.RunAsync("UPDATE suggestion_clock SET number = number + 1 WHERE id = 1", null, ct);
        await tx.RunAsync(
            "INSERT INTO suggestion_change (number, who, node, at_us) SELECT number, @who, @node, @NowUs FROM suggestion_clock WHERE id = 1",
            new { who, node, tx.NowUs }, ct);
    }

    private static void InterlockedMax(ref long place, long value)
    {
        for (var held = Interlocked.Read(ref place); held < value && Interlocked.CompareExchange(ref place, value, held) != held; held = Interlocked.Read(ref place))
        {
        }
    }
}
