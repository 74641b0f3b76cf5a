using Candor.Audit;
using Candor.Catalog;
using Candor.Gate;
using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Rights;

/// <summary>Reads what the law keeps of erased customers, for a purpose that rests on that law and for nothing else, and removes it when its time is over.</summary>
public sealed class HeldData(Database database, CatalogRegister catalogs, AuditLog log, PersonalVault vault, HeldVault held, AccessRegister access, ReadBudget budget)
{
    /// <summary>What came of a read.</summary>
    /// <param name="Refused">Why nothing was given; null when something was.</param>
    /// <param name="Found">One for each customer who had the reference; empty when refused.</param>
    /// <param name="Entry">Id of the log entry; of the first when several customers had the reference.</param>
    public sealed record Outcome(ReasonCode? Refused, IReadOnlyList<OpenedCustomer> Found, string Entry);

    private sealed record Evaluated(ReasonCode? Refused, IReadOnlyList<(Permit Permit, SealedCustomer Sealed)> Found, string Entry);

    /// <summary>Who asks for what.</summary>
    private sealed record Question(ActorState Actor, string Reference, PurposeId Purpose, string? Case);

    /// <summary>Reads for whom the token belongs to; null when it belongs to nobody.</summary>
    /// <exception cref="Fault">Invalid for a malformed reference.</exception>
    public async Task<Outcome?> ReadAsync(CallerToken token, string reference, PurposeId purpose, string? @case, CancellationToken ct) => Open(await database.WriteAsync(async tx =>
        await access.FindActorAsync(tx, token, ct) is { } actor ? await EvaluateAsync(tx, new Question(actor, reference, purpose, @case), ct) : null, ct));

    /// <summary>Reads for a command, which whoever holds the root key runs.</summary>
    public async Task<Outcome> ReadAsSystemAsync(string job, string reference, PurposeId purpose, CancellationToken ct) => Open(await database.WriteAsync(tx =>
        EvaluateAsync(tx, new Question(new ActorState { Kind = ActorKind.System, Ref = job }, reference, purpose, job), ct), ct))!;

    /// <summary>Removes what has been held long enough, and logs it.</summary>
    /// <returns>How many records; call again while it is as many as <paramref name="most"/>.</returns>
    public Task<int> RemoveDueAsync(int most, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var removed = await held.RemoveDueAsync(tx, most, ct);
        foreach (var (key, records, isLast) in removed)
        {
            await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Erase, Actor = "system:hold", CustomerRef = key.AuditRef, Reason = "hold-over", Subject = $"records:{records}" }, ct);
            if (isLast)
            {
                await budget.EraseAsync(tx, key.Id, ct);
            }
        }

        return removed.Sum(r => r.Records);
    }, ct);

    private Outcome? Open(Evaluated? evaluated) => evaluated is null
        ? null
        : new Outcome(evaluated.Refused, [.. evaluated.Found.Select(f => vault.Open(f.Permit, f.Sealed))], evaluated.Entry);

    private async ValueTask<Evaluated> EvaluateAsync(Transaction tx, Question question, CancellationToken ct)
    {
        var catalog = await catalogs.GetActiveAsync(tx, ct);
        var all = await held.LoadAsync(tx, question.Reference, ct);
        if (all.Count == 0)
        {
            var (reason, entry, _) = await DecideAsync(tx, question, catalog, null, ct);
            return new Evaluated(reason, [], entry);
        }

        var (found, refused, first) = (new List<(Permit, SealedCustomer)>(), (ReasonCode?)null, (string?)null);
        foreach (var one in all)
        {
            var (reason, entry, permit) = await DecideAsync(tx, question, catalog, one, ct);
            (refused, first) = (reason ?? refused, first ?? entry);
            if (permit is not null)
            {
                found.Add((permit, new SealedCustomer(tx, one.Key, [.. one.Values.Where(v => permit.Covers(v.DataPoint))])));
            }
        }

        return new Evaluated(found.Count > 0 ? null : refused, found, first!);
    }

    /// <summary>Decides and logs for one customer who had the reference, or for none.</summary>
    private async ValueTask<(ReasonCode? Reason, string Entry, Permit? Permit)> DecideAsync(
        Transaction tx, Question question, ActiveCatalog catalog, SealedCustomer? one, CancellationToken ct)
    {
        var actor = await budget.ApplyAsync(tx, question.Actor, one?.Key.Id, ct);
        DataPointId[] asked = one is null ? [.. catalog.Catalog.DataPoints.Keys.Take(1)] : [.. one.Values.Select(v => v.DataPoint).Distinct()];
        var customer = one is null ? null : new CustomerState(one.Key.Id, null, 0, IsRestricted: false);
        var decision = Permit.DecideLegalDuty(new ReadQuestion(
            actor, catalog.Catalog.Purposes.GetValueOrDefault(question.Purpose), await PurposeApprovals.FindAsync(tx, question.Purpose, ct), customer, asked, question.Case, tx.Now, tx.Id) { Assistance = Assistance.Of(actor, catalog, null, default) });
        var permit = (decision as Decision.Allowed)?.Permit;
        if (permit is not null)
        {
            await budget.CountAsync(tx, actor, permit.Customer, ct);
        }

        var reason = (decision as Decision.Denied)?.Reason;
        var entry = await log.AppendAsync(tx, new AuditEvent
        {
            Kind = permit is null ? AuditKind.Deny : AuditKind.Read, Actor = actor.LogName, Session = actor.Session, Purpose = question.Purpose.Value,
            CatalogVersion = catalog.Version, CustomerRef = one?.Key.AuditRef, DataPoints = [.. (permit?.DataPoints ?? []).Select(d => d.Value)],
            Reason = reason?.Code(), Subject = "held",
        }, ct);
        return (reason, entry, permit);
    }
}
