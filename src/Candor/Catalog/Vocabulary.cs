using System.Collections.Frozen;

namespace Candor.Catalog;

/// <summary>Names of the W3C Data Privacy Vocabulary 2.3 that a catalog may use (https://w3id.org/dpv).</summary>
public static class Vocabulary
{
    /// <summary>Classes of the extension <c>pd:</c>, personal data.</summary>
    public static readonly FrozenDictionary<string, string> Categories = Same(
        "AccountIdentifier", "Age", "AgeRange", "Behavioral", "BirthDate", "Communication", "CommunicationsMetadata", "Contact", "Country", "DeviceBased",
        "EmailAddress", "Financial", "FinancialAccount", "Gender", "Health", "Household", "IPAddress", "Interest", "Language", "Location", "Name",
        "PhysicalAddress", "Preference", "PrivacyPreference", "Professional", "Profile", "Purchase", "PurchasesAndSpendingHabit", "TelephoneNumber", "Tracking",
        "Transaction");

    /// <summary>Classes of <c>dpv:</c> that are purposes.</summary>
    public static readonly FrozenDictionary<string, string> Purposes = Same(
        "Advertising", "CommunicationForCustomerCare", "CustomerCare", "CustomerManagement", "CustomerOrderManagement", "CustomerRelationshipManagement", "DirectMarketing",
        "EnforceSecurity", "FraudPreventionAndDetection", "IdentityVerification", "ImproveExistingProductsAndServices", "LegalCompliance", "Personalisation",
        "PersonalisedAdvertising", "PersonalisedBenefits", "ProvidePersonalisedRecommendations", "ProvideProductRecommendations", "RequestedServiceProvision", "ServicePersonalisation", "TargetedAdvertising");

    /// <summary>What a purpose is called when the catalog does not say.</summary>
    public static string DefaultPurpose(LegalBasis basis) => basis switch
    {
        LegalBasis.Consent => "ServicePersonalisation",
        LegalBasis.LegalObligation => "LegalCompliance",
        LegalBasis.LegitimateInterest => "ImproveExistingProductsAndServices",
        _ => "RequestedServiceProvision",
    };

    private static FrozenDictionary<string, string> Same(params string[] names) => names.ToFrozenDictionary(n => n, StringComparer.Ordinal);
}
