using Candor.Audit;

namespace Candor.Server.Pages.Governance;

/// <summary>An entry of the log as a page shows it.</summary>
/// <param name="Index">Its place; null where it is not shown.</param>
/// <param name="Customer">The first digits of the random reference that stands for a customer: enough to tell two apart here, and nothing about who it is.</param>
/// <param name="Proven">Which checkpoint proves it.</param>
public sealed record LogLine(
    string? Index, string Id, string Time, string Who, string Kind, bool IsRefused, string? For, string? What, string? Reason, string? Subject, string? Customer, string? Proven)
{
    private const int ShownDigits = 8;

    public static LogLine Of(AuditEntry entry, long? index, LogWords words, string? proven) => new(
        index is { } at ? words.Number(at) : null, entry.Id, words.Time(entry.At), words.Who(entry.Event.Actor), words.Kind(entry.Event.Kind), entry.Event.Kind == AuditKind.Deny,
        entry.Event.Purpose is { } purpose ? words.Purpose(purpose) : null,
        entry.Event.DataPoints.Count > 0 ? string.Join(", ", entry.Event.DataPoints.Select(words.DataPoint)) : null, entry.Event.Reason, entry.Event.Subject,
        entry.Event.CustomerRef is { } reference ? Convert.ToHexStringLower(reference)[..ShownDigits] : null, proven);
}
