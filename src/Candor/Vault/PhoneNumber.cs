using PhoneNumbers;

namespace Candor.Vault;

/// <summary>Phone numbers as they are looked up: in the form of ITU-T E.164, so that <c>07700 900123</c> typed in Britain finds <c>+44 7700 900123</c>.</summary>
public static class PhoneNumber
{
    /// <summary>Longest text that is looked at.</summary>
    private const int MaxLength = 64;

    private static readonly Lazy<PhoneNumberUtil> Numbers = new(() => PhoneNumberUtil.GetInstance());

    /// <summary>The number with a plus and its country; the text as it stands where it is no number that could be dialled.</summary>
    /// <param name="country">Where numbers without a country are from: ISO 3166-1 alpha-2.</param>
    public static string ToE164(string text, string country) => TryRead(text, country) ?? text;

    /// <summary>The same, or null where it is no number that could be dialled.</summary>
    public static string? TryRead(string text, string country)
    {
        if (text.Length > MaxLength)
        {
            return null;
        }

        try
        {
            var number = Numbers.Value.Parse(text, country);
            return Numbers.Value.IsPossibleNumber(number) ? Numbers.Value.Format(number, PhoneNumberFormat.E164) : null;
        }
        catch (NumberParseException)
        {
            return null;
        }
    }
}
