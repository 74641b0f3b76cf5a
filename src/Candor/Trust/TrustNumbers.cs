using Candor.Catalog;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Storage;

namespace Candor.Trust;

/// <summary>A change of the catalog that people may have noticed.</summary>
/// <param name="Version">Of the catalog.</param>
/// <param name="Added">Purposes that are new.</param>
/// <param name="Widened">Purposes that use more than before.</param>
public sealed record TrustNote(DateOnly Day, long Version, IReadOnlyList<string> Added, IReadOnlyList<string> Widened)
{
    /// <summary>The purposes that it is about.</summary>
    public IEnumerable<string> Purposes => Added.Concat(Widened).Distinct();
}

/// <summary>Everything that a report is made of, as it was stored.</summary>
/// <param name="First">First day that anything was counted of.</param>
/// <param name="Last">Last closed day; null while no day is closed.</param>
/// <param name="Sheets">What those said whose answers may be shown, of this period and of the one before.</param>
public sealed record TrustNumbers(
    DateOnly First, DateOnly? Last, IReadOnlyList<TrustCell> Cells, IReadOnlyList<OutcomeCell> Outcomes, IReadOnlyList<SurveyTally> Tallies,
    IReadOnlyList<IReadOnlyList<int>> Sheets, IReadOnlyList<IReadOnlyList<int>> SheetsBefore, IReadOnlyList<TrustNote> Notes)
{
    /// <summary>Whole years before this one that are read. Blocks begin anew with each year, so it does not matter where the reading begins.</summary>
    private const int Years = 3;

    /// <summary>Reads what a report of this length needs.</summary>
    public static async ValueTask<TrustNumbers> LoadAsync(Transaction tx, CatalogRegister catalogs, int weeks, CancellationToken ct)
    {
        var (last, first) = (await TrustDays.LastAsync(tx, ct), await TrustDays.FirstAsync(tx, ct));
        var notes = await NotesAsync(tx, catalogs, ct);
        if (last is not { } until || first is not { } since)
        {
            return new TrustNumbers(DateOnly.MinValue, null, [], [], [], [], [], notes);
        }

        var earliest = new DateOnly(Math.Max(1, until.Year - Years), 1, 1);
        var from = since > earliest ? since : earliest;
        var firstWhole = since > earliest ? since : earliest.AddDays((8 - (int)earliest.DayOfWeek) % 7);
        var surveys = new SurveyTallies();
        var tallies = await surveys.LoadAsync(tx, from, until, ct);
        var (span, answered) = (TrustSpan.UpTo(until, weeks), SurveyFigures.Answered(tallies, firstWhole, until));
        return new TrustNumbers(
            firstWhole, until, await TrustCounts.ReadAsync(tx, from, until, ct, TrustReport.Measures), await OutcomeCells.ReadAsync(tx, from, until, ct), tallies,
            await SheetsAsync(answered.Where(span.Has)), await SheetsAsync(answered.Where(span.HadBefore)), notes);

        async ValueTask<IReadOnlyList<IReadOnlyList<int>>> SheetsAsync(IEnumerable<PublishedBlock> blocks) =>
            blocks.ToList() is [var begin, ..] some ? await surveys.LoadSheetsAsync(tx, begin.From, some[^1].To, ct) : [];
    }

    /// <summary>The history of the catalog, without the first version: that one changed nothing.</summary>
    private static async ValueTask<IReadOnlyList<TrustNote>> NotesAsync(Transaction tx, CatalogRegister catalogs, CancellationToken ct)
    {
        var notes = new List<TrustNote>();
        PurposeCatalog? before = null;
        foreach (var row in await catalogs.HistoryAsync(tx, ct))
        {
            var now = (await catalogs.LoadAsync(tx, row.Version, ct)).Catalog;
            if (before is not null)
            {
                var added = now.Purposes.Keys.Except(before.Purposes.Keys).Select(p => p.Value).ToList();
                var widened = CatalogDiff.Compare(before, now).Where(c => c is { IsWidening: true, Purpose: not null }).Select(c => c.Purpose!.Value).Distinct().Except(added);
                notes.Add(new TrustNote(TrustCounts.DayOf(Micros.ToInstant(row.AppliedAtUs)), row.Version, [.. added.Order(StringComparer.Ordinal)], [.. widened.Order(StringComparer.Ordinal)]));
            }

            before = now;
        }

        return notes;
    }
}
