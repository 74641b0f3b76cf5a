using System.Globalization;
using Candor.Fairness;

namespace Candor.Server.Commands;

/// <summary>How the risk of finding people again is told on the command line.</summary>
internal static class RiskWords
{
    public static void Say(ReidentificationRisk risk)
    {
        Line($"{risk.Records:N0} records in {risk.Classes:N0} classes; the smallest has k = {risk.K}.");
        Line($"{risk.UniqueRecords:N0} records ({risk.UniqueShare:P2}) are like no other.");
        Line($"Risk of being picked rightly: {risk.HighestRisk:P2} for the person easiest to find, {risk.AverageRisk:P2} on average; {risk.ShareAtRiskOver(0.2):P2} of the records are over 20 %.");
    }

    public static void Say(SensitiveSpread spread, string column) => Line(
        $"{column}: at least {spread.DistinctL} of {spread.DistinctValues} values in a class (entropy {spread.EntropyL:0.00}); a class is up to {spread.T:0.000} away from everybody (t); in {spread.HomogeneousClasses:N0} classes with {spread.RecordsInThem:N0} records all share one value.");

    public static void Say(Anonymisation found, IReadOnlyList<GeneralisationHierarchy> hierarchies)
    {
        Line($"Least loss that does ({found.Loss:P1}): {string.Join(", ", hierarchies.Zip(found.Levels, Shown))}; {found.Suppressed:N0} records are left out, and then k = {found.K}.");

        static string Shown(GeneralisationHierarchy h, int level) =>
            level == 0 ? $"{h.Column} as it is" : level == h.Levels.Count - 1 ? $"{h.Column} hidden" : $"{h.Column} at level {level} of {h.Levels.Count - 1} (such as {h.Levels[level][0]})";
    }

    private static void Line(FormattableString text) => Shared.Results.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
