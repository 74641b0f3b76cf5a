using System.Text.Json;
using Candor.Server.Pages.SignIn;
using Candor.Server.Web;
using Candor.SignIn;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Candor.Server.Endpoints;

/// <summary>A token that the business's own site has signed for the customer who is signed in there.</summary>
internal sealed record IdentifyBody(string Token);

/// <summary>A session for the browser interface, told this one time.</summary>
internal sealed record IdentifyAnswer(string Session);

/// <summary>The browser interface learns who is there: <c>candor.identify(token)</c>.</summary>
internal static class IdentifyEndpoints
{
    public static void MapIdentify(this IEndpointRouteBuilder app) =>
        app.MapPost(SiteOrigins.Path + "/session", IdentifyAsync).WithTags("Web").WithSummary("Give a signed token of the business's own site for a session of the browser interface")
            .RequireRateLimiting(SignInSetup.Limit).AllowAnonymous();

    private static async Task<Results<Ok<IdentifyAnswer>, ProblemHttpResult>> IdentifyAsync(IdentifyBody body, SignInWays ways, HttpContext http)
    {
        var outcome = await ways.Tokens.IdentifyAsync(body.Token, http.RequestAborted);
        if (outcome.Trouble is not { } trouble)
        {
            return TypedResults.Ok(new IdentifyAnswer(outcome.Session!));
        }

        var what = JsonNamingPolicy.KebabCaseLower.ConvertName(trouble.ToString());
        return TypedResults.Problem(Problems.Of(SignInRoutes.StatusOf(trouble), "urn:candor:sign-in/" + what, "Not signed in", PageText.In("signin", "en").Text(what + ".what")));
    }
}
