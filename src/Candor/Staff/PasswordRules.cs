using System.Text;

namespace Candor.Staff;

/// <summary>Why a password is not taken.</summary>
public enum PasswordTrouble
{
    TooShort,
    TooLong,
    /// <summary>It is a known password, or is made of known ones, names and rows of keys: too few guesses find it.</summary>
    TooCommon,
    /// <summary>It holds what is no text: half a surrogate pair, or a control character.</summary>
    NotText,
}

/// <summary>Which passwords are taken: long enough, and not among the first that are guessed. Nothing about capitals or digits (OWASP ASVS 5.0, 6.2.5).</summary>
/// <remarks>An estimate in the manner of zxcvbn (Wheeler, USENIX Security 2016): the cheapest way to put the password together from known passwords (by rank),
/// words about the person and the house, repeats, rows, and single characters. All of it offline.</remarks>
public static class PasswordRules
{
    /// <summary>In characters.</summary>
    public const int MinLength = 12;

    /// <summary>In characters. ASVS 6.2.9 asks for at least 64.</summary>
    public const int MaxLength = 200;

    /// <summary>Guesses that must be needed, as a power of two: 10^10, zxcvbn's line between 3 and 4 of its 4 points.</summary>
    public const double MinBits = 33;

    private const int LongestWord = 32;
    private const double RowBits = 5;
    private const double OwnBits = 1;

    private static readonly Lazy<Dictionary<string, double>> Known = new(Load);

    /// <summary>Null when the password is taken.</summary>
    /// <param name="own">Words about the person and the house, which count as known: name, address, organisation, the product.</param>
    public static PasswordTrouble? WhyNot(string password, params IEnumerable<string> own)
    {
        if (password.Length > MaxLength)
        {
            return PasswordTrouble.TooLong;
        }

        if (password.Any(char.IsControl) || !IsWellFormed(password))
        {
            return PasswordTrouble.NotText;
        }

        return password.EnumerateRunes().Count() < MinLength ? PasswordTrouble.TooShort : BitsOf(password, own) < MinBits ? PasswordTrouble.TooCommon : null;
    }

    /// <summary>How many guesses find it, as a power of two.</summary>
    internal static double BitsOf(string password, IEnumerable<string> own)
    {
        var plain = password.ToLowerInvariant();
        var words = own.SelectMany(o => o.ToLowerInvariant().Split([' ', '@', '.', '-', '_'], StringSplitOptions.RemoveEmptyEntries)).Where(w => w.Length >= 3).ToHashSet();
        // Whoever writes 0 for o is guessed with both.
        var read = new[] { plain, Plainly(plain) };
        var best = new double[plain.Length + 1];
        for (var end = 1; end <= plain.Length; end++)
        {
            best[end] = best[end - 1] + BitsOf(password[end - 1]);
            for (var start = Math.Max(0, end - LongestWord); start <= end - 3; start++)
            {
                foreach (var text in read)
                {
                    if (WordBits(text[start..end], words) is { } bits)
                    {
                        best[end] = Math.Min(best[end], best[start] + bits);
                    }
                }
            }

            best[end] = Math.Min(best[end], RepeatBits(plain, end, best));
        }

        return best[^1];
    }

    private static double? WordBits(string word, HashSet<string> own) => own.Contains(word) ? OwnBits : Known.Value.TryGetValue(word, out var bits) ? bits : IsRow(word) ? RowBits : null;

    /// <summary>What comes again straight after itself costs little more than once.</summary>
    private static double RepeatBits(string text, int end, double[] best)
    {
        var least = double.MaxValue;
        for (var length = 1; length * 2 <= end; length++)
        {
            var unit = text.AsSpan(end - length, length);
            if (text.AsSpan(end - (2 * length), length).SequenceEqual(unit))
            {
                least = Math.Min(least, best[end - length] + 1);
            }
        }

        return least;
    }

    /// <summary>A row as on a keyboard or in the alphabet: each character one after, or one before, the last.</summary>
    private static bool IsRow(string text)
    {
        var by = text[1] - text[0];
        return by is 1 or -1 && Enumerable.Range(1, text.Length - 1).All(i => text[i] - text[i - 1] == by);
    }

    private static double BitsOf(char c) => c switch
    {
        >= '0' and <= '9' => 3.3,
        >= 'a' and <= 'z' => 4.7,
        >= 'A' and <= 'Z' => 5.2,
        _ => 6,
    };

    private static string Plainly(string text) => new([.. text.Select(c => c switch
    {
        '0' => 'o', '1' or '!' => 'i', '3' => 'e', '4' or '@' => 'a', '5' or '$' => 's', '7' => 't', '8' => 'b', '9' => 'g', _ => c,
    })]);

    private static bool IsWellFormed(string text)
    {
        try
        {
            return text.IsNormalized(NormalizationForm.FormKC) || text.Normalize(NormalizationForm.FormKC).Length > 0;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Known passwords, the most used first: its rank is the number of guesses that find one.</summary>
    private static Dictionary<string, double> Load()
    {
        using var reader = new StreamReader(typeof(PasswordRules).Assembly.GetManifestResourceStream("staff/common-passwords")!, Encoding.UTF8);
        var known = new Dictionary<string, double>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } word)
        {
            known.TryAdd(word, Math.Log2(known.Count + 2));
        }

        return known;
    }
}
