using System.Text.Json;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Server.Web;
using Candor.SignIn;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Candor.Server.Pages.SignIn;

/// <summary>Signing in without a password.</summary>
internal static class SignInRoutes
{
    /// <summary>Ties a link, or the way to a provider and back, to the browser that asked for it.</summary>
    private const string BrowserCookie = "__Host-sign-in";

    /// <summary>Marks a browser that has signed in with an address, so that strangers cannot use up what is its own.</summary>
    private const string KnownCookie = "__Host-known";

    private static readonly TimeSpan BrowserCookieLife = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan KnownCookieLife = TimeSpan.FromDays(365);

    public static void MapSignIn(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/sign-in", FormAsync).AllowAnonymous();
        pages.MapGet("/sign-in/sent", (CandorHost host, HttpContext http) => SayAsync(host, http, "sent")).AllowAnonymous();
        pages.MapGet("/sign-in/link", LinkAsync).AllowAnonymous();
        var attempts = pages.MapGroup("").RequireRateLimiting(SignInSetup.Limit);
        attempts.MapPost("/sign-in", AskAsync).AllowAnonymous();
        attempts.MapPost("/sign-in/link", UseLinkAsync).AllowAnonymous();
        attempts.MapPost("/sign-in/token", UseTokenAsync).AllowAnonymous().WithMetadata(FormFromSites.Marker);
        attempts.MapGet("/sign-in/oidc", BeginAsync).AllowAnonymous();
        attempts.MapGet(OpenIdSignIn.BackPath, FinishAsync).AllowAnonymous();
    }

    /// <summary>The browser of a request, and the session it has.</summary>
    public static SignInClient ClientOf(HttpContext http) => new(http.Connection.RemoteIpAddress, http.Request.Headers.UserAgent.ToString(), http.FindToken());

    private static async Task<IResult> FormAsync(string? to, CandorHost host, SignInWays ways, HttpContext http) => await ShowFormAsync(LocalPath.OrHome(to), isWrong: false, host, ways, http);

    private static async Task<IResult> ShowFormAsync(LocalPath to, bool isWrong, CandorHost host, SignInWays ways, HttpContext http) =>
        new RazorComponentResult<SignInPage>(new { Frame = await FrameAsync(host, http), To = to.Value, IsWrong = isWrong, HasOpenId = ways.OpenId is not null })
        {
            StatusCode = isWrong ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK,
        };

    /// <summary>INVARIANT: the answer and the work are the same for an address that is known here and for one that is not.</summary>
    private static async Task<IResult> AskAsync(CandorHost host, SignInWays ways, LinkSender sender, HttpContext http)
    {
        var form = await Forms.ReadAsync(http);
        var to = LocalPath.OrHome(form["to"]);
        var language = (await FrameAsync(host, http)).Language;
        try
        {
            await ways.Links.AskAsync(new LinkRequest(form["email"].ToString(), Browser(http), ClientOf(http), http.Request.Cookies[KnownCookie], language, to), http.RequestAborted);
        }
        catch (Fault fault) when (fault.What == "vault/bad-email")
        {
            return await ShowFormAsync(to, isWrong: true, host, ways, http);
        }

        sender.Kick();
        return TypedResults.Redirect("/sign-in/sent");
    }

    private static async Task<IResult> LinkAsync(string? token, CandorHost host, SignInWays ways, HttpContext http)
    {
        if (!RandomSecret.IsOne(token))
        {
            return await TroubleAsync(SignInTrouble.Over, host, http);
        }

        return await ways.Links.LookAsync(token!, http.Request.Cookies[BrowserCookie], http.RequestAborted) is { } trouble
            ? await TroubleAsync(trouble, host, http)
            : new RazorComponentResult<LinkPage>(new { Frame = await FrameAsync(host, http), Token = token });
    }

    private static async Task<IResult> UseLinkAsync(CandorHost host, SignInWays ways, HttpContext http)
    {
        var token = (await Forms.ReadAsync(http))["token"].ToString();
        return RandomSecret.IsOne(token)
            ? await EnterAsync(await ways.Links.UseAsync(token, http.Request.Cookies[BrowserCookie], ClientOf(http), http.RequestAborted), host, http)
            : await TroubleAsync(SignInTrouble.Over, host, http);
    }

