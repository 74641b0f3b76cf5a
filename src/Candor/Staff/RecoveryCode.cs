using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Candor.Staff;

/// <summary>A code on paper for the day on which the telephone or the key is lost. Counts once.</summary>
/// <remarks>80 random bits as 16 letters and digits (Crockford's base32, without i, l, o, u), shown in four groups. Typed with or without blanks and hyphens.</remarks>
public sealed record RecoveryCode
{
    /// <summary>How many are given at a time.</summary>
    public const int Count = 10;

    private const int Length = 16;
    private const string Letters = "0123456789abcdefghjkmnpqrstvwxyz";

    private RecoveryCode(string value) => Value = value;

    /// <summary>Without groups.</summary>
    public string Value { get; }

    public static RecoveryCode New() => new(RandomNumberGenerator.GetString(Letters, Length));

    public static bool TryParse([NotNullWhen(true)] string? text, [MaybeNullWhen(false)] out RecoveryCode code)
    {
        code = null;
        if (text is not { Length: <= 40 })
        {
            return false;
        }

        var plain = new string([.. text.ToLowerInvariant().Where(c => c is not (' ' or '-')).Select(c => c switch { 'o' => '0', 'i' or 'l' => '1', _ => c })]);
        code = plain.Length == Length && plain.All(c => Letters.Contains(c, StringComparison.Ordinal)) ? new RecoveryCode(plain) : null;
        return code is not null;
    }

    /// <summary>In four groups of four.</summary>
    public override string ToString() => string.Join('-', Value.Chunk(4).Select(c => new string(c)));
}
