using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Candor.Kernel;

namespace Candor.Staff;

/// <summary>What a caller presents, parsed but not yet believed: whether it counts is decided in the transaction of the read.</summary>
/// <remarks>Three forms. API key: <c>cdp_ENV_ID_SECRET_CHECK</c> with ENV of 1 to 8 letters, ID of 10 and SECRET of 43 characters (32 random bytes, base64url
/// with <c>_</c> replaced by <c>.</c>), and a check of 8 hex digits (the first of the SHA-256 of what precedes), so that a mistyped key costs no look-up.
/// Session: <c>cds_</c> and 43 characters (32 random bytes, base64url). Session of a visitor on the business's own site: <c>cdw_</c> and the same; scripts of
/// that site can read it, so it opens the browser interface and nothing else.</remarks>
public sealed record CallerToken
{
    private const int KeyIdLength = 10;
    private const string SessionPrefix = "cds_";
    private const string VisitPrefix = "cdw_";

    private CallerToken(string? keyId, byte[] hash) => (KeyId, Hash) = (keyId, hash);

    /// <summary>Id of the API key; null for a session.</summary>
    public string? KeyId { get; }

    /// <summary>SHA-256 of the secret part (keys) or of the whole token (sessions). 32 bytes.</summary>
    public byte[] Hash { get; }

    /// <summary>A session that counts for the browser interface alone. The prefix is part of the digest, so it cannot be passed off as another.</summary>
    public bool IsVisit { get; private init; }

    /// <summary>Where the caller calls from; null when that is unknown. Looked at for keys that count from some networks only.</summary>
    public System.Net.IPAddress? From { get; init; }

    public static bool TryParse([NotNullWhen(true)] string? text, [MaybeNullWhen(false)] out CallerToken token)
    {
        token = null;
        if (text is null || text.Length > 128 || !Ascii.IsValid(text))
        {
            return false;
        }

        var isVisit = text.StartsWith(VisitPrefix, StringComparison.Ordinal);
        if ((isVisit || text.StartsWith(SessionPrefix, StringComparison.Ordinal)) && text.Length == SessionPrefix.Length + RandomSecret.Length)
        {
            token = new CallerToken(null, SHA256.HashData(Encoding.ASCII.GetBytes(text))) { IsVisit = isVisit };
            return true;
        }

        var parts = text.Split('_');
        if (parts is not ["cdp", { Length: >= 1 and <= 8 }, { Length: KeyIdLength }, { Length: RandomSecret.Length }, { Length: 8 }]
            || Check(text[..^9]) != parts[4])
        {
            return false;
        }

        token = new CallerToken(parts[2], SHA256.HashData(Encoding.ASCII.GetBytes(parts[3])));
        return true;
    }

    /// <summary>Parses a token that was made here.</summary>
    public static CallerToken Parse(string text) =>
        TryParse(text, out var token) ? token : throw new Fault(FaultKind.Invalid, "staff/bad-token", "This is neither an API key nor a session token.");

    /// <summary>A fresh API key. The text is shown once; only the digest is kept.</summary>
    internal static (string Text, CallerToken Token) NewKey(string environment)
    {
        var id = RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz0123456789", KeyIdLength);
        var body = $"cdp_{environment}_{id}_{RandomSecret.New().Replace('_', '.')}";
        var text = $"{body}_{Check(body)}";
        return (text, Parse(text));
    }

    /// <summary>A fresh session token.</summary>
    internal static (string Text, CallerToken Token) NewSession() => Fresh(SessionPrefix);

    /// <summary>A fresh token of a visitor's session.</summary>
    internal static (string Text, CallerToken Token) NewVisit() => Fresh(VisitPrefix);

    private static (string Text, CallerToken Token) Fresh(string prefix)
    {
        var text = prefix + RandomSecret.New();
        return (text, Parse(text));
    }

    private static string Check(string body) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(body)).AsSpan(0, 4));
}
