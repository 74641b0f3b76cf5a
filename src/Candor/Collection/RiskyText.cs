using System.Text;
using System.Text.RegularExpressions;

namespace Candor.Collection;

/// <summary>What should not stand in a message to the service.</summary>
public enum RiskyKind
{
    /// <summary>The number of a payment card.</summary>
    Card,
    /// <summary>The number of a bank account.</summary>
    BankAccount,
    /// <summary>A password, or something that is called one.</summary>
    Password,
    /// <summary>A social security number of the United States.</summary>
    SocialSecurity,
    /// <summary>An identification number of the German tax office.</summary>
    TaxNumber,
}

/// <summary>Where in a text something stands that should not. Nothing of it is in here.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">Of its first character in the line, from 1.</param>
/// <param name="Length">Characters.</param>
public sealed record RiskySpot(RiskyKind Kind, int Line, int Column, int Length);

/// <summary>Finds numbers of cards, accounts and persons, and passwords, in what a customer or an agent is about to store.</summary>
/// <remarks>Cards: blanks and hyphens between the digits, first digits and length of an issuer (see <see cref="Issuers"/>), and a right check digit (ISO/IEC 7812-1, Luhn).
/// Accounts: an IBAN whose remainder by 97 is 1 (ISO 13616). Social security: three, two and four digits with the same mark between them, or called by that name, and none of the
/// numbers that are never given (area 000, 666 or 9xx, group 00, serial 0000). Tax: eleven digits by the rules of the Bundeszentralamt für Steuern, check digit ISO/IEC 7064 MOD 11,10.
/// Any other number is left alone: an order number is not a card.</remarks>
public static partial class RiskyText
{
    private const int ShownDigits = 4;

    /// <summary>First digits of the issuers' cards, inclusive on both ends and compared at their own length, and the lengths that their numbers have.</summary>
    private static readonly (int From, int To, int[] Lengths)[] Issuers =
    [
        (4, 4, [13, 16, 19]), // Visa
        (51, 55, [16]), (2221, 2720, [16]), // Mastercard
        (34, 34, [15]), (37, 37, [15]), // American Express
        (6011, 6011, [16, 17, 18, 19]), (644, 649, [16, 17, 18, 19]), (65, 65, [16, 17, 18, 19]), // Discover
        (300, 305, [14, 16, 19]), (36, 36, [14, 15, 16, 17, 18, 19]), (38, 39, [14, 16, 17, 18, 19]), // Diners Club
        (3528, 3589, [16, 17, 18, 19]), // JCB
        (62, 62, [16, 17, 18, 19]), (81, 81, [16, 17, 18, 19]), // UnionPay
        (50, 50, [12, 13, 14, 15, 16, 17, 18, 19]), (56, 58, [12, 13, 14, 15, 16, 17, 18, 19]), (63, 63, [12, 13, 14, 15, 16, 17, 18, 19]), (67, 67, [12, 13, 14, 15, 16, 17, 18, 19]), // Maestro
    ];

    /// <summary>What is in a text, each kind once.</summary>
    public static IReadOnlyList<RiskyKind> Find(string text) => [.. Hits(text).Select(h => h.Kind).Distinct().Order()];

    /// <summary>Where it stands, in the order of the text.</summary>
    public static IReadOnlyList<RiskySpot> Spots(string text) => [.. Hits(text).OrderBy(h => h.At).Select(h =>
        new RiskySpot(h.Kind, text.AsSpan(0, h.At).Count('\n') + 1, h.At - text.AsSpan(0, h.At).LastIndexOf('\n'), h.Length))];

    /// <summary>The text with what was found made unreadable; of numbers the last four stay, so that people know which was meant.</summary>
    public static string Hide(string text)
    {
        var hidden = new StringBuilder(text);
        foreach (var (kind, at, length) in Hits(text).OrderByDescending(h => h.At))
        {
            var kept = kind == RiskyKind.Password ? "" : text[(at + length - ShownDigits)..(at + length)];
            hidden.Remove(at, length).Insert(at, "••••" + kept);
        }

        return hidden.ToString();
    }

