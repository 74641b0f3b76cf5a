using System.Globalization;
using System.Text.RegularExpressions;

namespace Candor.Governance;

/// <summary>What may stand in a value that was declared as something else.</summary>
public enum FoundKind
{
    /// <summary>Nothing at all, which needs no storing.</summary>
    Empty,
    /// <summary>The number of a payment card.</summary>
    Card,
    /// <summary>A number that a state gave: United States social security, British National Insurance, Dutch BSN, German tax number.</summary>
    NationalId,
    /// <summary>An international bank account number (IBAN).</summary>
    BankAccount,
    /// <summary>Words about health; a guess, never certain.</summary>
    Health,
}

/// <summary>One place in a text.</summary>
public readonly record struct FoundSpan(FoundKind Kind, int Start, int Length);

/// <summary>Finds numbers of cards, people and accounts in a text, by their check digits and, where those say little, by the words before them. Pure.</summary>
/// <remarks>Sources: ISO/IEC 7812 (card numbers, Luhn), ISO 13616 (IBAN, modulo 97), 42 U.S.C. 405 and the SSA's rules since 2011 (areas 000, 666 and 900 to 999 are not given), HMRC NIM39110
/// (National Insurance), the BSN's 11-test, ISO 7064 modulo 11,10 (German tax number). Every tenth number passes a single check digit, so one that stands where an order or an article has its own is passed over.</remarks>
public static partial class FoundText
{
    /// <summary>Characters before a number in which its name is looked for.</summary>
    private const int Before = 40;

    /// <summary>Numbers that were printed as examples and belong to nobody (SSA).</summary>
    private static readonly string[] PrintedSocial = ["078051120", "219099999"];

    /// <summary>Places in their order; none overlaps another.</summary>
    public static IReadOnlyList<FoundSpan> Numbers(string text)
    {
        var found = new List<FoundSpan>();
        Add(found, FoundKind.BankAccount, Iban().Matches(text).Where(m => IsIban(m.Value)).Select(m => (m.Index, m.Length)));
        Add(found, FoundKind.Card, Digits().Matches(text).SelectMany(m => Cards(text, m)));
        Add(found, FoundKind.NationalId, Social().Matches(text).Where(IsSocial).Select(m => (m.Index, m.Length)));
        Add(found, FoundKind.NationalId, Insurance().Matches(text).Where(m => IsInsurance(m.Value)).Select(m => (m.Index, m.Length)));
        Add(found, FoundKind.NationalId, Digits().Matches(text).Where(m => IsNamedId(text, m)).Select(m => (m.Index, m.Length)));
        return [.. found.OrderBy(f => f.Start)];
    }

    private static void Add(List<FoundSpan> found, FoundKind kind, IEnumerable<(int Start, int Length)> places)
    {
        foreach (var (start, length) in places)
        {
            if (!found.Exists(f => f.Start < start + length && start < f.Start + f.Length))
            {
                found.Add(new FoundSpan(kind, start, length));
            }
        }
    }

    /// <summary>Cards in a row of digits: whole groups of it, the longest first, since a date or a code may stand right beside.</summary>
    private static IEnumerable<(int Start, int Length)> Cards(string text, Match row)
    {
        var groups = Group().Matches(row.Value);
        for (var n = groups.Count; n > 0; n--)
        {
            for (var i = 0; i + n <= groups.Count; i++)
            {
                var (start, end) = (row.Index + groups[i].Index, row.Index + groups[i + n - 1].Index + groups[i + n - 1].Length);
                if (IsCard(text[start..end], text[Math.Max(0, start - Before)..start]))
                {
                    yield return (start, end - start);
                }
            }
        }
    }

    private static bool IsCard(string written, string before)
    {
        var digits = Bare(written);
        return digits.Length is >= 13 and <= 19 && digits.Distinct().Count() > 1 && IsOfScheme(digits) && IsGrouped(written) && PassesLuhn(digits)
            && !NameOfOther().IsMatch(before)
            // Thirteen digits have long been no card's, and are every article's in a shop (EAN).
            && (digits.Length > 13 || NameOfCard().IsMatch(before));
    }

    /// <summary>Whether a scheme gives numbers that begin so, of this length.</summary>
    private static bool IsOfScheme(string digits)
    {
        var (two, three, four) = (int.Parse(digits.AsSpan(0, 2), CultureInfo.InvariantCulture), int.Parse(digits.AsSpan(0, 3), CultureInfo.InvariantCulture), int.Parse(digits.AsSpan(0, 4), CultureInfo.InvariantCulture));
        return digits.Length switch
        {
            13 => digits[0] == '4',
            14 => three is >= 300 and <= 305 || two is 36 or 38 or 39,
            15 => two is 34 or 37,
            16 => digits[0] == '4' || three is >= 300 and <= 305 || two is 36 or 38 or 39 || two is >= 51 and <= 55 || four is >= 2221 and <= 2720 || four == 6011 || three is >= 644 and <= 649 || two is 65 or 62 || four is >= 3528 and <= 3589 || IsMaestro(four),
            17 or 18 => two == 62 || IsMaestro(four),
            _ => digits[0] == '4' || two is 62 or 65 || IsMaestro(four),
        };
    }

    private static bool IsMaestro(int four) => four is 5018 or 5020 or 5038 or 5893 or 6304 or 6759 or 6761 or 6762 or 6763;

