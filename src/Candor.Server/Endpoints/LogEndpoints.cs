using Candor.Audit;
using Candor.Kernel;
using Candor.Server.Hosting;

namespace Candor.Server.Endpoints;

/// <summary>The log as C2SP tlog-tiles serve it: checkpoint, tiles, and proofs of single entries. Nothing in it tells who a customer is.</summary>
internal static class LogEndpoints
{
    private const string Immutable = "public, max-age=31536000, immutable";

    public static void MapLog(this IEndpointRouteBuilder app)
    {
        var log = app.MapGroup("/v1/log").WithTags("Log");
        log.MapGet("/checkpoint", CheckpointAsync).WithSummary("The signed head of the log").AllowAnonymous();
        log.MapGet("/key", (CandorHost host) => TypedResults.Text(host.Checkpoints.Key.ToString())).WithSummary("The key that checks checkpoints").AllowAnonymous();
        log.MapGet("/tile/{**path}", TileAsync).WithSummary("A tile of hashes, or a bundle of entries").AllowAnonymous();
        log.MapGet("/proof/{entry}", ProofAsync).WithSummary("A proof of one entry that can be checked without this server").AllowAnonymous();
    }

    private static async Task<IResult> CheckpointAsync(CandorHost host, CancellationToken ct) =>
        TypedResults.Text(await host.Database.WriteAsync(tx => host.Checkpoints.ServeAsync(tx, ct), ct), "text/plain", System.Text.Encoding.UTF8);

    private static async Task<IResult> ProofAsync(string entry, CandorHost host, CancellationToken ct) =>
        TypedResults.Text(await host.Database.WriteAsync(tx => host.Checkpoints.ProveAsync(tx, entry, ct), ct), "text/plain", System.Text.Encoding.UTF8);

    private static async Task<IResult> TileAsync(string path, CandorHost host, HttpContext http, CancellationToken ct)
    {
        var tile = TilePath.Parse("tile/" + path);
        var bytes = await host.Database.ReadAsync(async tx =>
        {
            var (size, _) = await host.Log.HeadAsync(tx, ct);
            return tile.Width > TilePath.WidthAt(tile.Level, tile.Index, size) ? null
                : tile.Level == TilePath.Entries ? await LogTree.FindBundleAsync(tx, tile.Index, tile.Width, ct)
                : await LogTree.FindTileAsync(tx, tile.Level, tile.Index, tile.Width, ct);
        }, ct) ?? throw new Fault(FaultKind.NotFound, "audit/no-such-tile", $"The log has no `{tile}` yet.");
        http.Response.Headers.CacheControl = Immutable;
        return TypedResults.Bytes(bytes, "application/octet-stream");
    }
}
