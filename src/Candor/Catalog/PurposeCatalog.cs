using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Candor.Kernel;

namespace Candor.Catalog;

/// <summary>How many values of a data point a customer has.</summary>
public enum DataPointKind
{
    /// <summary>One current value.</summary>
    Field,
    /// <summary>Append-only records.</summary>
    History,
}

/// <summary>How much a purpose needs a data point; the order is from most to least.</summary>
public enum Necessity
{
    High,
    Medium,
    Low,
}

/// <summary>Why a use is lawful (GDPR article 6(1) a, b, c, f).</summary>
public enum LegalBasis
{
    Consent,
    Contract,
    LegalObligation,
    LegitimateInterest,
}

/// <summary>How long a value is kept: as long as the person is a customer, or for a period after it came in.</summary>
/// <param name="Period">Null: while the person is a customer.</param>
public sealed record Retention(Period? Period)
{
    public override string ToString() => Period?.Text ?? "while-customer";
}

/// <summary>What the law makes the business keep after erasure.</summary>
/// <param name="Reason">In plain words, told to the customer.</param>
/// <param name="For">How long after the record came in.</param>
/// <param name="Keeps">Members of the record that are kept; the rest is erased.</param>
public sealed record LegalHold(LocalizedText Reason, Period For, IReadOnlyList<string> Keeps);

/// <summary>One of the few values that a field may have.</summary>
/// <param name="Value">As it is stored and sent: <see cref="FieldValue.Allowed"/>.</param>
public sealed record FieldValue(string Value, LocalizedText Label)
{
    /// <summary>Most values of one field.</summary>
    public const int Most = 50;

    /// <summary>How a value is written, in words.</summary>
    public const string Allowed = "1 to 64 letters, digits, `-` and `+`, a letter or digit first";

    internal static bool IsValid(string value) => value.Length is >= 1 and <= 64 && char.IsAsciiLetterOrDigit(value[0]) && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '+');
}

/// <summary>One declared kind of personal data.</summary>
/// <param name="Category">Class of the W3C Data Privacy Vocabulary's <c>pd:</c> extension.</param>
/// <param name="CollectedWith">The purpose without which nothing of this comes in; null: any purpose that uses it will do.</param>
public sealed record DataPoint(
    DataPointId Id, DataPointKind Kind, LocalizedText Label, string Category, Retention Retention, LegalHold? LegalHold, PurposeId? CollectedWith)
{
    /// <summary>A customer's correction waits for a member of staff; without this it counts at once.</summary>
    public bool CorrectionNeedsApproval { get; init; }

    /// <summary>The member of a history's records that a customer can be found by at the desk, such as the order number; null: none.</summary>
    public string? FindBy { get; init; }

    /// <summary>The values that a field may have, in the order in which they are offered; empty: any.</summary>
    public IReadOnlyList<FieldValue> Values { get; init; } = [];

    /// <summary>Whether a field may have this value.</summary>
    /// <param name="text">Null: it is no text.</param>
    public bool Takes(string? text) => Values.Count == 0 || Values.Any(v => v.Value == text);
}

/// <summary>A declared reason to use data.</summary>
public sealed record Purpose
{
    public required PurposeId Id { get; init; }

    public required LocalizedText Label { get; init; }

    /// <summary>The reason in plain words, as the customer reads it.</summary>
    public required LocalizedText Why { get; init; }

    public required LegalBasis Basis { get; init; }

    public required FrozenDictionary<DataPointId, Necessity> Uses { get; init; }

    /// <summary>Staff roles that may read for it.</summary>
    public FrozenSet<string> Roles { get; init; } = [];

    /// <summary>Services (API keys) that may read for it.</summary>
    public FrozenSet<string> Services { get; init; } = [];

    /// <summary>Other organisations that receive the data.</summary>
    public FrozenSet<string> Recipients { get; init; } = [];

    /// <summary>A read must name the case that it belongs to.</summary>
    public bool NeedsCase { get; init; }

