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
        var catalog = await catalogs.GetActiveAsync(tx, ct);
        var key = await vault.FindCustomerAsync(tx, question.Customer, ct);
        var decision = await DecideAsync(tx, question, catalog, key, ct);
        var allowed = decision as Decision.Allowed;
        var sealed_ = allowed is null ? null : await vault.LoadAsync(tx, key!, allowed.Permit.DataPoints, question.HistoryLimit, ct);
        var entry = await log.AppendAsync(tx, new AuditEvent
        {
            Kind = allowed is null ? AuditKind.Deny : AuditKind.Read,
            Actor = "system:" + question.Job,
            Purpose = question.Purpose?.Value,
            CatalogVersion = catalog.Version,
            CustomerRef = key?.AuditRef,
            DataPoints = [.. (allowed?.Permit.DataPoints ?? question.DataPoints).Select(d => d.Value)],
            Reason = decision is Decision.Denied { Reason: var reason } ? reason.Code() : null,
            Subject = question.About,
        }, ct);
        return new Evaluated(decision, sealed_, catalog, entry);
    }

    /// <summary>Opens what was evaluated. INVARIANT: its transaction is committed; the vault refuses otherwise.</summary>
    public Outcome Open(Evaluated evaluated) => new(
        evaluated.Decision, evaluated.Decision is Decision.Allowed { Permit: var permit } ? vault.Open(permit, evaluated.Sealed!) : null, evaluated.Catalog, evaluated.Entry);

    private async ValueTask<Decision> DecideAsync(Transaction tx, Question question, ActiveCatalog catalog, CustomerKey? key, CancellationToken ct)
    {
        var actor = new ActorState { Kind = ActorKind.System, Ref = question.Job };
        DataPointId[] asked = [.. question.DataPoints.Where(catalog.Catalog.DataPoints.ContainsKey)];
        if (question.Purpose is not { } id)
        {
            return Permit.DecideAnswer(actor, key is null ? null : new CustomerState(key.Id, null, 0, IsRestricted: false), asked, tx.Now, tx.Id);
        }

        var customer = key is null ? null : new CustomerState(
            key.Id,
            (await ledger.StateAsync(tx, key.Id, ct)).FirstOrDefault(c => c.Purpose == id),
            catalog.ConsentSince.GetValueOrDefault(id),
            await ledger.RestrictedSinceAsync(tx, key.Id, ct) is not null);
        return Permit.DecideRead(new ReadQuestion(actor, catalog.Catalog.Purposes.GetValueOrDefault(id), customer, asked, question.Job, tx.Now, tx.Id));
    }
}
