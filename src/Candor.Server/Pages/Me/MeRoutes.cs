using Candor.Consent;
using Candor.Kernel;
using Candor.Server.Endpoints;
using Candor.Server.Hosting;
using Candor.Server.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Candor.Server.Pages.Me;

/// <summary>My Data &amp; Privacy.</summary>
internal static class MeRoutes
{
    private const int HistoryShown = 200;
    private const string SaidCookie = "__Host-said";

    public static void MapMe(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/me", MeAsync);
        pages.MapGet("/me/receipts/{version}", ReceiptAsync);
        pages.MapPost("/me/choices", ChooseAsync);
        pages.MapPost("/me/sign-out", SignOutAsync);
    }

    private static async Task<IResult> MeAsync(CandorHost host, FormToken forms, SiteOptions options, HttpContext http)
    {
        if (await host.Own.RunAsync(http.Token(), HistoryShown, http.RequestAborted) is not { } overview)
        {
            http.Response.Cookies.Delete(CallerAuthentication.Cookie, Forms.Cookie());
            return TypedResults.Redirect(SignInSetup.PathFor("/me"));
        }

        var said = http.Request.Cookies[SaidCookie];
        if (said is not null)
        {
            http.Response.Cookies.Delete(SaidCookie, Forms.Cookie());
        }

        return new RazorComponentResult<MePage>(new { Model = new MeModel(overview, PageFrame.Of(http, overview.Catalog.Catalog.Organisation), forms.Of(http.Token()), options.IsDemo, Said(said), host.Database.Clock.GetUtcNow()) });
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

    private static async Task<IResult> ChooseAsync(CandorHost host, FormToken forms, HttpContext http)
    {
        var (form, token, ct) = (await Forms.ReadOwnAsync(http, forms), http.Token(), http.RequestAborted);

        var (purpose, method) = (PurposeId.Parse(form["purpose"].ToString()), "switch in My Data & Privacy");
        var language = (await host.Database.ReadAsync(tx => host.Catalogs.GetActiveAsync(tx, ct), ct)).Catalog.Organisation.Languages[0];
        var notice = new NoticeRef(form["notice"].ToString(), language);
        var outcome = form["state"].ToString() switch
        {
            "given" => await host.Choices.GiveAsync(token, null, purpose, notice, method, ct),
            "withdrawn" => await host.Choices.WithdrawAsync(token, null, purpose, method, language, ct),
            "objected" => await host.Choices.ObjectAsync(token, null, purpose, method, language, ct),
            "objection-lifted" => await host.Choices.LiftObjectionAsync(token, null, purpose, method, language, ct),
            var other => throw new Fault(FaultKind.Invalid, "consent/bad-state", $"`{Name.Shown(other)}` is not a choice."),
        };
        http.Response.Cookies.Append(SaidCookie, outcome.Changed?.Record.Event.Code() ?? "refused-here", Forms.Cookie());
        return TypedResults.Redirect("/me#choices");
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

    private static string? Said(string? what) => what switch
    {
        null => null,
        "given" or "renewed" => "Thank you. It is on from now, and you can switch it off here at any time.",
        "withdrawn" => "Done. It is off from this moment, everywhere.",
        "objected" => "Done. We stopped using your data for this.",
        "objection-lifted" => "Thank you. It is on again.",
        _ => "That did not work. Please try again.",
    };
}