    /// <summary>In an emergency, and with a reason in words, staff may read for it although the customer's choices stand against it; the customer is told at once.</summary>
    public bool Emergency { get; init; }

    /// <summary>What is given for it is only counted, by group, to see whether people are treated alike; nobody reads it of one customer, no member of staff, no service and no program.</summary>
    public bool BiasAudit { get; init; }

    /// <summary>When groups are treated too differently by it, and what follows then.</summary>
    public FairnessRule Fairness { get; init; } = new();

    /// <summary>How long a consent counts after it was given; null: until it is withdrawn. Only where the basis is consent.</summary>
    public Period? ConsentLasts { get; init; }

    /// <summary>How often the customer is reminded of the choice; null: not.</summary>
    public Period? RemindEvery { get; init; }

    /// <summary>How long a no is left in peace before the question may be put again; null: for ever. Only where the basis is consent.</summary>
    public Period? AskAgainAfter { get; init; }

    /// <summary>What changes for the customer when this is off, in plain words; null: nothing that the catalog tells of.</summary>
    public LocalizedText? IfOff { get; init; }

    /// <summary>A computer decides what the customer gets to see.</summary>
    public bool AutomatedDecision { get; init; }

    /// <summary>Most that <see cref="HoldOut"/> may be.</summary>
    public const int MaxHoldOut = 50;

    /// <summary>Share of customers, in percent, for whom this is not done although they agreed, so that it can be measured whether it helps; 0 to 50, null where the catalog does not say.</summary>
    public int? HoldOut { get; init; }

    /// <summary>The share that counts: 10 % for purposes of suggestions unless the catalog says otherwise, and nobody for all others.</summary>
    public int HoldOutPercent => HoldOut ?? (MakesSuggestions && Basis is (LegalBasis.Consent or LegalBasis.LegitimateInterest) ? 10 : 0);

    /// <summary>What is read for it becomes suggestions of items.</summary>
    public bool MakesSuggestions => DpvPurpose.EndsWith("Recommendations", StringComparison.Ordinal);

    /// <summary>False while it is a draft: every read is refused.</summary>
    public bool Active { get; init; } = true;

    /// <summary>Class of the Data Privacy Vocabulary 2.3, without prefix.</summary>
    public string DpvPurpose { get; init; } = "RequestedServiceProvision";
}

/// <summary>Who runs this: the controller.</summary>
/// <param name="Contact">E-mail address for privacy questions.</param>
/// <param name="Country">ISO 3166-1 alpha-2.</param>
/// <param name="Languages">ISO 639-1, at least one; the first is the default.</param>
/// <param name="Url">Begins with <c>https://</c> or <c>http://</c>.</param>
public sealed record Organisation(string Name, string Contact, string Country, IReadOnlyList<string> Languages, string? Address, string? Phone, string? Url)
{
    /// <summary>Days on which nobody works, for the deadlines of rights requests; weekends need not be named.</summary>
    public IReadOnlyList<DateOnly> Holidays { get; init; } = [];

    /// <summary>Origins of the business's own sites, such as <c>https://shop.example</c>, whose pages may call the browser interface and sign customers in.</summary>
    public IReadOnlyList<string> Sites { get; init; } = [];

    /// <summary>How long an erasure that the customer asked for waits, so that they may still take it back; null: it happens at once.</summary>
    public Period? CoolingOff { get; init; }

    /// <summary>Who stands for a controller outside the area within it (GDPR article 27); null: nobody.</summary>
    public Party? Representative { get; init; }

    /// <summary>The data protection officer; null: none is named.</summary>
    public Party? Dpo { get; init; }

    /// <summary>Who decides along (GDPR article 26).</summary>
    public IReadOnlyList<Party> JointControllers { get; init; } = [];

    /// <summary>The authority that customers complain to, with its address; null: that of their country.</summary>
    public string? Authority { get; init; }

