using Candor.Audit;
using Candor.Catalog;
using Candor.Gate;
using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Reads;

/// <summary>What else happens in the same step as a read in an emergency: the customer is told, and whoever looks into it.</summary>
/// <param name="entry">Id of the log entry.</param>
/// <remarks>Runs in the transaction of the read, after its log entry; if it fails, nothing is read.</remarks>
public delegate ValueTask EmergencyStep(Transaction tx, CustomerKey customer, ActorState actor, ReadRequest request, string entry, CancellationToken ct);

/// <summary>The path of a read, and the only way to personal data: load, decide, log, commit, and only then decrypt.</summary>
public sealed class ConsentedRead(Database database, CatalogRegister catalogs, AuditLog log, PersonalVault vault, BlindIndex index, ReadBudget budget)
{
    /// <summary>A read between its evaluation and its commit: nothing in here is in clear.</summary>
    private sealed record Evaluated(Decision Decision, SealedCustomer? Sealed, string Entry, ReasonCode? ShownReason, bool IsSeenDue, Purpose? Purpose);

    private readonly List<EmergencyStep> emergencySteps = [];

    /// <summary>Adds a step that every allowed read in an emergency takes from now on. At start only.</summary>
    public void AlsoDo(EmergencyStep step) => emergencySteps.Add(step);

    /// <summary>Answers one question for personal data.</summary>
    /// <returns>The outcome, or null when the token belongs to nobody (nothing is read and nothing is logged then).</returns>
    /// <exception cref="Fault">Invalid for a malformed question; Unavailable when the log entry could not be made durable.</exception>
    public async Task<ReadOutcome?> RunAsync(ReadRequest request, CancellationToken ct)
    {
        using var measured = ReadMeasure.Begin();
        var digest = request.Digest ?? index.Of(BlindIndex.Reference, request.Reference);
        var evaluated = request.Emergency is null
            ? await database.WriteLastAsync(tx => EvaluateAsync(tx, request, digest, measured, ct), ct)
            : await database.WriteAsync(tx => EvaluateAsync(tx, request, digest, measured, ct), ct);
        if (evaluated is null)
        {
            return null;
        }

        // The commit is confirmed: the entry is durable before anything is in clear.
        var opening = measured.Start("open");
        var opened = evaluated.Decision is Decision.Allowed allowed ? vault.Open(allowed.Permit, evaluated.Sealed!) : null;
        opening?.Dispose();
        measured.End(evaluated.Purpose, evaluated.ShownReason);
        if (evaluated.IsSeenDue)
        {
            await database.WriteAsync(tx => SessionRegister.MarkSeenAsync(tx, request.Token, ct), ct);
        }

        return new ReadOutcome(evaluated.Decision, opened, evaluated.Entry, evaluated.ShownReason) { Sealed = evaluated.Sealed };
    }

