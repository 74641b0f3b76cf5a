using System.Text.Json;
using Candor.Collection;
using Candor.Gate;
using Candor.Kernel;
using Candor.Server.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Candor.Server.Endpoints;

/// <summary>What was stored of a customer's fields, and what was not and why.</summary>
internal sealed record ProfileAnswer(bool Created, IReadOnlyList<string> Stored, IReadOnlyList<NotStoredAnswer> NotStored, string Entry);

internal sealed record NotStoredAnswer(string DataPoint, string Reason);

/// <summary>Up to 1,000 events.</summary>
internal sealed record EventsBody(IReadOnlyList<EventBody> Events);

/// <summary>One event; <c>data</c> is any JSON value up to 16 KB.</summary>
internal sealed record EventBody(string Customer, string DataPoint, string Id, DateTimeOffset Time, JsonElement Data);

/// <summary>One answer an event, in the order of the request.</summary>
internal sealed record EventsAnswer(int Stored, int Duplicate, int NotNeeded, int Refused, IReadOnlyList<OneEventAnswer> Events);

internal sealed record OneEventAnswer(string Id, string Result, string? Reason);

/// <summary>Data coming in.</summary>
internal static class CollectionEndpoints
{
    private const int MaxEventsBytes = 4 * 1024 * 1024;
    private const int MaxEvents = 1000;

    public static void MapCollection(this IEndpointRouteBuilder app)
    {
        app.MapPut("/v1/customers/{reference}", PutAsync).WithTags("Collection").WithSummary("Create a customer, or replace the fields that are sent")
            .Accepts<JsonElement>("application/json").RequireIdempotency();
        app.MapPatch("/v1/customers/{reference}", PatchAsync).WithTags("Collection").WithSummary("Change some fields of a customer")
            .Accepts<JsonElement>("application/json").RequireIdempotency();
        app.MapPost("/v1/events", StoreAsync).WithTags("Collection").WithSummary("Store up to 1,000 events; each is answered by itself")
            .WithMetadata(new RequestSizeLimitAttribute(MaxEventsBytes)).RequireIdempotency();
    }

    private static Task<Results<Ok<ProfileAnswer>, Created<ProfileAnswer>, ProblemHttpResult>> PutAsync(
        string reference, JsonElement body, ProfileCollection profiles, HttpContext http) => ChangeAsync(reference, body, replace: true, profiles, http);

    private static Task<Results<Ok<ProfileAnswer>, Created<ProfileAnswer>, ProblemHttpResult>> PatchAsync(
        string reference, JsonElement body, ProfileCollection profiles, HttpContext http) => ChangeAsync(reference, body, replace: false, profiles, http);

    private static async Task<Results<Ok<ProfileAnswer>, Created<ProfileAnswer>, ProblemHttpResult>> ChangeAsync(
        string reference, JsonElement body, bool replace, ProfileCollection profiles, HttpContext http)
    {
        JsonText.Check(body);
        var outcome = await profiles.PutAsync(http.Token(), reference, body, replace, http.RequestAborted);
        if (outcome is null)
        {
            return Problems.Unknown(http);
        }

        if (outcome.Refused is { } reason)
        {
            return Problems.Denied(reason, outcome.Entry);
        }

        var answer = new ProfileAnswer(outcome.Created, [.. outcome.Stored.Select(s => s.Value)],
            [.. outcome.NotStored.Select(n => new NotStoredAnswer(n.DataPoint.Value, n.Reason.Code()))], outcome.Entry);
        return outcome.Created ? TypedResults.Created($"/v1/customers/{Uri.EscapeDataString(reference)}", answer) : TypedResults.Ok(answer);
    }

    private static async Task<Results<Ok<EventsAnswer>, ProblemHttpResult>> StoreAsync(EventsBody body, EventCollection events, HttpContext http)
    {
        // Nullable annotations are checked by the reader, except those of elements.
        if (body.Events is not { Count: >= 1 and <= MaxEvents } || body.Events.Any(e => e is null))
        {
            throw new Fault(FaultKind.Invalid, "collection/bad-batch", $"`events` holds 1 to {MaxEvents} events, none of them null; got `{body.Events.Count}`.");
        }

        foreach (var e in body.Events)
        {
            JsonText.Check(e.Data);
        }

        var incoming = body.Events.Select(e => new IncomingEvent(e.Customer, e.DataPoint, e.Id, e.Time, e.Data)).ToList();
        return Phrase(await events.StoreAsync(http.Token(), incoming, http.RequestAborted), incoming, http);
    }

    /// <summary>The answer to a batch of events.</summary>
    internal static Results<Ok<EventsAnswer>, ProblemHttpResult> Phrase(EventsOutcome? outcome, IReadOnlyList<IncomingEvent> incoming, HttpContext http)
    {
        if (outcome is null)
        {
            return Problems.Unknown(http);
        }

        if (outcome.Refused is { } reason)
        {
            return Problems.Denied(reason, outcome.Entry);
        }

        int Count(EventResult result) => outcome.Answers.Count(a => a.Result == result);
        return TypedResults.Ok(new EventsAnswer(Count(EventResult.Stored), Count(EventResult.Duplicate), Count(EventResult.NotNeeded), Count(EventResult.Refused),
            [.. outcome.Answers.Select((a, i) => new OneEventAnswer(incoming[i].Id, JsonNamingPolicy.KebabCaseLower.ConvertName(a.Result.ToString()), a.Reason))]));
    }
}
