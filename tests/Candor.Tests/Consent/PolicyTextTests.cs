using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Tests.Catalog;

namespace Candor.Tests.Consent;

/// <summary>The privacy policy is read back by its headings and lists, and compared with the catalog.</summary>
public sealed class PolicyTextTests
{
    private static readonly PolicyFacts Facts = new(new Uri("https://privacy.maple.example"), new DateTimeOffset(2026, 5, 4, 0, 0, 0, TimeSpan.Zero), 7);

    public static TheoryData<string, string> Ready => [.. ReadyCatalogs.Names.SelectMany(n => (string[])["en", "de"], (n, l) => (n, l))];

    [Theory]
    [MemberData(nameof(Ready))]
    public void Every_use_data_point_period_and_recipient_stands_in_it_once(string name, string language)
    {
        var catalog = PurposeCatalog.Read(ReadyCatalogs.Text(name), name + ".yaml");
        var text = PolicyText.Generate(catalog, language, Facts);
        var wording = Wording.In(language);
        var sections = text.Split("\n## ")[1..].Select(s => (Heading: s.Split('\n')[0], Items: s.Split('\n').Where(l => l.StartsWith("- ", StringComparison.Ordinal)).Select(l => l[2..]).ToList(), Whole: s)).ToList();
        var active = catalog.Purposes.Values.Where(p => p.Active).ToList();
        Assert.Equal(active.Count + 7, sections.Count);
        foreach (var purpose in active)
        {
            var (_, items, whole) = Assert.Single(sections, s => s.Heading == purpose.Label.In(language));
            Assert.Equal(purpose.Uses.Count, items.Count);
            foreach (var point in catalog.DataPointsOf(purpose))
            {
                var item = Assert.Single(items, i => i.StartsWith(point.Label.In(language) + ":", StringComparison.Ordinal));
                Assert.Contains(point.Retention.Period is { } period ? wording.Period(period) : language == "en" ? "while you are our customer" : "bei uns Kunde", item, StringComparison.Ordinal);
                Assert.True(point.LegalHold is null || item.Contains(wording.Period(point.LegalHold.For), StringComparison.Ordinal), item);
            }

            Assert.Contains(purpose.Why.In(language), whole, StringComparison.Ordinal);
            Assert.Contains(purpose.Basis switch { LegalBasis.Consent => "(a)", LegalBasis.Contract => "(b)", LegalBasis.LegalObligation => "(c)", _ => "(f)" } is var article && language == "en" ? article : "Buchstabe " + article[1], whole, StringComparison.Ordinal);
            Assert.All(purpose.Recipients, r => Assert.Contains(r, whole, StringComparison.Ordinal));
            Assert.Equal(purpose.AutomatedDecision, whole.Contains(language == "en" ? "How it " : "So w", StringComparison.Ordinal));
        }

        var recipients = sections[active.Count + 2];
        Assert.Equal(wording.Text("policy.recipients.title"), recipients.Heading);
        Assert.Equal(active.SelectMany(p => p.Recipients).Distinct().Order(StringComparer.Ordinal), recipients.Items.Select(i => i.Split([':', '('])[0].Trim()));
        Assert.Equal(active.SelectMany(p => p.Uses.Keys).Distinct().Count(), sections[active.Count + 1].Items.Count);
        Assert.Contains("https://privacy.maple.example/me", text, StringComparison.Ordinal);
        Assert.Contains(catalog.Digest, sections[^1].Whole, StringComparison.Ordinal);
        Assert.Contains("2026-05-04", sections[^1].Whole, StringComparison.Ordinal);
        Assert.Equal(NoticeText.Rights.Length, sections[^4].Items.Count);
    }

    [Theory]
    [MemberData(nameof(Ready))]
    public void It_is_plain(string name, string language)
    {
        var report = Readability.Grade(PolicyText.Generate(PurposeCatalog.Read(ReadyCatalogs.Text(name), name + ".yaml"), language, Facts), language);
        Assert.False(report.IsTooHard, report.Warning);
    }

    [Fact]
    public void Who_else_answers_and_what_protects_data_outside_is_told()
    {
        var catalog = SampleCatalog.ReadWith("country: GB,", "country: GB, authority: 'ICO, https://ico.org.uk', representative: { name: Rae, contact: rae@maple.example }, dpo: { name: Dana, contact: dana@maple.example }, jointControllers: [{ name: Oak, contact: a@oak.example }],");
        var text = PolicyText.Generate(catalog, "en", Facts);
        Assert.All(
            (string[])["rae@maple.example", "dana@maple.example", "a@oak.example", "You can complain here: ICO, https://ico.org.uk.", "- Parcel service (US): Brings parcels. The data leaves our country. A contract with set clauses protects it"],
            s => Assert.Contains(s, text, StringComparison.Ordinal));
        Assert.Contains("We have not written down yet what protects it there.", PolicyText.Generate(SampleCatalog.ReadWith("    safeguard: standard-contractual-clauses\n", ""), "en", Facts), StringComparison.Ordinal);
        Assert.Equal("consent/no-wording", Assert.Throws<Fault>(() => PolicyText.Generate(catalog, "fr", Facts)).What);
    }
}
