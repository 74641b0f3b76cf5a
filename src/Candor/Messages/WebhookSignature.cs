using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Candor.Kernel;

namespace Candor.Messages;

/// <summary>Signatures as the Standard Webhooks specification 1.0.0 has them: HMAC-SHA256 of <c>id.timestamp.body</c>, in base64 after <c>v1,</c>.</summary>
public static class WebhookSignature
{
    public const string SecretPrefix = "whsec_";

    /// <summary>The specification asks for 24 to 64 bytes.</summary>
    private const int SecretBytes = 32;

    public static string NewSecret() => SecretPrefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <param name="secret">With its prefix.</param>
    /// <param name="timestamp">Of this try.</param>
    public static string Sign(string secret, string id, DateTimeOffset timestamp, ReadOnlySpan<byte> body)
    {
        var head = Encoding.UTF8.GetBytes($"{id}.{timestamp.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)}.");
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret[SecretPrefix.Length..]), (byte[])[.. head, .. body]));
    }
}
