using System.Net;
using Candor.Kernel;

namespace Candor.Rights;

/// <summary>The way out to addresses that others named: https only, to public hosts only, without redirects. The address is checked at the moment of the connection, so that a name that changes its mind does not help.</summary>
internal static class CallbackRoute
{
    public const int MaxUrl = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Whether an address may be called at all; whether its host is public is seen when it is.</summary>
    /// <param name="privateToo">The operator allows plain http and hosts of their own network.</param>
    public static bool IsAllowed(string text, bool privateToo) =>
        text.Length <= MaxUrl && !text.Any(char.IsControl) && Uri.TryCreate(text, UriKind.Absolute, out var url)
        && (url.Scheme == Uri.UriSchemeHttps || (privateToo && url.Scheme == Uri.UriSchemeHttp)) && url.UserInfo.Length == 0 && url.Fragment.Length == 0
        && (privateToo || !IPAddress.TryParse(url.DnsSafeHost, out var literal) || PublicAddress.IsPublic(literal));

    /// <summary>A client that connects to nothing else.</summary>
    public static HttpClient Client(bool privateToo) => new(PublicAddress.Handler(a => privateToo || PublicAddress.IsPublic(a), Patience))
    {
        Timeout = Patience, MaxResponseContentBufferSize = 64 * 1024,
    };
}
