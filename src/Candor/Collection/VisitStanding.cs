using Candor.Catalog;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;

namespace Candor.Collection;

/// <summary>Where a visitor stands on one purpose that they have a say in.</summary>
/// <param name="Choice">What they said; null: nothing yet.</param>
/// <param name="IsAllowed">Whether the gate lets the purpose use this customer's data now.</param>
/// <param name="IsAsked">Whether the question may be put: never said, run out, widened since, or a no that was left in peace for long enough.</param>
public sealed record VisitStanding(Purpose Purpose, Choice? Choice, bool IsAllowed, bool IsAsked)
{
    /// <summary>The purposes that a customer has a say in, what asks for consent first.</summary>
    public static IReadOnlyList<Purpose> Offered(PurposeCatalog catalog) =>
        [.. catalog.Purposes.Values.Where(p => p is { Active: true, Basis: LegalBasis.Consent or LegalBasis.LegitimateInterest })
            .OrderBy(p => p.Basis).ThenBy(p => p.Id.Value, StringComparer.Ordinal)];

    /// <summary>Data points that browsers may send while a purpose is allowed.</summary>
    public static IReadOnlyList<DataPoint> CollectedWith(PurposeCatalog catalog, Purpose purpose) =>
        [.. catalog.DataPoints.Values.Where(d => d.Kind == DataPointKind.History && d.CollectedWith == purpose.Id).OrderBy(d => d.Id.Value, StringComparer.Ordinal)];

    public static VisitStanding Of(Purpose purpose, CustomerId customer, ActiveCatalog catalog, IReadOnlyList<Choice> choices, bool isRestricted, DateTimeOffset now)
    {
        var choice = choices.FirstOrDefault(c => c.Purpose == purpose.Id);
        var reason = Permit.WhyNotThisCustomer(purpose, new CustomerState(customer, choice, catalog.ConsentSince.GetValueOrDefault(purpose.Id), isRestricted), now);
        return new VisitStanding(purpose, choice, reason is null, !isRestricted && IsAskedAbout(purpose, choice, reason, now));
    }

    private static bool IsAskedAbout(Purpose purpose, Choice? choice, ReasonCode? reason, DateTimeOffset now) => choice switch
    {
        _ when purpose.Basis != LegalBasis.Consent || reason is null => false,
        null or { State: ConsentState.Expired or ConsentState.Given } => true,
        _ => purpose.AskAgainAfter is { } peace && peace.After(Micros.ToInstant(choice.ChangedAtUs)) <= now,
    };
}
