namespace Candor.Consent;

/// <summary>Where a customer stands on one purpose now. The stored text is <see cref="ConsentWords.Code(ConsentState)"/>.</summary>
public enum ConsentState
{
    /// <summary>Agreed, and the agreement still runs (given or renewed).</summary>
    Given,
    /// <summary>Agreed once and took it back.</summary>
    Withdrawn,
    /// <summary>Agreed, and the time for which the agreement counts is over.</summary>
    Expired,
    /// <summary>Was asked and said no.</summary>
    Refused,
    /// <summary>Objected to a use that rests on legitimate interest.</summary>
    Objected,
    /// <summary>Asked that everything be held still; stands beside all purposes, under <see cref="ConsentWords.EveryPurpose"/>.</summary>
    Restricted,
}

/// <summary>What happened, as one consent record tells it. The stored text is <see cref="ConsentWords.Code(ConsentEvent)"/>.</summary>
public enum ConsentEvent
{
    Given,
    /// <summary>Given again while the earlier consent still ran; the time starts anew.</summary>
    Renewed,
    Withdrawn,
    Expired,
    Refused,
    Objected,
    ObjectionLifted,
    Restricted,
    RestrictionLifted,
}

/// <summary>The words under which states and events are stored and shown to programs.</summary>
public static class ConsentWords
{
    /// <summary>Stands where a purpose stands when all of them are meant. No purpose can have this name.</summary>
    public const string EveryPurpose = "*";

    public static string Code(this ConsentState state) => state switch
    {
        ConsentState.Given => "given",
        ConsentState.Withdrawn => "withdrawn",
        ConsentState.Expired => "expired",
        ConsentState.Refused => "refused",
        ConsentState.Objected => "objected",
        ConsentState.Restricted => "restricted",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
    };

    public static string Code(this ConsentEvent what) => what switch
    {
        ConsentEvent.Given => "given",
        ConsentEvent.Renewed => "renewed",
        ConsentEvent.Withdrawn => "withdrawn",
        ConsentEvent.Expired => "expired",
        ConsentEvent.Refused => "refused",
        ConsentEvent.Objected => "objected",
        ConsentEvent.ObjectionLifted => "objection-lifted",
        ConsentEvent.Restricted => "restricted",
        ConsentEvent.RestrictionLifted => "restriction-lifted",
        _ => throw new ArgumentOutOfRangeException(nameof(what), what, null),
    };

    /// <summary>The state that a stored text names.</summary>
    public static ConsentState State(string code) => code switch
    {
        "given" => ConsentState.Given,
        "withdrawn" => ConsentState.Withdrawn,
        "expired" => ConsentState.Expired,
        "refused" => ConsentState.Refused,
        "objected" => ConsentState.Objected,
        "restricted" => ConsentState.Restricted,
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, null),
    };

    /// <summary>The event that a stored text names.</summary>
    public static ConsentEvent Event(string code) => code switch
    {
        "given" => ConsentEvent.Given,
        "renewed" => ConsentEvent.Renewed,
        "withdrawn" => ConsentEvent.Withdrawn,
        "expired" => ConsentEvent.Expired,
        "refused" => ConsentEvent.Refused,
        "objected" => ConsentEvent.Objected,
        "objection-lifted" => ConsentEvent.ObjectionLifted,
        "restricted" => ConsentEvent.Restricted,
        "restriction-lifted" => ConsentEvent.RestrictionLifted,
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, null),
    };

    /// <summary>What the event leaves behind; null where it takes the state away.</summary>
    public static ConsentState? StateAfter(this ConsentEvent what) => what switch
    {
        ConsentEvent.Given or ConsentEvent.Renewed => ConsentState.Given,
        ConsentEvent.Withdrawn => ConsentState.Withdrawn,
        ConsentEvent.Expired => ConsentState.Expired,
        ConsentEvent.Refused => ConsentState.Refused,
        ConsentEvent.Objected => ConsentState.Objected,
        ConsentEvent.Restricted => ConsentState.Restricted,
        _ => null,
    };
}
