using System.Security.Claims;
using System.Text.Encodings.Web;
using Candor.Server.Assistants;
using Candor.Server.Endpoints;
using Candor.Server.Pages.Staff;
using Candor.Staff;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Candor.Server.Web;

/// <summary>Turns the bearer token or the session cookie into a caller's token. Whether it counts is decided in the transaction of the call.</summary>
internal sealed class CallerAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string Scheme2 = "candor";

    /// <summary>The prefix makes browsers refuse it from other hosts and without TLS (localhost excepted).</summary>
    public const string Cookie = "__Host-s";

    /// <summary>The session of a member of staff, who may be a customer too: the two never stand in for each other.</summary>
    public const string StaffCookie = "__Host-staff";

    private const string Bearer = "Bearer ";

    /// <summary>For everybody, although it lies beside the pages of staff: no cookie of staff, good or old, has a say there.</summary>
    private static readonly PathString PublicTrust = "/trust/public";

    private static readonly string[] StaffPaths = ["/staff", "/desk", "/admin", "/governance", "/trust"];

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        var isWeb = SiteOrigins.IsWeb(Request);
        // Pages of other origins call the browser interface: no cookie counts there, and a visitor's token counts nowhere else.
        var text = header.StartsWith(Bearer, StringComparison.Ordinal) ? header[Bearer.Length..] : isWeb ? null : Request.Cookies[IsForStaff(Request) ? StaffCookie : Cookie];
        if (!CallerToken.TryParse(text, out var token) || (token.IsVisit && !isWeb))
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        Context.Items[typeof(CallerToken)] = token.KeyId is null ? token : token with { From = Context.Connection.RemoteIpAddress };
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity(Scheme2)), Scheme2)));
    }

    /// <summary>True for the pages of staff, where the staff's cookie counts and the customer's does not.</summary>
    public static bool IsForStaff(HttpRequest request) => IsForStaff(request.Path);

    public static bool IsForStaff(PathString path) => path != PublicTrust && StaffPaths.Any(p => path.StartsWithSegments(p, StringComparison.Ordinal));

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal) || Request.Path.StartsWithSegments("/opendsr", StringComparison.Ordinal) || Request.Path.StartsWithSegments(AssistantServer.Path, StringComparison.Ordinal) || Request.Path == "/metrics")
        {
            await Problems.Unknown(Context).ExecuteAsync(Context);
        }
        else if (IsForStaff(Request))
        {
            Response.Redirect(StaffDoor.PathWithReturn(StaffGuard.SignInPath, Context));
        }
        else
        {
            // Only what can simply be opened again is gone back to.
            Response.Redirect(SignInSetup.PathFor(HttpMethods.IsGet(Request.Method) ? Request.Path + Request.QueryString : null));
        }
    }
}

/// <summary>The caller's token of a request.</summary>
internal static class Caller
{
    public static CallerToken Token(this HttpContext http) => (CallerToken)http.Items[typeof(CallerToken)]!;

    public static CallerToken? FindToken(this HttpContext http) => http.Items[typeof(CallerToken)] as CallerToken;
}
