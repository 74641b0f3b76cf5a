using System.Text.Json;
using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;

namespace Candor.Tests.Consent;

public sealed class ReceiptTests : IDisposable
{
    private static readonly DateTimeOffset At = new(2026, 11, 23, 9, 0, 0, 250, TimeSpan.Zero);
    private static readonly CustomerId Ada = CustomerId.Parse(new string('a', 32));

    private readonly ReceiptSigner signer = ReceiptSigner.Open(ReceiptSignerTests.NewKey());

    public void Dispose() => signer.Dispose();

    /// <summary>Every field that ISO/IEC TS 27560 makes mandatory (its clause), and where the receipt says it in DPV. `record` stands for the one record inside.</summary>
    public static TheoryData<string, string> MandatoryFields => new()
    {
        { "schema_version of the receipt", "dct:conformsTo" },
        { "receipt_id", "dct:identifier" },
        { "schema_version of the record", "record/dct:conformsTo" },
        { "record_id", "record/dct:identifier" },
        { "pii_principal_id", "record/dpv:hasDataSubject" },
        { "privacy_notice (6.3.4.1)", "record/dpv:hasNotice/0/@type=dpv:ConsentNotice" },
        { "privacy_notice: version", "record/dpv:hasNotice/0/dct:identifier" },
        { "privacy_notice: date", "record/dpv:hasNotice/0/dct:date" },
        { "language (6.3.4.2)", "record/dct:language" },
        { "language of the notice", "record/dpv:hasNotice/0/dct:language" },
        { "purpose (6.3.4.3)", "record/dpv:hasProcess/0/dpv:hasPurpose" },
        { "pii_information (6.3.4.7)", "record/dpv:hasProcess/0/dpv:hasPersonalData/0" },
        { "pii_controllers (6.3.4.8)", "record/dpv:hasDataController" },
        { "storage_locations (6.3.4.11)", "record/dpv:hasProcess/0/dpv:hasStorageCondition/0/@type=dpv:StorageLocation" },
        { "storage_locations: place", "record/dpv:hasProcess/0/dpv:hasStorageCondition/0/dpv:hasLocation" },
        { "retention_period (6.3.4.12)", "record/dpv:hasProcess/0/dpv:hasStorageCondition/1/@type=dpv:StorageDuration" },
        { "retention_period: value", "record/dpv:hasProcess/0/dpv:hasStorageCondition/1/dpv:hasDuration/rdf:value" },
        { "jurisdiction (6.3.4.16)", "record/dpv:hasJurisdiction" },
        { "recipient_third_parties (6.3.4.17)", "record/dpv:hasProcess/0/dpv:hasRecipient" },
        { "withdrawal_method (6.3.4.18)", "record/dpv:hasConsentControl/0/@type=dpv:WithdrawConsent" },
        { "withdrawal_method: where", "record/dpv:hasConsentControl/0/dpv:isExercisedAt" },
        { "pii_type (6.3.5.1)", "record/dpv:hasProcess/0/dpv:hasPersonalData/0/@type" },
        { "party_id", "record/dpv:hasEntity/0/@id" },
        { "party_address", "record/dpv:hasEntity/0/dpv:hasAddress" },
        { "party_name", "record/dpv:hasEntity/0/dpv:hasName" },
        { "party_contact", "record/dpv:hasEntity/0/dpv:hasContact" },
        { "party_type", "record/dpv:hasEntity/0/@type/0" },
        { "event_time (6.3.7.1)", "record/dpv:hasConsentStatus/0/dpv:isIndicatedAtTime" },
        { "validity_duration (6.3.7.2)", "record/dpv:hasConsentStatus/0/dpv:hasDuration/rdf:value" },
        { "entity_id (6.3.7.3)", "record/dpv:hasConsentStatus/0/dpv:isIndicatedBy" },
        { "event_type (6.3.7.4)", "record/dpv:hasLegalBasis/1" },
        { "event_state (6.3.7.6)", "record/dpv:hasConsentStatus/0/@type/0" },
    };

