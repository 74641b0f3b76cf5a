using Candor.Collection;
using Candor.Server.Hosting;

namespace Candor.Server.Web;

/// <summary>Honours Global Privacy Control on our own pages: before My Data &amp; Privacy is shown, so that it shows what counts.</summary>
internal static class OptOutHonour
{
    public static IApplicationBuilder UseOptOutHonour(this IApplicationBuilder app, CandorHost host) => app.Use(async (http, next) =>
    {
        var request = http.Request;
        if (HttpMethods.IsGet(request.Method) && request.Path.StartsWithSegments("/me", StringComparison.Ordinal) && IsAsked(request) && http.FindToken() is { KeyId: null } session)
        {
            await host.Visits.LookAsync(session, signal: true, "", http.RequestAborted);
        }

        await next(http);
    });

    /// <summary>Whether the browser sends the signal.</summary>
    public static bool IsAsked(HttpRequest request) => OptOutSignal.IsIn(request.Headers["Sec-GPC"]);
}
