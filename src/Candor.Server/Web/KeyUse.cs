using System.Collections.Concurrent;
using Candor.Server.Assistants;
using Candor.Server.Hosting;
using Candor.Staff;
using Microsoft.AspNetCore.Authorization;

namespace Candor.Server.Web;

/// <summary>Writes down on which day an API key was last used, once a day and key, after the answer: a key that nobody uses can be ended.</summary>
internal sealed class KeyUse(RequestDelegate next, CandorHost host)
{
    /// <summary>More than any installation has; what is forgotten is written down once more.</summary>
    private const int MostKeys = 10_000;

    private readonly ConcurrentDictionary<string, long> seen = new(StringComparer.Ordinal);

    public async Task InvokeAsync(HttpContext http)
    {
        await next(http);
        if ((http.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal) || http.Request.Path == "/metrics" || http.Request.Path.StartsWithSegments(AssistantServer.Path, StringComparison.Ordinal)) && http.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is null && http.FindToken() is { KeyId: { } key } token && http.Response.StatusCode is not (StatusCodes.Status401Unauthorized or StatusCodes.Status429TooManyRequests) && IsNew(key))
        {
            // Not cancelled: the answer is out, and the caller may be gone.
            await host.Database.WriteAsync(tx => ApiKeys.MarkUsedAsync(tx, token, CancellationToken.None), CancellationToken.None);
        }
    }

    private bool IsNew(string key)
    {
        var today = ApiKeys.DayOf(host.Database.Clock.GetUtcNow());
        if (seen.TryGetValue(key, out var day) && day == today)
        {
            return false;
        }

        if (seen.Count >= MostKeys)
        {
            seen.Clear();
        }

        seen[key] = today;
        return true;
    }
}
