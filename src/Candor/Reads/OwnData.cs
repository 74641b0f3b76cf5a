using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Reads;

/// <summary>What the customer sees about themselves: everything held, their choices, and who looked. Logged like any read.</summary>
public sealed class OwnData(Database database, CatalogRegister catalogs, ConsentLedger ledger, AuditLog log, PersonalVault vault, AccessRegister access)
{
    /// <summary>Newest log entries shown.</summary>
    public const int MaxEntries = 200;

    /// <summary>One page's worth about one customer.</summary>
    public sealed record Overview(
        CustomerId Customer, ActiveCatalog Catalog, OpenedCustomer Opened, IReadOnlyList<Choice> Choices, IReadOnlyList<AuditEntry> WhoLooked, string Entry);

    private sealed record Loaded(Permit Permit, SealedCustomer Sealed, ActiveCatalog Catalog, IReadOnlyList<Choice> Choices, IReadOnlyList<AuditEntry> WhoLooked, string Entry, bool IsSeenDue);

    /// <summary>Everything about the customer of this session; null when the session is not a live session of a customer.</summary>
    public async Task<Overview?> RunAsync(CallerToken token, int historyLimit, CancellationToken ct)
    {
        var loaded = await database.WriteAsync(tx => LoadAsync(tx, token, historyLimit, ct), ct);
        if (loaded is { IsSeenDue: true })
        {
            await database.WriteAsync(tx => SessionRegister.MarkSeenAsync(tx, token, ct), ct);
        }

        return loaded is null
            ? null
            : new Overview(loaded.Permit.Customer, loaded.Catalog, vault.Open(loaded.Permit, loaded.Sealed), loaded.Choices, loaded.WhoLooked, loaded.Entry);
    }

    /// <summary>One consent record of the customer of this session; null when there is none of that number, or the session is not live.</summary>
    public Task<ConsentRecord?> FindRecordAsync(CallerToken token, long version, CancellationToken ct) => database.ReadAsync(async tx =>
        await access.FindActorAsync(tx, token, ct) is { Kind: ActorKind.Customer, IsRevoked: false } actor && actor.ExpiresAt > tx.Now && CustomerId.TryParse(actor.Ref, null, out var id)
            ? await ledger.FindAsync(tx, id, version, ct)
            : null, ct);

    private async ValueTask<Loaded?> LoadAsync(Transaction tx, CallerToken token, int historyLimit, CancellationToken ct)
    {
        if (await access.FindActorAsync(tx, token, ct) is not { Kind: ActorKind.Customer } actor || !CustomerId.TryParse(actor.Ref, null, out var id))
        {
            return null;
        }

        await tx.LockCustomerAsync(id, exclusive: false, ct);
        var catalog = await catalogs.GetActiveAsync(tx, ct);
        var key = await vault.FindCustomerAsync(tx, id, ct);
        var customer = key is null ? null : new CustomerState(id, null, 0, IsRestricted: false);
        var decision = Permit.DecideOwnRequest(actor, customer, catalog.Catalog.DataPoints.Keys, tx.Now, tx.Id);
        if (decision is not Decision.Allowed { Permit: var permit })
        {
            return null;
        }

        var whoLooked = await log.OfCustomerAsync(tx, key!.AuditRef, null, MaxEntries, ct);
        var entry = await log.AppendAsync(tx, new AuditEvent
        {
            Kind = AuditKind.Read,
            Actor = actor.LogName,
            Session = actor.Session,
            CatalogVersion = catalog.Version,
            CustomerRef = key.AuditRef,
            DataPoints = [.. permit.DataPoints.Select(d => d.Value)],
        }, ct);
        return new Loaded(permit, await vault.LoadAsync(tx, key, permit.DataPoints, historyLimit, ct), catalog, await ledger.StateAsync(tx, id, ct), whoLooked, entry, SessionRegister.IsDue(actor, tx.Now));
    }
}
