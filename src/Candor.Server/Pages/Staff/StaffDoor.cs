using Candor.Catalog;
using Candor.Consent;
using Candor.Server.Hosting;
using Candor.Server.Web;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Candor.Server.Pages.Staff;

/// <summary>A section of the pages for staff.</summary>
/// <param name="Id">Also the name of its text.</param>
/// <param name="Roles">Who sees it; empty: everybody.</param>
public sealed record StaffSection(string Id, string Path, params string[] Roles);

/// <summary>What every page for staff has around its own content.</summary>
public sealed class StaffView(PageFrame frame, PurposeCatalog catalog, StaffVisit visit, string formToken, string section, string? said)
{
    public PageFrame Frame { get; } = frame;

    public PurposeCatalog Catalog { get; } = catalog;

    public StaffVisit Visit { get; } = visit;

    public string FormToken { get; } = formToken;

    public string Section { get; } = section;

    /// <summary>Name of a text <c>said.…</c> of the page's area: what happened just before, told once. Null for nothing.</summary>
    public string? Said { get; } = said;

    public Wording Words { get; } = PageText.In("staff", frame.Language);

    public IEnumerable<StaffSection> Sections => StaffDoor.Sections.Where(s => s.Roles.Length == 0 || s.Roles.Any(Visit.HasRole));
}

/// <summary>What all doors for staff share.</summary>
internal sealed class StaffDoor(CandorHost host, FormToken forms)
{
    private const string SaidCookie = "__Host-staff-said";

    /// <summary>All sections, in the order in which they are shown.</summary>
    public static readonly IReadOnlyList<StaffSection> Sections =
    [
        new("desk", "/desk", "agent"),
        new("emergencies", "/desk/emergencies", "privacy-officer"),
        new("initiatives", "/governance/initiatives"),
        new("dpia", "/governance/dpia", "privacy-officer", "administrator", "committee-member", "auditor"),
        new("anomalies", "/governance/anomalies", "privacy-officer", "auditor"),
        new("incidents", "/governance/incidents", "privacy-officer", "administrator", "auditor"),
        new("log", "/governance/log", "auditor", "privacy-officer"),
        new("fairness", "/governance/fairness", "privacy-officer", "administrator"),
        new("trust", "/trust", "privacy-officer", "committee-member", "analyst", "administrator"),
        new("minimisation", "/governance/minimisation", "privacy-officer", "committee-member", "administrator", "auditor"),
        new("survey-texts", "/governance/survey-texts", "privacy-officer"),
        new("proofs", "/governance/log/proofs", "auditor", "privacy-officer"),
        new("requests", "/governance/requests", "privacy-officer", "administrator", "auditor"),
        new("retention", "/governance/retention", "privacy-officer", "auditor"),
        new("admin", "/admin", "administrator"), new("people", "/admin/people", "administrator"), new("changes", "/admin/changes", "administrator", "privacy-officer"),
        new("keys", "/admin/keys", "administrator"), new("webhooks", "/admin/webhooks", "administrator"), new("mail", "/admin/mail", "administrator"),
        new("encryption", "/admin/encryption", "administrator"), new("backups", "/admin/backups", "administrator"), new("catalog", "/admin/catalog", "administrator", "privacy-officer"),
        new("rights", "/admin/rights", "administrator", "privacy-officer", "auditor"),
        new("training", "/staff/training"),
        new("account", "/staff/account"),
    ];

    public CandorHost Host { get; } = host;

    public DateTimeOffset Now => Host.Database.Clock.GetUtcNow();

    /// <summary>Who is here; only behind <see cref="StaffDoors"/>.</summary>
    public static StaffVisit Visit(HttpContext http) => (StaffVisit)http.Items[typeof(StaffVisit)]!;

    /// <summary>The view of a page; what was to be said is taken from the cookie, and forgotten.</summary>
    /// <param name="area">Whose texts hold what may be said.</param>
    public async Task<StaffView> ViewAsync(HttpContext http, string section, string area)
    {
        var said = http.Request.Cookies[SaidCookie];
        if (said is not null)
        {
            http.Response.Cookies.Delete(SaidCookie, Cookie());
        }

        var active = await Host.Database.ReadAsync(tx => Host.Catalogs.GetActiveAsync(tx, http.RequestAborted), http.RequestAborted);
        return new StaffView(PageFrame.Of(http, active.Catalog.Organisation), active.Catalog, Visit(http), forms.Of(http.Token()), section,
            said is not null && PageText.In(area, "en").Names.Contains("said." + said) ? said : null);
    }

    /// <summary>The token that ties a form to this session.</summary>
    public string FormOf(HttpContext http) => forms.Of(http.Token());

    /// <summary>Reads a form that was shown in this session.</summary>
    public Task<IFormCollection> ReadAsync(HttpContext http) => Forms.ReadOwnAsync(http, forms);

    public static IResult Page<T>(object model, int status = StatusCodes.Status200OK)
        where T : IComponent => new RazorComponentResult<T>(new Dictionary<string, object?> { ["Model"] = model }) { StatusCode = status };

    /// <summary>Goes on to a page, which then says what happened.</summary>
    public static IResult Say(HttpContext http, string path, string code)
    {
        http.Response.Cookies.Append(SaidCookie, code, Cookie());
        return TypedResults.Redirect(path);
    }

    /// <summary>Cookies of staff are sent by no other site, not even when it links here.</summary>
    public static CookieOptions Cookie()
    {
        var cookie = Forms.Cookie();
        cookie.SameSite = SameSiteMode.Strict;
        return cookie;
    }

    /// <summary>A path with where to come back to: what can simply be opened again.</summary>
    public static string PathWithReturn(string path, HttpContext http) =>
        HttpMethods.IsGet(http.Request.Method) ? $"{path}?to={Uri.EscapeDataString(http.Request.Path + http.Request.QueryString.ToString())}" : path;
}