    /// <summary>How long backups live, which is how long an erased customer's sealed data may still lie in one. 35 days unless set.</summary>
    public Period BackupsKept { get; init; } = Period.Parse("P35D");
}

/// <summary>All data points and purposes, as <c>candor.yaml</c> declares them. Immutable.</summary>
public sealed class PurposeCatalog
{
    /// <summary>The purpose that a customer agrees to before an AI assistant may read anything about them, for whatever other purpose. It rests on consent alone.</summary>
    public static readonly PurposeId AiAssistance = PurposeId.Parse("ai-assistance");

    internal PurposeCatalog(Organisation organisation, IEnumerable<DataPoint> dataPoints, IEnumerable<Purpose> purposes, string text, IReadOnlyList<CatalogMistake>? warnings = null)
    {
        Organisation = organisation;
        DataPoints = dataPoints.ToFrozenDictionary(d => d.Id);
        Purposes = purposes.ToFrozenDictionary(p => p.Id);
        AggregateOnly = Purposes.Values.Where(p => p.BiasAudit).SelectMany(p => p.Uses.Keys).ToFrozenSet();
        Text = text;
        Warnings = warnings ?? [];
        Digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    public Organisation Organisation { get; }

    public FrozenDictionary<DataPointId, DataPoint> DataPoints { get; }

    public FrozenDictionary<PurposeId, Purpose> Purposes { get; }

    /// <summary>The file it was read from, whole.</summary>
    public string Text { get; }

    /// <summary>SHA-256 of the text in UTF-8, 64 hex characters.</summary>
    public string Digest { get; }

    /// <summary>Items, or categories of items, that are never suggested and that no suggestion is made from, such as <c>intimate</c>; compared without case.</summary>
    public FrozenSet<string> NeverSuggest { get; init; } = [];

    /// <summary>The purpose that counts by group whether people are treated alike; null: the catalog has none, or it is a draft.</summary>
    public Purpose? BiasAudit => Purposes.Values.FirstOrDefault(p => p is { BiasAudit: true, Active: true });

    /// <summary>Data points that are only ever counted, drafts included: nobody reads them of one customer but the customer.</summary>
    public FrozenSet<DataPointId> AggregateOnly { get; }

    /// <summary>Who receives data, by the name that purposes use; not all that are named need to be described.</summary>
    public FrozenDictionary<string, Recipient> Recipients { get; init; } = FrozenDictionary<string, Recipient>.Empty;

    /// <summary>The recipients that active purposes give data to.</summary>
    public IReadOnlySet<string> NamedRecipients => Purposes.Values.Where(p => p.Active).SelectMany(p => p.Recipients).ToHashSet(StringComparer.Ordinal);

    /// <summary>What is noticed by itself, and how often customers are spoken to.</summary>
    public ProactiveRules Proactive { get; init; } = new();

    /// <summary>What should be looked at, in the order of the file; it can be used as it stands.</summary>
    public IReadOnlyList<CatalogMistake> Warnings { get; }

    /// <summary>Reads a catalog.</summary>
    /// <param name="fileName">As messages name it.</param>
    /// <exception cref="Fault">Invalid <c>catalog/mistakes</c>: everything that is wrong with it, each with its place; <see cref="CatalogMistakes.Of"/> has them one by one.</exception>
    public static PurposeCatalog Read(string yaml, string fileName) => CatalogReader.Read(yaml, fileName);

    /// <summary>Data points that a purpose uses, in the order of their names.</summary>
    public IEnumerable<DataPoint> DataPointsOf(Purpose purpose) => purpose.Uses.Keys.OrderBy(k => k.Value, StringComparer.Ordinal).Select(k => DataPoints[k]);
}

/// <summary>The catalog that counts now.</summary>
/// <param name="Version">1 for the first; rises by one with each applied catalog.</param>
/// <param name="ConsentSince">For each purpose, the first version, inclusive, whose consents still count.</param>
public sealed record ActiveCatalog(long Version, PurposeCatalog Catalog, FrozenDictionary<PurposeId, long> ConsentSince);
