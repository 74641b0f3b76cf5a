using Candor.Kernel;
using Candor.Rights;

namespace Candor.Server.Pages.Me;

/// <summary>A request in words.</summary>
/// <param name="Tone"><c>yes</c>, <c>no</c> or <c>wait</c>.</param>
/// <param name="Facts">Its dates.</param>
public sealed record RequestLine(string Id, string Number, string Type, string State, string Tone, string Received, IReadOnlyList<PartView> Facts, bool IsOpen);

/// <summary>The customer's requests, and the form for a new one.</summary>
public sealed class MeRequests(MeView view, IReadOnlyList<RightsRequest> requests, string? mistake)
{
    /// <summary>What the form offers; erasure has a page of its own.</summary>
    public static readonly IReadOnlyList<string> Offered = ["access", "portability", "rectification", "restriction", "objection"];

    public MeView View { get; } = view;

    public string? Mistake { get; } = mistake;

    public IReadOnlyList<RequestLine> Requests { get; } = [.. requests.Select(r => Line(view.Words, r))];

    public static RequestLine Line(MeWords words, RightsRequest r)
    {
        var facts = new List<PartView> { new(words.T("request.received"), words.Day(r.ReceivedAt)) };
        if (r.State.IsOpen())
        {
            facts.Add(new(words.T("request.due"), words.Date(r.Due)));
            facts.Add(new(words.T("request.due.both"), words.T("request.due.both.text", ("gdpr", words.Date(r.GdprDue)), ("ccpa", words.Date(r.CcpaDue)))));
        }

        if (r is { Type: RequestType.Erasure, RunAt: { } at } && r.State.IsOpen())
        {
            facts.Add(new(words.T("request.run"), words.Time(at)));
        }

        if (r.ReadyUntil is { } ready)
        {
            facts.Add(new(words.T("request.ready"), words.Day(ready)));
        }

        if (r.ClosedAt is { } closed)
        {
            facts.Add(new(words.T("request.closed"), words.Day(closed)));
        }

        return new RequestLine(r.Id, r.Number, words.T("right." + r.Type.Code()), words.T("request-state." + r.State.Code()),
            r.State switch { RequestState.Refused => "no", RequestState.Done => "yes", _ => "wait" }, words.Day(r.ReceivedAt), facts, r.State.IsOpen());
    }
}

/// <summary>One step of a request, in words.</summary>
public sealed record StepView(string When, string What, string? Reason, string? Text);

/// <summary>One request with its history.</summary>
public sealed class MeRequest(MeView view, RequestView shown, bool isRestricted)
{
    public MeView View { get; } = view;

    public RequestLine Line { get; } = MeRequests.Line(view.Words, shown.Request);

    public bool NeedsProof { get; } = shown.Request.State == RequestState.IdentityNeeded;

    public bool CanLift { get; } = isRestricted && shown.Request is { Type: RequestType.Restriction, State: RequestState.Done };

    public string? Outcome { get; } = shown.Request.State == RequestState.Refused ? view.Words.TOr("refusal." + shown.Request.Outcome, "refusal.other") : null;

    public IReadOnlyList<StepView> Steps { get; } = [.. shown.Steps.Reverse().Select(s => new StepView(
        view.Words.Time(s.At), view.Words.T("request-state." + s.State.Code()),
        s.Reason is null ? null : view.Words.Has("refusal." + s.Reason) ? view.Words.T("refusal." + s.Reason) : view.Words.Has("step." + s.Reason) ? view.Words.T("step." + s.Reason) : null, s.Note))];
}
