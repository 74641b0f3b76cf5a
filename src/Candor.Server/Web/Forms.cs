using Candor.Kernel;

namespace Candor.Server.Web;

/// <summary>Forms of the pages, and the cookies that they answer with.</summary>
internal static class Forms
{
    /// <summary>Reads the form of a request.</summary>
    /// <exception cref="Fault">Invalid <c>server/bad-form</c>.</exception>
    public static async Task<IFormCollection> ReadAsync(HttpContext http)
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

    /// <summary>Reads the form of a signed-in customer, which must have been shown in the same session.</summary>
    public static async Task<IFormCollection> ReadOwnAsync(HttpContext http, FormToken tokens)
    {
        var form = await ReadAsync(http);
        return tokens.IsFrom(http.Token(), form[FormToken.Field])
            ? form
            : throw new Fault(FaultKind.Invalid, "server/old-form", "This form belongs to another session; go back, reload the page and try again.");
    }

    /// <summary>For this host alone, with TLS (localhost excepted), out of reach of scripts, until the browser closes.</summary>
    public static CookieOptions Cookie() => new() { Secure = true, HttpOnly = true, SameSite = SameSiteMode.Lax, Path = "/" };
}
