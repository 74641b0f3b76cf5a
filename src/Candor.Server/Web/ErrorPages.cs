using Candor.Server.Pages;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Candor.Server.Web;

/// <summary>An answer without a body gets one: a problem document under <c>/v1</c>, a page elsewhere.</summary>
internal static class ErrorPages
{
    public static Task WriteAsync(StatusCodeContext context)
    {
        var http = context.HttpContext;
        var status = http.Response.StatusCode;
        var (title, detail) = status switch
        {
            StatusCodes.Status404NotFound => ("Nothing is here", "This address does not exist. It may have been mistyped or moved."),
            StatusCodes.Status405MethodNotAllowed => ("Not like this", "This address exists, but not for this method; `/docs` lists the calls."),
            StatusCodes.Status415UnsupportedMediaType => ("Wrong kind of content", "Send `Content-Type: application/json`."),
            StatusCodes.Status413PayloadTooLarge => ("Too large", "The body is too large: 64 KB at most, 4 MB for `POST /v1/events`."),
            _ => ("That did not work", "The request could not be answered."),
        };
        return TellAsync(http, $"urn:candor:server/{status}", title, detail);
    }

    /// <summary>Says why not, with the status that is set: to a person as a page, to a program as a problem document.</summary>
    public static Task TellAsync(HttpContext http, string type, string title, string detail) => IsForPerson(http.Request)
        ? ShowAsync(http, title, detail)
        : TypedResults.Problem(Problems.Of(http.Response.StatusCode, type, title, detail)).ExecuteAsync(http);

    /// <summary>Errors are told in English: they come from places that know no language. The way on is the same in all.</summary>
    private static readonly PageFrame Frame = new("Candor", "en", ["en"], "/");

    /// <summary>A browser asks for a page; the API answers programs.</summary>
    public static bool IsForPerson(HttpRequest request) =>
        !request.Path.StartsWithSegments("/v1", StringComparison.Ordinal) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal);

    /// <summary>Shows the page, with the status that is set.</summary>
    public static Task ShowAsync(HttpContext http, string title, string detail) => new RazorComponentResult<ErrorPage>(new { Frame, Title = title, Detail = detail.Replace("`", "", StringComparison.Ordinal) })
    {
        StatusCode = http.Response.StatusCode,
    }.ExecuteAsync(http);
}
