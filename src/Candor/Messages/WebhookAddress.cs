using System.Net;
using System.Net.Sockets;
using Candor.Kernel;

namespace Candor.Messages;

/// <summary>Where a webhook may lead. What is inside the network of the server is not reached from outside through it.</summary>
public static class WebhookAddress
{
    private const int MaxLength = 2000;

    /// <summary>Ranges that lead to no public host: RFC 6890 and its successors in the IANA registries.</summary>
    private static readonly IPNetwork[] Inner =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"),
        IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("::1/128"), IPNetwork.Parse("fc00::/7"),
    ];

    /// <summary>Never reached, whatever was allowed: link-local (where clouds keep their machines' credentials), documentation, benchmarks, multicast, tunnels.</summary>
    private static readonly IPNetwork[] Never =
    [
        IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("192.0.0.0/24"), IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("198.18.0.0/15"), IPNetwork.Parse("198.51.100.0/24"),
        IPNetwork.Parse("203.0.113.0/24"), IPNetwork.Parse("224.0.0.0/4"), IPNetwork.Parse("240.0.0.0/4"), IPNetwork.Parse("::/128"), IPNetwork.Parse("64:ff9b::/96"),
        IPNetwork.Parse("64:ff9b:1::/48"), IPNetwork.Parse("2001::/23"), IPNetwork.Parse("2001:db8::/32"), IPNetwork.Parse("2002::/16"), IPNetwork.Parse("fe80::/10"), IPNetwork.Parse("ff00::/8"),
    ];

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

    /// <summary>True when a webhook may connect to this address.</summary>
    public static bool MayReach(IPAddress address, bool allowPrivate)
    {
        var real = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return !Never.Any(n => n.Contains(real)) && (allowPrivate || !Inner.Any(n => n.Contains(real)));
    }

    /// <summary>A client that follows no redirect, uses no proxy and no cookie, and checks each address after its name was resolved, so that a name cannot lead inside later.</summary>
    internal static HttpClient Client(bool allowPrivate) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        ConnectTimeout = TimeSpan.FromSeconds(10),
        MaxResponseHeadersLength = 16,
        ConnectCallback = async (context, ct) =>
        {
            var addresses = (await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, ct)).Where(a => MayReach(a, allowPrivate)).ToArray();
            if (addresses.Length == 0)
            {
                throw new HttpRequestException(HttpRequestError.NameResolutionError, "The name leads nowhere, or into a private network.");
            }

            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, ct);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    })
    {
        Timeout = TimeSpan.FromSeconds(15),
    };
}