    private async ValueTask<Evaluated?> EvaluateAsync(Transaction tx, ReadRequest request, byte[] digest, ReadMeasure measured, CancellationToken ct)
    {
        using var gate = measured.Start("gate");
        var state = await ReadState.LoadAsync(tx, request.Token, digest, request.Purpose, ct);
        if (state.Actor is not { } actor)
        {
            return null;
        }

        var catalog = catalogs.Parsed(state.CatalogVersion) ?? await catalogs.LoadAsync(tx, state.CatalogVersion, ct);
        var purpose = catalog.Catalog.Purposes.GetValueOrDefault(request.Purpose);
        var customer = state.Key is { } key
            ? new CustomerState(key.Id, state.Choice, catalog.ConsentSince.GetValueOrDefault(request.Purpose), state.IsRestricted)
            : null;
        actor = await budget.ApplyAsync(tx, actor, state.Key?.Id, ct);
        var asked = customer is not null && request.DecisionOnly?.Invoke(customer.Id) == true ? [] : request.DataPoints.Count > 0 ? request.DataPoints : purpose?.Uses.Keys ?? [];
        var question = new ReadQuestion(actor, purpose, state.Approval, customer, asked, request.Case, tx.Now, tx.Id) { Assistance = Assistance.Of(actor, catalog, state.AssistanceChoice, state.AssistanceApproval) };
        var decision = request.Emergency is null ? Permit.DecideRead(question) : Permit.DecideEmergency(question);
        var sealed_ = decision is Decision.Allowed allowed ? await LoadSealedAsync(tx, allowed.Permit, state, catalog.Catalog, request.HistoryLimit, ct) : null;
        if (sealed_ is not null)
        {
            await budget.CountAsync(tx, actor, sealed_.Key.Id, ct);
            await (request.Also?.Invoke(tx, sealed_.Key, catalog) ?? ValueTask.CompletedTask);
        }

        // INVARIANT: the last act of the transaction, except in an emergency; see Database.WriteLastAsync.
        using var writing = measured.Start("log", gate);
        var entry = await log.AppendAsync(tx, Event(request, state, actor, asked, decision), ct);
        foreach (var step in request.Emergency is null || sealed_ is null ? [] : emergencySteps)
        {
            await step(tx, sealed_!.Key, actor, request, entry, ct);
        }

        return new Evaluated(decision, sealed_, entry, decision is Decision.Denied denied ? Shown(denied.Reason, actor, purpose) : null, SessionRegister.IsDue(actor, tx.Now), purpose);
    }

    private async ValueTask<SealedCustomer> LoadSealedAsync(
        Transaction tx, Permit permit, ReadState state, PurposeCatalog catalog, int historyLimit, CancellationToken ct)
    {
        var values = state.SealedFields;
        values.RemoveAll(v => !permit.Covers(v.DataPoint));
        foreach (var dataPoint in permit.DataPoints)
        {
            if (catalog.DataPoints[dataPoint].Kind == DataPointKind.History)
            {
                await vault.LoadHistoryAsync(tx, permit.Customer, dataPoint, historyLimit, values, ct);
            }
        }

        return new SealedCustomer(tx, state.Key!, values);
    }

    private AuditEvent Event(ReadRequest request, ReadState state, ActorState actor, IReadOnlyList<DataPointId> asked, Decision decision)
    {
        var given = decision is Decision.Allowed { Permit.DataPoints: var permitted } ? permitted : asked;
        var names = new string[given.Count];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = given[i].Value;
        }

        return new AuditEvent
        {
            Kind = decision is Decision.Allowed ? AuditKind.Read : AuditKind.Deny,
            Actor = actor.LogName,
            Session = actor.Session,
            Purpose = request.Purpose.Value,
            CatalogVersion = state.CatalogVersion,
            ConsentVersion = state.Choice?.Version ?? 0,
            CustomerRef = state.Key?.AuditRef,
            DataPoints = names,
            Reason = (decision as Decision.Denied)?.Reason.Code(),
            // A case number can point at a person, so it is readable only as long as the customer's key lives.
            SealedDetail = new ReadDetail(request.Case, request.Emergency).Encode() is { } detail && state.Key is { } key ? vault.SealDetail(key, detail) : null,
            Subject = request.Emergency is null ? null : ReadDetail.EmergencySubject,
        };
    }

    /// <summary>To a caller without a support role an unknown customer looks like one who said no to this purpose.</summary>
    private static ReasonCode Shown(ReasonCode reason, ActorState actor, Purpose? purpose) => reason switch
    {
        ReasonCode.NoSuchCustomer when actor is { Kind: ActorKind.Staff } && actor.HasRole("agent") => reason,
        ReasonCode.NoSuchCustomer when actor.IsAssistant => ReasonCode.NoConsent,
        ReasonCode.NoSuchCustomer => purpose!.Basis switch
        {
            LegalBasis.Consent => ReasonCode.NoConsent,
            LegalBasis.LegitimateInterest => ReasonCode.Objected,
            _ => ReasonCode.Restricted,
        },
        _ => reason,
    };
}
