using Candor.Gate;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Server.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Candor.Server.Endpoints;

/// <summary>Suggestions with their explanations.</summary>
/// <param name="Personal">False: nothing about this customer was used.</param>
/// <param name="WhyNotPersonal">The reason code, when the customer's choices are why; <c>hold-out</c> when they agreed and are in the comparison group; <c>paused</c> while the use is paused after a bias audit.</param>
internal sealed record SuggestionsAnswer(
    string Purpose, bool Personal, string? WhyNotPersonal, IReadOnlyList<string> DataPoints, IReadOnlyList<SuggestedItemAnswer> Items,
    IReadOnlyList<CounterfactualAnswer>? Counterfactuals, string Entry);

/// <summary>One suggestion. There is no price in it, by design.</summary>
/// <param name="Moved">True where it stands before others that score higher, so that rarer items are shown too; left out otherwise.</param>
internal sealed record SuggestedItemAnswer(
    string Item, string Reason, double Share, IReadOnlyList<ScorePart> Because, int SimilarVisits, int TimesBought, DateTimeOffset? ExpectedAt, bool? Moved);

/// <summary>What would have been suggested without one item, or without one data point.</summary>
internal sealed record CounterfactualAnswer(string? WithoutItem, string? WithoutDataPoint, IReadOnlyList<string> Items);

/// <summary>What is often bought together with an item.</summary>
internal sealed record TogetherAnswer(string Item, IReadOnlyList<Together> Items);

/// <summary>Suggestions for a customer, and for the page of an item.</summary>
internal static class SuggestionEndpoints
{
    private const int DefaultCount = 10;

    public static void MapSuggestions(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/customers/{reference}/recommendations", RecommendAsync).WithTags("Suggestions").WithSummary("Suggestions for a customer, each with its explanation")
            .WithDescription("`purpose` is required. `session` names the visit, the newest unless set. `count` 1 to 50, 10 unless set. `counterfactuals=true` adds what would have been suggested without this or that. A customer who has not agreed gets what is popular; nothing about them is used then.")
            .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status400BadRequest);
        app.MapGet("/v1/items/{item}/together", TogetherAsync).WithTags("Suggestions").WithSummary("What is often bought together with an item; nothing about whoever asks is used");
    }

    private static async Task<Results<Ok<SuggestionsAnswer>, ProblemHttpResult>> RecommendAsync(
        string reference, string purpose, string? session, int? count, bool? counterfactuals, Suggestions suggestions, HttpContext http)
    {
        var outcome = await suggestions.RecommendAsync(
            http.Token(), reference, PurposeId.Parse(purpose), ParseSession(session), ParseCount(count), counterfactuals ?? false, http.RequestAborted);
        return outcome switch
        {
            null => Problems.Unknown(http),
            { Refused: var (reason, entry) } => Problems.Denied(reason, entry),
            _ => TypedResults.Ok(Phrase(outcome.Answer!)),
        };
    }

    private static async Task<Ok<TogetherAnswer>> TogetherAsync(string item, int? count, Suggestions suggestions, HttpContext http) =>
        TypedResults.Ok(new TogetherAnswer(item, await suggestions.TogetherAsync(item, ParseCount(count), http.RequestAborted)));

    internal static SuggestionsAnswer Phrase(SuggestionAnswer answer) => new(
        answer.Purpose.Value, answer.IsPersonal, answer.IsPaused ? SuggestionAnswer.PausedCode : answer.IsHeldOut ? SuggestionAnswer.HoldOutCode : answer.WhyNotPersonal?.Code(), [.. answer.DataPoints.Select(d => d.Value)],
        [.. answer.Items.Select(Phrase)],
        answer.Counterfactuals.Count == 0 ? null : [.. answer.Counterfactuals.Select(c => new CounterfactualAnswer(c.WithoutItem, c.WithoutDataPoint?.Value, c.Items))], answer.Entry);

    internal static SuggestedItemAnswer Phrase(ExplainedItem i) => new(i.Item, i.Reason.Code(), i.Share, i.Because, i.SimilarVisits, i.TimesBought, i.ExpectedAt, i.IsMoved ? true : null);

    private static string? ParseSession(string? text) => text is null or { Length: >= 1 and <= 200 } && text?.Any(char.IsControl) != true
        ? text
        : throw new Fault(FaultKind.Invalid, "personalization/bad-session", $"`session` has 1 to 200 characters; got `{text.Length}`.");

    internal static int ParseCount(int? count) => count switch
    {
        null => DefaultCount,
        >= 1 and <= Suggestions.MaxCount => count.Value,
        _ => throw new Fault(FaultKind.Invalid, "personalization/bad-count", $"`count` is 1 to {Suggestions.MaxCount}; got `{count}`."),
    };
}
