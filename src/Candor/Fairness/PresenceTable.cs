namespace Candor.Fairness;

/// <summary>One group in the models beside its part of all customers, of those whose group is known.</summary>
/// <param name="Group">Null: not given, or too few; its shares are of everybody, and it is compared with nobody.</param>
/// <param name="All">Customers of the group, of all customers.</param>
/// <param name="Models">Those in the models, of all who are in them.</param>
/// <param name="Difference">Share in the models less share of all; null where it is not compared.</param>
/// <param name="Interval">95 % interval of it.</param>
/// <param name="P">Two-sided, of Fisher's exact test; null where it is not compared.</param>
/// <param name="IsSure">The difference also stands when all groups of the audit are taken together (Holm).</param>
public sealed record PresenceRow(string? Group, bool IsTooFew, Proportion All, Proportion Models, double? Difference, Interval? Interval, double? P, bool IsSure)
{
    /// <summary>Surely fewer of them than of all customers.</summary>
    public bool IsMissing => IsSure && Difference < 0;
}

/// <summary>Who is in the models of a use, by one attribute.</summary>
public sealed record PresenceTable(string Purpose, string Attribute, IReadOnlyList<PresenceRow> Rows)
{
    internal static PresenceTable Of(string purpose, string attribute, IReadOnlyList<ModelCell> cells)
    {
        var known = cells.Where(c => c is { Group: not null, IsTooFew: false }).ToList();
        var (all, inside) = (known.Sum(c => c.Whole), known.Sum(c => c.Part));
        return new PresenceTable(purpose, attribute, [.. cells.Select(c => c switch
        {
            { IsTooFew: true } => new PresenceRow(c.Group, true, default, default, null, null, null, false),
            { Group: null } => new PresenceRow(null, false, new Proportion(c.Whole, cells.Sum(o => o.Whole)), new Proportion(c.Part, cells.Sum(o => o.Part)), null, null, null, false),
            _ => Compared(c, all, inside),
        })]);
    }

    /// <summary>Whoever is in the models is also one of all, so those who are in are compared with those who are not: the difference to all is that difference, times the part of those who are not.</summary>
    private static PresenceRow Compared(ModelCell cell, long all, long inside)
    {
        var (shareOfAll, shareOfModels) = (new Proportion(cell.Whole, all), new Proportion(cell.Part, inside));
        if (inside == 0 || inside == all || cell.Whole == all)
        {
            return new PresenceRow(cell.Group, false, shareOfAll, shareOfModels, null, null, null, false);
        }

        var (two, outside) = (new TwoGroups(shareOfModels, new Proportion(cell.Whole - cell.Part, all - inside)), (double)(all - inside) / all);
        var interval = two.DifferenceInterval();
        return new PresenceRow(cell.Group, false, shareOfAll, shareOfModels, two.Difference * outside, new Interval(interval.Low * outside, interval.High * outside), two.FisherTest(), false);
    }
}
