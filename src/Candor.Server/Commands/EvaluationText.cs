using System.Globalization;
using Candor.Personalization;

namespace Candor.Server.Commands;

/// <summary>An evaluation as lines of text.</summary>
internal static class EvaluationText
{
    public static string At(DateTimeOffset instant) => instant.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + " UTC";

    public static string About(StoredEvaluation stored) => $"Evaluation {stored.Number} of {At(stored.At)}, by Candor {stored.Report.Version}.";

    public static IEnumerable<string> Lines(EvaluationReport report)
    {
        var data = report.Data;
        yield return Text($"Data: {data.Visits:N0} visits, {data.Baskets:N0} purchases, {data.Customers:N0} customers, {data.Items:N0} items, {data.Records:N0} records")
            + (data.From is { } from && data.To is { } to ? $", {from:yyyy-MM-dd} to {to:yyyy-MM-dd}." : ".");
        if (report.Lines.Count == 0)
        {
            yield return $"Too little to measure: it takes at least {ModelEvaluation.Least} visits, or as many customers with two orders, of people who agreed to suggestions.";
            yield break;
        }

        yield return $"{"model",-28} {"lists",7} {"of",3} {"hits",6} {"MRR",6} {"recall",6} {"NDCG",6} {"cover",6} {"bias",6} {"p50 ms",7} {"p90 ms",7}";
        foreach (var (model, length, r) in report.Lines)
        {
            yield return Text(
                $"{model,-28} {r.Questions,7} {length,3} {r.HitRate,6:0.0000} {r.Mrr,6:0.0000} {r.Recall,6:0.0000} {r.Ndcg,6:0.0000} {r.Coverage,6:0.000} {r.PopularityBias,6:0.000} {r.P50Ms,7:0.000} {r.P90Ms,7:0.000}");
        }

        if (report.Exposure is { } e)
        {
            yield return Text($"{e.Share * 100:0.#} % of the exposure for rarer items: hits {e.Without.HitRate:0.0000} to {e.With.HitRate:0.0000}, NDCG {e.Without.Ndcg:0.0000} to {e.With.Ndcg:0.0000}, coverage {e.Without.Coverage:0.000} to {e.With.Coverage:0.000}.");
        }

        yield return Text($"Settings found, of {report.Tried} tried:");
        foreach (var settings in new object?[] { report.Visits, report.Needs }.OfType<object>())
        {
            yield return $"  {settings}";
        }

        foreach (var line in report.LessData.SelectMany(Lines).Concat(report.Notes))
        {
            yield return line;
        }
    }

    private static IEnumerable<string> Lines(LessData less)
    {
        yield return Text($"With less data, {less.Model}, {less.Lists:N0} lists:");
        yield return $"  {"data",-44} {"records",10} {"NDCG",7} {"of full",8} {"95 % interval",17}";
        foreach (var set in less.Sets)
        {
            yield return Text($"  {set.Name,-44} {set.Records,10:N0} {set.Quality,7:0.0000} {set.Ratio,8:0.0 %} {set.Low,8:0.0 %}–{set.High,7:0.0 %}  {Word(set.Finding)}");
        }

        yield return less.Smallest.Records == less.Sets[0].Records
            ? $"  No smaller set keeps {Kept} of the quality beyond doubt."
            : Text($"  The smallest set that keeps {Kept} of the quality: {less.Smallest.Name}, {less.Smallest.Records / (double)less.Sets[0].Records:0 %} of the records.");
        yield return $"  Read by no model: {string.Join("; ", Candor.Personalization.LessData.NotRead)}.";
    }

    public static string Word(LessDataFinding finding) => finding switch
    {
        LessDataFinding.Keeps => "keeps it",
        LessDataFinding.Loses => "loses it",
        _ => "too few lists to tell",
    };

    private static string Kept => Text($"{Candor.Personalization.LessData.Kept:0 %}");

    private static string Text(FormattableString text) => FormattableString.Invariant(text).Replace(" %", " %", StringComparison.Ordinal);
}
