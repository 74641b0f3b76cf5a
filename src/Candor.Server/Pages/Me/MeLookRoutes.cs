using System.Text;
using Candor.Server.Hosting;
using Candor.Server.Web;

namespace Candor.Server.Pages.Me;

/// <summary>Who looked, and a proof of each look to keep.</summary>
internal static class MeLookRoutes
{
    private const int PerPage = 25;

    public static void MapMyLooks(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/me/looks", ShowAsync);
        pages.MapGet("/me/looks/{entry}/proof", ProofAsync);
    }

    private static async Task<IResult> ShowAsync(MeDoor door, HttpContext http)
    {
        var (before, withOwn) = (MeDoor.Number(http, "before", long.MaxValue, 0), http.Request.Query["own"] == "1");
        return await door.Host.Own.LooksAsync(http.Token(), before == 0 ? null : before, PerPage, withOwn, http.RequestAborted) is { } looks
            ? MeDoor.Page<MeLooksPage>(new MeLooks(door.View(http, looks.Catalog.Catalog, "looks"), looks, withOwn, before == 0))
            : MeDoor.Ended(http);
    }

    /// <summary>The proof says nothing about anybody, so everybody may have every one; here it comes as a file.</summary>
    private static async Task<IResult> ProofAsync(string entry, CandorHost host, HttpContext http)
    {
        var proof = await host.Database.WriteAsync(tx => host.Checkpoints.ProveAsync(tx, entry, http.RequestAborted), http.RequestAborted);
        return TypedResults.File(Encoding.UTF8.GetBytes(proof), "text/plain; charset=utf-8", $"{entry}.tlog-proof");
    }
}
