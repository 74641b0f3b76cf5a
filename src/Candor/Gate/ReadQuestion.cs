using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Staff;

namespace Candor.Gate;

/// <summary>Everything the gate looks at, as it stands in one transaction.</summary>
/// <param name="Actor">Who asks.</param>
/// <param name="Purpose">The purpose as the active catalog declares it; null when it declares none of that name.</param>
/// <param name="Approval">Whether that purpose may be used; the default is no.</param>
/// <param name="Customer">The customer's choices; null when nobody is known by the reference.</param>
/// <param name="Asked">Data points asked for, at least one, none twice.</param>
/// <param name="Case">The case that the read belongs to, when the caller named one.</param>
/// <param name="Now">The transaction's instant.</param>
/// <param name="TransactionId">The transaction that the permit will belong to.</param>
public sealed record ReadQuestion(
    ActorState Actor, Purpose? Purpose, Approval Approval, CustomerState? Customer, IReadOnlyList<DataPointId> Asked, string? Case, DateTimeOffset Now, long TransactionId)
{
    /// <summary>Of a question by an AI assistant, which gets nothing without it; null for everybody else.</summary>
    public Assistance? Assistance { get; init; }

    /// <summary>Whether the purpose uses a data point; for an AI assistant, whether the customer's consent to AI assistance covers it too.</summary>
    internal bool Covers(DataPointId dataPoint) =>
        Purpose!.Uses.ContainsKey(dataPoint) && (!Actor.IsAssistant || Assistance?.Purpose?.Uses.ContainsKey(dataPoint) == true);
}

/// <summary>A customer's current choices, as far as one purpose is concerned.</summary>
/// <param name="Id">The customer.</param>
/// <param name="Choice">The choice for the purpose; null when there was never one.</param>
/// <param name="ConsentSince">First catalog version, inclusive, whose consents still count for the purpose.</param>
/// <param name="IsRestricted">True while the customer has all uses stopped.</param>
public sealed record CustomerState(CustomerId Id, Choice? Choice, long ConsentSince, bool IsRestricted);
