using System.Collections.Frozen;

namespace Candor.Consent;

/// <summary>Syllables of one word, by spelling: runs of vowels, with the corrections that each language needs. A number counts one.</summary>
public static class Syllables
{
    /// <summary>English words whose spelling misleads, by their beginning or, where short, as a whole.</summary>
    private static readonly FrozenDictionary<string, int> EnglishExceptions = new Dictionary<string, int>
    {
        ["area"] = 3, ["areas"] = 3, ["idea"] = 3, ["ideas"] = 3, ["business"] = 2, ["create"] = 2, ["created"] = 3, ["creates"] = 2, ["every"] = 2,
        ["everything"] = 3, ["something"] = 2, ["sometimes"] = 2, ["someone"] = 2, ["somebody"] = 3, ["everyone"] = 3, ["therefore"] = 2, ["people"] = 2,
        ["quiet"] = 2, ["science"] = 2, ["client"] = 2, ["clients"] = 2, ["society"] = 4, ["being"] = 2, ["doing"] = 2, ["going"] = 2, ["seeing"] = 2,
        ["poem"] = 2, ["real"] = 1, ["really"] = 2, ["website"] = 2, ["hour"] = 1, ["hours"] = 1, ["element"] = 3, ["whose"] = 1,
        ["into"] = 2, ["theater"] = 3, ["usage"] = 2, ["recipe"] = 3, ["eye"] = 1, ["eyes"] = 1, ["liberty"] = 3, ["dedicate"] = 3, ["homepage"] = 2,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly string[] LightEndings = ["ly", "ful", "less", "ness", "ment", "ments"];

    private static readonly string[] GermanPairs = ["ei", "ai", "au", "äu", "eu", "ie", "ee", "oo", "aa"];

    public static int Count(string word, string language)
    {
        var letters = string.Concat(word.ToLowerInvariant().Where(c => char.IsLetter(c)));
        return letters.Length == 0 ? 1 : Math.Max(1, language == "de" ? German(letters) : English(letters));
    }

    private static int German(string word)
    {
        var count = 0;
        for (var i = 0; i < word.Length; i++)
        {
            if (!IsGermanVowel(word[i]) || (word[i] == 'u' && i > 0 && word[i - 1] == 'q'))
            {
                continue;
            }

            count++;
            if (i + 1 < word.Length && GermanPairs.Contains(word.Substring(i, 2)))
            {
                i++;
            }
        }

        return count;
    }

    private static bool IsGermanVowel(char c) => "aeiouyäöüéè".Contains(c, StringComparison.Ordinal);

    private static int English(string word)
    {
        if (EnglishExceptions.TryGetValue(word, out var known))
        {
            return known;
        }

        // `safe-ly`, `use-ful`: the silent e is inside.
        foreach (var ending in LightEndings)
        {
            if (word.EndsWith(ending, StringComparison.Ordinal) && word.Length > ending.Length + 2 && word[word.Length - ending.Length - 1] == 'e')
            {
                return Math.Max(1, English(word[..^ending.Length])) + 1;
            }
        }

        return VowelRuns(word) - SilentEndings(word) + SplitRuns(word);
    }

    private static int VowelRuns(string word)
    {
        var count = 0;
        var inside = false;
        for (var i = 0; i < word.Length; i++)
        {
            var vowel = IsEnglishVowel(word, i);
            count += vowel && !inside ? 1 : 0;
            inside = vowel;
        }

        return count;
    }

    // `y` before a vowel speaks as a consonant (`beyond`), and `u` after `q` is mute.
    private static bool IsEnglishVowel(string word, int i) => word[i] switch
    {
        'a' or 'e' or 'i' or 'o' => true,
        'u' => i == 0 || word[i - 1] != 'q',
        'y' => i + 1 == word.Length || !"aeiou".Contains(word[i + 1], StringComparison.Ordinal),
        _ => false,
    };

    private static int SilentEndings(string word)
    {
        if (word.Length < 3)
        {
            return 0;
        }

        if (word[^1] == 'e' && !IsEnglishVowel(word, word.Length - 2))
        {
            // `ta-ble`: the l carries the syllable.
            return word[^2] == 'l' && word.Length > 3 && !IsEnglishVowel(word, word.Length - 3) ? 0 : VowelRuns(word) > 1 ? 1 : 0;
        }

        if (word.Length < 4 || IsEnglishVowel(word, word.Length - 3) || VowelRuns(word) < 2)
        {
            return 0;
        }

        var afterConsonantL = word[^3] == 'l' && word[^4] != 'l' && !IsEnglishVowel(word, word.Length - 4);
        return word[^2..] switch
        {
            "ed" => word[^3] is 't' or 'd' || afterConsonantL ? 0 : 1,
            "es" => word[^3] is 's' or 'x' or 'z' or 'c' or 'g' || word[^4..^2] is "ch" or "sh" || afterConsonantL ? 0 : 1,
            _ => 0,
        };
    }

    /// <summary>Vowels side by side that speak apart: <c>per-i-od</c>, <c>us-u-al</c>, <c>vid-e-o</c>, <c>does-n't</c>.</summary>
    private static int SplitRuns(string word)
    {
        var more = word.EndsWith("snt", StringComparison.Ordinal) || word.EndsWith("dnt", StringComparison.Ordinal) || word.EndsWith("ism", StringComparison.Ordinal) ? 1 : 0;
        for (var i = 1; i + 1 < word.Length; i++)
        {
            more += word.AsSpan(i, 2) switch
            {
                "ia" or "io" or "iu" => word[i - 1] is 'c' or 't' or 's' or 'g' or 'x' || IsGlide(word, i) ? 0 : 1,
                "eo" => 1,
                "ua" => word[i - 1] is 'g' or 'q' ? 0 : 1,
                "ie" => i + 2 < word.Length && word[i + 2] is 'r' or 'n' && i >= 3 && word[i - 1] is not ('c' or 't') ? 1 : 0,
                _ => 0,
            };
        }

        return more;
    }

    // `Aus-tral-ian`, `mil-lion`, `un-ion`: the i speaks as a y.
    private static bool IsGlide(string word, int i) => word[i - 1] is 'l' or 'n' && i + 2 < word.Length && word[i + 2] == 'n';
}
