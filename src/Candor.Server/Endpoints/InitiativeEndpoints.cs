using Candor.Server.Hosting;

namespace Candor.Server.Endpoints;

/// <summary>The approved initiatives as a signed list: parts of the catalog and digests, and nothing of words, votes or people.</summary>
internal static class InitiativeEndpoints
{
    public static void MapInitiativeList(this IEndpointRouteBuilder app) =>
        app.MapGet("/v1/initiatives", ListAsync).WithTags("Public").WithSummary("Approved initiatives, signed by the log's key").AllowAnonymous();

    private static async Task<IResult> ListAsync(CandorHost host, CancellationToken ct) => TypedResults.Text(await host.ApprovedInitiativesAsync(ct), "text/plain", System.Text.Encoding.UTF8);
}
