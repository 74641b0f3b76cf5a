using System.Security.Cryptography;
using System.Text;
using Candor.Collection;
using Candor.Server.Hosting;
using Candor.Vault;

namespace Candor.Server.Web;

/// <summary>Marks a write that honours <c>Idempotency-Key</c>.</summary>
internal sealed class IdempotentWrite
{
    public static readonly IdempotentWrite Marker = new();
}

/// <summary>Answers a repeated write with the answer of the first one.</summary>
internal static class Idempotency
{
    public const string Header = "Idempotency-Key";

    public static TBuilder RequireIdempotency<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(IdempotentWrite.Marker);

    public static IApplicationBuilder UseIdempotency(this IApplicationBuilder app, CandorHost host)
    {
        // Keyed, because a request holds personal data whose plain digest could be guessed.
        var (store, secret) = (new IdempotencyStore(host.Database), host.Keys.Secret(KeyRing.SessionPepper));
        return app.Use((http, next) => AnswerOnceAsync(http, next, store, host.Index, secret));
    }

    private static async Task AnswerOnceAsync(HttpContext http, RequestDelegate next, IdempotencyStore store, BlindIndex index, byte[] secret)
    {
        var key = http.Request.Headers[Header].ToString();
        if (key.Length == 0 || http.GetEndpoint()?.Metadata.GetMetadata<IdempotentWrite>() is null || http.FindToken() is not { } token)
        {
            await next(http);
            return;
        }

        // The secret's digest is part of it: the token is not believed yet, and nobody gets the answer to another.
        var caller = Convert.ToHexStringLower(token.Hash);
        var subject = http.Request.RouteValues["reference"] as string is { } reference && BlindIndex.IsReference(reference) ? index.Of(BlindIndex.Reference, reference) : null;
        if (await store.ClaimAsync(caller, key, await DigestAsync(http, secret), subject, http.RequestAborted) is { } earlier)
        {
            http.Response.StatusCode = earlier.Status;
            http.Response.ContentType = earlier.Status < 400 ? "application/json; charset=utf-8" : Problems.ContentType;
            http.Response.Headers["Idempotent-Replayed"] = "true";
            await http.Response.Body.WriteAsync(earlier.Body, http.RequestAborted);
            return;
        }

        await RunAsync(http, next, store, caller, key);
    }

    private static async Task RunAsync(HttpContext http, RequestDelegate next, IdempotencyStore store, string caller, string key)
    {
        var (outside, kept) = (http.Response.Body, new MemoryStream());
        http.Response.Body = kept;
        try
        {
            await next(http);
        }
        catch
        {
            await store.ReleaseAsync(caller, key, CancellationToken.None);
            throw;
        }
        finally
        {
            http.Response.Body = outside;
        }

        var body = kept.ToArray();
        if (http.Response.StatusCode is < 500 and not StatusCodes.Status401Unauthorized)
        {
            await store.AnswerAsync(caller, key, http.Response.StatusCode, body, CancellationToken.None);
        }
        else
        {
            await store.ReleaseAsync(caller, key, CancellationToken.None);
        }

        await outside.WriteAsync(body, http.RequestAborted);
    }

    private static async Task<byte[]> DigestAsync(HttpContext http, byte[] secret)
    {
        http.Request.EnableBuffering();
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        hash.AppendData(Encoding.UTF8.GetBytes($"{http.Request.Method} {http.Request.Path}{http.Request.QueryString}\n"));
        var buffer = new byte[16 * 1024];
        for (int read; (read = await http.Request.Body.ReadAsync(buffer, http.RequestAborted)) > 0;)
        {
            hash.AppendData(buffer.AsSpan(0, read));
        }

        http.Request.Body.Position = 0;
        return hash.GetHashAndReset();
    }
}
