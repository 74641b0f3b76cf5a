using System.Reflection;
using Candor.Catalog;
using Candor.Consent;

namespace Candor.Server.Web;

/// <summary>The sentences of the pages, from <c>Pages/Texts/&lt;area&gt;.&lt;language&gt;.txt</c>. English stands in where a language has none.</summary>
public static class PageText
{
    private const string Fallback = "en";
    private static readonly Assembly Here = typeof(PageText).Assembly;
    private static readonly HashSet<string> Resources = [.. Here.GetManifestResourceNames()];

    /// <param name="area">Such as <c>shell</c> or <c>me</c>.</param>
    public static Wording In(string area, string language)
    {
        var resource = $"texts/{area}.{language}";
        return Resources.Contains(resource) ? Wording.Of(Here, resource, language) : Wording.Of(Here, $"texts/{area}.{Fallback}", Fallback);
    }
}

/// <summary>What the frame of a page needs: who runs it, in which language it is, and where it is.</summary>
/// <param name="Languages">That the reader may choose from.</param>
/// <param name="Path">Of this page, to come back to in another language.</param>
/// <param name="HasOptOut">The browser sends Global Privacy Control, and the page says that it is honoured.</param>
public sealed record PageFrame(string Brand, string Language, IReadOnlyList<string> Languages, string Path, bool HasOptOut = false)
{
    private const string Cookie = "__Host-language";
    private const string Parameter = "language";

    /// <summary>The frame of this request. The language is the one asked for (and then remembered), the one remembered, the first that the browser names and the organisation has, or its first.</summary>
    internal static PageFrame Of(HttpContext http, Organisation organisation)
    {
        var languages = organisation.Languages;
        var asked = http.Request.Query[Parameter].ToString();
        if (languages.Contains(asked))
        {
            http.Response.Cookies.Append(Cookie, asked, Forms.Cookie());
            return new PageFrame(organisation.Name, asked, languages, http.Request.Path, OptOutHonour.IsAsked(http.Request));
        }

        var remembered = http.Request.Cookies[Cookie];
        var chosen = remembered is not null && languages.Contains(remembered) ? remembered
            : Accepted(http.Request).FirstOrDefault(languages.Contains) ?? languages[0];
        return new PageFrame(organisation.Name, chosen, languages, http.Request.Path, OptOutHonour.IsAsked(http.Request));
    }

    /// <summary>The languages of the browser, most wanted first, without their region.</summary>
    private static IEnumerable<string> Accepted(HttpRequest request) => request.GetTypedHeaders().AcceptLanguage
        .OrderByDescending(l => l.Quality ?? 1).Select(l => l.Value.ToString().Split('-')[0].ToLowerInvariant());
}
