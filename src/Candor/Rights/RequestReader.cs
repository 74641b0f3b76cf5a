using System.Text;
using Candor.Audit;
using Candor.Catalog;
using Candor.Gate;
using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Rights;

/// <summary>Shows a request with its history. What people wrote in it is opened under a permit and logged like any read.</summary>
public sealed class RequestReader(Database database, CatalogRegister catalogs, AuditLog log, PersonalVault vault, AccessRegister access, RightsRequests requests)
{
    /// <summary>A request, or why it is not shown. Both null: the token belongs to nobody.</summary>
    public readonly record struct Shown(RequestView? View, CustomerChoices.Refusal? Refused);

    private sealed record Loaded(RequestRow Row, IReadOnlyList<StepRow> Steps, Permit? Permit, SealedCustomer? Sealed, CustomerChoices.Refusal? Refused);

    /// <summary>One request with its history.</summary>
    /// <exception cref="Fault">NotFound when there is none of this id that the asker may know of.</exception>
    public async Task<Shown> ShowAsync(Asker who, string id, CancellationToken ct)
    {
        var loaded = await database.WriteAsync(tx => LoadAsync(tx, who, id, ct), ct);
        if (loaded is null or { Refused: not null })
        {
            return new Shown(null, loaded?.Refused);
        }

        var sealed_ = loaded.Steps.Where(s => s.Note is not null).Select(s => (Id: RequestFile.NoteId(loaded.Row.RequestId, s.Step), Sealed: s.Note!)).ToList();
        var notes = loaded.Permit is null
            ? new Dictionary<string, string>()
            : sealed_.Zip(vault.OpenNotes(loaded.Permit, loaded.Sealed!, RequestFile.NoteKind, sealed_)).ToDictionary(p => p.First.Id, p => Encoding.UTF8.GetString(p.Second.Span));
        return new Shown(new RequestView(loaded.Row.AsRequest(), [.. loaded.Steps.Select(s => new RequestStep(
            RequestStates.Parse<RequestState>(s.State, "state"), Micros.ToInstant(s.AtUs), s.Actor, s.Reason, notes.GetValueOrDefault(RequestFile.NoteId(loaded.Row.RequestId, s.Step))))]), null);
    }

    private async ValueTask<Loaded?> LoadAsync(Transaction tx, Asker who, string id, CancellationToken ct)
    {
        if (await who.FindAsync(tx, access, ct) is not { } actor)
        {
            return null;
        }

        var row = await RightsRequests.FindVisibleAsync(tx, actor, id, ct);
        var key = row?.Owner is { } owner ? await vault.FindCustomerAsync(tx, owner, ct) : null;
        if (RequestRules.WhyNot(actor, RequestAct.Show, RightsRequests.Concerned(actor, row), tx.Now) is { } reason)
        {
            return new Loaded(new RequestRow(), [], null, null, await requests.DenyAsync(tx, actor, key, reason, RequestAct.Show, ct));
        }

        var steps = await RequestRows.StepsAsync(tx, row ?? throw RightsRequests.NoSuchRequest(id), ct);
        if (key is null || !RequestRules.MayReadNotes(actor) || steps.All(s => s.Note is null) || Decide(tx, actor, key) is not Decision.Allowed { Permit: var permit })
        {
            return new Loaded(row, steps, null, null, null);
        }

        var sealed_ = await vault.LoadAsync(tx, key, [], 0, ct);
        await log.AppendAsync(tx, new AuditEvent
        {
            Kind = AuditKind.Read, Actor = actor.LogName, Session = actor.Session, CatalogVersion = (await catalogs.GetActiveAsync(tx, ct)).Version, CustomerRef = key.AuditRef,
            Subject = $"request-notes:{row.RequestId}",
        }, ct);
        return new Loaded(row, steps, permit, sealed_, null);
    }

    private static Decision Decide(Transaction tx, ActorState actor, CustomerKey key)
    {
        var customer = new CustomerState(key.Id, null, 0, IsRestricted: false);
        return actor.Kind == ActorKind.Customer
            ? Permit.DecideOwnRequest(actor, customer, [], tx.Now, tx.Id)
            : Permit.DecideAnswer(actor, customer, [], [], tx.Now, tx.Id);
    }
}
