using Candor.Catalog;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Reads;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Personalization;

/// <summary>How far a model is loaded.</summary>
/// <param name="All">How many customers there are to read, as far as that is known.</param>
public sealed record ModelProgress(long Customers, long All);

/// <summary>Brings customers into the live models through the gate, and out of them in the step of whatever takes the ground away.</summary>
/// <remarks>
/// What comes in is read by Candor itself for the purpose, decided and logged like every read. A customer who was touched while such a read was under way is
/// read again: what the read found may be older than what the model has learned or forgotten since.
/// </remarks>
internal sealed class ModelFeed(
    Database database, CatalogRegister catalogs, ConsentLedger ledger, PersonalVault vault, SystemRead reads, SuggestionWishes wishes, SuggestionModel model)
{
    /// <summary>Customers that are read in one transaction. On SQLite other work waits for it, about 20 ms; on PostgreSQL a change of one of these customers does.</summary>
    private const int Batch = 500;

    /// <summary>Customers from one word on progress to the next.</summary>
    private const int Step = 10_000;

    private const string Job = "suggestions";
    private readonly Lock changing = new();
    private readonly HashSet<CustomerId> stale = [];
    private readonly Dictionary<CustomerId, long> underWay = [];
    private long reading;

    private sealed record Found(CustomerId Customer, SuggestionKind Kind, SystemRead.Evaluated Read, IReadOnlyList<SuggestionWishes.Row> Wishes, long? UntilUs);

    /// <summary>The catalog that the models were made under; null before the first load.</summary>
    public SuggestionPlan? Plan { get; private set; }

    /// <summary>Notes that what is held of a customer may not be all that is allowed, so that it is read again soon.</summary>
    public void MarkStale(CustomerId customer) => Change(customer, () => stale.Add(customer));

    /// <summary>Changes what is held of a customer. A read that is under way for them does not count then.</summary>
    public void Change(CustomerId customer, Action change)
    {
        lock (changing)
        {
            underWay.Remove(customer);
            change();
        }
    }

    /// <summary>Forgets everything; reads that are under way do not count then. The models have to be made anew.</summary>
    public void ForgetAll()
    {
        lock (changing)
        {
            underWay.Clear();
            model.Clear();
            IsOutdated = true;
        }
    }

    /// <summary>True when the models have to be made anew.</summary>
    public bool IsOutdated { get; private set; }

    /// <summary>Makes the models anew from the store.</summary>
    public async Task LoadAsync(IProgress<ModelProgress>? progress, CancellationToken ct)
    {
        var active = await database.ReadAsync(tx => catalogs.GetActiveAsync(tx, ct), ct);
        ForgetAll();
        IsOutdated = false;
        Plan = SuggestionPlan.Of(active);
        model.BeginFill();
        try
        {
            await FillAsync(progress, ct);
        }
        finally
        {
            model.EndFill();
        }
    }

    /// <summary>Reads all, a page at a time; while one page is read, the one before is opened.</summary>
    private async Task FillAsync(IProgress<ModelProgress>? progress, CancellationToken ct)
    {
        var (after, count, all, opening) = ("", 0L, await CountAsync(ct), Task.CompletedTask);
        try
        {
            for (var page = await PageAsync(after, ct); page.Count > 0; page = await PageAsync(after, ct))
            {
                var (read, mark) = (page, Begin(page));
                var found = await FindAsync(page, ct);
                await opening;
                opening = Task.Run(() => Finish(read, mark, found), CancellationToken.None);
                (after, count) = (page[^1].Value, count + page.Count);
                if (count / Step > (count - page.Count) / Step)
                {
                    progress?.Report(new ModelProgress(count, all));
                }
            }
        }
        finally
        {
            await opening;
        }

        progress?.Report(new ModelProgress(count, all));
    }

    private Task<long> CountAsync(CancellationToken ct)
    {
        var purposes = Plan!.All().Select(p => p.Purpose).ToList();
        return purposes.Count == 0 ? Task.FromResult(0L) : database.ReadAsync(async tx => purposes.TrueForAll(p => p.Basis == LegalBasis.Consent)
            ? await ledger.CountAgreedAsync(tx, purposes[0].Id, purposes[^1].Id, ct) : await vault.CountAsync(tx, ct), ct);
    }

    /// <summary>Reads the customers who wait.</summary>
    public async Task RefreshAsync(CancellationToken ct)
    {
        for (var batch = NextStale(); batch.Count > 0; batch = NextStale())
        {
            try
            {
                await ReadAsync(batch, ct);
            }
            catch
            {
                batch.ForEach(MarkStale);
                throw;
            }
        }
    }

    private List<CustomerId> NextStale()
    {
        lock (changing)
        {
            var batch = stale.Take(Batch).ToList();
            stale.ExceptWith(batch);
            return batch;
        }
    }

    private async Task<IReadOnlyList<CustomerId>> PageAsync(string after, CancellationToken ct)
    {
        var purposes = Plan!.All().Select(p => p.Purpose).ToList();
        return await database.ReadAsync(async tx => purposes switch
        {
            [] => [],
            _ when purposes.TrueForAll(p => p.Basis == LegalBasis.Consent) => await ledger.AgreedAsync(tx, purposes[0].Id, purposes[^1].Id, after, Batch, ct),
            _ => await vault.IdsAsync(tx, after, Batch, ct),
        }, ct);
    }

    private async Task ReadAsync(IReadOnlyList<CustomerId> customers, CancellationToken ct)
    {
        var mark = Begin(customers);
        Finish(customers, mark, await FindAsync(customers, ct));
    }

    /// <summary>Asks the gate about these customers, in one transaction; each read has its own decision and its own entry in the log.</summary>
    private Task<List<Found>> FindAsync(IReadOnlyList<CustomerId> customers, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var list = new List<Found>();
        var catalog = await catalogs.GetActiveAsync(tx, ct);
        // Alone: an event whose transaction is not yet committed is waited for, and one that comes later finds this read under way.
        var ordered = await tx.LockCustomersAsync(customers, exclusive: true, ct);
        var standings = await reads.FindStandingsAsync(tx, ordered, catalog, ct);
        var said = await FindWishesAsync(tx, ordered, ct);
        foreach (var (kind, purpose) in Plan!.All())
        {
            await EvaluateAsync(tx, kind, purpose, standings, said, list, ct);
        }

        return list;
    }, ct);

    private async ValueTask<Dictionary<CustomerId, IReadOnlyList<SuggestionWishes.Row>>> FindWishesAsync(Transaction tx, CustomerId[] ordered, CancellationToken ct)
    {
        var saying = await wishes.WhoHasAsync(tx, ordered[0], ordered[^1], ct);
        var said = new Dictionary<CustomerId, IReadOnlyList<SuggestionWishes.Row>>();
        foreach (var customer in ordered.Where(c => saying.Contains(c.Value)))
        {
            said.Add(customer, await wishes.LoadAsync(tx, customer, ct));
        }

        return said;
    }

    private long Begin(IReadOnlyList<CustomerId> customers)
    {
        lock (changing)
        {
            reading++;
            foreach (var customer in customers)
            {
                underWay[customer] = reading;
            }

            return reading;
        }
    }

    private void Finish(IReadOnlyList<CustomerId> customers, long mark, List<Found> found)
    {
        var parts = new CustomerPart?[found.Count];
        Parallel.For(0, found.Count, i => parts[i] = PartOf(found[i]));
        var byCustomer = found.Zip(parts).ToLookup(f => f.First.Customer, f => (f.First.Kind, Part: f.Second));
        lock (changing)
        {
            foreach (var customer in customers)
            {
                if (underWay.GetValueOrDefault(customer) != mark)
                {
                    stale.Add(customer);
                    continue;
                }

                underWay.Remove(customer);
                foreach (var kind in Enum.GetValues<SuggestionKind>())
                {
                    model.Put(customer.Value, kind, byCustomer[customer].FirstOrDefault(p => p.Kind == kind).Part);
                }
            }
        }
    }

    /// <summary>Asks the gate for what customers' choices allow. Where they allow nothing nothing is asked, so that a log does not fill with refusals nobody caused.</summary>
    private async ValueTask EvaluateAsync(
        Transaction tx, SuggestionKind kind, Purpose purpose, IReadOnlyList<SystemRead.Standing> standings, Dictionary<CustomerId, IReadOnlyList<SuggestionWishes.Row>> said,
        List<Found> found, CancellationToken ct)
    {
        var history = kind == SuggestionKind.Visit ? Plan!.Views! : Plan!.Purchases!;
        var willing = standings.Where(s => WhyNot(Plan, purpose, s.Customer, s.Choices, s.IsRestricted, tx.Now) is null).ToList();
        var evaluated = await reads.EvaluateHistoryAsync(tx, Job, "model", history.Id, purpose.Id, willing, ct);
        found.AddRange(willing.Zip(evaluated, (standing, read) => new Found(
            standing.Customer, kind, read, said.GetValueOrDefault(standing.Customer, []), standing.Choices.FirstOrDefault(c => c.Purpose == purpose.Id)?.ExpiresAtUs)));
    }

    public static ReasonCode? WhyNot(SuggestionPlan plan, Purpose purpose, CustomerId customer, IReadOnlyList<Choice> choices, bool isRestricted, DateTimeOffset now) =>
        Permit.WhyNotThisCustomer(
            purpose, new CustomerState(customer, choices.FirstOrDefault(c => c.Purpose == purpose.Id), plan.Catalog.ConsentSince.GetValueOrDefault(purpose.Id), isRestricted), now);

    private CustomerPart? PartOf(Found found)
    {
        if (reads.Open(found.Read) is not { Opened: { } opened, Decision: Decision.Allowed allowed })
        {
            return null;
        }

        var hidden = found.Wishes.Count == 0 ? [] : wishes.Open(allowed.Permit, found.Read.Sealed!, found.Wishes).Where(w => w.Kind == WishKind.Hide).Select(w => w.Item).ToHashSet(StringComparer.Ordinal);
        var events = new List<ShopEvent>(opened.Values.Count);
        // Records come newest first.
        for (var i = opened.Values.Count - 1; i >= 0; i--)
        {
            if (ShopEvent.Of(opened.Values[i].Json.Span, opened.Values[i].Time, Plan!.Catalog.Catalog) is { } e)
            {
                events.Add(e);
            }
        }

        return new CustomerPart([], hidden, found.UntilUs, RetentionOf(found.Kind)).With(events);
    }

    public Period? RetentionOf(SuggestionKind kind) => (kind == SuggestionKind.Visit ? Plan!.Views : Plan!.Purchases)!.Retention.Period;
}