    private static IEnumerable<(RiskyKind Kind, int At, int Length)> Hits(string text)
    {
        var accounts = Account().Matches(text).Where(m => IsIban(m.ValueSpan)).ToList();
        foreach (var account in accounts)
        {
            yield return (RiskyKind.BankAccount, account.Index, account.Length);
        }

        foreach (Match card in Card().Matches(text))
        {
            if (IsCard(card.ValueSpan) && !accounts.Any(a => card.Index < a.Index + a.Length && a.Index < card.Index + card.Length))
            {
                yield return (RiskyKind.Card, card.Index, card.Length);
            }
        }

        foreach (var number in Social().Matches(text).Where(m => IsSocialSecurity(m.Value)))
        {
            yield return (RiskyKind.SocialSecurity, number.Index, number.Length);
        }

        foreach (var number in Tax().Matches(text).Where(m => IsTaxNumber(m.ValueSpan)))
        {
            yield return (RiskyKind.TaxNumber, number.Index, number.Length);
        }

        foreach (Match password in Password().Matches(text))
        {
            yield return (RiskyKind.Password, password.Groups["secret"].Index, password.Groups["secret"].Length);
        }
    }

    /// <summary>True for a number of an issuer's first digits and length, with a right check digit.</summary>
    internal static bool IsCard(ReadOnlySpan<char> text)
    {
        Span<char> number = stackalloc char[text.Length];
        var digits = DigitsOf(text, number);
        if (!IsOfIssuer(number[..digits]))
        {
            return false;
        }

        var sum = 0;
        for (var i = 0; i < digits; i++)
        {
            var digit = number[digits - 1 - i] - '0';
            sum += i % 2 == 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2;
        }

        return sum % 10 == 0;
    }

    private static bool IsOfIssuer(ReadOnlySpan<char> number)
    {
        foreach (var (from, to, lengths) in Issuers)
        {
            var width = from.ToString(System.Globalization.CultureInfo.InvariantCulture).Length;
            if (lengths.Contains(number.Length) && int.Parse(number[..width], System.Globalization.CultureInfo.InvariantCulture) is var first && first >= from && first <= to)
            {
                return true;
            }
        }

        return false;
    }

    internal static bool IsSocialSecurity(string text)
    {
        var number = string.Concat(text.Where(char.IsAsciiDigit))[^9..];
        return number[..3] is not ("000" or "666") && number[0] != '9' && number[3..5] != "00" && number[5..] != "0000";
    }

    /// <summary>One of the first ten digits stands there twice or three times, the others once at most; the last is the check digit.</summary>
    internal static bool IsTaxNumber(ReadOnlySpan<char> text)
    {
        Span<char> number = stackalloc char[text.Length];
        if (DigitsOf(text, number) != 11 || number[0] == '0')
        {
            return false;
        }

        Span<int> counts = stackalloc int[10];
        var product = 10;
        for (var i = 0; i < 10; i++)
        {
            counts[number[i] - '0']++;
            var sum = (number[i] - '0' + product) % 10;
            product = (sum == 0 ? 10 : sum) * 2 % 11;
        }

        return (11 - product) % 10 == number[10] - '0' && counts.Count(2) + counts.Count(3) == 1 && !counts.ContainsAnyInRange(4, 10);
    }

    private static int DigitsOf(ReadOnlySpan<char> text, Span<char> digits)
    {
        var count = 0;
        foreach (var c in text)
        {
            if (char.IsAsciiDigit(c))
            {
                digits[count++] = c;
            }
        }

        return count;
    }

    internal static bool IsIban(ReadOnlySpan<char> text)
    {
        Span<char> plain = stackalloc char[64];
        var length = 0;
        foreach (var c in text)
        {
            if (c != ' ')
            {
                plain[length++] = c;
            }
        }

        if (length is < 15 or > 34)
        {
            return false;
        }

        var remainder = 0;
        for (var i = 0; i < length; i++)
        {
            var c = plain[(i + 4) % length];
            var value = char.IsAsciiDigit(c) ? c - '0' : c - 'A' + 10;
            remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
        }

        return remainder == 1;
    }

    [GeneratedRegex(@"(?<![\d-])[2-68](?:[ -]?\d){11,18}(?!\d)", RegexOptions.None, 500)]
    private static partial Regex Card();

    [GeneratedRegex(@"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b", RegexOptions.None, 500)]
    private static partial Regex Account();

    [GeneratedRegex(@"(?<![\d-])(?:\d{3}(?<mark>[- ])\d{2}\k<mark>\d{4}|(?<=\b(?:SSN|social security)\D{0,20})\d{9})(?![\d-])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 500)]
    private static partial Regex Social();

    [GeneratedRegex(@"(?<![\d-])[1-9]\d(?: ?\d{3}){3}(?![\d-])", RegexOptions.None, 500)]
    private static partial Regex Tax();

    [GeneratedRegex(@"\b(?:password|passwort|kennwort|PIN|CVV|CVC)\b\s*(?:is|ist|lautet|:|=)+\s*(?<secret>\S+)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 500)]
    private static partial Regex Password();
}
