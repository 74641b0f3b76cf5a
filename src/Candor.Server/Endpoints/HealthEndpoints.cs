using Candor.Server.Hosting;
using Candor.Server.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Candor.Server.Endpoints;

/// <summary>Whether it works, in a word.</summary>
internal sealed record HealthAnswer(string Status);

/// <summary>For load balancers and monitors; says nothing about anybody.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/healthz", () => TypedResults.Ok(new HealthAnswer("alive"))).WithTags("Health").WithSummary("The process answers").AllowAnonymous();
        app.MapGet("/readyz", ReadyAsync).WithTags("Health").WithSummary("The database answers and the log can be written").AllowAnonymous();
        app.MapGet("/metrics", () => TypedResults.Text(Counters.Text(), "text/plain; version=0.0.4")).WithTags("Health").WithSummary("Counters for Prometheus").AllowAnonymous();
    }

    /// <summary>Writes (nothing) through the same way as a read's log entry, so that a full disk shows here first.</summary>
    private static async Task<Ok<HealthAnswer>> ReadyAsync(CandorHost host, CancellationToken ct)
    {
        await host.Database.WriteAsync(async tx => { await host.Log.HeadAsync(tx, ct); }, ct);
        return TypedResults.Ok(new HealthAnswer("ready"));
    }
}
