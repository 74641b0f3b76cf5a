using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Candor.Kernel;

namespace Candor.Vault;

/// <summary>Lots drawn for customers by a keyed hash: the same every time, stored nowhere, unknown to whoever lacks the secret, and gone with the customer's id.</summary>
/// <remarks>HMAC-SHA256 under a secret of the platform. Ids are random, so neither their order nor the time of joining says anything about a lot.</remarks>
public sealed class CustomerLots(KeyRing ring)
{
    private const int Bytes = 16;

    /// <summary>True for this share of customers, in percent, 0 to 100. Another purpose draws anew, and whoever is in stays in when the share grows.</summary>
    public bool IsDrawn(CustomerId customer, PurposeId purpose, int percent) =>
        percent > 0 && BinaryPrimitives.ReadUInt64BigEndian(Hash("hold-out", $"{customer.Value}|{purpose.Value}")) / (ulong.MaxValue / 100.0) < percent;

    /// <summary>A mark for one thing of one customer, such as a cart: 32 hex characters that tell nothing without the secret.</summary>
    public string MarkOf(CustomerId customer, string kind, string thing) => Convert.ToHexStringLower(Hash("mark", $"{customer.Value}|{kind}|{thing}").AsSpan(0, Bytes));

    /// <summary>A mark for somebody by the reference that the log knows them by: 32 hex characters that tell nothing without the secret, and that another <paramref name="thing"/> does not share.</summary>
    public string MarkOf(ReadOnlySpan<byte> customerRef, string kind, string thing) =>
        Convert.ToHexStringLower(Hash("reference", $"{Convert.ToHexStringLower(customerRef)}|{kind}|{thing}").AsSpan(0, Bytes));

    private byte[] Hash(string use, string text) => HMACSHA256.HashData(ring.Secret(KeyRing.Lots), Encoding.UTF8.GetBytes($"lots|v1|{use}|{text}"));
}
