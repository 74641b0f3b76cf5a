using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Staff;

namespace Candor.Gate;

/// <summary>What a read by an AI assistant stands on besides its own purpose: the customer's consent to <see cref="PurposeCatalog.AiAssistance"/>, which also says which data points an assistant gets at all.</summary>
/// <param name="Purpose">As the active catalog declares it; null when it declares none.</param>
/// <param name="Choice">The customer's choice for it; null when there was never one, or nobody is known by the reference.</param>
/// <param name="ConsentSince">First catalog version, inclusive, whose consents still count for it.</param>
/// <param name="Approval">Whether AI assistance may be used at all; the default is no.</param>
public sealed record Assistance(Purpose? Purpose, Choice? Choice, long ConsentSince, Approval Approval)
{
    /// <summary>For a question of this actor; null for whoever is no AI assistant.</summary>
    public static Assistance? Of(ActorState actor, ActiveCatalog catalog, Choice? choice, Approval approval) => actor.IsAssistant
        ? new Assistance(catalog.Catalog.Purposes.GetValueOrDefault(PurposeCatalog.AiAssistance), choice, catalog.ConsentSince.GetValueOrDefault(PurposeCatalog.AiAssistance), approval)
        : null;

    /// <summary>For which purposes an assistant may ask at all, and which data points it may get for each from a customer who agrees to everything. By name.</summary>
    public static IReadOnlyList<(Purpose Purpose, IReadOnlyList<DataPointId> DataPoints)> OffersTo(ActorState actor, ActiveCatalog catalog) =>
        !actor.IsAssistant || catalog.Catalog.Purposes.GetValueOrDefault(PurposeCatalog.AiAssistance) is not { Active: true } covering ? [] :
        [
            .. catalog.Catalog.Purposes.Values.Where(p => p.Active && Permit.IsFor(p, actor)).OrderBy(p => p.Id.Value, StringComparer.Ordinal)
                .Select(p => (p, (IReadOnlyList<DataPointId>)[.. p.Uses.Keys.Where(covering.Uses.ContainsKey).OrderBy(d => d.Value, StringComparer.Ordinal)]))
                .Where(o => o.Item2.Count > 0),
        ];

    /// <summary>Why no assistant reads anybody here; null where it may go on, and for whoever is none.</summary>
    internal static ReasonCode? WhyNotAnybody(ReadQuestion q) =>
        !q.Actor.IsAssistant || q.Assistance is { Purpose: { Active: true, Basis: LegalBasis.Consent }, Approval: var approval } && approval.IsLive(q.Now) ? null : ReasonCode.PurposeNotActive;

    /// <summary>Why an assistant does not read this customer; null where it may, and for whoever is none. INVARIANT: <see cref="WhyNotAnybody"/> was asked before, and the customer is known.</summary>
    internal static ReasonCode? WhyNotThisCustomer(ReadQuestion q) => q is { Actor.IsAssistant: true, Assistance: { Purpose: { } purpose } stands, Customer: { } customer }
        ? Permit.WhyNotThisCustomer(purpose, customer with { Choice = stands.Choice, ConsentSince = stands.ConsentSince }, q.Now)
        : null;
}
