using Candor.Catalog;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Vault;

namespace Candor.Desk;

/// <summary>One value of a brief, with where it came from and when.</summary>
/// <param name="IsOpen">Something is left to do about it.</param>
public sealed record BriefLine(DataPoint DataPoint, OpenedValue Value, bool IsOpen);

/// <summary>What the customer may need next, under the purpose of its own and with a log entry of its own.</summary>
/// <param name="Noticed">What the rules of the catalog noticed in the same read: what runs out.</param>
/// <param name="Withheld">Why nothing is said; null when something is.</param>
public sealed record BriefNeeds(Purpose Purpose, IReadOnlyList<ExplainedItem> Items, IReadOnlyList<ProactiveLine> Noticed, ReasonCode? Withheld, string Entry);

/// <summary>What an agent should know before the conversation starts. All personal data in it comes from one gated read; what may be needed next, from a second.</summary>
/// <param name="Entry">Id of the log entry of the read; the customer sees it.</param>
/// <param name="Fields">Current values, in the order of the catalog's names.</param>
/// <param name="Noticed">What the rules of the catalog noticed in this read: a late order, a thing asked about again and again. What has held longest first.</param>
/// <param name="Open">What is left to do: orders and questions, the newest first.</param>
/// <param name="Purchases">The newest first.</param>
/// <param name="Contacts">Questions and contact notes, the newest first.</param>
/// <param name="Others">Records of other histories.</param>
/// <param name="Choices">The customer's choices as they stood in the transaction of the read.</param>
/// <param name="Withheld">Data points of the catalog that are not in the brief, each with its reason.</param>
/// <param name="Missing">Data points that the purpose uses and of which nothing is held.</param>
public sealed record Brief(
    string Entry, DateTimeOffset At, ActiveCatalog Catalog, Purpose Purpose, string? Case, bool IsEmergency, IReadOnlyList<BriefLine> Fields, IReadOnlyList<ProactiveLine> Noticed, IReadOnlyList<BriefLine> Open,
    IReadOnlyList<BriefLine> Purchases, IReadOnlyList<BriefLine> Contacts, IReadOnlyList<BriefLine> Others, IReadOnlyList<Choice> Choices, DateTimeOffset? RestrictedSince,
    BriefNeeds? Needs, IReadOnlyList<AskedQuestion> Questions, IReadOnlyList<Withheld> Withheld, IReadOnlyList<DataPointId> Missing)
{
    /// <summary>The first field of a category; null when there is none.</summary>
    public BriefLine? Find(string category) => Fields.FirstOrDefault(f => f.DataPoint.Category == category);
}

/// <summary>A brief, or why there is none.</summary>
/// <param name="Refused">As the caller may know it; null when there is a brief.</param>
/// <param name="Catalog">The catalog that counts now.</param>
/// <param name="Visit">Null where the brief was not asked for in a visit.</param>
/// <param name="MayEmergency">An emergency would open it.</param>
public sealed record BriefOutcome(Brief? Brief, ReasonCode? Refused, string Entry, ActiveCatalog Catalog, DeskVisit? Visit, bool MayEmergency);
