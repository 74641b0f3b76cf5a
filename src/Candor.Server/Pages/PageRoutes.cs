using Candor.Collection;
using Candor.Consent;
using Candor.Kernel;
using Candor.Reads;
using Candor.Server.Endpoints;
using Candor.Server.Hosting;
using Candor.Server.Web;
using Candor.Staff;
using Candor.Vault;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Candor.Server.Pages;

/// <summary>Pages, and the forms on them. Every form answers with a redirect, so that reloading repeats nothing.</summary>
internal static class PageRoutes
{
    private const int HistoryShown = 200;
    private const string SaidCookie = "__Host-said";

    public static void MapPages(this IEndpointRouteBuilder routes, SiteOptions options)
    {
        var pages = routes.MapGroup("").ExcludeFromDescription();
        pages.MapGet("/", async (CandorHost host, CancellationToken ct) => options.IsDemo ? Results.Redirect("/demo") : await StartAsync(host, ct)).AllowAnonymous();
        pages.MapGet("/notice", NoticeAsync).AllowAnonymous();
        pages.MapGet("/candor.css", () => Asset("candor.css", "text/css")).AllowAnonymous();
        pages.MapGet("/icon.svg", () => Asset("icon.svg", "image/svg+xml")).AllowAnonymous();
        // The script that shows it is Scalar's; the page around it is ours, so that no inline script is needed.
        pages.MapGet("/docs", () => Asset("docs.html", "text/html; charset=utf-8")).AllowAnonymous();
        pages.MapGet("/docs.js", () => Asset("docs.js", "text/javascript; charset=utf-8")).AllowAnonymous();
        pages.MapGet("/me", MeAsync);
        pages.MapGet("/me/receipts/{version}", ReceiptAsync);
        pages.MapPost("/me/choices", ChooseAsync);
        pages.MapPost("/me/sign-out", SignOutAsync);
        if (options.IsDemo)
        {
            pages.MapGet("/demo", DemoAsync).AllowAnonymous();
            pages.MapPost("/demo/sign-in", SignInAsync).AllowAnonymous();
        }
    }

    private static FileStreamHttpResult Asset(string name, string type) =>
        TypedResults.Stream(typeof(PageRoutes).Assembly.GetManifestResourceStream("wwwroot/" + name)!, type);

    private static async Task<IResult> StartAsync(CandorHost host, CancellationToken ct)
    {
        var active = await host.Database.ReadAsync(tx => host.Catalogs.GetActiveAsync(tx, ct), ct);
        return new RazorComponentResult<StartPage>(new { active.Catalog.Organisation });
    }

    private static async Task<IResult> NoticeAsync(CandorHost host, string? language, string? version, CancellationToken ct)
    {
        var active = await host.Database.ReadAsync(tx => host.Catalogs.GetActiveAsync(tx, ct), ct);
        var organisation = active.Catalog.Organisation;
        if (version is not null)
        {
            var old = (version.All(char.IsAsciiHexDigit) ? await host.Database.ReadAsync(tx => host.Notices.FindAsync(tx, version, ct), ct) : null)
                ?? throw new Fault(FaultKind.NotFound, "consent/unknown-notice", $"There is no notice of version `{Name.Shown(version)}`.");
            return new RazorComponentResult<NoticeView>(new { Organisation = organisation, old.Language, Html = NoticePage.ToHtml(old.Text), old.Hash });
        }

        var chosen = organisation.Languages.Contains(language) ? language! : organisation.Languages[0];
        var notice = NoticeText.Generate(active.Catalog, chosen);
        return new RazorComponentResult<NoticeView>(new { Organisation = organisation, Language = chosen, Html = NoticePage.ToHtml(notice.Text), notice.Hash });
    }

    private static async Task<IResult> MeAsync(CandorHost host, FormToken forms, SiteOptions options, HttpContext http)
    {
        if (await host.Own.RunAsync(http.Token(), HistoryShown, http.RequestAborted) is not { } overview)
        {
            http.Response.Cookies.Delete(CallerAuthentication.Cookie, SessionCookie());
            return TypedResults.Redirect("/");
        }

        var said = http.Request.Cookies[SaidCookie];
        if (said is not null)
        {
            http.Response.Cookies.Delete(SaidCookie, SessionCookie());
        }

        return new RazorComponentResult<MePage>(new { Model = new MeModel(overview, forms.Of(http.Token()), options.IsDemo, Said(said), host.Database.Clock.GetUtcNow()) });
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
        var (form, token, ct) = (await FormAsync(http), http.Token(), http.RequestAborted);
        if (!forms.IsFrom(token, form[FormToken.Field]))
        {
            throw new Fault(FaultKind.Invalid, "server/old-form", "This form belongs to another session; go back, reload the page and try again.");
        }

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
        http.Response.Cookies.Append(SaidCookie, outcome.Changed?.Record.Event.Code() ?? "refused-here", SessionCookie());
        return TypedResults.Redirect("/me#choices");
    }

    private static async Task<IResult> SignOutAsync(CandorHost host, FormToken forms, HttpContext http)
    {
        var form = await FormAsync(http);
        if (forms.IsFrom(http.Token(), form[FormToken.Field]))
        {
            await host.Database.WriteAsync(tx => host.Access.EndSessionAsync(tx, http.Token(), http.RequestAborted), http.RequestAborted);
            http.Response.Cookies.Delete(CallerAuthentication.Cookie, SessionCookie());
            http.Response.Headers["Clear-Site-Data"] = "\"cache\", \"storage\"";
        }

        return TypedResults.Redirect("/");
    }

    private static async Task<IResult> DemoAsync(CandorHost host, SiteOptions options, HttpContext http)
    {
        var active = await host.Database.ReadAsync(tx => host.Catalogs.GetActiveAsync(tx, http.RequestAborted), http.RequestAborted);
        return new RazorComponentResult<DemoPage>(new
        {
            active.Catalog.Organisation,
            Customers = SampleShop.DemoCustomers,
            Keys = options.Demo,
            Address = $"{http.Request.Scheme}://{http.Request.Host}",
        });
    }

    private static async Task<IResult> SignInAsync(CandorHost host, HttpContext http)
    {
        var form = await FormAsync(http);
        var reference = form["reference"].ToString();
        if (!SampleShop.DemoCustomers.Any(c => c.Reference == reference))
        {
            throw new Fault(FaultKind.NotFound, "server/no-such-customer", "That is none of the sample customers.");
        }

        var token = await host.Database.WriteAsync(async tx =>
        {
            var key = await host.Vault.FindCustomerAsync(tx, BlindIndex.Reference, reference, http.RequestAborted);
            return key is null ? null : await host.Access.OpenCustomerSessionAsync(tx, key.Id, http.RequestAborted);
        }, http.RequestAborted) ?? throw new Fault(FaultKind.NotFound, "server/no-such-customer", "This sample customer has been erased.");
        http.Response.Cookies.Append(CallerAuthentication.Cookie, token, SessionCookie());
        return TypedResults.Redirect("/me");
    }

    private static async Task<IFormCollection> FormAsync(HttpContext http)
    {
        if (!http.Request.HasFormContentType)
        {
            throw new BadHttpRequestException("Not a form.", StatusCodes.Status415UnsupportedMediaType);
        }

        try
        {
            return await http.Request.ReadFormAsync(http.RequestAborted);
        }
        catch (InvalidDataException e)
        {
            throw new Fault(FaultKind.Invalid, "server/bad-form", "The form has too many or too long fields.", e);
        }
    }

    private static CookieOptions SessionCookie() => new() { Secure = true, HttpOnly = true, SameSite = SameSiteMode.Lax, Path = "/" };

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
