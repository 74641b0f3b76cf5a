using System.Security.Cryptography;
using System.Text;
using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;

namespace Candor.Tests.Consent;

public sealed class NoticeTextTests
{
    [Fact]
    public void The_notice_says_everything_a_customer_is_owed()
    {
        var text = NoticeText.Generate(SmallShop.Catalog, "en").Text;
        Assert.StartsWith("# Your data at Maple & Thread\n", text, StringComparison.Ordinal);
        string[] owed =
        [
            "We are Maple & Thread.", "privacy@maple.example", "## Letters with news", "Why: We want to tell you about new things.",
            "- Email address: we keep it while you are our customer.", "- Your orders: we keep it for 2 years.", "Your yes counts for 30 days.",
            "Your yes counts for 2 years.", "Only our own people", "A computer makes this choice by itself.", "“My Data & Privacy”",
            "You can object at any time.", "## Your rights", "## How to reach us",
        ];
        Assert.All(owed, sentence => Assert.Contains(sentence, text, StringComparison.Ordinal));
    }

    [Fact]
    public void The_German_notice_is_German()
    {
        var text = NoticeText.Generate(SmallShop.Catalog, "de").Text;
        Assert.Contains("## Briefe mit Neuem", text, StringComparison.Ordinal);
        Assert.Contains("- Ihre Käufe: Wir speichern das 2 Jahre lang.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("We ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_draft_is_not_in_the_notice_and_what_asks_comes_first()
    {
        var notice = NoticeText.Generate(SmallShop.Catalog, "en");
        Assert.Equal(["letters", "suggestions", "counting", "support"], notice.Purposes.Select(p => p.Value));
        Assert.DoesNotContain("Something new", notice.Text, StringComparison.Ordinal);
        Assert.Equal("consent/no-such-purpose", Assert.Throws<Fault>(() => NoticeText.Section(SmallShop.Catalog, PurposeId.Parse("plans"), "en")).What);
    }

    [Fact]
    public void The_section_of_a_purpose_is_what_the_whole_notice_says_of_it()
    {
        var section = NoticeText.Section(SmallShop.Catalog, PurposeId.Parse("letters"), "en");
        Assert.Contains(section.Text, NoticeText.Generate(SmallShop.Catalog, "en").Text, StringComparison.Ordinal);
        Assert.Equal(["letters"], section.Purposes.Select(p => p.Value));
    }

    [Fact]
    public void The_same_catalog_gives_the_same_text_and_the_hash_is_that_of_the_text()
    {
        var first = NoticeText.Generate(SmallShop.Catalog, "de");
        var second = NoticeText.Generate(PurposeCatalog.Read(SmallShop.Yaml, "again.yaml"), "de");
        Assert.Equal(first.Text, second.Text);
        Assert.Equal(first.Hash, second.Hash);
        Assert.Equal(first.Hash, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(first.Text))));
        Assert.DoesNotContain('\r', first.Text);
        Assert.True(first.Text.IsNormalized(NormalizationForm.FormC));
        Assert.NotEqual(first.Hash, NoticeText.Generate(SmallShop.Catalog, "en").Hash);
    }

    [Fact]
    public void Line_ends_and_composed_letters_do_not_change_the_version() =>
        Assert.Equal(NoticeText.HashOf("Käufe\nja"), NoticeText.HashOf("Ka\u0308ufe\r\nja"));

    [Fact]
    public void A_language_without_wording_is_refused_with_those_there_are()
    {
        var fault = Assert.Throws<Fault>(() => NoticeText.Generate(SmallShop.Catalog, "fr"));
        Assert.Equal("consent/no-wording", fault.What);
        Assert.Contains("`de`, `en`", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_language_has_the_same_texts_with_the_same_blanks()
    {
        var english = Wording.In("en");
        foreach (var other in Wording.Languages.Select(Wording.In))
        {
            Assert.Equal(english.Names.Order(), other.Names.Order());
            Assert.All(english.Names, name => Assert.Equal(Blanks(english.Text(name)), Blanks(other.Text(name))));
        }

        static IEnumerable<string> Blanks(string text) => text.Split('{').Skip(1).Select(part => part[..part.IndexOf('}', StringComparison.Ordinal)]).Order();
    }

    [Theory]
    [InlineData("P1D", "1 day", "1 Tag")]
    [InlineData("P90D", "90 days", "90 Tage")]
    [InlineData("P6M", "6 months", "6 Monate")]
    [InlineData("P12M", "1 year", "1 Jahr")]
    [InlineData("P1Y6M", "1 year and 6 months", "1 Jahr und 6 Monate")]
    [InlineData("P2Y1M3D", "2 years, 1 month and 3 days", "2 Jahre, 1 Monat und 3 Tage")]
    public void Periods_are_written_in_words(string period, string english, string german)
    {
        Assert.Equal(english, Wording.In("en").Period(Period.Parse(period)));
        Assert.Equal(german, Wording.In("de").Period(Period.Parse(period)));
    }

    [Fact]
    public void A_value_that_looks_like_a_blank_stays_as_it_is() =>
        Assert.Equal("# Your data at {contact}", "# " + Wording.In("en").Text("notice.title", ("organisation", "{contact}")));

    public static TheoryData<string> ReadyNames => [.. ReadyCatalogs.Names];

    [Theory]
    [MemberData(nameof(ReadyNames))]
    public void The_notices_of_the_ready_catalogs_are_plain(string name)
    {
        var catalog = PurposeCatalog.Read(ReadyCatalogs.Text(name), name + ".yaml");
        Assert.Contains("en", catalog.Organisation.Languages);
        foreach (var language in (string[])["en", "de"])
        {
            var report = Readability.Grade(NoticeText.Generate(catalog, language).Text, language);
            Assert.False(report.IsTooHard, report.Warning);
        }
    }

    [Fact]
    public void A_text_of_several_lines_begins_no_heading()
    {
        var catalog = PurposeCatalog.Read(SmallShop.Yaml.Replace("en: So that we know your orders.", "en: \"So that\\n\\n# we know\"", StringComparison.Ordinal), "lines.yaml");
        Assert.Contains("Why: So that # we know\n", NoticeText.Generate(catalog, "en").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void As_a_page_it_has_headings_lists_and_encoded_text()
    {
        Assert.Equal("<h2>A &amp; B</h2>\n<p>x &lt; y</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n<h3>C</h3>\n", NoticePage.ToHtml("# A & B\n\nx < y\n\n- one\n- two\n\n## C\n", topHeading: 2));
        Assert.EndsWith("</ul>\n", NoticePage.ToHtml("- last"), StringComparison.Ordinal);
    }

    [Fact]
    public void Readability_of_a_catalog_is_reported_by_language() =>
        Assert.Equal(["en", "de"], NoticeText.ReadabilityOf(SmallShop.Catalog).Where(r => r.Purpose is null).Select(r => r.Language));

    [Fact]
    public void A_hard_reason_is_reported_with_its_purpose_even_when_the_whole_notice_is_plain()
    {
        const string Hard = "Behavioural characterisation facilitates individualised communication opportunities.";
        var catalog = PurposeCatalog.Read(SmallShop.Yaml.Replace("We want to tell you about new things.", Hard, StringComparison.Ordinal), "hard.yaml");
        var report = Assert.Single(NoticeText.ReadabilityOf(catalog), r => r.IsTooHard);
        Assert.StartsWith("The reason of `letters` in `en` needs school grade", report.Warning, StringComparison.Ordinal);
        Assert.Equal([Hard], report.HardestSentences);
    }
}
