using System.Text;
using Candor.Catalog;
using Candor.Kernel;

namespace Candor.Tests.Catalog;

public sealed class CatalogReaderTests
{
    public static TheoryData<string> Bad => [.. BadCatalog.All.Select(b => b.Name)];

    [Fact]
    public void The_sample_is_read_with_everything_in_it()
    {
        var catalog = SampleCatalog.Read();
        Assert.Equal(("Maple", "GB"), (catalog.Organisation.Name, catalog.Organisation.Country));
        Assert.Equal(["en", "de"], catalog.Organisation.Languages);
        var orders = catalog.DataPoints[DataPointId.Parse("orders")];
        Assert.Equal((DataPointKind.History, "Purchase", "P2Y"), (orders.Kind, orders.Category, orders.Retention.ToString()));
        Assert.Equal(("Käufe", "Orders", "Orders"), (orders.Label.In("de"), orders.Label.In("en"), orders.Label.In("fr")));
        Assert.Equal(("P6Y", "tax"), (orders.LegalHold!.For.Text, orders.LegalHold.Reason.In("en")));
        Assert.Equal(["total", "date"], orders.LegalHold.Keeps);
        Assert.Equal("tips", catalog.DataPoints[DataPointId.Parse("views")].CollectedWith?.Value);
        var support = catalog.Purposes[PurposeId.Parse("support")];
        Assert.Equal((LegalBasis.Contract, true, false, true), (support.Basis, support.NeedsCase, support.AutomatedDecision, support.Active));
        Assert.Equal((Necessity.High, Necessity.Medium), (support.Uses[DataPointId.Parse("email")], support.Uses[DataPointId.Parse("orders")]));
        Assert.Equal(("CustomerCare", "Parcel service", "agent"), (support.DpvPurpose, support.Recipients.Single(), support.Roles.Single()));
        var tips = catalog.Purposes[PurposeId.Parse("tips")];
        Assert.Equal(("P12M", "P6M", true, "shop"), (tips.ConsentLasts?.Text, tips.RemindEvery?.Text, tips.AutomatedDecision, tips.Services.Single()));
        Assert.Equal((new FairnessRule(0.7, OnBreach.Pause), new FairnessRule(0.8, OnBreach.Alert)), (tips.Fairness, support.Fairness));
        var age = catalog.DataPoints[DataPointId.Parse("age")];
        Assert.Equal(["under-30", "30+"], age.Values.Select(v => v.Value));
        Assert.Equal("Ab 30", age.Values[1].Label.In("de"));
        Assert.Equal((true, false, false), (age.Takes("30+"), age.Takes("31"), age.Takes(null)));
        Assert.Equal("audit", catalog.BiasAudit!.Id.Value);
        Assert.Equal([age.Id], catalog.AggregateOnly);
        var parcels = catalog.Recipients["Parcel service"];
        Assert.Equal((RecipientKind.Processor, "Bringt Pakete", "US", TransferSafeguard.StandardContractualClauses), (parcels.Kind, parcels.Does.In("de"), parcels.Country, parcels.Safeguard));
        Assert.Equal(new RecipientContract(new DateOnly(2025, 3, 1), new DateOnly(2027, 3, 1), "Folder 12"), parcels.Contract);
        Assert.Empty(catalog.Warnings);
    }

    [Fact]
    public void Who_else_answers_for_the_data_is_read()
    {
        var organisation = SampleCatalog.ReadWith("country: GB,", "country: GB, authority: ICO, representative: { name: Rae, contact: rae@maple.example }, dpo: { name: Dana, contact: dana@maple.example, phone: '1', address: Leeds }, jointControllers: [{ name: Oak, contact: a@oak.example }],").Organisation;
        Assert.Equal(("ICO", new Party("Rae", "rae@maple.example", null, null), new Party("Dana", "dana@maple.example", "Leeds", "1")), (organisation.Authority, organisation.Representative, organisation.Dpo));
        Assert.Equal([new Party("Oak", "a@oak.example", null, null)], organisation.JointControllers);
    }

