using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Reads;

/// <summary>Reads by Candor itself: scheduled work and messages. The same gate, log and order as every other read; only nobody signs in.</summary>
public sealed class SystemRead(Database database, CatalogRegister catalogs, ConsentLedger ledger, AuditLog log, PersonalVault vault)
{
    /// <summary>What a job wants to read.</summary>
    /// <param name="Job">Who, as the log names it: <c>system:JOB</c>.</param>
    /// <param name="About">A short word on why, for the log; never personal data.</param>
    /// <param name="DataPoints">Which data points; those that the catalog does not declare are not asked for.</param>
    /// <param name="Purpose">For which purpose; null to inform or answer the customer about their own rights (<see cref="Permit.DecideAnswer"/>).</param>
    /// <param name="HistoryLimit">Newest records of each history.</param>
    public sealed record Question(string Job, string About, CustomerId Customer, IReadOnlyList<DataPointId> DataPoints, PurposeId? Purpose = null, int HistoryLimit = ReadRequest.MaxHistory);

    /// <summary>A read between its evaluation and its commit: nothing in here is in clear.</summary>
    public sealed record Evaluated(Decision Decision, SealedCustomer? Sealed, ActiveCatalog Catalog, string Entry);

    /// <summary>What decisions about a customer rest on, as one transaction found it.</summary>
    public sealed class Standing
    {
        internal Standing(long transactionId, CustomerId customer, ActiveCatalog catalog, CustomerKey? key, IReadOnlyList<Choice> choices, bool isRestricted) =>
            (TransactionId, Customer, Catalog, Key, Choices, IsRestricted) = (transactionId, customer, catalog, key, choices, isRestricted);

        internal long TransactionId { get; }

        public CustomerId Customer { get; }

        internal ActiveCatalog Catalog { get; }

        internal CustomerKey? Key { get; }

        public IReadOnlyList<Choice> Choices { get; }

        public bool IsRestricted { get; }

        /// <summary>False when there is nobody of this id (any more).</summary>
        public bool IsThere => Key is not null;
    }

    /// <summary>What came of a read.</summary>
    /// <param name="Opened">In clear; null when denied.</param>
    public sealed record Outcome(Decision Decision, OpenedCustomer? Opened, ActiveCatalog Catalog, string Entry);

    /// <summary>Reads in a transaction of its own.</summary>
    public async Task<Outcome> RunAsync(Question question, CancellationToken ct) =>
        Open(await database.WriteAsync(tx => EvaluateAsync(tx, question, ct), ct));

    /// <summary>Decides, loads and logs in the caller's transaction; <see cref="Open"/> it once that is committed.</summary>
    public async ValueTask<Evaluated> EvaluateAsync(Transaction tx, Question question, CancellationToken ct)
    {
        await tx.LockCustomerAsync(question.Customer, exclusive: false, ct);
        var standing = (await FindStandingsAsync(tx, [question.Customer], await catalogs.GetActiveAsync(tx, ct), ct))[0];
        var decision = Decide(tx, question, standing, question.Purpose is { } purpose ? await PurposeApprovals.FindAsync(tx, purpose, ct) : default);
        return await FinishAsync(tx, question, standing, decision, decision is Decision.Allowed { Permit: var permit }
            ? await vault.LoadAsync(tx, standing.Key!, permit.DataPoints, question.HistoryLimit, ct) : null, ct);
    }

    /// <summary>The same for a job that walks through many customers and asks for one history: what they stand on, and the history, are looked up for all of them at once.
    /// Each read is decided and logged for itself.</summary>
    /// <param name="standings">Of different customers, found in this transaction.</param>
    /// <returns>One for each, in their order.</returns>
    public async ValueTask<IReadOnlyList<Evaluated>> EvaluateHistoryAsync(
        Transaction tx, string job, string about, DataPointId history, PurposeId purpose, IReadOnlyList<Standing> standings, CancellationToken ct)
    {
        if (standings.Any(s => s.TransactionId != tx.Id))
        {
            throw new InvalidOperationException("A read is decided by what its own transaction found.");
        }

        var approval = await PurposeApprovals.FindAsync(tx, purpose, ct);
        var reads = standings.Select(s => (Standing: s, Question: new Question(job, about, s.Customer, [history], purpose)))
            .Select(r => (r.Standing, r.Question, Decision: Decide(tx, r.Question, r.Standing, approval))).ToList();
        var loaded = (await vault.LoadHistoryAsync(tx, [.. reads.Where(r => r.Decision is Decision.Allowed).Select(r => r.Standing.Key!)], history, ReadRequest.MaxHistory, ct))
            .ToDictionary(s => s.Key.Id);
        var evaluated = new List<Evaluated>(reads.Count);
        foreach (var (standing, question, decision) in reads)
        {
            evaluated.Add(await FinishAsync(tx, question, standing, decision, loaded.GetValueOrDefault(standing.Customer), ct));
        }

        return evaluated;
    }

