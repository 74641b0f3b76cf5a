using Candor.Kernel;
using Candor.Server.Hosting;

namespace Candor.Server.Web;

/// <summary>Marks a door that pages of the business's own sites may open from their origin. It takes bearer tokens alone, so no cookie is sent along.</summary>
internal sealed class OpenToSites
{
    public static readonly OpenToSites Marker = new();
}

/// <summary>Which origins may call the browser interface: this server's own, and those that <c>organisation.sites</c> of the active catalog names.</summary>
internal static class SiteOrigins
{
    /// <summary>The browser interface lies below this path, and nothing else does.</summary>
    public const string Path = "/v1/web";

    public static TBuilder OpenToSites<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(Web.OpenToSites.Marker);

    /// <summary>Lets a request through when its page may make it, and tells the browser so; refuses it otherwise, whatever it asks for.</summary>
    public static async Task GuardAsync(HttpContext http, RequestDelegate next)
    {
        var (headers, origin) = (http.Response.Headers, http.Request.Headers.Origin.ToString());
        headers.Vary = "Origin";
        if (origin.Length == 0 ? SecurityHeaders.IsOurs(http.Request) : await AllowsAsync(http, origin))
        {
            if (origin.Length > 0)
            {
                headers.AccessControlAllowOrigin = origin;
                headers["Cross-Origin-Resource-Policy"] = "cross-origin";
            }

            await next(http);
            return;
        }

        await TypedResults.Problem(Problems.Of(StatusCodes.Status403Forbidden, "urn:candor:server/cross-site", "Not from here",
            $"Pages of `{Name.Shown(origin)}` may not call this: the catalog's `organisation.sites` does not name it.")).ExecuteAsync(http);
    }

    /// <summary>Answers what a browser asks before a request to another origin (Fetch standard, CORS-preflight).</summary>
    public static void AnswerPreflight(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.AccessControlAllowMethods = "GET, POST, DELETE";
        headers.AccessControlAllowHeaders = "authorization, content-type, idempotency-key, sec-gpc";
        headers.AccessControlMaxAge = "600";
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task<bool> AllowsAsync(HttpContext http, string origin)
    {
        if (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Authority == http.Request.Host.Value)
        {
            return true;
        }

        var (host, ct) = (http.RequestServices.GetRequiredService<CandorHost>(), http.RequestAborted);
        var catalog = await host.Database.ReadAsync(tx => host.Catalogs.GetActiveAsync(tx, ct), ct);
        return catalog.Catalog.Organisation.Sites.Contains(origin);
    }
}
