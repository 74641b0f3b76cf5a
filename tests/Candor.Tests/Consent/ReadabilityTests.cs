using Candor.Consent;
using Candor.Kernel;

namespace Candor.Tests.Consent;

public sealed class ReadabilityTests
{
    // Syllables as Merriam-Webster divides the words.
    [Theory]
    [InlineData("cat", 1)]
    [InlineData("you", 1)]
    [InlineData("use", 1)]
    [InlineData("used", 1)]
    [InlineData("asked", 1)]
    [InlineData("wanted", 2)]
    [InlineData("makes", 1)]
    [InlineData("changes", 2)]
    [InlineData("purposes", 3)]
    [InlineData("table", 2)]
    [InlineData("rules", 1)]
    [InlineData("handled", 2)]
    [InlineData("called", 1)]
    [InlineData("data", 2)]
    [InlineData("people", 2)]
    [InlineData("player", 2)]
    [InlineData("beyond", 2)]
    [InlineData("buying", 2)]
    [InlineData("period", 3)]
    [InlineData("usual", 3)]
    [InlineData("video", 3)]
    [InlineData("language", 2)]
    [InlineData("quality", 3)]
    [InlineData("special", 2)]
    [InlineData("nation", 2)]
    [InlineData("safely", 2)]
    [InlineData("statement", 2)]
    [InlineData("family", 3)]
    [InlineData("doesn't", 2)]
    [InlineData("don't", 1)]
    [InlineData("recommendation", 5)]
    [InlineData("personalised", 4)]
    [InlineData("telephone", 3)]
    [InlineData("address", 2)]
    [InlineData("history", 3)]
    [InlineData("purchase", 2)]
    [InlineData("privacy", 3)]
    [InlineData("easier", 3)]
    [InlineData("friend", 1)]
    [InlineData("Australian", 3)]
    [InlineData("platypus", 3)]
    [InlineData("creature", 2)]
    [InlineData("90", 1)]
    public void English_syllables_are_those_of_the_dictionary(string word, int expected) => Assert.Equal(expected, Syllables.Count(word, "en"));

    // Syllables as Duden divides the words.
    [Theory]
    [InlineData("Haus", 1)]
    [InlineData("Daten", 2)]
    [InlineData("Einwilligung", 4)]
    [InlineData("Datenschutz", 3)]
    [InlineData("Telefonnummer", 5)]
    [InlineData("Käufe", 2)]
    [InlineData("bearbeiten", 4)]
    [InlineData("geändert", 3)]
    [InlineData("Reaktion", 4)]
    [InlineData("zurückgenommen", 5)]
    [InlineData("Quelle", 2)]
    [InlineData("Sie", 1)]
    [InlineData("Typ", 1)]
    [InlineData("Bestellungen", 4)]
    public void German_syllables_are_those_of_the_dictionary(string word, int expected) => Assert.Equal(expected, Syllables.Count(word, "de"));

    // Source: Wikipedia, "Flesch-Kincaid readability tests": 11.3 (13 words, 24 syllables); the others by hand from the formula with their published counts.
    [Theory]
    [InlineData("The Australian platypus is seemingly a hybrid of a mammal and reptilian creature.", 11.3, 0.1)]
    [InlineData("The cat sat on the mat.", -1.45, 0.01)]
    [InlineData("This sentence, taken as a reading passage unto itself, is being used to prove a point.", 8.35, 0.8)] // published with 24 syllables; the dictionary divides 23
    public void English_grades_are_the_published_ones(string text, double expected, double tolerance) =>
        Assert.Equal(expected, Readability.Grade(text, "en").Grade, tolerance);

    /// <summary>The opening of the Gettysburg Address (Bliss copy): 30 words in one sentence, 48 syllables as the dictionary divides them.</summary>
    [Fact]
    public void A_long_published_sentence_counts_as_by_hand()
    {
        var counts = TextCounts.Of(
            "Four score and seven years ago our fathers brought forth on this continent, a new nation, conceived in Liberty, and dedicated to the proposition that all men are created equal.", "en");
        Assert.Equal((1, 30, 48), (counts.Sentences, counts.Words, counts.Syllables));
    }

    [Fact]
    public void German_measures_follow_their_formulas()
    {
        // By hand: 2 sentences, 9 words, 20 syllables; three words have three syllables or more, the same three have seven letters or more, three have one syllable.
        var counts = TextCounts.Of("Sie haben uns Ihre Einwilligung gegeben. Sie dürfen widerrufen.", "de");
        Assert.Equal(new TextCounts(2, 9, 20, 3, 3, 3), counts);
        Assert.Equal(180 - 4.5 - 58.5 * 20 / 9, Readability.AmstadEase(counts), 9);
        Assert.Equal(0.1935 * 300 / 9 + 0.1672 * 4.5 + 0.1297 * 300 / 9 - 0.0327 * 300 / 9 - 0.875, Readability.WienerSachtextformel(counts), 9);
    }

    [Fact]
    public void Headings_marks_and_addresses_do_not_count_and_a_dot_inside_a_word_ends_nothing()
    {
        var counts = TextCounts.Of("# Comprehensive administrative information\n\n- We keep 3.5 of it.\n- Write to help@shop.example.\n", "en");
        Assert.Equal((2, 7), (counts.Sentences, counts.Words));
    }

    [Fact]
    public void A_hard_text_gets_a_warning_that_names_its_worst_sentences_first()
    {
        const string Hard = "Notwithstanding aforementioned contractual stipulations, personalised recommendations necessitate comprehensive behavioural characterisation.";
        var report = Readability.Grade("We like you.\n" + Hard + "\nYou like us too.", "en");
        Assert.True(report.IsTooHard);
        Assert.Equal(Hard, report.HardestSentences[0]);
        Assert.Contains(Hard, report.Warning, StringComparison.Ordinal);
        Assert.Null(Readability.Grade("We like you.", "en").Warning);
    }

    [Fact]
    public void A_hard_German_text_is_harder_than_a_plain_one()
    {
        var hard = Readability.Grade("Die Verarbeitung personenbezogener Daten erfolgt ausschließlich aufgrund ausdrücklicher Einwilligung der betroffenen Personen.", "de");
        var plain = Readability.Grade("Wir nutzen das nur, wenn Sie Ja sagen.", "de");
        Assert.True(hard.IsTooHard);
        Assert.False(plain.IsTooHard);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# Only a heading\n")]
    public void A_text_without_words_is_not_too_hard(string text) => Assert.False(Readability.Grade(text, "en").IsTooHard);

    [Fact]
    public void A_language_without_a_measure_is_refused_by_name() =>
        Assert.Contains("`fr`", Assert.Throws<Fault>(() => Readability.Grade("Bonjour.", "fr")).Message, StringComparison.Ordinal);
}
