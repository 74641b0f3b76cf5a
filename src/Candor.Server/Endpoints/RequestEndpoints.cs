using Candor.Kernel;
using Candor.Rights;
using Candor.Server.Hosting;
using Candor.Server.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Candor.Server.Endpoints;

/// <summary>A new request: <c>type</c> is access, portability, rectification, erasure, restriction or objection; <c>purpose</c> stands with an objection.</summary>
internal sealed record RequestBody(string Type, string? Purpose = null, string? Note = null);

/// <summary>What a member of staff adds to an act: <c>reason</c> is a code (extend, refuse), <c>text</c> goes to the customer, <c>how</c> says how identity was proven.</summary>
internal sealed record RequestActBody(string? Reason = null, string? Text = null, string? How = null);

/// <summary>A rights request. Days are days in UTC and count to their end.</summary>
internal sealed record RequestAnswer(
    string Id, string Number, string Type, string State, string Channel, string Law, string? Purpose, DateTimeOffset ReceivedAt, DateOnly AcknowledgeBy, DateOnly Due, DateOnly GdprDue,
    DateOnly CcpaDue, bool IsLate, DateTimeOffset? ExtendedAt, DateTimeOffset? RunAt, DateTimeOffset? ReadyUntil, DateTimeOffset? ClosedAt, string? Outcome, string DpvState,
    IReadOnlyList<RequestStepAnswer>? Steps);

internal sealed record RequestStepAnswer(string State, DateTimeOffset At, string Actor, string? Reason, string? Text);

internal sealed record RequestsAnswer(IReadOnlyList<RequestAnswer> Requests);

/// <summary>Rights requests.</summary>
internal static class RequestEndpoints
{
    public static void MapRequests(this IEndpointRouteBuilder app)
    {
        var ofCustomer = app.MapGroup("/v1/customers/{reference}/requests").WithTags("Rights");
        ofCustomer.MapPost("", FileAsync).WithSummary("File a rights request; in the customer's own session it counts as proven").RequireIdempotency();
        ofCustomer.MapGet("", ListAsync).WithSummary("A customer's rights requests; a program sees those that came through its own key");
        var one = app.MapGroup("/v1/requests/{id}").WithTags("Rights");
        one.MapGet("", ShowAsync).WithSummary("One request with its history; what people wrote is shown to the customer and to a privacy officer");
        one.MapDelete("", WithdrawAsync).WithSummary("The customer takes a request back").RequireIdempotency();
        one.MapPost("/acknowledge", (string id, CandorHost host, HttpContext http) => ActAsync(host, http, (r, ct) => r.AcknowledgeAsync(http.Token(), id, ct)))
            .WithSummary("Staff: receipt was confirmed").RequireIdempotency();
        one.MapPost("/identity", (string id, RequestActBody? body, CandorHost host, HttpContext http) => ActAsync(host, http, (r, ct) => body?.How is { } how
            ? r.ProveAsync(http.Token(), id, how, ct) : r.AskIdentityAsync(http.Token(), id, ct))).WithSummary("Staff: ask for proof of identity, or with `how` say how it was given").RequireIdempotency();
        one.MapPost("/extend", (string id, RequestActBody body, CandorHost host, HttpContext http) => ActAsync(host, http, (r, ct) =>
            r.ExtendAsync(http.Token(), id, RequestStates.Parse<ExtensionReason>(body.Reason, "reason"), body.Text ?? "", ct))).WithSummary("Staff: take more time, once, and say why").RequireIdempotency();
        one.MapPost("/refuse", (string id, RequestActBody body, CandorHost host, HttpContext http) => ActAsync(host, http, (r, ct) =>
            r.RefuseAsync(http.Token(), id, RequestStates.Parse<RefusalReason>(body.Reason, "reason"), body.Text ?? "", ct))).WithSummary("Staff: refuse, and say why").RequireIdempotency();
        one.MapPost("/fulfil", (string id, RequestActBody? body, CandorHost host, HttpContext http) => ActAsync(host, http, (r, ct) =>
            r.FulfilAsync(http.Token(), id, body?.Text, ct))).WithSummary("Staff: do what was asked for").RequireIdempotency();
        one.MapPost("/lift", (string id, RequestActBody? body, CandorHost host, HttpContext http) => ActAsync(host, http, (r, ct) =>
            r.LiftRestrictionAsync(http.Token(), id, body?.Text, ct))).WithSummary("End the restriction that a request brought").RequireIdempotency();
    }

    private static async Task<Results<Created<RequestAnswer>, ProblemHttpResult>> FileAsync(string reference, RequestBody body, CandorHost host, HttpContext http)
    {
        var what = new NewRequest(RequestStates.Parse<RequestType>(body.Type, "type"), body.Purpose is null ? null : PurposeId.Parse(body.Purpose), body.Note);
        var outcome = await host.Requests.FileAsync(http.Token(), reference, what, http.RequestAborted);
        return outcome switch
        {
            { Request: { } request } => TypedResults.Created($"/v1/requests/{request.Id}", Of(request, null, host)),
            { Refused: { } no } => Problems.Denied(no.Reason, no.Entry),
            _ => Problems.Unknown(http),
        };
    }

    private static async Task<Results<Ok<RequestsAnswer>, ProblemHttpResult>> ListAsync(string reference, CandorHost host, HttpContext http) =>
        await host.Requests.ListAsync(http.Token(), reference, http.RequestAborted) switch
        {
            { Requests: { } requests } => TypedResults.Ok(new RequestsAnswer([.. requests.Select(r => Of(r, null, host))])),
            { Refused: { } no } => Problems.Denied(no.Reason, no.Entry),
            _ => Problems.Unknown(http),
        };

    private static async Task<Results<Ok<RequestAnswer>, ProblemHttpResult>> ShowAsync(string id, CandorHost host, HttpContext http) =>
        await host.RequestReads.ShowAsync(http.Token(), id, http.RequestAborted) switch
        {
            { View: { } view } => TypedResults.Ok(Of(view.Request, view.Steps, host)),
            { Refused: { } no } => Problems.Denied(no.Reason, no.Entry),
            _ => Problems.Unknown(http),
        };

    private static Task<Results<Ok<RequestAnswer>, ProblemHttpResult>> WithdrawAsync(string id, CandorHost host, HttpContext http) =>
        ActAsync(host, http, (requests, ct) => requests.WithdrawAsync(http.Token(), id, ct));

    private static async Task<Results<Ok<RequestAnswer>, ProblemHttpResult>> ActAsync(CandorHost host, HttpContext http, Func<RightsRequests, CancellationToken, Task<RightsRequests.Outcome>> act) =>
        await act(host.Requests, http.RequestAborted) switch
        {
            { Request: { } request } => TypedResults.Ok(Of(request, null, host)),
            { Refused: { } no } => Problems.Denied(no.Reason, no.Entry),
            _ => Problems.Unknown(http),
        };

    private static RequestAnswer Of(RightsRequest r, IReadOnlyList<RequestStep>? steps, CandorHost host) => new(
        r.Id, r.Number, r.Type.Code(), r.State.Code(), r.Channel.Code(), r.Law.Code(), r.Purpose?.Value, r.ReceivedAt, r.AcknowledgeBy, r.Due, r.GdprDue, r.CcpaDue,
        r.IsLate(host.Database.Clock.GetUtcNow()), r.ExtendedAt, r.RunAt, r.ReadyUntil, r.ClosedAt, r.Outcome, r.State.Dpv(),
        steps is null ? null : [.. steps.Select(s => new RequestStepAnswer(s.State.Code(), s.At, s.Actor, s.Reason, s.Note))]);
}
