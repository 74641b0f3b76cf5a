using System.Buffers.Text;
using System.Text;
using Candor.Kernel;
using Candor.Reads;
using Candor.Vault;

namespace Candor.Messages;

/// <summary>Ending a kind of message with one click, without signing in (RFC 8058).</summary>
/// <remarks>The link holds customer and purpose, encrypted and authenticated under a secret of the platform. It can do nothing but end this one purpose for this one
/// customer, so it never expires: a mail found again after years must still be one that can be ended.</remarks>
public sealed class Unsubscribing(PartingSeal seal, CustomerChoices choices, Uri site)
{
    private const string Kind = "unsubscribe";
    private const string Method = "link to unsubscribe in a message";
    private const int MaxToken = 400;

    /// <summary>What a link ends.</summary>
    public sealed record Target(CustomerId Customer, PurposeId Purpose);

    /// <summary>The address for a customer and a purpose.</summary>
    public Uri Link(CustomerId customer, PurposeId purpose) =>
        new(site, "unsubscribe/" + Base64Url.EncodeToString(seal.Seal(Kind, "", Encoding.UTF8.GetBytes($"{customer.Value} {purpose.Value}"))));

    /// <summary>What a link ends; null when it is none of ours.</summary>
    public Target? Read(string token)
    {
        if (token.Length is 0 or > MaxToken || !Base64Url.IsValid(token))
        {
            return null;
        }

        try
        {
            var parts = Encoding.UTF8.GetString(seal.Open(Kind, "", Base64Url.DecodeFromChars(token)).Span).Split(' ');
            return new Target(CustomerId.Parse(parts[0]), PurposeId.Parse(parts[1]));
        }
        catch (Fault)
        {
            return null;
        }
    }

    /// <summary>Ends it. Doing it twice changes nothing, and neither does it for a customer who was erased.</summary>
    /// <returns>True when something was on until now.</returns>
    public async Task<bool> EndAsync(Target target, CancellationToken ct) => await choices.EndByLinkAsync(target.Customer, target.Purpose, Method, ct) is not null;
}
