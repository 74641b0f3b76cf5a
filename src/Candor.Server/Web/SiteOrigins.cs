using Candor.Kernel;
using Candor.Server.Hosting;

namespace Candor.Server.Web;

/// <summary>Marks a form that pages of the business's own sites may send here. What it brings along proves itself; the cookie of the browser proves nothing for it.</summary>
internal sealed class FormFromSites
{
    public static readonly FormFromSites Marker = new();
}

/// <summary>Which origins may call the browser interface: this server's own, and those that <c>organisation.sites</c> of the active catalog names.</summary>
/// <remarks>It takes bearer tokens alone, so another site gains nothing by what a browser sends along of itself.</remarks>
internal static class SiteOrigins
{
    /// <summary>The browser interface lies below this path, and nothing else does.</summary>
    public const string Path = "/v1/web";

    /// <summary>True for a request to the browser interface, refusals of the router's own included.</summary>
    public static bool IsWeb(HttpRequest request) => request.Path.StartsWithSegments(Path, StringComparison.Ordinal);

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

        await RefuseAsync(http, origin);
    }

    /// <summary>Lets a form of ours or of the business's own sites through.</summary>
    public static async Task GuardFormAsync(HttpContext http, RequestDelegate next)
    {
        var origin = http.Request.Headers.Origin.ToString();
        await (SecurityHeaders.IsOurs(http.Request) || (origin.Length > 0 && await AllowsAsync(http, origin)) ? next(http) : RefuseAsync(http, origin));
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

    private static Task RefuseAsync(HttpContext http, string origin) => TypedResults.Problem(Problems.Of(
        StatusCodes.Status403Forbidden, "urn:candor:server/cross-site", "Not from here",
        $"Pages of `{Name.Shown(origin)}` may not call this: the catalog's `organisation.sites` does not name it.")).ExecuteAsync(http);

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
