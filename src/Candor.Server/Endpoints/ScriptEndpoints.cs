using System.Collections.Frozen;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Candor.Server.Endpoints;

/// <summary>Where this server stands on Global Privacy Control, for anybody who asks (W3C Global Privacy Control, GPC support resource).</summary>
internal sealed record GpcAnswer(bool Gpc, string LastUpdate);

/// <summary>The scripts that the business's own pages load from here, and the statement on Global Privacy Control.</summary>
internal static class ScriptEndpoints
{
    private const string Resources = "candor-js/";

    /// <summary>Long enough to spare repeated visits a request, short enough for a correction to arrive the same hour.</summary>
    private const string Cached = "public, max-age=600, stale-while-revalidate=3600";

    /// <summary>When what this server does with the signal last changed.</summary>
    private static readonly DateOnly GpcSince = new(2026, 11, 24);

    private static readonly FrozenDictionary<string, (byte[] Bytes, EntityTagHeaderValue Tag)> Scripts = Load();

    public static void MapScripts(this IEndpointRouteBuilder app)
    {
        var scripts = app.MapGroup("").ExcludeFromDescription().AllowAnonymous();
        // The parts are named beside this file, so it is a sentence that leads there: one copy of each, whichever address a page uses.
        scripts.MapGet("/candor.js", (HttpContext http) => Script(http, "entry.js"));
        scripts.MapGet("/candor-js/{file}", (string file, HttpContext http) => Script(http, file));
        app.MapGet("/.well-known/gpc.json", () => TypedResults.Ok(new GpcAnswer(true, GpcSince.ToString("O", CultureInfo.InvariantCulture))))
            .WithTags("Web").WithSummary("That Global Privacy Control is honoured").AllowAnonymous();
    }

    private static Results<FileContentHttpResult, NotFound> Script(HttpContext http, string file)
    {
        if (!Scripts.TryGetValue(file, out var script))
        {
            return TypedResults.NotFound();
        }

        var headers = http.Response.Headers;
        headers.CacheControl = Cached;
        // Modules are fetched with CORS. There is nothing in them that is not public.
        headers.AccessControlAllowOrigin = "*";
        headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        return TypedResults.Bytes(script.Bytes, "text/javascript; charset=utf-8", entityTag: script.Tag);
    }

    private static FrozenDictionary<string, (byte[] Bytes, EntityTagHeaderValue Tag)> Load()
    {
        var assembly = typeof(ScriptEndpoints).Assembly;
        var loaded = new Dictionary<string, (byte[], EntityTagHeaderValue)>(StringComparer.Ordinal) { ["entry.js"] = Tagged("export * from \"./candor-js/candor.js\";\n"u8.ToArray()) };
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Resources, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            loaded[name[Resources.Length..]] = Tagged(bytes);
        }

        return loaded.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static (byte[] Bytes, EntityTagHeaderValue Tag) Tagged(byte[] bytes) =>
        (bytes, new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 16))}\""));
}