    private static async Task<IResult> UseTokenAsync(CandorHost host, SignInWays ways, HttpContext http)
    {
        var form = await Forms.ReadAsync(http);
        return await EnterAsync(await ways.Tokens.SignInAsync(form["token"].ToString(), LocalPath.OrHome(form["to"]), ClientOf(http), http.RequestAborted), host, http);
    }

    private static async Task<IResult> BeginAsync(string? to, CandorHost host, SignInWays ways, HttpContext http) => ways.OpenId is { } openId
        ? TypedResults.Redirect((await openId.BeginAsync(Browser(http), LocalPath.OrHome(to), http.RequestAborted)).ToString())
        : await TroubleAsync(SignInTrouble.NotSetUp, host, http);

    private static async Task<IResult> FinishAsync(CandorHost host, SignInWays ways, HttpContext http)
    {
        if (ways.OpenId is not { } openId)
        {
            return await TroubleAsync(SignInTrouble.NotSetUp, host, http);
        }

        string? One(string name) => http.Request.Query[name] is [{ } value] ? value : null;
        var back = new OpenIdReturn(One("state"), One("code"), One("iss"), One("error"));
        return await EnterAsync(await openId.FinishAsync(back, http.Request.Cookies[BrowserCookie], ClientOf(http), http.RequestAborted), host, http);
    }

    private static async Task<IResult> EnterAsync(SignInOutcome outcome, CandorHost host, HttpContext http)
    {
        if (outcome.Trouble is { } trouble)
        {
            return await TroubleAsync(trouble, host, http);
        }

        var cookies = http.Response.Cookies;
        cookies.Append(CallerAuthentication.Cookie, outcome.Session!, Forms.Cookie());
        if (http.Request.Cookies.ContainsKey(BrowserCookie))
        {
            cookies.Delete(BrowserCookie, Forms.Cookie());
        }

        if (outcome.KnownBrowser is { } mark)
        {
            cookies.Append(KnownCookie, mark, Kept(KnownCookieLife));
        }

        return TypedResults.LocalRedirect(outcome.GoTo.Value);
    }

    /// <summary>The secret of this browser: the one it has, so that each of several links works, or a fresh one.</summary>
    private static string Browser(HttpContext http)
    {
        var secret = http.Request.Cookies[BrowserCookie] is { } has && RandomSecret.IsOne(has) ? has : RandomSecret.New();
        http.Response.Cookies.Append(BrowserCookie, secret, Kept(BrowserCookieLife));
        return secret;
    }

    private static CookieOptions Kept(TimeSpan life)
    {
        var cookie = Forms.Cookie();
        cookie.MaxAge = life;
        return cookie;
    }

    private static async Task<IResult> TroubleAsync(SignInTrouble trouble, CandorHost host, HttpContext http)
    {
        var (what, status) = (JsonNamingPolicy.KebabCaseLower.ConvertName(trouble.ToString()), StatusOf(trouble));
        return ErrorPages.IsForPerson(http.Request)
            ? await SayAsync(host, http, what, status)
            : TypedResults.Problem(Problems.Of(status, "urn:candor:sign-in/" + what, "Not signed in", PageText.In("signin", "en").Text(what + ".what")));
    }

    internal static int StatusOf(SignInTrouble trouble) => trouble == SignInTrouble.NotSetUp ? StatusCodes.Status404NotFound : StatusCodes.Status403Forbidden;

    private static async Task<IResult> SayAsync(CandorHost host, HttpContext http, string what, int status = StatusCodes.Status200OK) =>
        new RazorComponentResult<SignInSaid>(new { Frame = await FrameAsync(host, http), What = what }) { StatusCode = status };

    /// <summary>Without the choice of language, where it would lose what the address carries.</summary>
    private static async Task<PageFrame> FrameAsync(CandorHost host, HttpContext http)
    {
        var active = await host.Database.ReadAsync(tx => host.Catalogs.GetActiveAsync(tx, http.RequestAborted), http.RequestAborted);
        var frame = PageFrame.Of(http, active.Catalog.Organisation);
        return http.Request.Path == "/sign-in" || http.Request.Path == "/sign-in/sent" ? frame : frame with { Languages = [frame.Language] };
    }
}
