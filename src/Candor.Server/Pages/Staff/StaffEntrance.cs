using System.Globalization;
using System.Text.Json;
using Candor.Consent;
using Candor.Server.Hosting;
using Candor.Server.Web;
using Candor.SignIn;
using Candor.Staff;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Candor.Server.Pages.Staff;

/// <summary>What the pages before and around the second factor share: their frame, where to go on to, and what went wrong.</summary>
/// <param name="To">A path of this site.</param>
/// <param name="Trouble">Name of a text <c>trouble.…</c>; null when nothing went wrong.</param>
/// <param name="Wait">In whole seconds, for the trouble of that name.</param>
public sealed record EntranceView(PageFrame Frame, string To, string? Trouble = null, int Wait = 0)
{
    public Wording Words { get; } = PageText.In("account", Frame.Language);

    public string? TroubleText => Trouble is null ? null : Words.Text("trouble." + Trouble, ("seconds", Wait.ToString(CultureInfo.InvariantCulture)));

    /// <summary>True when the OpenID provider is another way in.</summary>
    public bool HasOpenId { get; init; }

    /// <summary>The token of a form, where somebody is here.</summary>
    public string FormToken { get; init; } = "";
}

/// <summary>The way in for members of staff: cookies, and where it leads.</summary>
internal sealed class StaffEntrance(CandorHost host, StaffWays ways)
{
    public const string Home = "/staff";
    public const string StepPath = "/staff/sign-in/code";

    /// <summary>A right password, or the word of the OpenID provider, that waits for its code.</summary>
    private const string StepCookie = "__Host-staff-step";

    /// <summary>Marks a browser that has signed in, so that strangers cannot use up what is its own.</summary>
    private const string KnownCookie = "__Host-staff-known";

    private static readonly TimeSpan KnownLife = TimeSpan.FromDays(365);

    public CandorHost Host => host;

    /// <summary>A path of the pages of staff to go on to; anything else leads to the first page that somebody may see.</summary>
    public static string PathOf(string? to) =>
        LocalPath.TryParse(to, out var path) && IsPage(path.Value) ? path.Value : Home;

    public static string? StepOf(HttpContext http) => http.Request.Cookies[StepCookie];

    public StaffClient ClientOf(HttpContext http) => new(
        host.SignIn.NetworkOf(http.Connection.RemoteIpAddress), BrowserOf(http), http.Request.Cookies[KnownCookie], http.FindToken());

    public byte[] BrowserOf(HttpContext http) => host.SignIn.ClientOf(new SignInClient(http.Connection.RemoteIpAddress, http.Request.Headers.UserAgent.ToString()));

    public async Task<EntranceView> ViewAsync(HttpContext http, string? to, StaffOutcome? outcome = null)
    {
        var active = await host.Database.ReadAsync(tx => host.Catalogs.GetActiveAsync(tx, http.RequestAborted), http.RequestAborted);
        var frame = PageFrame.Of(http, active.Catalog.Organisation);
        return new EntranceView(
            http.Request.Path == StaffGuard.SignInPath ? frame : frame with { Languages = [frame.Language] }, PathOf(to),
            outcome?.Trouble is { } trouble ? NameOf(trouble) : null, (int)Math.Ceiling(outcome?.Wait.TotalSeconds ?? 0)) { HasOpenId = ways.OpenId is not null };
    }

    /// <summary>A page that says what went wrong, with the status that fits.</summary>
    public static IResult Page<T>(object model, HttpContext http, StaffOutcome? outcome = null)
        where T : IComponent
    {
        var status = outcome?.Trouble switch
        {
            null => StatusCodes.Status200OK,
            StaffTrouble.Wait => StatusCodes.Status429TooManyRequests,
            _ => StatusCodes.Status403Forbidden,
        };
        if (status == StatusCodes.Status429TooManyRequests)
        {
            http.Response.Headers.RetryAfter = Math.Ceiling(outcome!.Wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        return new RazorComponentResult<T>(new Dictionary<string, object?> { ["Model"] = model }) { StatusCode = status };
    }

    /// <summary>A new session, or a new token for one.</summary>
    public static void Keep(HttpContext http, string session) => http.Response.Cookies.Append(CallerAuthentication.StaffCookie, session, StaffDoor.Cookie());

    /// <summary>Goes on with a new session.</summary>
    public static IResult Enter(HttpContext http, StaffOutcome outcome, string to)
    {
        KeepAll(http, outcome);
        return TypedResults.LocalRedirect(to);
    }

    /// <summary>Keeps what a good outcome brings.</summary>
    public static void KeepAll(HttpContext http, StaffOutcome outcome)
    {
        Keep(http, outcome.Session!);
        if (http.Request.Cookies.ContainsKey(StepCookie))
        {
            http.Response.Cookies.Delete(StepCookie, StaffDoor.Cookie());
        }

        if (outcome.KnownMark is { } mark)
        {
            var kept = StaffDoor.Cookie();
            kept.MaxAge = KnownLife;
            http.Response.Cookies.Append(KnownCookie, mark, kept);
        }
    }

    public static void KeepStep(HttpContext http, string step)
    {
        var kept = StaffDoor.Cookie();
        kept.MaxAge = StaffSteps.Life;
        http.Response.Cookies.Append(StepCookie, step, kept);
    }

    public static string NameOf(Enum trouble) => JsonNamingPolicy.KebabCaseLower.ConvertName(trouble.ToString());

    /// <summary>Not a door of sign-in itself: that would lead in circles.</summary>
    private static bool IsPage(string path) =>
        CallerAuthentication.IsForStaff(new PathString(path.Split('?', '#')[0])) && !path.StartsWith("/staff/sign-", StringComparison.Ordinal) && !path.StartsWith("/staff/invite", StringComparison.Ordinal)
        && !path.StartsWith("/staff/confirm", StringComparison.Ordinal) && !path.StartsWith("/staff/recover", StringComparison.Ordinal);
}
