using System.Globalization;
using Candor.Catalog;
using Candor.Server.Hosting;
using Candor.Server.Web;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Candor.Server.Pages.Me;

/// <summary>What all doors of My Data &amp; Privacy share: the view of a page, what is said once, and the way out when a session is over.</summary>
internal sealed class MeDoor(CandorHost host, FormToken forms, SiteOptions options)
{
    private const string SaidCookie = "__Host-said";

    public CandorHost Host { get; } = host;

    public DateTimeOffset Now => Host.Database.Clock.GetUtcNow();

    /// <summary>The view of a page; what was to be said is taken from the cookie, and forgotten.</summary>
    public MeView View(HttpContext http, PurposeCatalog catalog, string section)
    {
        var said = http.Request.Cookies[SaidCookie];
        if (said is not null)
        {
            http.Response.Cookies.Delete(SaidCookie, Forms.Cookie());
        }

        return new MeView(PageFrame.Of(http, catalog.Organisation), catalog, forms.Of(http.Token()), options.IsDemo, section, Parse(said));
    }

    /// <summary>The language that the customer reads in, for what they say there.</summary>
    public async Task<string> LanguageAsync(HttpContext http) =>
        PageFrame.Of(http, (await Host.Database.ReadAsync(tx => Host.Catalogs.GetActiveAsync(tx, http.RequestAborted), http.RequestAborted)).Catalog.Organisation).Language;

    public Task<IFormCollection> ReadAsync(HttpContext http) => Forms.ReadOwnAsync(http, forms);

    public static IResult Page<T>(object model, int status = StatusCodes.Status200OK)
        where T : IComponent => new RazorComponentResult<T>(new Dictionary<string, object?> { ["Model"] = model }) { StatusCode = status };

    /// <summary>Goes on to a page, which then says what happened.</summary>
    public static IResult Say(HttpContext http, string path, string code, long? version = null)
    {
        http.Response.Cookies.Append(SaidCookie, version is null ? code : string.Create(CultureInfo.InvariantCulture, $"{code}.{version}"), Forms.Cookie());
        return TypedResults.Redirect(path);
    }

    /// <summary>The session is over: the browser forgets it.</summary>
    public static IResult Ended(HttpContext http)
    {
        http.Response.Cookies.Delete(CallerAuthentication.Cookie, Forms.Cookie());
        return TypedResults.Redirect(SignInSetup.PathFor(http.Request.Method == HttpMethods.Get ? http.Request.Path : "/me"));
    }

    /// <summary>A number from the address of a page; what is none counts as the default.</summary>
    public static long Number(HttpContext http, string name, long most, long otherwise) =>
        long.TryParse(http.Request.Query[name], NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n >= 1 && n <= most ? n : otherwise;

    private static SaidView? Parse(string? cookie)
    {
        var parts = cookie?.Split('.') ?? [];
        return parts is [{ Length: > 0 and < 40 } code, ..] && PageText.In("me", "en").Names.Contains("said." + code)
            ? new SaidView(code, parts is [_, var n] && long.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null)
            : null;
    }
}
