namespace Candor.Server.Web;

/// <summary>Headers that every answer carries (OWASP ASVS 5.0, 3.4).</summary>
internal static class SecurityHeaders
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        + "object-src 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

    /// <summary>The API page writes style elements of its own and knows no trusted types; its scripts are files of ours. Nothing else is served under this path.</summary>
    private const string ApiPagePolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; "
        + "base-uri 'none'; object-src 'none'; frame-ancestors 'none'";

    private const string OneYear = "max-age=31536000; includeSubDomains";

    public static IApplicationBuilder UseSecurityHeaders(this IApplicationBuilder app) => app.Use(static (http, next) =>
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = http.Request.Path.StartsWithSegments("/docs", StringComparison.Ordinal) ? ApiPagePolicy : Policy;
        headers.StrictTransportSecurity = OneYear;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
        return next(http);
    });

    /// <summary>Refuses what another site makes a signed-in browser send: a request that changes something must come from a page of ours.</summary>
    /// <remarks>Fetch metadata first, the Origin header for browsers without it; a cookie with neither is refused.</remarks>
    public static IApplicationBuilder UseCrossSiteGuard(this IApplicationBuilder app) => app.Use(static (http, next) =>
    {
        var request = http.Request;
        if (SiteOrigins.IsWeb(request))
        {
            return SiteOrigins.GuardAsync(http, next);
        }

        if (http.GetEndpoint()?.Metadata.GetMetadata<FormFromSites>() is not null)
        {
            return SiteOrigins.GuardFormAsync(http, next);
        }

        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method) || IsOurs(request))
        {
            return next(http);
        }

        return Microsoft.AspNetCore.Http.TypedResults.Problem(Problems.Of(
            StatusCodes.Status403Forbidden, "urn:candor:server/cross-site", "Not from here", "This request came from another site; open the page here and try again.")).ExecuteAsync(http);
    });

    /// <summary>A request that no other site's page makes.</summary>
    internal static bool IsOurs(HttpRequest request)
    {
        var (site, origin) = (request.Headers["Sec-Fetch-Site"].ToString(), request.Headers.Origin.ToString());
        if (site.Length > 0)
        {
            return site is "same-origin" or "none";
        }

        return origin.Length > 0
            ? Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Authority == request.Host.Value
            : !request.Cookies.ContainsKey(CallerAuthentication.Cookie) && !request.Cookies.ContainsKey(CallerAuthentication.StaffCookie);
    }
}
