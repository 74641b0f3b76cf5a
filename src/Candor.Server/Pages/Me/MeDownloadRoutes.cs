using System.Globalization;
using Candor.Rights;
using Candor.Server.Web;

namespace Candor.Server.Pages.Me;

/// <summary>Everything in one file to take along.</summary>
internal static class MeDownloadRoutes
{
    private const string Path = "/me/download";

    public static void MapMyDownload(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, ShowAsync);
        pages.MapPost(Path, DownloadAsync);
    }

    private static async Task<IResult> ShowAsync(MeDoor door, HttpContext http) =>
        await door.Host.Own.ChoicesAsync(http.Token(), http.RequestAborted) is { } own
            ? MeDoor.Page<MeDownloadPage>(door.View(http, own.Catalog.Catalog, "download"))
            : MeDoor.Ended(http);

    private static async Task<IResult> DownloadAsync(MeDoor door, HttpContext http)
    {
        await door.ReadAsync(http);
        if (await door.Host.Report.ReadAsync(http.Token(), await door.LanguageAsync(http), http.RequestAborted) is not { } content)
        {
            return MeDoor.Ended(http);
        }

        var name = string.Create(CultureInfo.InvariantCulture, $"my-data-{content.At:yyyy-MM-dd}.zip");
        // Made whole before it is sent: a file that breaks off half way would look like the customer's own network.
        var file = new MemoryStream();
        await ReportArchive.WriteAsync(content, file, http.RequestAborted);
        file.Position = 0;
        return TypedResults.File(file, "application/zip", name);
    }
}
