using System.Text.Json;
using Candor.Catalog;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Reads;

namespace Candor.Fairness;

/// <summary>A use whose models were audited.</summary>
/// <param name="MinImpactRatio">The catalog's limit at that time.</param>
/// <param name="Customers">All customers there were.</param>
/// <param name="InModels">Of them, those of whom the models hold something.</param>
public sealed record AuditedUse(string Purpose, SuggestionKind Kind, double MinImpactRatio, long Customers, long InModels);

/// <summary>One number of an audit. Whole and part are 0 where there are too few.</summary>
/// <param name="Outcome">One of the names in <see cref="ModelAudit"/>.</param>
/// <param name="Attribute">A data point of the bias audit, or one of the bands in <see cref="CustomerBands"/>.</param>
/// <param name="Group">Null: not given, or too few.</param>
public sealed record ModelCell(string Purpose, string Outcome, string Attribute, string? Group, long Whole, long Part, bool IsTooFew);

/// <summary>What was found of models before their settings were put in use: who is in them and who is missing, and how suggestions came out on what was held back. Numbers alone; there is no customer in it.</summary>
/// <param name="CatalogVersion">That was in force.</param>
public sealed record ModelAudit(DateTimeOffset At, long CatalogVersion, IReadOnlyList<AuditedUse> Uses, IReadOnlyList<ModelCell> Cells)
{
    /// <summary>Of all customers: those of whom the models hold something.</summary>
    public const string InModels = "in-models";

    /// <summary>Of all customers: how they stand with the use, as groups in <see cref="CustomerBands"/>.</summary>
    public const string Standing = "standing";

    /// <summary>Of customers of whom a list was held back: those whose list was made for them.</summary>
    public const string Made = "made";

    /// <summary>Of the same: those whose list held something of what they then looked at or bought.</summary>
    public const string Hit = "hit";

    /// <summary>Ends the name of the last two where rarer items had their part.</summary>
    public const string WithRare = "-with-rare";

    private const double Level = 0.05;

    /// <summary>The same as text, as it is kept with the evaluation.</summary>
    public EvaluationAudit ToStored() => new(JsonSerializer.Serialize(this), Broken(isWithRare: false).Count > 0, Broken(isWithRare: true).Count > 0);

    public static ModelAudit Of(EvaluationAudit stored) => JsonSerializer.Deserialize<ModelAudit>(stored.Text)!;

    /// <summary>Whether a part for rarer items was measured too.</summary>
    public bool HasRare => Cells.Any(c => c.Outcome == Hit + WithRare);

    /// <summary>How all customers stand with a use.</summary>
    public IReadOnlyList<ModelCell> Standings(AuditedUse use) => [.. Cells.Where(c => c.Purpose == use.Purpose && c.Outcome == Standing)];

    /// <summary>Who is in the models of a use, by attribute, beside all customers.</summary>
    public IReadOnlyList<PresenceTable> Presence(AuditedUse use)
    {
        var tables = Tables(c => c.Outcome == InModels).Select(t => PresenceTable.Of(t.Key.Purpose, t.Key.Attribute, [.. t])).ToList();
        var sure = Sure(tables.SelectMany(t => t.Rows), r => r.P);
        return [.. tables.Where(t => t.Purpose == use.Purpose).Select(t => t with { Rows = [.. t.Rows.Select(r => r with { IsSure = sure.Contains(r) })] })];
    }

    /// <summary>How lists came out that were held back, by outcome and attribute.</summary>
    /// <param name="isWithRare">As they came out with the part for rarer items; next needs have none.</param>
    public IReadOnlyList<ResultTable> Results(AuditedUse use, bool isWithRare)
    {
        var audits = Audits(isWithRare);
        var tables = Tables(c => IsResult(c, isWithRare)).Select(t => ResultTable.Of(
            t.Key.Purpose, t.Key.Outcome.Replace(WithRare, "", StringComparison.Ordinal), t.Key.Attribute, [.. t],
            audits.FirstOrDefault(a => (a.Counts.Purpose.Value, a.Counts.Outcome, a.Counts.Attribute.Value) == t.Key))).ToList();
        var sure = Sure(tables.SelectMany(t => t.Rows), r => r.ToRest?.FisherTest());
        return [.. tables.Where(t => t.Purpose == use.Purpose).Select(t => t with { Rows = [.. t.Rows.Select(r => r with { IsSure = sure.Contains(r) })] })];
    }

    /// <summary>Limits of the catalog that are broken beyond doubt: by the interval, and when all comparisons are taken together. Bands that Candor makes itself have no limit.</summary>
    public IReadOnlyList<UseFinding> Broken(bool isWithRare) => [.. Audits(isWithRare).SelectMany(a => a.Findings).Where(f => f is { Kind: FindingKind.Limit, IsSure: true })];

    private IReadOnlyList<UseAudit> Audits(bool isWithRare) => UseAudit.Of(
        0,
        [
            .. Tables(c => IsResult(c, isWithRare) && !CustomerBands.IsBand(c.Attribute)).Select(t => new UseCounts(PurposeId.Parse(t.Key.Purpose), t.Key.Outcome, DataPointId.Parse(t.Key.Attribute),
                [.. t.Select(c => new GroupCount(t.Key.Outcome, DataPointId.Parse(c.Attribute), c.Group, c.Whole, c.Part, c.IsTooFew))])),
        ],
        [], p => new FairnessRule(Uses.First(u => u.Purpose == p.Value).MinImpactRatio));

    /// <summary>Rows whose comparison stands when all of them are taken together.</summary>
    /// <param name="p">Null where a row is compared with nobody.</param>
    private static HashSet<object?> Sure<T>(IEnumerable<T> rows, Func<T, double?> p)
    {
        var tested = rows.Select(r => (Row: (object?)r, P: p(r))).Where(r => r.P is not null).ToList();
        return tested.Zip(ManyGroups.Holm(tested.ConvertAll(r => r.P!.Value))).Where(r => r.Second < Level).Select(r => r.First.Row).ToHashSet(ReferenceEqualityComparer.Instance);
    }

    /// <summary>What counts when the settings are used: where rarer items have their part, of visits only the lists with it.</summary>
    private bool IsResult(ModelCell cell, bool isWithRare)
    {
        var hasRare = isWithRare && Uses.First(u => u.Purpose == cell.Purpose).Kind == SuggestionKind.Visit;
        return cell.Outcome == Made + (hasRare ? WithRare : "") || cell.Outcome == Hit + (hasRare ? WithRare : "");
    }

    private IEnumerable<IGrouping<(string Purpose, string Outcome, string Attribute), ModelCell>> Tables(Func<ModelCell, bool> where) => Cells.Where(where).GroupBy(c => (c.Purpose, c.Outcome, c.Attribute));
}