    /// <summary>Finds all that decisions about some customers rest on, in their order. Nothing of it outlives the transaction.</summary>
    /// <remarks>INVARIANT: the caller holds the locks of all of them.</remarks>
    /// <param name="catalog">The active catalog, found in this transaction.</param>
    public async ValueTask<IReadOnlyList<Standing>> FindStandingsAsync(Transaction tx, IReadOnlyList<CustomerId> customers, ActiveCatalog catalog, CancellationToken ct)
    {
        var keys = await vault.FindCustomersAsync(tx, customers, ct);
        var standings = await ledger.StandingsAsync(tx, customers, ct);
        return [.. customers.Select(c =>
        {
            var (choices, isRestricted) = standings.GetValueOrDefault(c, ([], false));
            return new Standing(tx.Id, c, catalog, keys.GetValueOrDefault(c), choices, isRestricted);
        })];
    }

    private async ValueTask<Evaluated> FinishAsync(Transaction tx, Question question, Standing standing, Decision decision, SealedCustomer? sealed_, CancellationToken ct)
    {
        var allowed = decision as Decision.Allowed;
        var entry = await log.AppendAsync(tx, new AuditEvent
        {
            Kind = allowed is null ? AuditKind.Deny : AuditKind.Read,
            Actor = "system:" + question.Job,
            Purpose = question.Purpose?.Value,
            CatalogVersion = standing.Catalog.Version,
            CustomerRef = standing.Key?.AuditRef,
            DataPoints = [.. (allowed?.Permit.DataPoints ?? question.DataPoints).Select(d => d.Value)],
            Reason = decision is Decision.Denied { Reason: var reason } ? reason.Code() : null,
            Subject = question.About,
        }, ct);
        return new Evaluated(decision, sealed_, standing.Catalog, entry);
    }

    /// <summary>Opens what was evaluated. INVARIANT: its transaction is committed; the vault refuses otherwise.</summary>
    public Outcome Open(Evaluated evaluated) => new(
        evaluated.Decision, evaluated.Decision is Decision.Allowed { Permit: var permit } ? vault.Open(permit, evaluated.Sealed!) : null, evaluated.Catalog, evaluated.Entry);

    /// <param name="approval">Of the question's purpose, found in this transaction.</param>
    private static Decision Decide(Transaction tx, Question question, Standing standing, Approval approval)
    {
        var catalog = standing.Catalog;
        var actor = new ActorState { Kind = ActorKind.System, Ref = question.Job };
        DataPointId[] asked = [.. question.DataPoints.Where(catalog.Catalog.DataPoints.ContainsKey)];
        if (question.Purpose is not { } id)
        {
            // No job needs what is only counted: AggregateRead counts it, and the access report takes it to the customer.
            asked = [.. asked.Where(d => !catalog.Catalog.AggregateOnly.Contains(d))];
            return Permit.DecideAnswer(actor, standing.Key is null ? null : new CustomerState(standing.Key.Id, null, 0, IsRestricted: false), asked, catalog.Catalog.AggregateOnly, tx.Now, tx.Id);
        }

        var customer = standing.Key is null ? null : new CustomerState(
            standing.Key.Id, standing.Choices.FirstOrDefault(c => c.Purpose == id), catalog.ConsentSince.GetValueOrDefault(id), standing.IsRestricted);
        return Permit.DecideRead(new ReadQuestion(actor, catalog.Catalog.Purposes.GetValueOrDefault(id), approval, customer, asked, question.Job, tx.Now, tx.Id));
    }
}
