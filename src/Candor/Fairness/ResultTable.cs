namespace Candor.Fairness;

/// <summary>How the lists of one group came out.</summary>
/// <param name="ToRest">The group beside all others whose group is known; null where it is not compared.</param>
/// <param name="Standing">By the catalog's limit; null for bands, which have none.</param>
/// <param name="IsSure">The difference to the rest stands when all groups of the audit are taken together (Holm).</param>
public sealed record ResultRow(string? Group, bool IsTooFew, Proportion Count, TwoGroups? ToRest, GroupStanding? Standing, bool IsSure);

/// <summary>How lists of a use came out, by one attribute.</summary>
/// <param name="Outcome"><see cref="ModelAudit.Made"/> or <see cref="ModelAudit.Hit"/>.</param>
public sealed record ResultTable(string Purpose, string Outcome, string Attribute, IReadOnlyList<ResultRow> Rows)
{
    /// <param name="audit">By the catalog's limit; null for bands.</param>
    internal static ResultTable Of(string purpose, string outcome, string attribute, IReadOnlyList<ModelCell> cells, UseAudit? audit)
    {
        var known = cells.Where(c => c is { Group: not null, IsTooFew: false }).ToList();
        var all = new Proportion(known.Sum(c => c.Part), known.Sum(c => c.Whole));
        return new ResultTable(purpose, outcome, attribute, [.. cells.Select(c => new ResultRow(
            c.Group, c.IsTooFew, new Proportion(c.Part, c.Whole),
            known.Count > 1 && known.Contains(c) ? new TwoGroups(new Proportion(c.Part, c.Whole), new Proportion(all.Part - c.Part, all.Whole - c.Whole)) : null,
            audit?.Counts.Groups.FirstOrDefault(g => g.Group == c.Group) is { } group ? audit.StandingOf(group) : null, false))]);
    }
}
