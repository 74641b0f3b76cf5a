using System.Net;
using System.Net.Sockets;

namespace Candor.Kernel;

/// <summary>Tells addresses of the public internet from those that only this server can reach, and connects to no others.</summary>
/// <remarks>For addresses that somebody else named: a webhook, a callback, a provider. Source: IANA special-purpose registries (RFC 6890 and what followed it).</remarks>
public static class PublicAddress
{
    /// <summary>This machine and private networks.</summary>
    private static readonly IPNetwork[] Inner = Networks("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7");

    /// <summary>Special uses of IPv4: link-local (where clouds keep their machines' credentials), documentation, benchmarks, multicast.</summary>
    private static readonly IPNetwork[] SpecialFour = Networks(
        "0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4");

    /// <summary>Global unicast, less what carries an IPv4 address inside (Teredo, 6to4), benchmarks and documentation.</summary>
    private static readonly IPNetwork GlobalSix = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork[] SpecialSix = Networks("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20");

    /// <summary>A host of the public internet.</summary>
    public static bool IsPublic(IPAddress address)
    {
        var plain = Plain(address);
        return plain.AddressFamily == AddressFamily.InterNetwork
            ? !Inner.Concat(SpecialFour).Any(n => n.Contains(plain))
            : GlobalSix.Contains(plain) && !SpecialSix.Any(n => n.Contains(plain));
    }

    /// <summary>A host of this machine or of a private network.</summary>
    public static bool IsInner(IPAddress address)
    {
        var plain = Plain(address);
        return Inner.Any(n => n.Contains(plain));
    }

    /// <summary>Connects to addresses that <paramref name="mayReach"/> takes, and follows no redirect, proxy or cookie. The name is looked up here, so that the address that was
    /// checked is the one that is talked to, and a name that changes its mind leads nowhere else.</summary>
    public static SocketsHttpHandler Handler(Func<IPAddress, bool> mayReach, TimeSpan patience) => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        ConnectTimeout = patience,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        MaxResponseHeadersLength = 16,
        ConnectCallback = async (context, ct) =>
        {
            var allowed = (await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, ct)).Where(mayReach).ToArray();
            if (allowed.Length == 0)
            {
                throw new HttpRequestException(HttpRequestError.NameResolutionError, "The name leads nowhere, or where it may not.");
            }

            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, ct);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static IPNetwork[] Networks(params string[] texts) => [.. texts.Select(IPNetwork.Parse)];
}
