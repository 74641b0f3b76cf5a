using Candor.Catalog;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Storage;

namespace Candor.Fairness;

/// <summary>One week's audits, what was found lately, and what is paused.</summary>
/// <param name="Week">Null when none is counted yet.</param>
/// <param name="Weeks">Those that can be looked at, the newest first.</param>
/// <param name="Audits">With what was found then, by the limits of then.</param>
/// <param name="Lately">What was found in all of these weeks, the newest first.</param>
public sealed record FairnessReport(long? Week, IReadOnlyList<long> Weeks, IReadOnlyList<UseAudit> Audits, IReadOnlyList<UseFinding> Lately, IReadOnlyList<UsePause> Pauses)
{
    /// <summary>Weeks that can be looked at: a year.</summary>
    public const int MostWeeks = 53;

    private const int MostPauses = 100;

    /// <param name="week">Null, or one that is not counted: the newest.</param>
    public static async ValueTask<FairnessReport> LoadAsync(Transaction tx, PurposeCatalog catalog, long? week, CancellationToken ct)
    {
        var weeks = await FairnessBook.WeeksAsync(tx, MostWeeks, ct);
        var pauses = await UsePauses.ListAsync(tx, MostPauses, ct);
        if (weeks.Count == 0)
        {
            return new FairnessReport(null, [], [], [], pauses);
        }

        var shown = week is { } asked && weeks.Contains(asked) ? asked : weeks[0];
        var found = await FairnessBook.FindingsAsync(tx, weeks[^1], ct);
        var audits = UseAudit.Of(shown, await FairnessBook.CountsAsync(tx, shown, ct), [], p => catalog.Purposes.GetValueOrDefault(p)?.Fairness ?? new FairnessRule());
        return new FairnessReport(shown, weeks, [.. audits.Select(a => a with
        {
            Findings = [.. found.Where(f => (f.Week, f.Purpose, f.Outcome, f.Attribute) == (shown, a.Counts.Purpose, a.Counts.Outcome, a.Counts.Attribute))],
        })], found, pauses);
    }
}
