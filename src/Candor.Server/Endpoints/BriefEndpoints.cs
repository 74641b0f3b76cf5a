using System.Text.Json;
using Candor.Desk;
using Candor.Gate;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Server.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Candor.Server.Endpoints;

/// <summary>What an agent should know before the conversation starts.</summary>
/// <param name="Entry">Id of the log entry of the read.</param>
/// <param name="Needs">Null where the catalog has no such use, or the caller may not read for it.</param>
internal sealed record BriefAnswer(
    string Purpose, string? Case, IReadOnlyList<BriefFieldAnswer> Fields, IReadOnlyList<BriefNoticedAnswer> Noticed, IReadOnlyList<BriefRecordAnswer> Open, IReadOnlyList<BriefRecordAnswer> Purchases,
    IReadOnlyList<BriefRecordAnswer> Contacts, IReadOnlyList<BriefRecordAnswer> Others, IReadOnlyList<BriefChoiceAnswer> Choices, DateTimeOffset? RestrictedSince,
    BriefNeedsAnswer? Needs, IReadOnlyList<BriefWithheldAnswer> Withheld, string Entry);

/// <summary>A current value, with its source and age.</summary>
internal sealed record BriefFieldAnswer(string DataPoint, JsonElement Value, string Source, DateTimeOffset Time);

/// <summary>A record, with its source and age.</summary>
internal sealed record BriefRecordAnswer(string DataPoint, string Id, JsonElement Data, bool Open, string Source, DateTimeOffset Time);

/// <summary>Something that a rule of the catalog noticed in the records.</summary>
/// <param name="Rule">The rule's member of <c>proactive</c>, such as <c>lateOrders</c>.</param>
/// <param name="About">The order, the subject or the item.</param>
/// <param name="Since">What it is counted from: the order, the first of the contacts, the last purchase.</param>
/// <param name="At">Since when it holds.</param>
/// <param name="Times">How many contacts or purchases; 1 for an order.</param>
internal sealed record BriefNoticedAnswer(string Rule, string DataPoint, string About, DateTimeOffset Since, DateTimeOffset At, int Times);

/// <summary>One of the customer's choices.</summary>
internal sealed record BriefChoiceAnswer(string Purpose, string State, DateTimeOffset Since);

/// <summary>What may be needed next, under a purpose and a log entry of its own.</summary>
/// <param name="Withheld">The reason code, when nothing is said.</param>
internal sealed record BriefNeedsAnswer(string Purpose, IReadOnlyList<SuggestedItemAnswer> Items, IReadOnlyList<BriefNoticedAnswer> Noticed, string? Withheld, string Entry);

/// <summary>A data point that is not in the brief.</summary>
internal sealed record BriefWithheldAnswer(string DataPoint, string Reason);

/// <summary>The brief of one customer.</summary>
internal static class BriefEndpoints
{
    public static void MapBrief(this IEndpointRouteBuilder app) => app.MapGet("/v1/customers/{reference}/brief", ReadAsync)
        .WithTags("Reads").WithSummary("What an agent should know before a conversation, each line with its source")
        .WithDescription("`case` where the purpose needs one. `purpose` is that of customer care unless set. Each call is a gated read with a log entry; what may be needed next is asked under its own purpose, with an entry of its own.")
        .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status400BadRequest);

    private static async Task<Results<Ok<BriefAnswer>, ProblemHttpResult>> ReadAsync(string reference, string? purpose, string? @case, Briefs briefs, HttpContext http)
    {
        switch (await briefs.OfReferenceAsync(http.Token(), reference, purpose is null ? null : PurposeId.Parse(purpose), @case, http.RequestAborted))
        {
            case null:
                return Problems.Unknown(http);
            case { Brief: { } brief }:
                return TypedResults.Ok(Phrase(brief));
            case var outcome:
                return Problems.Denied(outcome.Refused!.Value, outcome.Entry);
        }
    }

    internal static BriefAnswer Phrase(Brief b) => new(
        b.Purpose.Id.Value, b.Case, [.. b.Fields.Select(f => new BriefFieldAnswer(f.DataPoint.Id.Value, JsonElement.Parse(f.Value.Json.Span), f.Value.Source, f.Value.Time))],
        Noticed(b.Noticed), Records(b.Open), Records(b.Purchases), Records(b.Contacts), Records(b.Others),
        [.. b.Choices.Select(c => new BriefChoiceAnswer(c.Purpose.Value, c.State.ToString().ToLowerInvariant(), Micros.ToInstant(c.ChangedAtUs)))], b.RestrictedSince,
        b.Needs is { } n ? new BriefNeedsAnswer(n.Purpose.Id.Value, [.. n.Items.Select(SuggestionEndpoints.Phrase)], Noticed(n.Noticed), n.Withheld?.Code(), n.Entry) : null,
        [.. b.Withheld.Select(w => new BriefWithheldAnswer(w.DataPoint.Value, w.Reason.Code()))], b.Entry);

    private static IReadOnlyList<BriefNoticedAnswer> Noticed(IReadOnlyList<ProactiveLine> lines) => [.. lines.Select(l => new BriefNoticedAnswer(l.Rule, l.Source.Value, l.About, l.Since, l.At, l.Times))];

    private static IReadOnlyList<BriefRecordAnswer> Records(IReadOnlyList<BriefLine> lines) =>
        [.. lines.Select(l => new BriefRecordAnswer(l.DataPoint.Id.Value, l.Value.RecordId, JsonElement.Parse(l.Value.Json.Span), l.IsOpen, l.Value.Source, l.Value.Time))];
}
