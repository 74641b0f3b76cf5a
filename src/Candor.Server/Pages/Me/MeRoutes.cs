using Candor.Kernel;
using Candor.Server.Endpoints;
using Candor.Server.Hosting;
using Candor.Server.Web;

namespace Candor.Server.Pages.Me;

/// <summary>My Data &amp; Privacy: its first page, receipts, and the way out. The other sections have doors of their own.</summary>
internal static class MeRoutes
{
    public static void MapMe(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/me", OverviewAsync);
        pages.MapGet("/me/receipts/{version}", ReceiptAsync);
        pages.MapPost("/me/sign-out", SignOutAsync);
        pages.MapMyData();
        pages.MapMyChoices();
        pages.MapMyAsked();
        pages.MapMySurvey();
        pages.MapMyLooks();
        pages.MapMyWhy();
        pages.MapMyQuestions();
        pages.MapMyRequests();
        pages.MapMyDownload();
        pages.MapMySessions();
        pages.MapMyDelete();
    }

    private static async Task<IResult> OverviewAsync(MeDoor door, HttpContext http)
    {
        var ct = http.RequestAborted;
        if (await door.Host.Own.OverviewAsync(http.Token(), ct) is not { } overview || await door.Host.Corrections.WaitingAsync(http.Token(), ct) is not { } waiting
            || (await door.Host.Requests.ListAsync(http.Token(), null, ct)).Requests is not { } requests
            || await door.Host.ConsentQuestions.OwnAsync(http.Token(), ct) is not { } asked || await door.Host.Surveys.OfferAsync(http.Token(), ct) is not { } survey)
        {
            return MeDoor.Ended(http);
        }

        return MeDoor.Page<MeOverviewPage>(new MeOverview(door.View(http, overview.Catalog.Catalog, "overview"), overview, waiting, requests, asked.Waiting, door.Now) { AsksSurvey = survey.IsCard });
    }

    /// <summary>The readable receipt, to keep: a file, because it stands by itself.</summary>
    private static async Task<IResult> ReceiptAsync(long version, CandorHost host, HttpContext http)
    {
        var record = await host.Own.FindRecordAsync(http.Token(), version, http.RequestAborted);
        var receipt = record is null ? null : await ConsentEndpoints.FindReceiptAsync(host, record, http.RequestAborted);
        return receipt is null
            ? throw new Fault(FaultKind.NotFound, "consent/no-receipt", $"There is no receipt of number `{version}`.")
            : TypedResults.File(System.Text.Encoding.UTF8.GetBytes(receipt.Page.ToHtml()), "text/html; charset=utf-8", $"receipt-{version}.html");
    }

    private static async Task<IResult> SignOutAsync(CandorHost host, FormToken forms, HttpContext http)
    {
        var form = await Forms.ReadAsync(http);
        if (forms.IsFrom(http.Token(), form[FormToken.Field]))
        {
            await host.Database.WriteAsync(tx => host.Access.EndSessionAsync(tx, http.Token(), http.RequestAborted), http.RequestAborted);
            http.Response.Cookies.Delete(CallerAuthentication.Cookie, Forms.Cookie());
            http.Response.Headers["Clear-Site-Data"] = "\"cache\", \"storage\"";
        }

        return TypedResults.Redirect("/");
    }
}
