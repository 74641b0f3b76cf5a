using Candor.Kernel;

namespace Candor.Rights;

/// <summary>One rights request, without what was written in it.</summary>
/// <param name="Id">32 random hex characters.</param>
/// <param name="Customer">Null when nobody is known by what was asked for, and after the customer was erased.</param>
/// <param name="Purpose">The use that an objection is about; null for all that can be objected to, and for other types.</param>
/// <param name="FiledBy">Who filed it, as the log names them.</param>
/// <param name="AcknowledgeBy">Last day to confirm receipt (11 CCR 7021(a)).</param>
/// <param name="GdprDue">Last day by the GDPR, extension included.</param>
/// <param name="CcpaDue">Last day by the CCPA, extension included.</param>
/// <param name="Due">The last day that counts here, by <paramref name="Law"/>.</param>
/// <param name="RunAt">When an erasure in its cooling-off happens; the customer may take it back before.</param>
/// <param name="ReadyUntil">Exclusive end of the time in which the report of an access request can be fetched.</param>
/// <param name="Outcome">What came of it: <c>fulfilled</c>, <c>erased</c> (overtaken by an erasure), <c>withdrawn</c> or the reason of the refusal; null while open.</param>
/// <param name="Steps">Number of steps in its history.</param>
public sealed record RightsRequest(
    string Id, CustomerId? Customer, RequestType Type, RequestState State, RequestChannel Channel, RequestLaw Law, PurposeId? Purpose, string FiledBy, DateTimeOffset ReceivedAt,
    DateOnly AcknowledgeBy, DateOnly GdprDue, DateOnly CcpaDue, DateOnly Due, DateTimeOffset? ExtendedAt, DateTimeOffset? RunAt, DateTimeOffset? ReadyUntil,
    DateTimeOffset? ClosedAt, string? Outcome, long Steps)
{
    /// <summary>The word in <see cref="Outcome"/> of a request that was fulfilled.</summary>
    public const string Fulfilled = "fulfilled";

    /// <summary>The number that people use, such as <c>R-3F9A1C2B</c>.</summary>
    public string Number => NumberOf(Id);

    /// <summary>Open past its last day, or not acknowledged past that one's.</summary>
    public bool IsLate(DateTimeOffset now) => State.IsOpen() && (now >= Deadlines.EndOf(Due) || (State == RequestState.Received && now >= Deadlines.EndOf(AcknowledgeBy)));

    internal static string NumberOf(string id) => "R-" + id[..8].ToUpperInvariant();
}

/// <summary>A request before it is filed.</summary>
/// <param name="Purpose">For an objection: the use objected to; null for all.</param>
/// <param name="Note">What the customer, or whoever files it for them, wrote; at most <see cref="MaxNote"/> characters.</param>
public sealed record NewRequest(RequestType Type, PurposeId? Purpose = null, string? Note = null)
{
    /// <summary>Longest text of a person in a request, in UTF-16 units.</summary>
    public const int MaxNote = 4000;
}

/// <summary>One step of a request's history.</summary>
/// <param name="Actor">As the log names them.</param>
/// <param name="Reason">Code of a refusal or extension, or how identity was proven; null for others.</param>
/// <param name="Note">What was written; null when nothing was, or the reader may not read it.</param>
public sealed record RequestStep(RequestState State, DateTimeOffset At, string Actor, string? Reason, string? Note);

/// <summary>A request with its history.</summary>
public sealed record RequestView(RightsRequest Request, IReadOnlyList<RequestStep> Steps);

/// <summary>A request as the database has it.</summary>
internal sealed record RequestRow
{
    public string CustomerId { get; init; } = "";

    public string RequestId { get; init; } = "";

    public string Kind { get; init; } = "";

    public string State { get; init; } = "";

    public string Channel { get; init; } = "";

    public string Law { get; init; } = "";

    public string? Purpose { get; init; }

    public string FiledBy { get; init; } = "";

    public byte[]? AskedDigest { get; init; }

    public long ReceivedAtUs { get; init; }

    public long AcknowledgeByUs { get; init; }

    public long GdprDueUs { get; init; }

    public long CcpaDueUs { get; init; }

    public long DueUs { get; init; }

    public long? ExtendedAtUs { get; init; }

    public long? RunAtUs { get; init; }

    public long? ReadyUntilUs { get; init; }

    public long? ClosedAtUs { get; init; }

    public string? Outcome { get; init; }

    public long Steps { get; init; }

    /// <summary>Null when it belongs to nobody.</summary>
    public CustomerId? Owner => Kernel.CustomerId.TryParse(CustomerId, null, out var id) ? id : null;

    public RequestState Where => RequestStates.Parse<RequestState>(State, "state");

    public RequestType Type => RequestStates.Parse<RequestType>(Kind, "type");

    public RightsRequest AsRequest() => new(
        RequestId, Owner, Type, Where, RequestStates.Parse<RequestChannel>(Channel, "channel"), RequestStates.Parse<RequestLaw>(Law, "law"),
        Purpose is null ? null : PurposeId.Parse(Purpose), FiledBy, Micros.ToInstant(ReceivedAtUs), Day(AcknowledgeByUs), Day(GdprDueUs), Day(CcpaDueUs), Day(DueUs),
        Micros.ToInstant(ExtendedAtUs), Micros.ToInstant(RunAtUs), Micros.ToInstant(ReadyUntilUs), Micros.ToInstant(ClosedAtUs), Outcome, Steps);

    private static DateOnly Day(long exclusiveEndUs) => Deadlines.LastDay(Micros.ToInstant(exclusiveEndUs));
}

/// <summary>A step as the database has it.</summary>
internal sealed record StepRow
{
    public long Step { get; init; }

    public string State { get; init; } = "";

    public long AtUs { get; init; }

    public string Actor { get; init; } = "";

    public string? Reason { get; init; }

    public byte[]? Note { get; init; }
}
