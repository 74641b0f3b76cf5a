using System.Net;
using System.Net.Sockets;

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
        && (privateToo || !IPAddress.TryParse(url.DnsSafeHost, out var literal) || IsPublic(literal));

    /// <summary>A client that connects to nothing else.</summary>
    public static HttpClient Client(bool privateToo) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ConnectTimeout = Patience, PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        ConnectCallback = async (context, ct) =>
        {
            var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, ct);
            var allowed = privateToo ? addresses : Array.FindAll(addresses, IsPublic);
            if (allowed.Length == 0)
            {
                throw new HttpRequestException("The host has no public address.");
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
    })
    {
        Timeout = Patience, MaxResponseContentBufferSize = 64 * 1024,
    };

    /// <summary>Not of this machine, this network, or any special use (IANA special-purpose registries, RFC 6890).</summary>
    public static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return IsPublic(address.MapToIPv4());
        }

        var b = address.GetAddressBytes();
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            // Global unicast is 2000::/3; of it, tunnels that carry an IPv4 address, benchmarking and documentation are left out.
            var first = (b[0] << 8) | b[1];
            var second = (b[2] << 8) | b[3];
            return (b[0] & 0xe0) == 0x20 && first != 0x2002 && first != 0x3fff && !(first == 0x2001 && (second < 0x0200 || second == 0x0db8));
        }

        return (b[0], b[1], b[2]) is not ((0 or 10 or 127 or >= 224, _, _) or (100, >= 64 and <= 127, _) or (169, 254, _) or (172, >= 16 and <= 31, _)
            or (192, 0, 0 or 2) or (192, 88, 99) or (192, 168, _) or (198, 18 or 19, _) or (198, 51, 100) or (203, 0, 113));
    }
}
