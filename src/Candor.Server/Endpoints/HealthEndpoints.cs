using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Server.Telemetry;
using Candor.Server.Web;
using Candor.Staff;

namespace Candor.Server.Endpoints;

/// <summary>Whether it works, in a word.</summary>
/// <param name="Reasons">Codes of what keeps it from answering; null when nothing does.</param>
/// <param name="Checks">All that was looked at; null for who has no key for it.</param>
internal sealed record HealthAnswer(string Status, IReadOnlyList<string>? Reasons = null, IReadOnlyList<HealthCheckAnswer>? Checks = null);

/// <summary>One thing that was looked at.</summary>
/// <param name="State"><c>ok</c>, <c>warn</c> or <c>fail</c>.</param>
internal sealed record HealthCheckAnswer(string Name, string State, string Finding, string? Advice);

/// <summary>For load balancers and monitors; says nothing about anybody. Details and counts are for API keys with the ability <c>metrics</c>.</summary>
internal static class HealthEndpoints
{
    private const string PrometheusText = "text/plain; version=0.0.4; charset=utf-8";
    private const string Alive = "alive";
    private const string Ready = "ready";
    private const string NotReady = "not-ready";

    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        foreach (var path in (string[])["/healthz", "/healthz/live"])
        {
            app.MapGet(path, () => TypedResults.Ok(new HealthAnswer(Alive))).WithTags("Health").WithSummary("The process answers").AllowAnonymous();
        }

        foreach (var path in (string[])["/readyz", "/healthz/ready"])
        {
            app.MapGet(path, ReadyAsync).WithTags("Health").WithSummary("The database answers and the log can be written; or a code for why not")
                .WithDescription("With an API key made with `--may metrics` the answer lists every check with its finding.").AllowAnonymous();
        }

        app.MapGet("/metrics", MetricsAsync).WithTags("Health").WithSummary("Counts for Prometheus; for API keys made with `--may metrics`");
    }

    private static async Task<IResult> ReadyAsync(CandorHost host, HealthLook look, HttpContext http)
    {
        var reasons = await look.WhyNotAsync(http.RequestAborted);
        // A key is looked up in the database: without one that answers there is the code and no more.
        var checks = !reasons.Contains(HealthLook.Database) && await MayLookAsync(host, http) ? await look.DetailsAsync(http.RequestAborted) : null;
        var answer = new HealthAnswer(
            reasons.Count == 0 ? Ready : NotReady, reasons.Count == 0 ? null : reasons,
            checks is null ? null : [.. checks.Select(c => new HealthCheckAnswer(c.Name, c.State.ToString().ToLowerInvariant(), c.Finding, c.Advice))]);
        return TypedResults.Json(answer, JsonContext.Default.HealthAnswer, statusCode: reasons.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<IResult> MetricsAsync(CandorHost host, HttpContext http)
    {
        if (!await MayLookAsync(host, http))
        {
            return TypedResults.Problem(Problems.Of(StatusCodes.Status403Forbidden, "urn:candor:server/not-for-this-key", "Not allowed", "Counts are for API keys made with `candor key create NAME --may metrics`."));
        }

        var book = http.RequestServices.GetService<MetricsBook>() ?? throw new Fault(FaultKind.NotFound, "server/no-metrics", "Nothing is counted; start the server with `--metrics`.");
        return TypedResults.Text(book.Text(), PrometheusText);
    }

    private static async Task<bool> MayLookAsync(CandorHost host, HttpContext http) => http.FindToken() is { KeyId: not null } token && await host.Database.ReadAsync(async tx =>
        await host.Access.FindActorAsync(tx, token, http.RequestAborted) is { IsRevoked: false } actor && actor.ExpiresAt > tx.Now && actor.MayDo(AccessRegister.Metrics), http.RequestAborted);
}
