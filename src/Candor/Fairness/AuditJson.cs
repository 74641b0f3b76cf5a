using System.Text.Encodings.Web;
using System.Text.Json;

namespace Candor.Fairness;

/// <summary>An audit for machines. What is not defined is <c>null</c>; a group that is too small has <c>tooFew</c> and no figures.</summary>
public static class AuditJson
{
    public static void Write(Stream stream, AuditReport report, DecisionColumns columns, DecisionsRead read)
    {
        // The file is no page: names in other scripts stay readable.
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("decision", columns.Decision);
        json.WriteString("truth", columns.Truth);
        json.WriteString("score", columns.Score);
        json.WriteNumber("rows", read.Rows);
        json.WriteNumber("people", report.People);
        json.WriteNumber("withoutDecision", read.WithoutDecision);
        json.WriteNumber("withoutTruth", read.WithoutTruth);
        json.WriteNumber("withoutScore", read.WithoutScore);
        json.WriteNumber("minimumGroupSize", report.Plan.MinimumGroupSize);
        json.WriteNumber("confidence", 0.95);
        json.WriteNumber("resamples", report.Plan.Resamples);
        json.WriteNumber("seed", report.Plan.Seed);
        json.WriteBoolean("broken", report.IsBroken);
        json.WriteStartArray("groupings");
        foreach (var grouping in report.Groupings)
        {
            Write(json, grouping, report.Plan.Limits.MinImpactRatio);
            json.Flush();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, GroupingAudit audit, double limit)
    {
        json.WriteStartObject();
        json.WriteStartArray("columns");
        audit.Grouping.Columns.ToList().ForEach(json.WriteStringValue);
        json.WriteEndArray();
        json.WriteStartArray("groups");
        foreach (var group in audit.Groups)
        {
            Write(json, audit, group);
        }

        json.WriteEndArray();
        json.WriteStartObject("overall");
        WriteCounts(json, audit.Overall);
        json.WriteEndObject();
        Number(json, "medianScore", audit.MedianScore);
        json.WriteNumber("scoreBits", audit.ScoreBits);
        WriteGaps(json, audit);
        WriteComparisons(json, audit, limit);
        WriteCrossed(json, audit);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, GroupingAudit audit, GroupAudit group)
    {
        json.WriteStartObject();
        WriteName(json, audit, group);
        json.WriteBoolean("tooFew", group.IsTooFew);
        if (!group.IsTooFew)
        {
            json.WriteNumber("share", group.Share);
            WriteCounts(json, group.Counts);
            if (group.Scores is { } scores)
            {
                json.WriteStartObject("scores");
                json.WriteNumber("people", scores.AboveMedian.Whole);
                Number(json, "aboveMedian", scores.AboveMedian.Value);
                Interval(json, "aboveMedianWilson", scores.AboveMedian.Wilson());
                Number(json, "mean", scores.Mean);
                Number(json, "auc", scores.Auc);
                Number(json, "brier", scores.Brier);
                Number(json, "calibrationInTheLarge", scores.CalibrationInTheLarge);
                Number(json, "calibrationError", scores.CalibrationError);
                json.WriteEndObject();
            }
        }

        json.WriteEndObject();
    }

    private static void WriteName(Utf8JsonWriter json, GroupingAudit audit, GroupAudit group)
    {
        if (group.Merged > 0)
        {
            json.WriteNumber("smallGroupsTogether", group.Merged);
            return;
        }

        json.WriteStartObject("values");
        for (var i = 0; i < group.Values.Count; i++)
        {
            json.WriteString(audit.Grouping.Columns[i], group.Values[i]);
        }

        json.WriteEndObject();
    }

    private static void WriteCounts(Utf8JsonWriter json, OutcomeCounts counts)
    {
        json.WriteNumber("n", counts.Count);
        json.WriteNumber("selected", counts.Selected);
        json.WriteNumber("tp", counts.TruePositives);
        json.WriteNumber("fp", counts.FalsePositives);
        json.WriteNumber("tn", counts.TrueNegatives);
        json.WriteNumber("fn", counts.FalseNegatives);
        json.WriteStartObject("rates");
        foreach (var rate in Rates.All)
        {
            var counted = counts.Of(rate);
            json.WriteStartObject(Rates.NameOf(rate));
            Number(json, "value", counted.Value);
            json.WriteNumber("part", counted.Part);
            json.WriteNumber("whole", counted.Whole);
            Interval(json, "wilson", counted.Wilson());
            Interval(json, "clopperPearson", counted.ClopperPearson());
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteGaps(Utf8JsonWriter json, GroupingAudit audit)
    {
        json.WriteStartObject("gaps");
        foreach (var rate in Rates.All)
        {
            if (audit.GapOf(rate) is not { } gap)
            {
                json.WriteNull(Rates.NameOf(rate));
                continue;
            }

            json.WriteStartObject(Rates.NameOf(rate));
            Number(json, "min", gap.Min);
            Number(json, "max", gap.Max);
            Number(json, "difference", gap.Difference);
            Number(json, "ratio", gap.Ratio);
            Number(json, "differenceToOverall", audit.ToOverall(rate)?.Difference);
            Number(json, "ratioToOverall", audit.ToOverall(rate)?.Ratio);
            if (audit.Bootstrap is { } bootstrap && Rates.Compared.ToList().IndexOf(rate) is var at and >= 0)
            {
                Spread(json, "differenceBootstrap", bootstrap.Differences[at]);
                Spread(json, "ratioBootstrap", bootstrap.Ratios[at]);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteStartObject("equalizedOdds");
        Number(json, "difference", audit.EqualizedOdds?.Difference);
        Number(json, "ratio", audit.EqualizedOdds?.Ratio);
        json.WriteEndObject();
    }

    private static void WriteComparisons(Utf8JsonWriter json, GroupingAudit audit, double limit)
    {
        json.WriteStartObject("comparisons");
        foreach (var (rate, comparisons) in audit.Comparisons)
        {
            json.WriteStartArray(Rates.NameOf(rate));
            foreach (var compared in comparisons)
            {
                json.WriteStartObject();
                WriteName(json, audit, audit.Compared[compared.Group]);
                json.WriteStartObject("against");
                WriteName(json, audit, audit.Compared[compared.Reference]);
                json.WriteEndObject();
                Number(json, "difference", compared.Shares.Difference);
                Interval(json, "differenceNewcombe", compared.Shares.DifferenceInterval());
                Number(json, "ratio", compared.Shares.Ratio);
                Interval(json, "ratioKatz", compared.Shares.RatioInterval());
                Interval(json, "ratioWalter", compared.Shares.AdjustedRatioInterval());
                Number(json, "pFisher", compared.FisherP);
                Number(json, "pHolm", compared.HolmP);
                json.WriteBoolean("stillUnderIfOneMoved", rate == Rate.Selection && compared.IsUnderEvenIfOneMoved(limit));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteCrossed(Utf8JsonWriter json, GroupingAudit audit)
    {
        json.WriteStartArray("limitsCrossed");
        foreach (var crossed in audit.Crossed)
        {
            json.WriteStartObject();
            WriteName(json, audit, crossed.Group);
            json.WriteString("rate", Rates.NameOf(crossed.Rate));
            json.WriteString("measure", crossed.IsRatio ? "ratio" : "difference");
            json.WriteNumber("limit", crossed.Limit);
            json.WriteNumber("value", crossed.Value);
            Interval(json, "differenceInterval", crossed.DifferenceInterval);
            json.WriteBoolean("broken", crossed.IsBroken);
            json.WriteBoolean("standsAmongAll", crossed.StandsAmongAll);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Number(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } v)
        {
            json.WriteNumber(name, v);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void Interval(Utf8JsonWriter json, string name, Interval? interval)
    {
        if (interval is not { } i)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartArray(name);
        json.WriteNumberValue(i.Low);
        json.WriteNumberValue(i.High);
        json.WriteEndArray();
    }

    private static void Spread(Utf8JsonWriter json, string name, Spread spread) =>
        Interval(json, name, spread is { Low: { } low, High: { } high } ? new Interval(low, high) : null);
}
