using Candor.Fairness;

namespace Candor.Server.Commands;

/// <summary>The audits of an evaluation as lines of text. Groups are named as the catalog's values are.</summary>
internal static class ModelAuditText
{
    public static IEnumerable<string> Lines(ModelAudit audit)
    {
        foreach (var use in audit.Uses)
        {
            yield return Text($"Who is in the models for {use.Purpose}: {use.InModels:N0} of {use.Customers:N0} customers.");
            foreach (var cell in audit.Standings(use))
            {
                yield return $"  {Choice(cell),-44} {(cell.IsTooFew ? "too few" : Text($"{cell.Whole:N0}")),10}";
            }

            foreach (var line in audit.Presence(use).SelectMany(Lines))
            {
                yield return line;
            }

            foreach (var line in ((bool[])[false, .. audit.HasRare ? [true] : (bool[])[]]).SelectMany(rare => audit.Results(use, rare).SelectMany(t => Lines(t, rare))))
            {
                yield return line;
            }
        }

        foreach (var finding in audit.Broken(isWithRare: false).Concat(audit.Broken(isWithRare: true)).Distinct())
        {
            yield return Text($"Below the limit beyond doubt: {finding.Purpose}, {finding.Outcome}, {finding.Attribute} {finding.Group}: {finding.Value:0.00} of the largest share; the limit is {finding.Bound:0.00}.");
        }
    }

    private static IEnumerable<string> Lines(PresenceTable table)
    {
        yield return $"  {"in the models, by " + Name(table.Attribute),-42} {"of all",10} {"in models",10} {"difference",10} {"95 % interval",20}";
        foreach (var row in table.Rows)
        {
            yield return row.IsTooFew ? $"    {Group(table.Attribute, row.Group),-40} {"too few",10}" : Text(
                $"    {Group(table.Attribute, row.Group),-40} {row.All.Value,10:0.0 %} {row.Models.Value,10:0.0 %} {row.Difference,10:+0.000;-0.000;0.000} {Shown(row.Interval),20}{(row.IsMissing ? "  too few of them" : "")}");
        }
    }

    private static IEnumerable<string> Lines(ResultTable table, bool isWithRare)
    {
        var title = $"{(table.Outcome == ModelAudit.Hit ? "had a right one" : "got their own")}{(isWithRare ? ", rarer items" : "")}, by {Name(table.Attribute)}";
        yield return $"  {title,-42} {"customers",10} {"share",10} {"to others",10} {"95 % interval",20}";
        foreach (var row in table.Rows)
        {
            yield return row.IsTooFew ? $"    {Group(table.Attribute, row.Group),-40} {"too few",10}" : Text(
                $"    {Group(table.Attribute, row.Group),-40} {row.Count.Whole,10:N0} {row.Count.Value,10:0.0 %} {row.ToRest?.Difference,10:+0.000;-0.000;0.000} {Shown(row.ToRest?.DifferenceInterval()),20}{(row.IsSure ? "  more than chance" : "")}");
        }
    }

    private static string Choice(ModelCell cell) => cell.Group switch
    {
        "in" => "agreed, and in the models",
        "nothing" => "agreed, and nothing is held of them",
        "never" => "did not choose yet",
        "no" => "said no, or took it back",
        "lapsed" => "agreed for a time that is over, or to less",
        "restricted" => "had all uses stopped",
        _ => "too few of one kind",
    };

    private static string Name(string attribute) => attribute switch
    {
        CustomerBands.Since => "time as a customer", CustomerBands.Records => "visits or orders", _ => attribute,
    };

    private static string Group(string attribute, string? group) => group ?? (CustomerBands.IsBand(attribute) ? "too few of one kind" : "not given, or too few");

    private static string Shown(Interval? interval) => interval is { } i ? Text($"{i.Low:+0.000;-0.000;0.000} to {i.High:+0.000;-0.000;0.000}") : "";

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
