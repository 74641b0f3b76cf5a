using System.Diagnostics;
using Candor.Kernel;

namespace Candor.Server.Telemetry;

/// <summary>One span a request, named by method and template. A path, a query, a header or an address is in none.</summary>
internal static class RequestSpans
{
    private const string Other = "_OTHER";
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

    public static void UseRequestSpans(this IApplicationBuilder app) => app.Use(static async (http, next) =>
    {
        // A trace begins here: what a caller sends as context (traceparent, tracestate, baggage) is free text of theirs, and the framework has taken it for its own.
        var outer = Activity.Current;
        Activity.Current = null;
        using var span = Measures.Spans.StartActivity("request", ActivityKind.Server);
        try
        {
            await next(http);
        }
        finally
        {
            Close(span, http);
            Activity.Current = outer;
        }
    });

    private static void Close(Activity? span, HttpContext http)
    {
        if (span is null)
        {
            return;
        }

        var method = Methods.Contains(http.Request.Method) ? http.Request.Method : Other;
        var route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        span.DisplayName = route is null ? method : $"{method} {route}";
        span.SetTag("http.request.method", method).SetTag("http.response.status_code", http.Response.StatusCode);
        if (route is not null)
        {
            span.SetTag("http.route", route);
        }

        if (http.Response.StatusCode >= StatusCodes.Status500InternalServerError)
        {
            span.SetStatus(ActivityStatusCode.Error);
        }
    }
}
