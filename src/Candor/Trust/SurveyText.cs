using System.Text.RegularExpressions;
using Candor.Collection;

namespace Candor.Trust;

/// <summary>What a person wrote with their answers, looked at for personal data before it is stored.</summary>
/// <param name="Text">With addresses and phone numbers made unreadable; null when nothing is to be stored.</param>
/// <param name="Risky">Numbers of cards, accounts and persons, and passwords, by place: with one of them nothing is stored.</param>
public sealed partial record SurveyText(string? Text, IReadOnlyList<RiskySpot> Risky)
{
    /// <summary>Characters.</summary>
    public const int MaxLength = 1000;

    private const string Hidden = "••••";

    /// <summary>Fewest and most digits of a phone number (ITU-T E.164 has at most 15).</summary>
    private const int FewestDigits = 7;
    private const int MostDigits = 15;

    /// <summary>Looks at a text. A name, or what a person tells of themselves in words, is not found: the page asks people to leave it out.</summary>
    /// <remarks>E-mail addresses are one word with an at sign and a dot after it. Phone numbers are 7 to 15 digits, with the marks between them that people write; a long order number is taken for one
    /// as well, which does no harm.</remarks>
    public static SurveyText Of(string? text)
    {
        var trimmed = text?.ReplaceLineEndings("\n").Trim();
        if (string.IsNullOrEmpty(trimmed))
        {
            return new SurveyText(null, []);
        }

        return RiskyText.Spots(trimmed) is { Count: > 0 } risky ? new SurveyText(null, risky) : new SurveyText(Phone().Replace(Email().Replace(trimmed, Hidden), HidePhone), []);
    }

    private static string HidePhone(Match match) => match.Value.Count(char.IsAsciiDigit) is >= FewestDigits and <= MostDigits ? Hidden : match.Value;

    [GeneratedRegex(@"[^\s@<>()\[\],;:""]+@[^\s@<>()\[\],;:""]+\.[^\s@<>()\[\],;:""]+", RegexOptions.CultureInvariant, 500)]
    private static partial Regex Email();

    [GeneratedRegex(@"(?<![\w])\+?\(?\d(?:[ ()/.\-]{0,3}\d){6,}(?!\w)", RegexOptions.CultureInvariant, 500)]
    private static partial Regex Phone();
}
