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
}

/// <summary>Finds numbers of cards and accounts, and passwords, in what a customer is about to send.</summary>
/// <remarks>Cards: 13 to 19 digits, blanks and hyphens between them, with a right check digit (ISO/IEC 7812-1, Luhn) and a first digit that cards have.
/// Accounts: an IBAN whose remainder by 97 is 1 (ISO 13616). A number that is neither is left alone: an order number is not a card.</remarks>
public static partial class RiskyText
{
    private const int ShownDigits = 4;

    /// <summary>What is in a text, each kind once.</summary>
    public static IReadOnlyList<RiskyKind> Find(string text) => [.. Hits(text).Select(h => h.Kind).Distinct().Order()];

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

        foreach (Match password in Password().Matches(text))
        {
            yield return (RiskyKind.Password, password.Groups["secret"].Index, password.Groups["secret"].Length);
        }
    }

    internal static bool IsCard(ReadOnlySpan<char> number)
    {
        var (sum, digits) = (0, 0);
        for (var i = number.Length - 1; i >= 0; i--)
        {
            if (char.IsAsciiDigit(number[i]))
            {
                var digit = number[i] - '0';
                sum += digits++ % 2 == 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2;
            }
        }

        return digits is >= 13 and <= 19 && sum % 10 == 0;
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

    [GeneratedRegex(@"(?<![\d-])[2-6](?:[ -]?\d){12,18}(?!\d)", RegexOptions.None, 500)]
    private static partial Regex Card();

    [GeneratedRegex(@"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b", RegexOptions.None, 500)]
    private static partial Regex Account();

    [GeneratedRegex(@"\b(?:password|passwort|kennwort|PIN|CVV|CVC)\b\s*(?:is|ist|lautet|:|=)+\s*(?<secret>\S+)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 500)]
    private static partial Regex Password();
}
