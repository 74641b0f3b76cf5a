using System.Security.Cryptography;
using System.Text;
using Candor.Catalog;
using Candor.Kernel;

namespace Candor.Consent;

/// <summary>The signed copy of a consent record that the customer keeps.</summary>
/// <param name="Id">In the form of a UUID of version 4; the same record always gets the same one.</param>
/// <param name="Json">ISO/IEC TS 27560 in the terms of DPV 2.3, as JSON-LD.</param>
/// <param name="Jws">The same, signed: JWS in compact form.</param>
/// <param name="KantaraJson">Kantara Consent Receipt 1.1.0; null for what is not a yes, which that form cannot say.</param>
/// <param name="KantaraJws">The same, signed.</param>
/// <param name="Page">What a person reads and prints.</param>
public sealed record Receipt(string Id, ConsentRecord Record, string Json, string Jws, string? KantaraJson, string? KantaraJws, ReceiptPage Page)
{
    /// <summary>What a signed receipt says, if one of the keys signed exactly that; else null.</summary>
    /// <returns>UTF-8 JSON.</returns>
    public static byte[]? Verify(string jws, params IEnumerable<ReceiptKey> keys) => keys.Select(k => k.Verify(jws)).FirstOrDefault(p => p is not null);

    /// <summary>Whether an event has a receipt: those of consent have, objections and restrictions have not.</summary>
    public static bool Exists(ConsentEvent what) =>
        what is ConsentEvent.Given or ConsentEvent.Renewed or ConsentEvent.Withdrawn or ConsentEvent.Expired or ConsentEvent.Refused;
}

/// <summary>Writes receipts.</summary>
/// <param name="site">Where the customer's pages are, such as <c>https://shop.example/</c>; receipts point there for notices and for withdrawing.</param>
public sealed class ReceiptWriter(ReceiptSigner signer, Uri site)
{
    /// <param name="catalog">Of the version that the record names.</param>
    /// <param name="notice">The one that the record names.</param>
    /// <param name="issuedAt">When this copy is made.</param>
    /// <exception cref="Fault">Invalid <c>consent/no-receipt</c>: the event is not one of consent, or catalog and notice do not belong to the record.</exception>
    public Receipt Write(ConsentRecord record, PurposeCatalog catalog, Notice notice, DateTimeOffset issuedAt)
    {
        if (!Receipt.Exists(record.Event) || record.Purpose is null || !catalog.Purposes.TryGetValue(record.Purpose, out var purpose) || notice.Hash != record.NoticeHash)
        {
            throw new Fault(FaultKind.Invalid, "consent/no-receipt", $"A receipt is written for a consent record with its own catalog and notice, not for `{record.Event.Code()}`.");
        }

        var facts = new ReceiptFacts(IdOf(record), record, catalog, purpose, notice, issuedAt, site, signer.PublicKey.Thumbprint);
        var json = DpvReceipt.Write(facts);
        var kantara = record.Event is ConsentEvent.Given or ConsentEvent.Renewed ? KantaraReceipt.Write(facts) : null;
        return new Receipt(facts.Id, record, json, Sign(json), kantara, kantara is null ? null : Sign(kantara), ReceiptPage.Of(facts));
    }

    private string Sign(string json) => signer.Sign(Encoding.UTF8.GetBytes(json));

    // The hash of a random id is as good as random.
    private static string IdOf(ConsentRecord record) =>
        ConsentRecord.AsUuid(SHA256.HashData(Encoding.UTF8.GetBytes("candor receipt of " + record.Id)).AsSpan(0, 16));
}

/// <summary>Everything the three forms of a receipt draw from.</summary>
internal sealed record ReceiptFacts(
    string Id, ConsentRecord Record, PurposeCatalog Catalog, Purpose Purpose, Notice Notice, DateTimeOffset IssuedAt, Uri Site, string KeyThumbprint)
{
    public Organisation Organisation => Catalog.Organisation;

    public string Language => Notice.Language;

    /// <summary>The data points of the purpose, the most needed first.</summary>
    public IReadOnlyList<DataPoint> DataPoints { get; } =
        [.. Purpose.Uses.OrderBy(u => u.Value).ThenBy(u => u.Key.Value, StringComparer.Ordinal).Select(u => Catalog.DataPoints[u.Key])];

    public IReadOnlyList<string> Recipients { get; } = [.. Purpose.Recipients.Order(StringComparer.Ordinal)];

    public Uri NoticeUrl => new(Site, "notice?version=" + Notice.Hash);

    public Uri ChoicesUrl => new(Site, "me");

    /// <summary>GDPR article 9. Health is the one such category that a catalog can name; a test holds that to the vocabulary.</summary>
    public static bool IsSpecial(DataPoint point) => point.Category == "Health";

    public bool HasSpecial => DataPoints.Any(IsSpecial);

    /// <summary>Whether Regulation (EU) 2016/679 applies: the EEA, and the United Kingdom, whose law keeps its articles and their numbers.</summary>
    public bool UnderGdpr => Organisation.Country == "GB" || Recipient.IsInArea(Organisation.Country);
}
