using System.Net;
using Candor.Kernel;

namespace Candor.Messages;

/// <summary>Where a webhook may lead. What is inside the network of the server is not reached from outside through it.</summary>
public static class WebhookAddress
{
    private const int MaxLength = 2000;

    /// <summary>Reads the address of a webhook: <c>https</c>, or <c>http</c> on this machine where inner addresses are allowed.</summary>
    /// <exception cref="Fault">Invalid <c>messages/bad-webhook-url</c>.</exception>
    public static Uri Parse(string text, bool allowPrivate)
    {
        var isGood = text.Length <= MaxLength && Uri.TryCreate(text, UriKind.Absolute, out _);
        var uri = isGood ? new Uri(text) : null;
        if (uri is null || uri.UserInfo.Length > 0 || uri.Fragment.Length > 0 || !(uri.Scheme == Uri.UriSchemeHttps || (allowPrivate && uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback)))
        {
            throw new Fault(FaultKind.Invalid, "messages/bad-webhook-url",
                $"A webhook's address begins with `https://` and has no name, password or fragment; `http://` is allowed on this machine alone, with `--allow-private`; got `{Name.Shown(text)}`.");
        }

        if (!allowPrivate && (uri.IsLoopback || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && !MayReach(address, allowPrivate))))
        {
            throw new Fault(FaultKind.Invalid, "messages/bad-webhook-url", $"`{Name.Shown(uri.Host)}` is inside a private network; allow it with `--allow-private` if that is meant.");
        }

        return uri;
    }

    /// <summary>True when a webhook may connect to this address. Link-local and special uses are never reached, whatever was allowed.</summary>
    public static bool MayReach(IPAddress address, bool allowPrivate) => PublicAddress.IsPublic(address) || (allowPrivate && PublicAddress.IsInner(address));

    internal static HttpClient Client(bool allowPrivate) => new(PublicAddress.Handler(a => MayReach(a, allowPrivate), TimeSpan.FromSeconds(10))) { Timeout = TimeSpan.FromSeconds(15) };
}
