using System.Globalization;
using Candor.Kernel;

namespace Candor.Consent;

/// <summary>How many years of school a text asks of its reader.</summary>
/// <param name="Grade">School grade; 8 is a reader of about 13 years.</param>
/// <param name="HardestSentences">The three that ask most, hardest first.</param>
public sealed record ReadabilityReport(string Language, double Grade, IReadOnlyList<string> HardestSentences)
{
    /// <summary>The purpose whose reason was measured; null for a whole notice.</summary>
    public PurposeId? Purpose { get; init; }

    public bool IsTooHard => Grade > Readability.MaxGrade;

    /// <summary>One sentence for the author of the catalog; null when the text is plain enough.</summary>
    public string? Warning => IsTooHard
        ? string.Create(CultureInfo.InvariantCulture,
            $"{(Purpose is null ? "The notice" : $"The reason of `{Purpose}`")} in `{Language}` needs school grade {Grade:0.0}, {Readability.MaxGrade} is the most; start with: {string.Join(" ", HardestSentences.Select(s => $"“{s}”"))}")
        : null;
}

/// <summary>Readability of running text in English and German. Headings and marks of lists do not count.</summary>
public static class Readability
{
    /// <summary>Above this a notice gets a warning.</summary>
    public const int MaxGrade = 8;

    private const int HardestShown = 3;

    /// <summary>Grade and hardest sentences of a text: Flesch-Kincaid for <c>en</c>, the first Wiener Sachtextformel for <c>de</c>.</summary>
    /// <exception cref="Fault">Invalid <c>consent/no-readability</c>: there is no measure for the language.</exception>
    public static ReadabilityReport Grade(string text, string language)
    {
        var measure = MeasureOf(language);
        var sentences = Sentences(text);
        // Of a few words alone the formulas say little.
        var longer = sentences.Where(s => s.Words.Count >= 4).ToList();
        var hardest = (longer.Count > 0 ? longer : sentences)
            .Select(s => (s.Text, Grade: measure(TextCounts.Of([s], language))))
            .OrderByDescending(s => s.Grade).ThenBy(s => s.Text, StringComparer.Ordinal).Select(s => s.Text).Distinct().Take(HardestShown);
        return new ReadabilityReport(language, measure(TextCounts.Of(sentences, language)), [.. hardest]);
    }

    /// <summary>US school grade. Source: Kincaid, Fishburne, Rogers and Chissom 1975, Navy report 8-75.</summary>
    public static double FleschKincaid(TextCounts c) => c.Words == 0 ? 0 : 0.39 * c.WordsPerSentence + 11.8 * c.SyllablesPerWord - 15.59;

    /// <summary>Reading ease of German, about 0 (hard) to 100 (easy). Source: Amstad 1978, after Flesch.</summary>
    public static double AmstadEase(TextCounts c) => c.Words == 0 ? 100 : 180 - c.WordsPerSentence - 58.5 * c.SyllablesPerWord;

    /// <summary>School grade of German, made for 4 to 15. Source: Bamberger and Vanecek 1984, first Wiener Sachtextformel.</summary>
    public static double WienerSachtextformel(TextCounts c) => c.Words == 0 ? 0
        : 0.1935 * c.PercentOf(c.LongBySyllables) + 0.1672 * c.WordsPerSentence + 0.1297 * c.PercentOf(c.LongByLetters)
            - 0.0327 * c.PercentOf(c.OneSyllable) - 0.875;

    internal static IReadOnlyList<Sentence> Sentences(string text)
    {
        var found = new List<Sentence>();
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(l => !l.StartsWith('#')))
        {
            var rest = line.TrimStart('-', '*', ' ');
            var from = 0;
            for (var i = 0; i < rest.Length; i++)
            {
                // A stop ends a sentence only before a space: not inside `3.5` or `help@shop.example`.
                if (rest[i] is '.' or '!' or '?' or ':' or ';' && (i + 1 == rest.Length || rest[i + 1] == ' ') || i + 1 == rest.Length)
                {
                    Add(rest[from..(i + 1)].Trim());
                    from = i + 1;
                }
            }
        }

        return found;

        void Add(string sentence)
        {
            var words = Words(sentence);
            if (words.Count > 0)
            {
                found.Add(new Sentence(sentence, words));
            }
        }
    }

    // Addresses are read at a glance, whatever their length.
    private static List<string> Words(string sentence) =>
        [.. sentence.Split([' ', '/', '–', '—', '-'], StringSplitOptions.RemoveEmptyEntries)
            .Where(w => !w.Contains('@', StringComparison.Ordinal))
            .Select(w => w.Trim('.', ',', ':', ';', '!', '?', '(', ')', '"', '“', '”', '„', '‘', '’', '*', '&'))
            .Where(w => w.Any(char.IsLetterOrDigit))];

    private static Func<TextCounts, double> MeasureOf(string language) => language switch
    {
        "en" => FleschKincaid,
        "de" => WienerSachtextformel,
        _ => throw new Fault(FaultKind.Invalid, "consent/no-readability", $"Readability is measured for `en` and `de`, got `{Name.Shown(language)}`."),
    };
}

/// <summary>One sentence and its words.</summary>
internal sealed record Sentence(string Text, IReadOnlyList<string> Words);

/// <summary>What the formulas count.</summary>
/// <param name="LongBySyllables">Words of three syllables or more.</param>
/// <param name="LongByLetters">Words of seven letters or more.</param>
/// <param name="OneSyllable">Words of one syllable.</param>
public sealed record TextCounts(int Sentences, int Words, int Syllables, int LongBySyllables, int LongByLetters, int OneSyllable)
{
    public double WordsPerSentence => (double)Words / Sentences;

    public double SyllablesPerWord => (double)Syllables / Words;

    public double PercentOf(int count) => 100.0 * count / Words;

    public static TextCounts Of(string text, string language) => Of(Readability.Sentences(text), language);

    internal static TextCounts Of(IReadOnlyList<Sentence> sentences, string language)
    {
        int words = 0, syllables = 0, longBySyllables = 0, longByLetters = 0, one = 0;
        foreach (var word in sentences.SelectMany(s => s.Words))
        {
            var count = Candor.Consent.Syllables.Count(word, language);
            words++;
            syllables += count;
            longBySyllables += count >= 3 ? 1 : 0;
            longByLetters += word.Length > 6 ? 1 : 0;
            one += count == 1 ? 1 : 0;
        }

        return new TextCounts(sentences.Count, words, syllables, longBySyllables, longByLetters, one);
    }
}
