using Candor.Fairness;
using Candor.Kernel;

namespace Candor.Export;

/// <summary>Rows made so coarse that nobody is found again in them, as far as the goal says.</summary>
/// <param name="Columns">As they are in the file: a column that had to be hidden is left out.</param>
/// <param name="Rows">Shuffled.</param>
/// <param name="Found">How coarse each column became, and what that lost.</param>
/// <param name="Hierarchies">Of the columns that could become coarser, in the order of the levels found.</param>
/// <param name="Before">Risk of the rows as they were.</param>
/// <param name="After">Risk of the rows as they are written.</param>
/// <param name="Spread">Of the sensitive column after; null without one.</param>
public sealed record AnonymousRows(
    IReadOnlyList<string> Columns, IReadOnlyList<string[]> Rows, Anonymisation Found, IReadOnlyList<GeneralisationHierarchy> Hierarchies, ReidentificationRisk Before, ReidentificationRisk After, SensitiveSpread? Spread)
{
    /// <summary>Makes rows anonymous with the least loss that reaches the goal.</summary>
    /// <param name="coarser">How a column becomes coarser; one that is not named is kept or hidden.</param>
    /// <param name="sensitive">The column that must not come out, which is not made coarser; null for none.</param>
    /// <returns>Null when nothing reaches the goal.</returns>
    /// <exception cref="Fault">Invalid <c>export/no-such-column</c>.</exception>
    public static AnonymousRows? Make(ExportRows source, IReadOnlyDictionary<string, string> coarser, string? sensitive, AnonymityGoal goal, CancellationToken ct)
    {
        if (coarser.Keys.Append(sensitive).FirstOrDefault(c => c is not null && !source.Columns.Contains(c)) is { } unknown)
        {
            throw new Fault(FaultKind.Invalid, "export/no-such-column", $"The export has no column `{Name.Shown(unknown)}`; it has {string.Join(", ", source.Columns.Select(c => $"`{c}`"))}.");
        }

        var own = sensitive is null ? -1 : source.Columns.ToList().IndexOf(sensitive);
        var by = Enumerable.Range(0, source.Columns.Count).Where(c => c != own).ToList();
        var numbered = source.Columns.Select((_, c) => Numbered(source, c)).ToList();
        var hierarchies = by.ConvertAll(c => GeneralisationHierarchy.Named(source.Columns[c], numbered[c].Values, coarser.GetValueOrDefault(source.Columns[c])));
        var search = new AnonymisationSearch(hierarchies, by.ConvertAll(c => numbered[c].Numbers), own < 0 ? null : numbered[own].Numbers);
        if (search.Find(goal, ct) is not { Classes: > 0 } found)
        {
            return null;
        }

        var shown = by.Select((c, at) => (Column: c, At: at)).Where(c => found.Levels[c.At] < hierarchies[c.At].Levels.Count - 1).ToList();
        var kept = search.KeptAt(found.Levels, goal);
        var rows = Enumerable.Range(0, source.Rows.Count).Where(r => kept[r]).Select(r => (string[])
        [
            .. shown.Select(c => hierarchies[c.At].Levels[found.Levels[c.At]][numbered[c.Column].Numbers[r]]), .. own < 0 ? [] : new[] { source.Rows[r].Values[own] },
        ]).ToList();
        var after = ReidentificationRisk.ClassesOf([.. shown.Select((_, c) => Numbered(rows, c).Numbers)], rows.Count);
        return new AnonymousRows(
            [.. shown.Select(c => source.Columns[c.Column]), .. own < 0 ? [] : new[] { sensitive! }], rows, found, hierarchies,
            ReidentificationRisk.Of(ReidentificationRisk.ClassesOf(by.ConvertAll(c => numbered[c].Numbers))), ReidentificationRisk.Of(after),
            own < 0 ? null : SensitiveSpread.Of(after, Numbered(rows, shown.Count).Numbers));
    }

    private static (IReadOnlyList<string> Values, int[] Numbers) Numbered(ExportRows source, int column) => Numbered([.. source.Rows.Select(r => r.Values)], column);

    private static (IReadOnlyList<string> Values, int[] Numbers) Numbered(IReadOnlyList<string[]> rows, int column)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var numbers = new int[rows.Count];
        for (var r = 0; r < numbers.Length; r++)
        {
            var value = rows[r][column];
            if (!seen.TryGetValue(value, out numbers[r]))
            {
                seen[value] = numbers[r] = seen.Count;
            }
        }

        return ([.. seen.Keys], numbers);
    }
}
