using System.Text;
using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Messages;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Rights;

/// <summary>Corrections that wait, decided by staff. The values are read through the gate: a privacy officer answers the customer's request,
/// an agent needs a purpose that uses the data point, and the correction is the case.</summary>
public sealed class CorrectionDesk(
    Database database, CatalogRegister catalogs, ConsentLedger ledger, AuditLog log, PersonalVault vault, AccessRegister access, Corrections corrections, Outbox outbox)
{
    public const string Officer = "privacy-officer";
    public const string Agent = "agent";

    /// <summary>Characters of the reason of a refusal.</summary>
    public const int MaxReason = 500;

    /// <summary>Template of the mail that tells what became of a correction.</summary>
    public const string Decided = "correction-decided";

    /// <summary>What came of a call. Both null: the token belongs to nobody.</summary>
    /// <param name="Correction">With its state after the call.</param>
    public readonly record struct Outcome(Correction? Correction, ReasonCode? Refused);

    private sealed record Evaluated(Decision Decision, CustomerKey? Key, SealedCustomer? Sealed, CorrectionRow Row, string By);

    /// <summary>What waits, the longest first; nothing of it is opened.</summary>
    public Task<IReadOnlyList<WaitingCorrection>> ListAsync(int most, CancellationToken ct) => database.ReadAsync<IReadOnlyList<WaitingCorrection>>(async tx =>
        [.. (await CorrectionRow.WaitingAsync(tx, most, ct)).Select(r => new WaitingCorrection(r.CorrectionId, DataPointId.Parse(r.DataPoint), Micros.ToInstant(r.AskedAtUs)))], ct);

    /// <summary>A correction that waits, in clear.</summary>
    /// <exception cref="Fault">NotFound <c>rights/no-such-correction</c>.</exception>
    public async Task<Outcome> ShowAsync(CallerToken token, string id, CancellationToken ct) =>
        await EvaluateAsync(token, id, ct) is not { } evaluated ? default
        : evaluated.Decision is Decision.Denied { Reason: var no } ? new Outcome(null, no)
        : new Outcome(Open(evaluated, CorrectionState.Waiting), null);

    /// <summary>Takes a correction over: the value counts from now, and the customer is told.</summary>
    public Task<Outcome> ApproveAsync(CallerToken token, string id, CancellationToken ct) => DecideAsync(token, id, null, ct);

    /// <summary>Does not take a correction over; the customer is told the reason.</summary>
    /// <param name="reason">1 to <see cref="MaxReason"/> characters, in plain words.</param>
    public Task<Outcome> RefuseAsync(CallerToken token, string id, string reason, CancellationToken ct) =>
        string.IsNullOrWhiteSpace(reason) || reason.Length > MaxReason || reason.Any(char.IsControl)
            ? throw new Fault(FaultKind.Invalid, "rights/bad-reason", $"A refusal says why in 1 to {MaxReason} characters; got `{reason.Length}`.")
            : DecideAsync(token, id, reason.Trim(), ct);

    private async Task<Outcome> DecideAsync(CallerToken token, string id, string? refusal, CancellationToken ct)
    {
        if (await EvaluateAsync(token, id, ct) is not { } evaluated)
        {
            return default;
        }

        if (evaluated.Decision is Decision.Denied { Reason: var no })
        {
            return new Outcome(null, no);
        }

        // Opened between two transactions: the read is logged and durable before, and the state is looked at again after.
        var state = refusal is null ? CorrectionState.Approved : CorrectionState.Refused;
        var opened = Open(evaluated, state);
        await database.WriteAsync(tx => KeepAsync(tx, evaluated, opened, state, refusal, ct), ct);
        return new Outcome(opened with { Reason = refusal }, null);
    }

    private async ValueTask KeepAsync(Transaction tx, Evaluated evaluated, Correction opened, CorrectionState state, string? refusal, CancellationToken ct)
    {
        var (row, key) = (evaluated.Row, evaluated.Key!);
        await tx.LockCustomerAsync(key.Id, exclusive: true, ct);
        var catalog = await catalogs.GetActiveAsync(tx, ct);
        var id = DataPointId.Parse(row.DataPoint);
        if (await vault.FindCustomerAsync(tx, key.Id, ct) is null || await CorrectionRow.FindWaitingAsync(tx, row.CorrectionId, ct) is null
            || !catalog.Catalog.DataPoints.TryGetValue(id, out var field))
        {
            throw NoneSuch(row.CorrectionId);
        }

        if (state == CorrectionState.Approved)
        {
            await corrections.StoreAsync(tx, key, field, opened.Proposed.ToArray(), opened.Former, catalog.Catalog, ct);
        }

        await tx.RunAsync(
            "UPDATE correction SET state = @State, reason = @Reason, decided_by = @By, decided_at_us = @NowUs WHERE customer_id = @Customer AND correction_id = @Id",
            new
            {
                State = state.Code(), By = evaluated.By, tx.NowUs, Customer = key.Id.Value, Id = row.CorrectionId,
                Reason = refusal is null ? null : vault.SealNote(key, CorrectionRow.Note, row.ReasonId, Encoding.UTF8.GetBytes(refusal)),
            }, ct);
        await log.AppendAsync(tx, new AuditEvent
        {
            Kind = AuditKind.Request, Actor = evaluated.By, CatalogVersion = catalog.Version, CustomerRef = key.AuditRef,
            DataPoints = [row.DataPoint], Reason = state.Code(), Subject = $"correction:{row.CorrectionId}",
        }, ct);
        await outbox.QueueAsync(tx, key, new OutgoingMessage(Decided, null, new Dictionary<string, string>
        {
            ["request"] = RightsRequest.NumberOf(row.CorrectionId), ["dataPoint"] = row.DataPoint, ["outcome"] = state.Code(), ["reason"] = refusal ?? "", ["link"] = "",
        }), ct);
    }

    private Task<Evaluated?> EvaluateAsync(CallerToken token, string id, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        if (await access.FindActorAsync(tx, token, ct) is not { } actor)
        {
            return null;
        }

        var row = await CorrectionRow.FindWaitingAsync(tx, id, ct) ?? throw NoneSuch(id);
        var (customer, dataPoint) = (CustomerId.Parse(row.CustomerId), DataPointId.Parse(row.DataPoint));
        await tx.LockCustomerAsync(customer, exclusive: false, ct);
        var catalog = await catalogs.GetActiveAsync(tx, ct);
        var key = await vault.FindCustomerAsync(tx, customer, ct);
        var (decision, purpose) = await DecideReadAsync(tx, actor, catalog, key, dataPoint, id, ct);
        await log.AppendAsync(tx, new AuditEvent
        {
            Kind = decision is Decision.Allowed ? AuditKind.Read : AuditKind.Deny, Actor = actor.LogName, Session = actor.Session, Purpose = purpose?.Value,
            CatalogVersion = catalog.Version, CustomerRef = key?.AuditRef, DataPoints = [row.DataPoint], Subject = $"correction:{id}",
            Reason = decision is Decision.Denied { Reason: var reason } ? reason.Code() : null,
        }, ct);
        return new Evaluated(decision, key, decision is Decision.Allowed ? Sealed(tx, key!, row) : null, row, actor.LogName);
    }, ct);

    private async ValueTask<(Decision Decision, PurposeId? Purpose)> DecideReadAsync(
        Transaction tx, ActorState actor, ActiveCatalog catalog, CustomerKey? key, DataPointId dataPoint, string id, CancellationToken ct)
    {
        if (actor.Kind == ActorKind.Staff && actor.HasRole(Officer))
        {
            return (Permit.DecideAnswer(actor, key is null ? null : new CustomerState(key.Id, null, 0, IsRestricted: false), [dataPoint], catalog.Catalog.AggregateOnly, tx.Now, tx.Id), null);
        }

        var purpose = actor.Kind == ActorKind.Staff && actor.HasRole(Agent)
            ? catalog.Catalog.Purposes.Values.Where(p => p.Active && p.Uses.ContainsKey(dataPoint) && actor.HasAnyRole(p.Roles)).OrderBy(p => p.Basis).FirstOrDefault()
            : null;
        if (purpose is null)
        {
            return (new Decision.Denied(ReasonCode.RoleNotAllowed), null);
        }

        var customer = key is null ? null : new CustomerState(
            key.Id, (await ledger.StateAsync(tx, key.Id, ct)).FirstOrDefault(c => c.Purpose == purpose.Id), catalog.ConsentSince.GetValueOrDefault(purpose.Id),
            await ledger.RestrictedSinceAsync(tx, key.Id, ct) is not null);
        return (Permit.DecideRead(new ReadQuestion(actor, purpose, await PurposeApprovals.FindAsync(tx, purpose.Id, ct), customer, [dataPoint], id, tx.Now, tx.Id)), purpose.Id);
    }

    private static SealedCustomer Sealed(Transaction tx, CustomerKey key, CorrectionRow row) => new(tx, key, row.Former is null ? [] : [Corrections.Former(row)]);

    private Correction Open(Evaluated evaluated, CorrectionState state)
    {
        var (permit, row) = (((Decision.Allowed)evaluated.Decision).Permit, evaluated.Row);
        var former = vault.Open(permit, evaluated.Sealed!).Values;
        return new Correction(
            row.CorrectionId, DataPointId.Parse(row.DataPoint), state, Micros.ToInstant(row.AskedAtUs), null, former.Count > 0 ? former[0].Json : (ReadOnlyMemory<byte>?)null,
            vault.OpenNotes(permit, evaluated.Sealed!, CorrectionRow.Note, [(row.CorrectionId, row.Proposed)])[0], null);
    }

    private static Fault NoneSuch(string id) =>
        new(FaultKind.NotFound, "rights/no-such-correction", $"No correction `{Name.Shown(id)}` waits; `candor correction list` shows those that do.");
}
