using Candor.Catalog;
using Candor.Kernel;

namespace Candor.Governance;

/// <summary>What is missing in a record.</summary>
public enum RecordGapKind
{
    NoAddress,
    NoDpo,
    NoRepresentative,
    UnknownRecipient,
    NoContract,
    ContractOver,
    ContractEnds,
    NoSafeguard,
    UnusedRecipient,
    NotApproved,
    NoAssessment,
}

/// <summary>Something that the law asks for, or may ask for, and that the record does not have.</summary>
/// <param name="Name">Of the recipient or purpose; empty where it is the business itself.</param>
/// <param name="Day">Of a contract's end.</param>
public sealed record RecordGap(RecordGapKind Kind, string Name, DateOnly? Day = null)
{
    /// <summary>All gaps of a record, those of the business first.</summary>
    public static IReadOnlyList<RecordGap> Of(ProcessingRecord record) =>
        [.. OfOrganisation(record), .. OfRecipients(record.Catalog, DateOnly.FromDateTime(record.MadeAt.UtcDateTime)), .. record.Activities.SelectMany(a => OfActivity(a, record.MadeAt))];

    /// <summary>The gaps of who receives data.</summary>
    public static IEnumerable<RecordGap> OfRecipients(PurposeCatalog catalog, DateOnly today)
    {
        var named = catalog.NamedRecipients;
        foreach (var name in named.Union(catalog.Recipients.Keys).Order(StringComparer.Ordinal))
        {
            if (!catalog.Recipients.TryGetValue(name, out var recipient))
            {
                yield return new RecordGap(RecordGapKind.UnknownRecipient, name);
                continue;
            }

            if (!named.Contains(name))
            {
                yield return new RecordGap(RecordGapKind.UnusedRecipient, name);
            }

            // Who decides itself what it does with data needs no contract of article 28.
            if (recipient is { Contract: null, Kind: RecipientKind.Processor })
            {
                yield return new RecordGap(RecordGapKind.NoContract, name);
            }

            if (recipient.Contract is { Until: { } end } contract && (contract.IsOver(today) || contract.EndsSoon(today)))
            {
                yield return new RecordGap(contract.IsOver(today) ? RecordGapKind.ContractOver : RecordGapKind.ContractEnds, name, end);
            }

            if (recipient.Safeguard is null && RecipientDiff.OutsideOf(catalog, name) is not null)
            {
                yield return new RecordGap(RecordGapKind.NoSafeguard, name);
            }
        }
    }

    private static IEnumerable<RecordGap> OfOrganisation(ProcessingRecord record)
    {
        var organisation = record.Catalog.Organisation;
        if (organisation.Address is null)
        {
            yield return new RecordGap(RecordGapKind.NoAddress, "");
        }

        // Health, and looking at what people do all the time, are what article 37(1)(b) and (c) speak of.
        if (organisation.Dpo is null && record.Activities.Any(a => a.Purpose.AutomatedDecision || a.Purpose.MakesSuggestions || a.Data.Any(d => d.Category is "Health" or "Tracking" or "Behavioral")))
        {
            yield return new RecordGap(RecordGapKind.NoDpo, "");
        }

        if (organisation.Representative is null && !Recipient.IsInArea(organisation.Country))
        {
            yield return new RecordGap(RecordGapKind.NoRepresentative, "");
        }
    }

    private static IEnumerable<RecordGap> OfActivity(ProcessingActivity activity, DateTimeOffset now)
    {
        if (activity.Approval is not { } approval || approval.UntilUs <= Micros.From(now))
        {
            yield return new RecordGap(RecordGapKind.NotApproved, activity.Purpose.Id.Value);
        }

        if (activity.Purpose.AutomatedDecision && (activity.Dpia?.SignedBy is null || activity.IsDpiaOutdated))
        {
            yield return new RecordGap(RecordGapKind.NoAssessment, activity.Purpose.Id.Value);
        }
    }
}
