using Candor.Catalog;
using Candor.Consent;
using Candor.Server.Hosting;
using Candor.Server.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Candor.Server.Pages;

/// <summary><c>/privacy</c>: the privacy policy of the catalog that counts, as a page and as Markdown.</summary>
internal static class PolicyRoutes
{
    public static void MapPolicy(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/privacy", ShowAsync).AllowAnonymous();
        pages.MapGet("/privacy.md", FileAsync).AllowAnonymous();
    }

    private static async Task<IResult> ShowAsync(CandorHost host, HttpContext http)
    {
        var (frame, text) = await LoadAsync(host, http);
        return new RazorComponentResult<PolicyView>(new { Frame = frame, Html = NoticePage.ToHtml(text) });
    }

    private static async Task<IResult> FileAsync(CandorHost host, HttpContext http)
    {
        var (frame, text) = await LoadAsync(host, http);
        return TextFile.Answer(text, "text/markdown", $"privacy-{frame.Language}.md");
    }

    private static async Task<(PageFrame Frame, string Text)> LoadAsync(CandorHost host, HttpContext http)
    {
        var ct = http.RequestAborted;
        var (active, applied) = await host.Database.ReadAsync(async tx =>
        {
            var active = await host.Catalogs.GetActiveAsync(tx, ct);
            return (active, await CatalogRegister.AppliedAtAsync(tx, active.Version, ct));
        }, ct);
        var frame = PageFrame.Of(http, active.Catalog.Organisation);
        return (frame, PolicyText.Generate(active.Catalog, frame.Language, new PolicyFacts(host.Settings.Site, applied, active.Version)));
    }
}
