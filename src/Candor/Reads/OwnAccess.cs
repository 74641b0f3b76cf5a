using Candor.Catalog;
using Candor.Gate;
using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Reads;

/// <summary>A customer in a live session of their own, as one transaction found them.</summary>
/// <param name="Permit">For the data points that were asked for; may be none.</param>
public sealed record OwnCustomer(ActorState Actor, CustomerKey Key, ActiveCatalog Catalog, Permit Permit);

/// <summary>Finds the customer behind a session, for everything that customers do themselves.</summary>
public sealed class OwnAccess(CatalogRegister catalogs, PersonalVault vault, AccessRegister access)
{
    /// <summary>The customer of a session, with their lock held; null when it is no live session of a customer who is still there.</summary>
    /// <param name="asked">Which data points of the catalog the permit shall cover.</param>
    /// <param name="exclusive">True where the customer's data changes.</param>
    public async ValueTask<OwnCustomer?> FindAsync(
        Transaction tx, CallerToken token, Func<PurposeCatalog, IReadOnlyList<DataPointId>> asked, bool exclusive, CancellationToken ct)
    {
        if (await access.FindActorAsync(tx, token, ct) is not { Kind: ActorKind.Customer } actor || !CustomerId.TryParse(actor.Ref, null, out var id))
        {
            return null;
        }

        await tx.LockCustomerAsync(id, exclusive, ct);
        var catalog = await catalogs.GetActiveAsync(tx, ct);
        var key = await vault.FindCustomerAsync(tx, id, ct);
        var customer = key is null ? null : new CustomerState(id, null, 0, IsRestricted: false);
        return Permit.DecideOwnRequest(actor, customer, asked(catalog.Catalog), tx.Now, tx.Id) is Decision.Allowed { Permit: var permit }
            ? new OwnCustomer(actor, key!, catalog, permit)
            : null;
    }

    /// <summary>For what opens no data point.</summary>
    public ValueTask<OwnCustomer?> FindAsync(Transaction tx, CallerToken token, bool exclusive, CancellationToken ct) => FindAsync(tx, token, _ => [], exclusive, ct);
}
