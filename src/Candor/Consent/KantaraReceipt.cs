using System.Text.Json.Nodes;

namespace Candor.Consent;

/// <summary>A receipt in the shape of the Kantara Consent Receipt 1.1.0 of 2018-02-20.</summary>
/// <remarks>It can only say that a consent was given. Its time is whole seconds since 1970, a number; no member it requires may be empty, so what is not known is left out.</remarks>
internal static class KantaraReceipt
{
    public const string Version = "KI-CR-v1.1.0";

    public static string Write(ReceiptFacts facts)
    {
        var special = facts.DataPoints.Where(ReceiptFacts.IsSpecial).Select(p => p.Category).Distinct().ToList();
        var receipt = new JsonObject
        {
            ["version"] = Version,
            ["jurisdiction"] = facts.Organisation.Country,
            ["consentTimestamp"] = facts.Record.At.ToUnixTimeSeconds(),
            ["collectionMethod"] = facts.Record.Method,
            ["consentReceiptID"] = facts.Id,
            ["publicKey"] = facts.KeyThumbprint,
            ["language"] = facts.Record.Language,
            ["piiPrincipalId"] = facts.Record.Customer.Value,
            ["piiControllers"] = new JsonArray(Controller(facts)),
            ["policyUrl"] = facts.NoticeUrl.AbsoluteUri,
            ["services"] = new JsonArray(new JsonObject { ["service"] = facts.Organisation.Name, ["purposes"] = new JsonArray(Purpose(facts)) }),
            ["sensitive"] = special.Count > 0,
        };
        if (special.Count > 0)
        {
            receipt["spiCat"] = new JsonArray([.. special.Select(c => (JsonNode)c)]);
        }

        return receipt.ToJsonString(DpvReceipt.Plain);
    }

    private static JsonObject Controller(ReceiptFacts facts)
    {
        var organisation = facts.Organisation;
        var address = new JsonObject { ["@type"] = "PostalAddress", ["addressCountry"] = organisation.Country };
        if (organisation.Address is { Length: > 0 } street)
        {
            address["streetAddress"] = street;
        }

        var controller = new JsonObject
        {
            ["piiController"] = organisation.Name,
            ["contact"] = organisation.Contact,
            ["address"] = address,
        };
        if (organisation.Contact.Contains('@', StringComparison.Ordinal))
        {
            controller["email"] = organisation.Contact;
        }

        if (organisation.Phone is { Length: > 0 } phone)
        {
            controller["phone"] = phone;
        }

        controller["piiControllerUrl"] = organisation.Url ?? facts.Site.AbsoluteUri;
        return controller;
    }

    private static JsonObject Purpose(ReceiptFacts facts)
    {
        var purpose = new JsonObject
        {
            ["purpose"] = $"{facts.Purpose.Label.In(facts.Language)}. {facts.Purpose.Why.In(facts.Language)}",
            ["purposeCategory"] = new JsonArray(facts.Purpose.DpvPurpose),
            ["consentType"] = "EXPLICIT",
            ["piiCategory"] = new JsonArray([.. facts.DataPoints.Select(p => p.Category).Distinct().Select(c => (JsonNode)c)]),
            ["primaryPurpose"] = false,
            ["termination"] = facts.ChoicesUrl.AbsoluteUri,
            ["thirdPartyDisclosure"] = facts.Recipients.Count > 0,
        };
        if (facts.Recipients.Count > 0)
        {
            purpose["thirdPartyName"] = string.Join(", ", facts.Recipients);
        }

        return purpose;
    }
}
