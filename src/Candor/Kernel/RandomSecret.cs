using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Candor.Kernel;

/// <summary>256 random bits as text, for what only its holder may know: a link, a session, the secret of a browser. The digest alone is kept.</summary>
public static class RandomSecret
{
    private const int Bytes = 32;

    /// <summary>Base64url, without padding.</summary>
    public const int Length = 43;

    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>May this be one of <see cref="New"/>?</summary>
    public static bool IsOne(string? text) => text is { Length: Length } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>SHA-256. Of 256 random bits it tells nothing, so it needs neither salt nor stretching.</summary>
    public static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
