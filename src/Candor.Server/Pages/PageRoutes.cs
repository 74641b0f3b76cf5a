using Candor.Consent;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Server.Pages.Demo;
using Candor.Server.Pages.Mail;
using Candor.Server.Pages.Me;
using Candor.Server.Pages.SignIn;
using Candor.Server.Pages.Staff;
using Candor.Server.Pages.Survey;
using Candor.Server.Pages.Trust;
using Candor.Server.Web;
using Candor.Trust;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Candor.Server.Pages;

/// <summary>Pages, and the forms on them. Every form answers with a redirect, so that reloading repeats nothing.</summary>
internal static class PageRoutes
{
    public static void MapPages(this IEndpointRouteBuilder routes, SiteOptions options)
    {
        var pages = routes.MapGroup("").ExcludeFromDescription();
        pages.MapGet("/", async (CandorHost host, HttpContext http) => options.IsDemo ? Results.Redirect("/demo") : await StartAsync(host, http)).AllowAnonymous();
        pages.MapGet("/notice", NoticeAsync).AllowAnonymous();
        pages.MapPolicy();
        pages.MapGet("/candor.css", () => Asset("candor.css", "text/css")).AllowAnonymous();
        pages.MapGet("/icon.svg", () => Asset("icon.svg", "image/svg+xml")).AllowAnonymous();
        // The script that shows it is Scalar's; the page around it is ours, so that no inline script is needed.
        pages.MapGet("/docs", () => Asset("docs.html", "text/html; charset=utf-8")).AllowAnonymous();
        pages.MapGet("/docs.js", () => Asset("docs.js", "text/javascript; charset=utf-8")).AllowAnonymous();
        pages.MapGet("/staff.js", () => Asset("staff.js", "text/javascript; charset=utf-8")).AllowAnonymous();
        pages.MapMe();
        pages.MapSignIn();
        pages.MapStaff();
        pages.MapUnsubscribe();
        pages.MapSurvey();
        if (options.HasPublicTrust)
        {
            pages.MapPublicTrust();
        }

        if (options.IsDemo)
        {
            pages.MapGet("/demo.js", () => Asset("demo.js", "text/javascript; charset=utf-8")).AllowAnonymous();
            pages.MapDemo();
            pages.MapMailbox();
        }
    }

    private static FileStreamHttpResult Asset(string name, string type) =>
        TypedResults.Stream(typeof(PageRoutes).Assembly.GetManifestResourceStream("wwwroot/" + name)!, type);

    private static async Task<IResult> StartAsync(CandorHost host, HttpContext http)
    {
        var active = await host.Database.ReadAsync(tx => host.Catalogs.GetActiveAsync(tx, http.RequestAborted), http.RequestAborted);
        return new RazorComponentResult<StartPage>(new { Frame = PageFrame.Of(http, active.Catalog.Organisation), active.Catalog.Organisation.Contact });
    }

    private static async Task<IResult> NoticeAsync(CandorHost host, string? version, HttpContext http)
    {
        var ct = http.RequestAborted;
        var active = await host.Database.ReadAsync(tx => host.Catalogs.GetActiveAsync(tx, ct), ct);
        var frame = PageFrame.Of(http, active.Catalog.Organisation);
        if (version is not null)
        {
            var old = (version.All(char.IsAsciiHexDigit) ? await host.Database.ReadAsync(tx => host.Notices.FindAsync(tx, version, ct), ct) : null)
                ?? throw new Fault(FaultKind.NotFound, "consent/unknown-notice", $"There is no notice of version `{Name.Shown(version)}`.");
            return new RazorComponentResult<NoticeView>(new { Frame = frame with { Language = old.Language }, Html = NoticePage.ToHtml(old.Text), old.Hash });
        }

        host.TrustCounts.View(TrustMeasure.NoticeViews);
        var notice = NoticeText.Generate(active.Catalog, frame.Language);
        return new RazorComponentResult<NoticeView>(new { Frame = frame, Html = NoticePage.ToHtml(notice.Text), notice.Hash });
    }
}
