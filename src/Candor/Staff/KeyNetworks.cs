using System.Collections.Concurrent;
using System.Net;
using Candor.Kernel;

namespace Candor.Staff;

/// <summary>From where an API key may be used: networks such as <c>192.0.2.0/24</c>, or single addresses.</summary>
public static class KeyNetworks
{
    public const int Most = 20;

    private static readonly ConcurrentDictionary<string, IPNetwork[]> Known = new(StringComparer.Ordinal);

    /// <summary>Networks in their one written form, separated by blanks; null for none, which means from anywhere.</summary>
    /// <exception cref="Fault">Invalid <c>staff/bad-network</c>.</exception>
    public static string? Parse(IReadOnlyList<string> networks)
    {
        if (networks.Count > Most)
        {
            throw new Fault(FaultKind.Invalid, "staff/bad-network", $"A key has at most `{Most}` networks; got `{networks.Count}`.");
        }

        return networks.Count == 0 ? null : string.Join(' ', networks.Select(n => Read(n).ToString()).Distinct());
    }

    /// <summary>True when a caller at this address may use a key of these networks. An unknown address is in none.</summary>
    public static bool Contain(string networks, IPAddress? address)
    {
        if (address is null)
        {
            return false;
        }

        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Array.Exists(Known.GetOrAdd(networks, static text => [.. text.Split(' ').Select(Read)]), n => n.Contains(plain));
    }

    private static IPNetwork Read(string text) =>
        IPNetwork.TryParse(text, out var network) ? network
        : IPAddress.TryParse(text, out var one) && text.Contains(one.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? '.' : ':', StringComparison.Ordinal)
            ? new IPNetwork(one, one.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128)
            : throw new Fault(FaultKind.Invalid, "staff/bad-network", $"A network is such as `192.0.2.0/24` or `2001:db8::/32` or a single address; got `{Name.Shown(text)}`.");
}
