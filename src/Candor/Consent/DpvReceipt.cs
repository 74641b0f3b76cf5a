using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Candor.Catalog;
using Candor.Kernel;

namespace Candor.Consent;

/// <summary>A receipt in the shape of ISO/IEC TS 27560:2023, said with the Data Privacy Vocabulary 2.3 as JSON-LD.</summary>
/// <remarks>Source: W3C DPVCG, "Implementing ISO/IEC TS 27560 with DPV". The receipt wraps the record; several processes would be an array, never a repeated key.
/// Only terms that are in DPV 2.3: its guide also uses `ConsentTerminated` and `isImplementedBy`, which are not.</remarks>
internal static class DpvReceipt
{
    public const string ReceiptProfile = "https://w3id.org/dpv/schema/dpv-27560#receipt";
    public const string RecordProfile = "https://w3id.org/dpv/schema/dpv-27560#record";

    internal static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All), WriteIndented = true };

    /// <summary>Properties whose values are names, not text: without this a JSON-LD reader would take `dpv:Purpose` for a string.</summary>
    private static readonly string[] Names =
    [
        "dct:conformsTo", "dct:publisher", "dpv:hasDataSubject", "dpv:hasDataController", "dpv:hasJurisdiction", "dpv:hasLegalBasis", "dpv:hasPurpose",
        "dpv:hasRecipient", "dpv:hasLocation", "dpv:hasNecessity", "dpv:isExercisedAt", "dpv:hasRight", "dpv:isIndicatedBy", "dpv:hasContact",
    ];

    public static string Write(ReceiptFacts facts) => new JsonObject
    {
        ["@context"] = Context(),
        ["@id"] = "urn:uuid:" + facts.Id,
        ["@type"] = "dpv:ConsentReceipt",
        ["dct:identifier"] = facts.Id,
        ["dct:conformsTo"] = facts.UnderGdpr ? ReceiptProfile + "-eu-gdpr" : ReceiptProfile,
        ["dct:created"] = Utc(facts.IssuedAt),
        ["dct:publisher"] = Controller(facts),
        ["dpv:hasRecordOfActivity"] = new JsonArray(Record(facts)),
    }.ToJsonString(Plain);

    private static JsonObject Context()
    {
        var context = new JsonObject
        {
            ["dpv"] = "https://w3id.org/dpv#",
            ["pd"] = "https://w3id.org/dpv/pd#",
            ["eu-gdpr"] = "https://w3id.org/dpv/legal/eu/gdpr#",
            ["loc"] = "https://w3id.org/dpv/loc#",
            ["dct"] = "http://purl.org/dc/terms/",
            ["rdf"] = "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
            ["xsd"] = "http://www.w3.org/2001/XMLSchema#",
        };
        foreach (var name in Names)
        {
            context[name] = new JsonObject { ["@type"] = "@id" };
        }

        foreach (var time in (string[])["dct:created", "dct:date", "dpv:isIndicatedAtTime"])
        {
            context[time] = new JsonObject { ["@type"] = "xsd:dateTime" };
        }

        return context;
    }

    private static JsonObject Record(ReceiptFacts facts)
    {
        var record = new JsonObject
        {
            ["@id"] = "urn:uuid:" + facts.Record.Id,
            ["@type"] = "dpv:ConsentRecord",
            ["dct:identifier"] = facts.Record.Id,
            ["dct:conformsTo"] = facts.UnderGdpr ? RecordProfile + "-eu-gdpr" : RecordProfile,
            ["dpv:hasDataSubject"] = Customer(facts),
            ["dpv:hasDataController"] = Controller(facts),
            ["dpv:hasEntity"] = Entities(facts),
            ["dpv:hasJurisdiction"] = "loc:" + facts.Organisation.Country,
            ["dpv:hasLegalBasis"] = new JsonArray(facts.UnderGdpr ? facts.HasSpecial ? "eu-gdpr:A9-2-a" : "eu-gdpr:A6-1-a" : "dpv:Consent", ConsentType(facts)),
            ["dpv:hasNotice"] = new JsonArray(new JsonObject
            {
                ["@id"] = facts.NoticeUrl.AbsoluteUri,
                ["@type"] = "dpv:ConsentNotice",
                ["dct:identifier"] = "sha256:" + facts.Notice.Hash,
                ["dct:date"] = Utc(facts.Notice.CreatedAt),
                ["dct:language"] = facts.Notice.Language,
            }),
            ["dct:language"] = facts.Record.Language,
            ["dpv:hasProcess"] = new JsonArray(Process(facts)),
            ["dpv:hasConsentControl"] = new JsonArray(new JsonObject { ["@type"] = "dpv:WithdrawConsent", ["dpv:isExercisedAt"] = facts.ChoicesUrl.AbsoluteUri }),
            ["dpv:hasConsentStatus"] = new JsonArray(Status(facts)),
        };
        if (facts.UnderGdpr)
        {
            record["dpv:hasRight"] = new JsonArray([.. Rights(facts.Purpose).Select(r => (JsonNode)("eu-gdpr:" + r))]);
        }

        return record;
    }

    private static JsonArray Entities(ReceiptFacts facts)
    {
        var entities = new JsonArray(new JsonObject
        {
            ["@id"] = Controller(facts),
            ["@type"] = new JsonArray("dpv:Organisation", "dpv:DataController"),
            ["dpv:hasName"] = facts.Organisation.Name,
            ["dpv:hasAddress"] = facts.Organisation.Address ?? facts.Organisation.Country,
            ["dpv:hasContact"] = ContactUri(facts.Organisation.Contact),
        });
        foreach (var recipient in facts.Recipients)
        {
            entities.Add(new JsonObject { ["@id"] = Recipient(facts, recipient), ["@type"] = "dpv:Recipient", ["dpv:hasName"] = recipient });
        }

        return entities;
    }

    private static JsonObject Process(ReceiptFacts facts) => new()
    {
        ["@type"] = "dpv:Process",
        ["dct:identifier"] = facts.Purpose.Id.Value,
        ["dct:title"] = facts.Purpose.Label.In(facts.Language),
        ["dct:description"] = facts.Purpose.Why.In(facts.Language),
        ["dpv:hasPurpose"] = "dpv:" + facts.Purpose.DpvPurpose,
        ["dpv:hasPersonalData"] = new JsonArray([.. facts.DataPoints.Select(p => PersonalData(facts, p))]),
        ["dpv:hasRecipient"] = new JsonArray([Controller(facts), .. facts.Recipients.Select(r => (JsonNode)Recipient(facts, r))]),
        ["dpv:hasStorageCondition"] = new JsonArray(
            [new JsonObject { ["@type"] = "dpv:StorageLocation", ["dpv:hasLocation"] = "loc:" + facts.Organisation.Country }, .. facts.DataPoints.Select(Retention).DistinctBy(r => r.ToJsonString())]),
    };

    private static JsonObject PersonalData(ReceiptFacts facts, DataPoint point) => new()
    {
        ["@type"] = ReceiptFacts.IsSpecial(point) ? new JsonArray("pd:" + point.Category, "dpv:SpecialCategoryPersonalData") : (JsonNode)("pd:" + point.Category),
        ["dct:identifier"] = point.Id.Value,
        ["dct:title"] = point.Label.In(facts.Language),
        ["dpv:hasNecessity"] = facts.Purpose.Uses[point.Id] == Necessity.High ? "dpv:Required" : "dpv:Optional",
        ["dpv:hasStorageCondition"] = new JsonArray(Retention(point)),
    };

    private static JsonObject Retention(DataPoint point) => new()
    {
        ["@type"] = "dpv:StorageDuration",
        ["dpv:hasDuration"] = point.Retention.Period is { } period
            ? Duration("dpv:TemporalDuration", period.Text)
            : Duration("dpv:UntilEventDuration", "end of the customer relationship"),
    };

    private static JsonObject Status(ReceiptFacts facts) => new()
    {
        ["@type"] = new JsonArray("dpv:" + StatusOf(facts.Record.Event), ConsentType(facts)),
        // Time runs out without anybody doing anything: the controller states it.
        ["dpv:isIndicatedBy"] = facts.Record.Event == ConsentEvent.Expired ? Controller(facts) : Customer(facts),
        ["dpv:hasIndicationMethod"] = facts.Record.Method,
        ["dpv:isIndicatedAtTime"] = Utc(facts.Record.At),
        ["dpv:hasDuration"] = facts.Purpose.ConsentLasts is { } lasts
            ? Duration("dpv:TemporalDuration", lasts.Text)
            : Duration("dpv:UntilEventDuration", "withdrawal of the consent"),
    };

    internal static string StatusOf(ConsentEvent what) => what switch
    {
        ConsentEvent.Given => "ConsentGiven",
        ConsentEvent.Renewed => "RenewedConsentGiven",
        ConsentEvent.Withdrawn => "ConsentWithdrawn",
        ConsentEvent.Expired => "ConsentExpired",
        ConsentEvent.Refused => "ConsentRefused",
        _ => throw new ArgumentOutOfRangeException(nameof(what), what, null),
    };

    private static string ConsentType(ReceiptFacts facts) => facts.HasSpecial ? "dpv:ExplicitlyExpressedConsent" : "dpv:ExpressedConsent";

    private static IEnumerable<string> Rights(Purpose purpose) =>
        purpose.AutomatedDecision ? ["A7-3", "A15", "A16", "A17", "A18", "A20", "A22", "A77"] : ["A7-3", "A15", "A16", "A17", "A18", "A20", "A77"];

    private static JsonObject Duration(string type, string value) => new() { ["@type"] = type, ["rdf:value"] = value };

    private static string Controller(ReceiptFacts facts) => new Uri(facts.Site, "#organisation").AbsoluteUri;

    private static string Recipient(ReceiptFacts facts, string name) => new Uri(facts.Site, "#recipient-" + Uri.EscapeDataString(name)).AbsoluteUri;

    private static string Customer(ReceiptFacts facts) => "urn:candor:customer:" + facts.Record.Customer.Value;

    internal static string ContactUri(string contact) => contact.Contains('@', StringComparison.Ordinal) ? "mailto:" + contact : contact;

    internal static string Utc(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
