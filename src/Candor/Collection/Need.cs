using Candor.Catalog;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Staff;

namespace Candor.Collection;

/// <summary>Whether a data point may come in: some active purpose of this customer must need it.</summary>
internal static class Need
{
    /// <summary>Null when it is needed; else why the purpose closest to needing it does not.</summary>
    public static ReasonCode? WhyNot(DataPoint dataPoint, ActiveCatalog catalog, CustomerId customer, IReadOnlyList<Choice> choices, bool isRestricted, DateTimeOffset now)
    {
        ReasonCode? reason = ReasonCode.NotForThisPurpose;
        foreach (var purpose in catalog.Catalog.Purposes.Values)
        {
            if (!purpose.Active || !purpose.Uses.ContainsKey(dataPoint.Id) || (dataPoint.CollectedWith is { } only && only != purpose.Id))
            {
                continue;
            }

            var choice = choices.FirstOrDefault(c => c.Purpose == purpose.Id);
            reason = Permit.WhyNotThisCustomer(purpose, new CustomerState(customer, choice, catalog.ConsentSince.GetValueOrDefault(purpose.Id), isRestricted), now);
            if (reason is null)
            {
                return null;
            }
        }

        return reason;
    }

    /// <summary>Why this actor may not bring in data about this customer from a browser; null when it is the customer.</summary>
    public static ReasonCode? WhyNotOwn(ActorState actor, CustomerId customer, DateTimeOffset now) => actor switch
    {
        _ when actor.IsRevoked || actor.ExpiresAt <= now => ReasonCode.SessionEnded,
        { Kind: ActorKind.Customer } when actor.Ref == customer.Value => null,
        _ => ReasonCode.RoleNotAllowed,
    };

    /// <summary>Why this actor may not bring data in; null when it may.</summary>
    public static ReasonCode? WhyNot(ActorState actor, DateTimeOffset now) => actor switch
    {
        _ when actor.IsRevoked || actor.ExpiresAt <= now => ReasonCode.SessionEnded,
        { Kind: ActorKind.Service } when actor.MayDo("collect") => null,
        _ => ReasonCode.RoleNotAllowed,
    };
}
