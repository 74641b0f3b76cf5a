using Candor.Kernel;
using Candor.Server.Web;
using Candor.SignIn;

namespace Candor.Server.Pages.Staff;

/// <summary>Single sign-on for staff: to the business's own OpenID provider and back.</summary>
internal static class StaffOpenIdRoutes
{
    /// <summary>Binds the way to the browser that began it. Lax, because the way back comes from the provider's site.</summary>
    private const string BrowserCookie = "__Host-staff-browser";

    public static void MapStaffOpenId(this IEndpointRouteBuilder pages)
    {
        var attempts = pages.MapGroup("").RequireRateLimiting(SignInSetup.Limit);
        attempts.MapGet("/staff/sign-in/oidc", BeginAsync).AllowAnonymous();
        attempts.MapGet(StaffOpenId.BackPath, FinishAsync).AllowAnonymous();
    }

    private static async Task<IResult> BeginAsync(string? to, StaffWays ways, StaffEntrance entrance, HttpContext http)
    {
        if (ways.OpenId is not { } openId)
        {
            return await SayAsync(SignInTrouble.NotSetUp, entrance, http);
        }

        var secret = http.Request.Cookies[BrowserCookie] is { } has && RandomSecret.IsOne(has) ? has : RandomSecret.New();
        var cookie = Forms.Cookie();
        cookie.MaxAge = OpenIdFlow.Life;
        http.Response.Cookies.Append(BrowserCookie, secret, cookie);
        return TypedResults.Redirect((await openId.BeginAsync(secret, LocalPath.OrHome(StaffEntrance.PathOf(to)), http.RequestAborted)).ToString());
    }

    private static async Task<IResult> FinishAsync(StaffWays ways, StaffEntrance entrance, HttpContext http)
    {
        if (ways.OpenId is not { } openId)
        {
            return await SayAsync(SignInTrouble.NotSetUp, entrance, http);
        }

        string? One(string name) => http.Request.Query[name] is [{ } value] ? value : null;
        var back = new OpenIdReturn(One("state"), One("code"), One("iss"), One("error"));
        var (outcome, trouble, goTo) = await openId.FinishAsync(back, http.Request.Cookies[BrowserCookie], entrance.ClientOf(http), http.RequestAborted);
        if (trouble is { } why)
        {
            return await SayAsync(why, entrance, http);
        }

        http.Response.Cookies.Delete(BrowserCookie, Forms.Cookie());
        if (outcome.Session is not null)
        {
            StaffEntrance.KeepAll(http, outcome);
        }
        else
        {
            StaffEntrance.KeepStep(http, outcome.Step!);
        }

        // A redirect would still come from the provider's site, and cookies of staff are not sent then; this page is ours.
        var to = StaffEntrance.PathOf(goTo.Value);
        return StaffEntrance.Page<StaffOnPage>(await entrance.ViewAsync(http, outcome.Session is null ? null : to) with
        {
            To = outcome.Session is null ? $"{StaffEntrance.StepPath}?to={Uri.EscapeDataString(to)}" : to,
        }, http);
    }

    private static async Task<IResult> SayAsync(SignInTrouble trouble, StaffEntrance entrance, HttpContext http)
    {
        var view = await entrance.ViewAsync(http, null) with { Trouble = "oidc-" + StaffEntrance.NameOf(trouble) };
        return new Microsoft.AspNetCore.Http.HttpResults.RazorComponentResult<StaffSignInPage>(new { Model = view })
        {
            StatusCode = trouble == SignInTrouble.NotSetUp ? StatusCodes.Status404NotFound : StatusCodes.Status403Forbidden,
        };
    }
}
