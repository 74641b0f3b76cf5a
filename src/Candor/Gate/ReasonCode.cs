using System.Collections.Frozen;

namespace Candor.Gate;

/// <summary>Why a data point, or a whole read, was not given.</summary>
public enum ReasonCode
{
    /// <summary>The catalog declares no such purpose.</summary>
    UnknownPurpose,
    /// <summary>The purpose is a draft, or its approval is missing or over.</summary>
    PurposeNotActive,
    /// <summary>The purpose does not use this data point.</summary>
    NotForThisPurpose,
    /// <summary>The customer has not agreed, or said no.</summary>
    NoConsent,
    /// <summary>The customer agreed and took it back.</summary>
    ConsentWithdrawn,
    /// <summary>The consent was for a time that is over.</summary>
    ConsentExpired,
    /// <summary>The purpose was widened since; the customer has not agreed to that.</summary>
    ConsentOutdated,
    /// <summary>The customer objected to this use.</summary>
    Objected,
    /// <summary>The customer had all uses stopped for now.</summary>
    Restricted,
    /// <summary>The actor's role, service or key is not for this purpose.</summary>
    RoleNotAllowed,
    /// <summary>The session has no second factor.</summary>
    MfaRequired,
    /// <summary>The staff member's training is missing or over.</summary>
    TrainingLapsed,
    /// <summary>The session or key is over, revoked, or its account is disabled.</summary>
    SessionEnded,
    /// <summary>The staff member has opened too many customers in the last hour.</summary>
    OverReadBudget,
    /// <summary>The purpose needs a case and none was named.</summary>
    NoCase,
    /// <summary>Nobody is known by this reference.</summary>
    NoSuchCustomer,
}

/// <summary>Reason codes as they are written outside.</summary>
public static class ReasonCodes
{
    private static readonly FrozenDictionary<ReasonCode, string> Texts = Enum.GetValues<ReasonCode>()
        .ToFrozenDictionary(r => r, r => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(r.ToString()));

    /// <summary>The published text, such as <c>consent-withdrawn</c>.</summary>
    public static string Code(this ReasonCode reason) => Texts[reason];
}
