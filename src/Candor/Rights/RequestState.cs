using System.Text.Json;
using Candor.Kernel;

namespace Candor.Rights;

/// <summary>Which right somebody uses (GDPR articles 15 to 21; CCPA delete, correct, know, opt out).</summary>
public enum RequestType
{
    Access,
    Portability,
    Rectification,
    Erasure,
    Restriction,
    Objection,
}

/// <summary>Where a request stands.</summary>
public enum RequestState
{
    Received,
    Acknowledged,
    IdentityNeeded,
    IdentityProven,
    InWork,
    Extended,
    Done,
    Refused,
    /// <summary>The customer took it back.</summary>
    Withdrawn,
}

/// <summary>How a request came in.</summary>
public enum RequestChannel
{
    /// <summary>A page here, in the customer's own session.</summary>
    Page,
    Api,
    /// <summary>A member of staff, on behalf of the customer.</summary>
    Staff,
    OpenDsr,
}

/// <summary>Why a request is refused; the customer gets it with a sentence beside it.</summary>
public enum RefusalReason
{
    SuspectedFraud,
    InsufficientVerification,
    NoMatch,
    ClaimNotCovered,
    OutsideJurisdiction,
    /// <summary>Manifestly unfounded or excessive (GDPR article 12(5)).</summary>
    TooManyRequests,
    Other,
}

/// <summary>Why a request takes longer (GDPR article 12(3)).</summary>
public enum ExtensionReason
{
    Complex,
    ManyRequests,
}

/// <summary>The states as a table, and what other vocabularies call them.</summary>
public static class RequestStates
{
    /// <summary>Where a request may go from each state. What is closed stays closed.</summary>
    private static readonly RequestState[][] Next = Table();

    /// <summary>True when the table has this step.</summary>
    public static bool CanMove(RequestState from, RequestState to) => Next[(int)from].Contains(to);

    public static bool IsOpen(this RequestState state) => state is not (RequestState.Done or RequestState.Refused or RequestState.Withdrawn);

    /// <summary>The word of the API and the database, such as <c>identity-needed</c>.</summary>
    public static string Code<T>(this T word)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(word.ToString());

    /// <summary>Reads a word of the API.</summary>
    /// <param name="member">Name of the member, for the message.</param>
    /// <exception cref="Fault">Invalid <c>rights/unknown-word</c>.</exception>
    public static T Parse<T>(string? word, string member)
        where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
        {
            if (value.Code() == word)
            {
                return value;
            }
        }

        throw new Fault(FaultKind.Invalid, "rights/unknown-word",
            $"`{member}` is {string.Join(", ", Enum.GetValues<T>().Select(v => $"`{v.Code()}`"))}; got `{Name.Shown(word)}`.");
    }

    /// <summary>OpenDSR 2.0, section 8. It has no word for a refusal.</summary>
    public static string OpenDsr(this RequestState state) => state switch
    {
        RequestState.Received or RequestState.Acknowledged or RequestState.IdentityNeeded => "pending",
        RequestState.Done or RequestState.Refused => "completed",
        RequestState.Withdrawn => "cancelled",
        _ => "in_progress",
    };

    /// <summary>Data Rights Protocol 1.0: status, with its reason where it has one.</summary>
    public static string DataRights(this RequestState state) => state switch
    {
        RequestState.Received => "open",
        RequestState.IdentityNeeded => "in_progress/need_user_verification",
        RequestState.Done => "fulfilled",
        RequestState.Refused => "denied",
        RequestState.Withdrawn => "revoked",
        _ => "in_progress",
    };

    /// <summary>Class of the Data Privacy Vocabulary 2.3, without prefix.</summary>
    public static string Dpv(this RequestState state) => state switch
    {
        RequestState.Received => "RequestInitiated",
        RequestState.Acknowledged => "RequestAcknowledged",
        RequestState.IdentityNeeded => "RequestRequiresAction",
        RequestState.IdentityProven => "RequestRequiredActionPerformed",
        RequestState.InWork => "RequestAccepted",
        RequestState.Extended => "RequestActionDelayed",
        RequestState.Done => "RequestFulfilled",
        RequestState.Refused => "RequestRejected",
        _ => "RequestUnfulfilled",
    };

    private static RequestState[][] Table()
    {
        var table = new RequestState[Enum.GetValues<RequestState>().Length][];
        Array.Fill(table, []);
        table[(int)RequestState.Received] =
            [RequestState.Acknowledged, RequestState.IdentityNeeded, RequestState.IdentityProven, RequestState.Refused, RequestState.Withdrawn];
        table[(int)RequestState.Acknowledged] =
            [RequestState.IdentityNeeded, RequestState.IdentityProven, RequestState.InWork, RequestState.Refused, RequestState.Withdrawn];
        table[(int)RequestState.IdentityNeeded] = [RequestState.IdentityProven, RequestState.Refused, RequestState.Withdrawn];
        table[(int)RequestState.IdentityProven] = [RequestState.InWork, RequestState.Refused, RequestState.Withdrawn];
        table[(int)RequestState.InWork] = [RequestState.Extended, RequestState.Done, RequestState.Refused, RequestState.Withdrawn];
        table[(int)RequestState.Extended] = [RequestState.Done, RequestState.Refused, RequestState.Withdrawn];
        return table;
    }
}
