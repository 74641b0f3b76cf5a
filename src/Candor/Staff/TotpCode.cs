using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Candor.Staff;

/// <summary>Codes of an authenticator: HMAC-SHA1, steps of 30 seconds, 6 digits (RFC 6238, and what all authenticator apps know).</summary>
public static class TotpCode
{
    public const int Digits = 6;

    /// <summary>Length of the shared secret: that of SHA-1's output (RFC 4226 section 4).</summary>
    public const int SecretBytes = 20;

    public static readonly TimeSpan Step = TimeSpan.FromSeconds(30);

    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(SecretBytes);

    /// <summary>The step that an instant lies in, counted from 1970.</summary>
    public static long StepAt(DateTimeOffset instant) => instant.ToUnixTimeSeconds() / (long)Step.TotalSeconds;

    /// <summary>The code of one step.</summary>
    public static string At(ReadOnlySpan<byte> secret, long step, int digits = Digits)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> mac = stackalloc byte[HMACSHA1.HashSizeInBytes];
#pragma warning disable CA5350 // RFC 6238 has SHA-1, as a keyed digest, and it is the only one that every authenticator app knows.
        HMACSHA1.HashData(secret, counter, mac);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadUInt32BigEndian(mac[(mac[^1] & 0xf)..]) & 0x7fffffff;
        return (number % (uint)Math.Pow(10, digits)).ToString("D" + digits, CultureInfo.InvariantCulture);
    }

    /// <summary>The step whose code this is: the current one or the one before, for who types slowly; null for neither.</summary>
    public static long? Match(ReadOnlySpan<byte> secret, string code, DateTimeOffset now)
    {
        var (step, typed) = (StepAt(now), Encoding.UTF8.GetBytes(code));
        // Both are always compared, so that the time tells nothing.
        var isNow = CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(At(secret, step)), typed);
        var isBefore = CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(At(secret, step - 1)), typed);
        return isNow ? step : isBefore ? step - 1 : null;
    }

    /// <summary>The secret as people type it into an app: base32 (RFC 4648), 32 letters. Its length in bytes is a multiple of five, so that nothing is padded.</summary>
    public static string TextOf(ReadOnlySpan<byte> secret)
    {
        var (text, bits, held) = (new StringBuilder(), 0u, 0);
        foreach (var b in secret)
        {
            (bits, held) = ((bits << 8) | b, held + 8);
            while (held >= 5)
            {
                held -= 5;
                text.Append(Base32[(int)((bits >> held) & 31)]);
            }
        }

        return text.ToString();
    }

    /// <summary>The address that a QR code carries to an app.</summary>
    /// <param name="organisation">Shown by the app.</param>
    /// <param name="account">The same.</param>
    public static string AddressOf(ReadOnlySpan<byte> secret, string organisation, string account)
    {
        var issuer = Uri.EscapeDataString(organisation);
        return $"otpauth://totp/{issuer}:{Uri.EscapeDataString(account)}?secret={TextOf(secret)}&issuer={issuer}&algorithm=SHA1&digits={Digits}&period={(int)Step.TotalSeconds}";
    }
}