    [Theory]
    [InlineData("country: US", "country: IN", true, "the recipient `Parcel service` has data in IN")]
    [InlineData("country: US", "country: GB", false, "the recipient `Parcel service` no longer has data in US")]
    [InlineData("    country: US\n", "    country: GB\n", false, "no longer has data in US")]
    public void Where_a_recipient_has_the_data_concerns_the_purposes_that_give_it_there(string passage, string replacement, bool isWider, string says)
    {
        var change = Assert.Single(CatalogDiff.Compare(SampleCatalog.Read(), SampleCatalog.ReadWith(passage, replacement)), c => c.Path == "purposes.support.recipients");
        Assert.Equal((isWider, !isWider, "support"), (change.IsWidening, change.IsNarrowing, change.Purpose!.Value));
        Assert.Contains(says, change.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recipient_that_gets_a_country_outside_is_wider_and_one_within_or_another_contract_is_not()
    {
        var undeclared = SampleCatalog.Yaml.Split("recipients:\n  Parcel")[0];
        var (before, after) = (PurposeCatalog.Read(undeclared, "old.yaml"), SampleCatalog.Read());
        Assert.True(Assert.Single(CatalogDiff.Compare(before, after), c => c.Path == "purposes.support.recipients").IsWidening);
        Assert.DoesNotContain(CatalogDiff.Compare(before, SampleCatalog.ReadWith("country: US", "country: GB")), c => c.IsWidening);
        Assert.Equal("recipients.Parcel service", Assert.Single(CatalogDiff.Compare(after, SampleCatalog.ReadWith("Folder 12", "Folder 13"))).Path);
        var part = Assert.Single(WidenedPart.Between(before, after));
        Assert.NotEqual(part.Digest, Assert.Single(WidenedPart.Between(before, SampleCatalog.ReadWith("country: US", "country: IN"))).Digest);
    }

    [Theory]
    [InlineData("GB", "DE", true)]
    [InlineData("DE", "IS", false)]
    [InlineData("DE", "GB", true)]
    [InlineData("US", "US", false)]
    public void The_economic_area_is_one_place(string home, string country, bool isOutside) => Assert.Equal(isOutside, Recipient.IsOutside(home, country));

    [Fact]
    public void What_is_only_counted_stays_so_while_the_audit_is_a_draft()
    {
        var catalog = SampleCatalog.ReadWith("biasAudit: true", "biasAudit: true\n    active: false");
        Assert.Null(catalog.BiasAudit);
        Assert.Equal(["age"], catalog.AggregateOnly.Select(d => d.Value));
    }

    [Theory]
    [InlineData("biasAudit: true", "roles: [agent]", true, "purposes.audit.biasAudit")]
    [InlineData("minImpactRatio: 0.7, onBreach: pause", "minImpactRatio: 0.5", false, "purposes.tips.fairness")]
    [InlineData("30+:", "30-plus:", false, "dataPoints.age.values")]
    public void Reading_what_was_only_counted_is_wider_and_limits_are_told(string passage, string replacement, bool isWider, string path)
    {
        var change = Assert.Single(CatalogDiff.Compare(SampleCatalog.Read(), SampleCatalog.ReadWith(passage, replacement)), c => c.Path == path);
        Assert.Equal(isWider, change.IsWidening);
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_mistake_is_reported_with_its_place_what_was_found_and_what_is_allowed(string name)
    {
        var bad = BadCatalog.All.Single(b => b.Name == name);
        var mistakes = SampleCatalog.MistakesOf(bad.Yaml);
        Assert.True(mistakes.Any(m => m.Text.Contains(bad.Says, StringComparison.Ordinal) && (m.Line, m.Column) == bad.Place),
            $"Expected at {bad.Place} `{bad.Says}`, got\n{string.Join('\n', mistakes)}");
    }

    [Fact]
    public void All_mistakes_are_reported_at_once_in_the_order_of_the_file()
    {
        var yaml = SampleCatalog.With("needsCase: true", "needsCase: maybe")
            .Replace("country: GB", "country: UKX", StringComparison.Ordinal)
            .Replace("retention: P2Y", "retention: long", StringComparison.Ordinal)
            .Replace("views: high", "view: high, views: highest", StringComparison.Ordinal);
        Assert.Equal([1, 8, 20, 30, 30], SampleCatalog.MistakesOf(yaml).Select(m => (int)m.Line));
    }

    [Fact]
    public void One_duplicate_name_does_not_hide_the_other_mistakes()
    {
        var mistakes = SampleCatalog.MistakesOf(SampleCatalog.With("basis: contract", "basis: contract\n    basis: { a: [b, c] }").Replace("P90D", "90", StringComparison.Ordinal));
        Assert.Equal(2, mistakes.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n# nothing but a remark\n")]
    [InlineData("---\n")]
    public void An_empty_file_is_called_empty(string yaml) =>
        Assert.Equal("candor.yaml:1:1: The file is empty; a catalog is one mapping with `organisation`, `dataPoints` and `purposes`.", SampleCatalog.MistakesOf(yaml).Single().ToString());

    [Theory]
    [InlineData("- a\n- b\n")]
    [InlineData("just words\n")]
    public void A_file_that_is_no_mapping_is_called_something_else(string yaml) =>
        Assert.Contains("something else", SampleCatalog.MistakesOf(yaml).Single().Text, StringComparison.Ordinal);

    [Fact]
    public void Broken_languages_are_one_mistake_and_not_one_for_each_text()
    {
        var mistake = SampleCatalog.MistakesOf(SampleCatalog.With("[en, de]", "en")).Single();
        Assert.Equal("`languages` is a list, such as `[first, second]`.", mistake.Text);
    }

    [Fact]
    public void A_file_of_one_mebibyte_is_read_and_one_more_byte_is_refused()
    {
        var room = CatalogReader.MaxBytes - Encoding.UTF8.GetByteCount(SampleCatalog.Yaml) - 1;
        Assert.Empty(SampleCatalog.MistakesOf(SampleCatalog.Yaml + "#" + new string('x', room)));
        Assert.Contains("at most `1048576`", SampleCatalog.MistakesOf(SampleCatalog.Yaml + "#" + new string('x', room + 1)).Single().Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{ a: ", "}")]
    public void Nesting_deeper_than_sixteen_levels_is_refused(string open, string close)
    {
        string Nested(int levels) => "x: " + string.Concat(Enumerable.Repeat(open, levels)) + string.Concat(Enumerable.Repeat(close, levels));
        Assert.DoesNotContain(SampleCatalog.MistakesOf(Nested(15)), m => m.Text.Contains("levels", StringComparison.Ordinal));
        Assert.Contains("more than 16 levels", SampleCatalog.MistakesOf(Nested(16)).Single().Text, StringComparison.Ordinal);
        Assert.Contains("more than 16 levels", SampleCatalog.MistakesOf("x: " + string.Concat(Enumerable.Repeat(open, 100_000))).Single().Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bomb_of_references_is_refused_at_the_first_one()
    {
        var bomb = "a: &a [x, x]\n" + string.Concat(Enumerable.Range(0, 30).Select(i => $"b{i}: &b{i} [*a, *a]\n"));
        Assert.Contains(SampleCatalog.MistakesOf(bomb), m => m.Text.Contains("no references", StringComparison.Ordinal) && m.Line == 2);
    }

    [Fact]
    public void A_file_full_of_mistakes_lists_the_first_five_hundred()
    {
        var yaml = SampleCatalog.Yaml + string.Concat(Enumerable.Range(0, 20_000).Select(i => $"x{i}: 1\n"));
        var mistakes = SampleCatalog.MistakesOf(yaml);
        Assert.Equal(YamlNodes.MaxListed + 1, mistakes.Count);
        Assert.Contains("the rest is not listed", mistakes[^1].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x0000)]
    [InlineData(0x001b)]
    [InlineData(0x0085)]
    [InlineData(0xd800)]
    [InlineData(0xdc00)]
    public void A_character_that_is_no_text_is_refused_with_its_place(int character)
    {
        var mistake = SampleCatalog.MistakesOf(SampleCatalog.With("Käufe", "Kä" + (char)character + "ufe")).Single();
        Assert.Equal((6L, 32L), (mistake.Line, mistake.Column));
        Assert.Contains($"U+{character:X4}", mistake.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_outside_the_basic_plane_counts_by_characters()
    {
        var label = string.Concat(Enumerable.Repeat("\U0001F9F5", 1000));
        Assert.Empty(SampleCatalog.MistakesOf(SampleCatalog.With("Käufe", label)));
        Assert.NotEmpty(SampleCatalog.MistakesOf(SampleCatalog.With("Käufe", label + "x")));
    }

    [Theory]
    [InlineData("    consentLasts: P12M\n", "", 24, "A consent to `tips` lasts until it is withdrawn")]
    [InlineData("remindEvery: P6M", "remindEvery: P1Y", 24, "so the reminder after P1Y never comes")]
    [InlineData("roles: [agent]", "roles: []", 14, "Nobody may read for `support`")]
    [InlineData("{ views: high }", "{ orders: high }", 11, "No purpose uses `views`")]
    [InlineData("collectedWith: tips", "collectedWith: support", 11, "`views` comes in with `support`, which does not use it.")]
    [InlineData("    safeguard: standard-contractual-clauses\n", "", 58, "`Parcel service` has the data in `US`, which is outside")]
    [InlineData("    recipients: [Parcel service]\n", "", 57, "No purpose names `Parcel service`")]
    [InlineData("[Parcel service]", "[Parcel service, Bank]", 14, "`support` gives data to `Bank`, and `recipients` does not say who that is")]
    [InlineData("{ en: Orders, de: Käufe }", "Orders", 6, "`label` is said once for all languages; write `{ en: …, de: … }`.")]
    public void What_is_probably_not_meant_is_a_warning_with_its_place(string passage, string replacement, long line, string says)
    {
        var warning = Assert.Single(SampleCatalog.ReadWith(passage, replacement).Warnings);
        Assert.True(warning.IsWarning);
        Assert.Equal(line, warning.Line);
        Assert.Contains(says, warning.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Holidays_and_the_address_of_the_site_are_read()
    {
        var organisation = SampleCatalog.ReadWith("country: GB", "country: GB, url: https://maple.example, holidays: [2026-12-25, 2026-12-26]").Organisation;
        Assert.Equal("https://maple.example", organisation.Url);
        Assert.Equal([new DateOnly(2026, 12, 25), new DateOnly(2026, 12, 26)], organisation.Holidays);
    }

    [Fact]
    public void The_digest_is_the_sha256_of_the_text() =>
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(SampleCatalog.Yaml))), SampleCatalog.Read().Digest);
}