    /// <summary>Whether the groups are those that are printed on cards, or there are none.</summary>
    private static bool IsGrouped(string written)
    {
        var groups = string.Join('-', written.Split(' ', '-').Select(g => g.Length));
        return !groups.Contains('-', StringComparison.Ordinal) || groups is "4-4-4-4" or "4-6-5" or "4-6-4" or "4-4-4-4-3" or "4-4-4-4-2" or "4-4-4-4-1" or "6-13" or "4-4-4-2" or "4-4-4-3" or "4-4-4-1" or "4-4-5";
    }

    private static bool PassesLuhn(string digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            sum += i % 2 == 0 ? digit : digit < 5 ? 2 * digit : (2 * digit) - 9;
        }

        return sum % 10 == 0;
    }

    private static bool IsSocial(Match match) =>
        match.Groups["area"].Value is var area && area is not ("000" or "666") && area[0] != '9' && match.Groups["group"].Value != "00" && match.Groups["serial"].Value != "0000"
        && !PrintedSocial.Contains(Bare(match.Value));

    private static bool IsInsurance(string written) => written[..2] is not ("BG" or "GB" or "KN" or "NK" or "NT" or "TN" or "ZZ");

    /// <summary>Numbers whose check digit alone says too little: only beside their name.</summary>
    private static bool IsNamedId(string text, Match match)
    {
        var (digits, before) = (Bare(match.Value), TextBefore(text, match));
        return digits.Distinct().Count() > 1 && digits.Length switch
        {
            9 => (NameOfBsn().IsMatch(before) && PassesEleven(digits)) || (NameOfSocial().IsMatch(before) && digits[..3] is not ("000" or "666") && digits[0] != '9' && !PrintedSocial.Contains(digits)),
            11 => NameOfTaxId().IsMatch(before) && digits[0] != '0' && PassesElevenTen(digits),
            _ => false,
        };
    }

    /// <summary>The BSN's 11-test: weights 9 to 2 and -1.</summary>
    private static bool PassesEleven(string digits) => digits.Select((d, i) => (d - '0') * (i == 8 ? -1 : 9 - i)).Sum() % 11 == 0;

    private static bool PassesElevenTen(string digits)
    {
        var product = 10;
        foreach (var digit in digits[..^1])
        {
            var sum = (digit - '0' + product) % 10;
            product = (sum == 0 ? 10 : sum) * 2 % 11;
        }

        return (11 - product) % 10 == digits[^1] - '0';
    }

    private static bool IsIban(string written)
    {
        var iban = string.Concat(written.Where(char.IsAsciiLetterOrDigit));
        if (!IbanLengths.Of.TryGetValue(iban[..2], out var length) || iban.Length != length)
        {
            return false;
        }

        var rest = 0;
        foreach (var c in iban[4..] + iban[..4])
        {
            rest = char.IsAsciiDigit(c) ? ((rest * 10) + c - '0') % 97 : ((rest * 100) + c - 'A' + 10) % 97;
        }

        return rest == 1;
    }

    private static string TextBefore(string text, Match match) => text[Math.Max(0, match.Index - Before)..match.Index];

    private static string Bare(string written) => string.Concat(written.Where(char.IsAsciiDigit));

    // Part of a longer name, such as ORD-4111..., or of a number with a comma: not a number of its own.
    [GeneratedRegex(@"(?<![\p{L}\p{Nd}#_./,-])\d(?:[ -]?\d){7,22}(?![\p{L}\p{Nd}_]|[.,/-]\d)")]
    private static partial Regex Digits();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Group();

    [GeneratedRegex(@"(?<![\p{L}\p{Nd}#_.-])(?<area>\d{3})(?<by>[ -])(?<group>\d{2})\k<by>(?<serial>\d{4})(?![\p{L}\p{Nd}_-])")]
    private static partial Regex Social();

    [GeneratedRegex(@"(?<![\p{L}\p{Nd}])[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?![\p{L}\p{Nd}])")]
    private static partial Regex Insurance();

    [GeneratedRegex(@"(?<![\p{L}\p{Nd}])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![\p{L}\p{Nd}])")]
    private static partial Regex Iban();

    [GeneratedRegex(@"\b(?:order|invoice|tracking|parcel|shipment|article|item|ticket|ean|gtin|isbn|sku|imei|bestellung|bestell|auftrag|auftrags|rechnung|rechnungs|sendung|sendungs|paket|artikel|vorgang)[\s-]*(?:no|nr|num|number|nummer|id|code|#)?[\s.:#]*$", RegexOptions.IgnoreCase)]
    private static partial Regex NameOfOther();

    [GeneratedRegex(@"card|visa|karte|\bpan\b", RegexOptions.IgnoreCase)]
    private static partial Regex NameOfCard();

    [GeneratedRegex(@"\b(?:bsn|burgerservicenummer|sofinummer)\b", RegexOptions.IgnoreCase)]
    private static partial Regex NameOfBsn();

    [GeneratedRegex(@"\b(?:ssn|social[ -]security)\b", RegexOptions.IgnoreCase)]
    private static partial Regex NameOfSocial();

    [GeneratedRegex(@"\b(?:steuer-?id|steuer-?identifikationsnummer|steuerliche identifikationsnummer|idnr|tax id)\b", RegexOptions.IgnoreCase)]
    private static partial Regex NameOfTaxId();
}
