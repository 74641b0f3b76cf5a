using Candor.Audit;
using Candor.Catalog;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Governance;

/// <summary>One data point of one purpose: what the catalog says of it, and what it comes to in fact.</summary>
/// <param name="Reads">Allowed reads for the purpose that gave the data point, in the last <see cref="MinimisationAudit.Window"/> days.</param>
/// <param name="PurposeReads">All allowed reads for the purpose in that time.</param>
/// <param name="Gain">Part of the quality of suggestions that is lost without it, measured; null where that was not or cannot be measured.</param>
public sealed record MinimisationRow(Purpose Purpose, DataPoint DataPoint, Necessity Necessity, long Reads, long PurposeReads, MeasuredGain? Gain);

/// <summary>What a data point adds to the quality (NDCG) of suggestions.</summary>
/// <param name="Share">0: nothing; 1: all of it; below 0: they are better without.</param>
/// <param name="Low">Low end of its 95 % interval.</param>
/// <param name="High">High end of it.</param>
public sealed record MeasuredGain(double Share, double Low, double High);

/// <summary>The audit of minimisation: for each data point and purpose how much it is needed, by word and by measurement, what is stored of it, and what could be less.</summary>
/// <param name="WatchedDays">Days of the window in which reads were counted, 0 to <see cref="Window"/>.</param>
/// <param name="Stock">What is stored, by data point; those without any are not in it.</param>
/// <param name="CountedAt">When that was counted; null: not yet.</param>
/// <param name="MeasuredAt">When suggestions were last evaluated; null: never.</param>
public sealed record MinimisationAudit(
    ActiveCatalog Catalog, int WatchedDays, IReadOnlyList<MinimisationRow> Rows, IReadOnlyDictionary<DataPointId, Stock> Stock, DateTimeOffset? CountedAt, DateTimeOffset? MeasuredAt,
    IReadOnlyList<MinimisationAdvice> Advice)
{
    /// <summary>Days of reads that are looked at.</summary>
    public const int Window = 90;

    /// <summary>Fewest days that must have been watched, and fewest reads for a purpose, before its use is judged.</summary>
    public const int FewestDays = 30;
    public const int FewestReads = 30;

    /// <summary>A data point that fewer than this part of a purpose's reads ask for is needed little.</summary>
    public const double Seldom = 0.1;

    public static async ValueTask<MinimisationAudit> LoadAsync(Transaction tx, CatalogRegister catalogs, EvaluationRegister evaluations, CancellationToken ct)
    {
        var today = DateOnly.FromDateTime(tx.Now.UtcDateTime);
        var began = await AuditLog.BeganAtAsync(tx, ct);
        var watched = began is { } at ? Math.Min(Window, today.DayNumber - DateOnly.FromDateTime(at.UtcDateTime).DayNumber) : 0;
        var uses = await UseBook.ReadAsync(tx, today.AddDays(1 - Window), today, ct);
        var stock = await StockBook.ReadAsync(tx, ct);
        return Of(await catalogs.GetActiveAsync(tx, ct), Math.Max(0, watched), uses, stock, await StockBook.CountedAtAsync(tx, ct), await evaluations.FindNewestAsync(tx, ct));
    }

    /// <summary>Pure: the audit of what was found.</summary>
    /// <param name="uses">Counts of the days of the window.</param>
    /// <param name="evaluation">The newest; null: none.</param>
    public static MinimisationAudit Of(
        ActiveCatalog catalog, int watchedDays, IReadOnlyList<UseCell> uses, IReadOnlyDictionary<DataPointId, Stock> stock, DateTimeOffset? countedAt, StoredEvaluation? evaluation)
    {
        var gains = new SuggestionGains(SuggestionPlan.Of(catalog), evaluation?.Report.LessData ?? []);
        var reads = uses.GroupBy(u => (u.Purpose, u.DataPoint)).ToDictionary(g => g.Key, g => g.Sum(u => u.Number));
        var rows = catalog.Catalog.Purposes.Values.Where(p => p.Active).OrderBy(p => p.Id.Value, StringComparer.Ordinal)
            .SelectMany(p => catalog.Catalog.DataPointsOf(p).Select(d => new MinimisationRow(
                p, d, p.Uses[d.Id], reads.GetValueOrDefault((p.Id, d.Id)), reads.GetValueOrDefault((p.Id, null)), gains.Of(p, d)))).ToList();
        return new MinimisationAudit(catalog, watchedDays, rows, stock, countedAt, evaluation?.At, [.. Advise(catalog.Catalog, watchedDays, rows, gains)]);
    }

    private static IEnumerable<MinimisationAdvice> Advise(PurposeCatalog catalog, int watchedDays, List<MinimisationRow> rows, SuggestionGains gains)
    {
        foreach (var point in catalog.DataPoints.Keys.Where(d => !catalog.Purposes.Values.Any(p => p.Uses.ContainsKey(d))).OrderBy(d => d.Value, StringComparer.Ordinal))
        {
            yield return new MinimisationAdvice(AdviceKind.NotUsed, null, point, new CatalogEdit(["dataPoints", point.Value], null), []);
        }

        if (watchedDays >= FewestDays)
        {
            foreach (var purpose in rows.Where(r => r.PurposeReads == 0).Select(r => r.Purpose.Id).Distinct().Where(_ => watchedDays >= Window))
            {
                yield return new MinimisationAdvice(AdviceKind.IdlePurpose, purpose, null, new CatalogEdit(["purposes", purpose.Value, "active"], "false"), []);
            }

            foreach (var row in rows.Where(r => r.PurposeReads >= FewestReads))
            {
                if (row.Reads == 0)
                {
                    yield return new MinimisationAdvice(AdviceKind.NeverRead, row.Purpose.Id, row.DataPoint.Id, new CatalogEdit(["purposes", row.Purpose.Id.Value, "uses", row.DataPoint.Id.Value], null), []);
                }
                else if (row.Necessity != Necessity.Low && row.Reads < Seldom * row.PurposeReads)
                {
                    yield return new MinimisationAdvice(AdviceKind.SeldomRead, row.Purpose.Id, row.DataPoint.Id, new CatalogEdit(["purposes", row.Purpose.Id.Value, "uses", row.DataPoint.Id.Value], "low"), []);
                }
            }
        }

        foreach (var row in rows)
        {
            if (gains.Advise(row.Purpose, row.DataPoint, [.. rows.Where(r => r.DataPoint.Id == row.DataPoint.Id && r.Purpose.Id != row.Purpose.Id).Select(r => r.Purpose.Id)]) is { } advice)
            {
                yield return advice;
            }
        }
    }
}