    [Theory]
    [MemberData(nameof(MandatoryFields))]
    public void Every_mandatory_field_of_27560_is_filled(string field, string path)
    {
        using var json = JsonDocument.Parse(Write(ConsentEvent.Given).Json, new JsonDocumentOptions { AllowDuplicateProperties = false });
        var at = json.RootElement;
        var (steps, expected) = path.Split('=') is [var left, var right] ? (left, right) : (path, null);
        foreach (var step in steps.Split('/').SelectMany(s => s == "record" ? (string[])["dpv:hasRecordOfActivity", "0"] : [s]))
        {
            Assert.True(at.ValueKind != JsonValueKind.Array || Index(step) < at.GetArrayLength(), $"{field}: {path} ends at {step}");
            at = at.ValueKind == JsonValueKind.Array ? at[Index(step)] : at.GetProperty(step);
        }

        Assert.False(at.ValueKind is JsonValueKind.Null || at.ValueKind == JsonValueKind.String && string.IsNullOrWhiteSpace(at.GetString()), field);
        Assert.True(expected is null || expected == at.GetString(), $"{field}: {at}");

        static int Index(string step) => int.Parse(step, System.Globalization.CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData(ConsentEvent.Given, "dpv:ConsentGiven", true)]
    [InlineData(ConsentEvent.Renewed, "dpv:RenewedConsentGiven", true)]
    [InlineData(ConsentEvent.Withdrawn, "dpv:ConsentWithdrawn", false)]
    [InlineData(ConsentEvent.Expired, "dpv:ConsentExpired", false)]
    [InlineData(ConsentEvent.Refused, "dpv:ConsentRefused", false)]
    public void Each_event_has_its_state_and_only_a_yes_has_a_Kantara_receipt(ConsentEvent what, string state, bool isYes)
    {
        var receipt = Write(what);
        using var json = JsonDocument.Parse(receipt.Json);
        Assert.Equal(state, json.RootElement.GetProperty("dpv:hasRecordOfActivity")[0].GetProperty("dpv:hasConsentStatus")[0].GetProperty("@type")[0].GetString());
        Assert.Equal(isYes, receipt.KantaraJson is not null);
        Assert.Equal(isYes, receipt.KantaraJws is not null);
    }

    [Theory]
    [InlineData(ConsentEvent.Objected)]
    [InlineData(ConsentEvent.ObjectionLifted)]
    [InlineData(ConsentEvent.Restricted)]
    [InlineData(ConsentEvent.RestrictionLifted)]
    public void What_is_not_consent_has_no_receipt(ConsentEvent what) => Assert.Equal("consent/no-receipt", Assert.Throws<Fault>(() => Write(what)).What);

    [Fact]
    public void The_receipt_wraps_the_record_and_both_name_their_profile()
    {
        using var json = JsonDocument.Parse(Write(ConsentEvent.Given).Json);
        var record = json.RootElement.GetProperty("dpv:hasRecordOfActivity")[0];
        Assert.Equal("dpv:ConsentReceipt", json.RootElement.GetProperty("@type").GetString());
        Assert.Equal("dpv:ConsentRecord", record.GetProperty("@type").GetString());
        Assert.Equal("https://w3id.org/dpv/schema/dpv-27560#receipt-eu-gdpr", json.RootElement.GetProperty("dct:conformsTo").GetString());
        Assert.Equal("https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr", record.GetProperty("dct:conformsTo").GetString());
        Assert.Equal("2026-11-23T09:00:00.25Z", record.GetProperty("dpv:hasConsentStatus")[0].GetProperty("dpv:isIndicatedAtTime").GetString());
        Assert.Equal("P30D", record.GetProperty("dpv:hasConsentStatus")[0].GetProperty("dpv:hasDuration").GetProperty("rdf:value").GetString());
        Assert.NotEqual(json.RootElement.GetProperty("dct:identifier").GetString(), record.GetProperty("dct:identifier").GetString());
    }

    [Theory]
    [InlineData("ConsentTerminated")]
    [InlineData("isImplementedBy")]
    [InlineData("FixedOccurencesDuration")]
    [InlineData("#receipt-GDPR")]
    [InlineData("dpv-27560-GDPR")]
    public void Terms_that_are_not_in_DPV_are_not_used(string term) =>
        Assert.All(Enum.GetValues<ConsentEvent>().Where(Receipt.Exists), what => Assert.DoesNotContain(term, Write(what).Json, StringComparison.Ordinal));

    [Fact]
    public void Outside_the_GDPR_no_article_of_it_is_cited()
    {
        var elsewhere = PurposeCatalog.Read(SmallShop.Yaml.Replace("country: GB", "country: US", StringComparison.Ordinal), "us.yaml");
        using var json = JsonDocument.Parse(Write(ConsentEvent.Given, "letters", elsewhere).Json);
        var record = json.RootElement.GetProperty("dpv:hasRecordOfActivity")[0];
        Assert.Equal("https://w3id.org/dpv/schema/dpv-27560#record", record.GetProperty("dct:conformsTo").GetString());
        Assert.Equal("dpv:Consent", record.GetProperty("dpv:hasLegalBasis")[0].GetString());
        Assert.False(record.TryGetProperty("dpv:hasRight", out _));
    }

    [Fact]
    public void Special_categories_are_marked_and_need_explicit_consent()
    {
        var clinic = PurposeCatalog.Read(SmallShop.Yaml.Replace("category: EmailAddress", "category: Health", StringComparison.Ordinal), "clinic.yaml");
        var receipt = Write(ConsentEvent.Given, "letters", clinic);
        using var json = JsonDocument.Parse(receipt.Json);
        var record = json.RootElement.GetProperty("dpv:hasRecordOfActivity")[0];
        Assert.Equal("dpv:ExplicitlyExpressedConsent", record.GetProperty("dpv:hasLegalBasis")[1].GetString());
        Assert.Equal("eu-gdpr:A9-2-a", record.GetProperty("dpv:hasLegalBasis")[0].GetString());
        using var kantara = JsonDocument.Parse(receipt.KantaraJson!);
        Assert.True(kantara.RootElement.GetProperty("sensitive").GetBoolean());
        Assert.Equal("Health", kantara.RootElement.GetProperty("spiCat")[0].GetString());
    }

    /// <summary>A category that is added to the vocabulary is sorted here by hand: is it one of GDPR article 9?</summary>
    [Fact]
    public void No_other_category_of_the_vocabulary_is_special() => Assert.Equal(
        [
            "AccountIdentifier", "Age", "AgeRange", "Behavioral", "BirthDate", "Communication", "CommunicationsMetadata", "Contact", "Country", "DeviceBased",
            "EmailAddress", "Financial", "FinancialAccount", "Gender", "Household", "IPAddress", "Interest", "Language", "Location", "Name", "PhysicalAddress",
            "Preference", "PrivacyPreference", "Professional", "Profile", "Purchase", "PurchasesAndSpendingHabit", "TelephoneNumber", "Tracking", "Transaction",
        ],
        Vocabulary.Categories.Keys.Where(c => c != "Health").Order(StringComparer.Ordinal));

    [Fact]
    public void The_Kantara_receipt_has_whole_seconds_and_nothing_empty()
    {
        using var json = JsonDocument.Parse(Write(ConsentEvent.Given).KantaraJson!);
        var root = json.RootElement;
        Assert.Equal("KI-CR-v1.1.0", root.GetProperty("version").GetString());
        Assert.Equal("1795424400", root.GetProperty("consentTimestamp").GetRawText());
        Assert.False(root.GetProperty("sensitive").GetBoolean());
        Assert.False(root.TryGetProperty("spiCat", out _));
        string[] required = ["version", "jurisdiction", "consentTimestamp", "collectionMethod", "consentReceiptID", "language", "piiPrincipalId", "piiControllers", "policyUrl", "services", "sensitive"];
        Assert.All(required, name => Assert.True(root.TryGetProperty(name, out _), name));
        string[] ofController = ["piiController", "contact", "address", "email", "piiControllerUrl"];
        Assert.All(ofController, name => Assert.True(root.GetProperty("piiControllers")[0].TryGetProperty(name, out _), name));
        string[] ofPurpose = ["purpose", "purposeCategory", "consentType", "piiCategory", "primaryPurpose", "termination", "thirdPartyDisclosure"];
        Assert.All(ofPurpose, name => Assert.True(root.GetProperty("services")[0].GetProperty("purposes")[0].TryGetProperty(name, out _), name));
        AssertNothingEmpty(root);
    }

    [Fact]
    public void A_recipient_is_named_in_every_form()
    {
        var sharing = PurposeCatalog.Read(SmallShop.Yaml.Replace("consentLasts: P30D", "consentLasts: P30D\n    recipients: [Post & Co]", StringComparison.Ordinal), "sharing.yaml");
        var receipt = Write(ConsentEvent.Given, "letters", sharing);
        using var kantara = JsonDocument.Parse(receipt.KantaraJson!);
        var purpose = kantara.RootElement.GetProperty("services")[0].GetProperty("purposes")[0];
        Assert.True(purpose.GetProperty("thirdPartyDisclosure").GetBoolean());
        Assert.Equal("Post & Co", purpose.GetProperty("thirdPartyName").GetString());
        using var json = JsonDocument.Parse(receipt.Json);
        Assert.Equal(2, json.RootElement.GetProperty("dpv:hasRecordOfActivity")[0].GetProperty("dpv:hasProcess")[0].GetProperty("dpv:hasRecipient").GetArrayLength());
        Assert.Contains("Post &amp; Co", receipt.Page.ToHtml(), StringComparison.Ordinal);
        Assert.Contains("Post & Co", NoticeText.Generate(sharing, "en").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_signed_forms_carry_the_same_bytes()
    {
        var receipt = Write(ConsentEvent.Given);
        Assert.Equal(receipt.Json, System.Text.Encoding.UTF8.GetString(Receipt.Verify(receipt.Jws, signer.PublicKey)!));
        Assert.Equal(receipt.KantaraJson, System.Text.Encoding.UTF8.GetString(Receipt.Verify(receipt.KantaraJws!, signer.PublicKey)!));
    }

    [Fact]
    public void The_same_record_always_has_the_same_receipt() => Assert.Equal((Write(ConsentEvent.Given).Id, Write(ConsentEvent.Given).Json), (Write(ConsentEvent.Given).Id, Write(ConsentEvent.Given).Json));

    [Fact]
    public void The_page_is_readable_encoded_and_needs_nothing_from_elsewhere()
    {
        var evil = PurposeCatalog.Read(SmallShop.Yaml.Replace("en: Letters with news", "en: \"<script>alert('x')</script>\"", StringComparison.Ordinal), "evil.yaml");
        var page = Write(ConsentEvent.Given, "letters", evil).Page;
        var html = page.ToHtml();
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;", html, StringComparison.Ordinal);
        Assert.Contains("<html lang=\"en\">", html, StringComparison.Ordinal);
        Assert.Contains("@media print", html, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", html, StringComparison.Ordinal);
        string[] said = ["You said yes.", "2026-11-23 09:00:00 UTC", "2026-12-23 09:00:00 UTC", "Email address", "Maple & Thread", "privacy@maple.example", "https://shop.example/me"];
        Assert.All(said, text => Assert.Contains(text, page.ToText(), StringComparison.Ordinal));
    }

    [Fact]
    public void The_page_speaks_the_language_of_the_notice() =>
        Assert.Contains("Sie haben Ihr Ja zurückgenommen.", Write(ConsentEvent.Withdrawn, language: "de").Page.ToText(), StringComparison.Ordinal);

    [Fact]
    public void A_receipt_is_refused_for_another_notice_than_the_record_names()
    {
        var (record, notice) = Facts(ConsentEvent.Given, "letters", SmallShop.Catalog, "en");
        var writer = new ReceiptWriter(signer, new Uri("https://shop.example/"));
        Assert.Equal("consent/no-receipt", Assert.Throws<Fault>(() => writer.Write(record, SmallShop.Catalog, notice with { Hash = new string('0', 64) }, At)).What);
    }

    private Receipt Write(ConsentEvent what, string purpose = "letters", PurposeCatalog? catalog = null, string language = "en")
    {
        var (record, notice) = Facts(what, purpose, catalog ?? SmallShop.Catalog, language);
        return new ReceiptWriter(signer, new Uri("https://shop.example/")).Write(record, catalog ?? SmallShop.Catalog, notice, At);
    }

    private static (ConsentRecord Record, Notice Notice) Facts(ConsentEvent what, string purpose, PurposeCatalog catalog, string language)
    {
        var text = NoticeText.Generate(catalog, language);
        return (new ConsentRecord("a6f58318-0000-4000-8000-000000000001", Ada, PurposeId.Parse(purpose), what, 1, 1, text.Hash, language, "switch on My Data & Privacy", At, At.AddDays(30)),
            new Notice(text.Hash, language, 1, text.Text, At.AddDays(-1)));
    }

    private static void AssertNothingEmpty(JsonElement at)
    {
        switch (at.ValueKind)
        {
            case JsonValueKind.Object:
                Assert.NotEmpty(at.EnumerateObject());
                Assert.All(at.EnumerateObject(), p => AssertNothingEmpty(p.Value));
                break;
            case JsonValueKind.Array:
                Assert.NotEmpty(at.EnumerateArray());
                Assert.All(at.EnumerateArray(), AssertNothingEmpty);
                break;
            default:
                Assert.False(string.IsNullOrEmpty(at.ToString()));
                break;
        }
    }
}
