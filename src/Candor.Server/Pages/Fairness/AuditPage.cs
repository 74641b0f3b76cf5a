using System.Globalization;
using Candor.Consent;
using Candor.Fairness;
using Candor.Server.Web;

namespace Candor.Server.Pages.Fairness;

/// <summary>An audit in words that need no training in statistics.</summary>
public sealed class AuditPage
{
    /// <summary>Groups of one grouping that a table lists; the ones with the lowest shares where there are more.</summary>
    public const int MaxRows = 200;

    private readonly CultureInfo culture;

    public AuditPage(AuditReport report, DecisionColumns columns, DecisionsRead read, string fileName, DateOnly day, string language)
    {
        (Report, Columns, Read, FileName, Day) = (report, columns, read, fileName, day);
        Text = PageText.In("fairness", language);
        culture = CultureInfo.GetCultureInfo(Text.Language);
    }

    public AuditReport Report { get; }

    public DecisionColumns Columns { get; }

    public DecisionsRead Read { get; }

    public string FileName { get; }

    public DateOnly Day { get; }

    public Wording Text { get; }

    public string DayText => Day.ToString("D", culture);

    /// <summary>One sentence that says how it came out.</summary>
    public string Verdict => Report.Groupings.All(g => g.Compared.Count < 2) ? Text.Text("verdict.nothing")
        : Report.IsBroken ? Text.Text("verdict.broken", ("n", Number(Report.Crossed.Count(c => c.IsBroken))))
        : Report.Crossed.Any() ? Text.Text("verdict.unclear") : Text.Text("verdict.fine");

    public IEnumerable<string> Measured()
    {
        yield return Text.Text("measured.decision", ("column", Columns.Decision));
        yield return Columns.Truth is { } truth ? Text.Text("measured.truth", ("column", truth)) : Text.Text("measured.no-truth");
        if (Columns.Score is { } score)
        {
            yield return Text.Text("measured.score", ("column", score));
        }

        yield return Text.Text("measured.groups", ("groups", string.Join(", ", Report.Groupings.Select(g => g.Grouping.Name))));
        foreach (var (rate, isRatio, limit) in Report.Plan.Limits.InUse())
        {
            yield return isRatio ? Text.Text("measured.ratio", ("limit", Percent(limit, 0))) : Text.Text("measured.gap", ("rate", RateName(rate)), ("limit", Points(limit)));
        }
    }

    public IEnumerable<string> Uncertain()
    {
        yield return Text.Text("uncertain.interval");
        if (Read.WithoutDecision > 0)
        {
            yield return Text.Text("uncertain.no-decision", ("n", Number(Read.WithoutDecision)));
        }

        if (Read.WithoutTruth > 0)
        {
            yield return Text.Text("uncertain.no-truth", ("n", Number(Read.WithoutTruth)));
        }

        foreach (var audit in Report.Groupings)
        {
            if (audit.Groups.Count(g => g.IsTooFew) is var few and > 0)
            {
                yield return Text.Text("uncertain.few", ("grouping", audit.Grouping.Name), ("n", Number(few)), ("least", Number(Report.Plan.MinimumGroupSize)));
            }

            if (audit.Comparisons[Rate.Selection].Count > 1)
            {
                yield return Text.Text("uncertain.many", ("grouping", audit.Grouping.Name), ("n", Number(audit.Comparisons[Rate.Selection].Count)));
            }

            if (audit.Bootstrap is { Differences: [{ Low: { } low, High: { } high }, ..] })
            {
                yield return Text.Text("uncertain.bootstrap", ("grouping", audit.Grouping.Name), ("n", Number(Report.Plan.Resamples)), ("low", Points(low)), ("high", Points(high)), ("seed", Report.Plan.Seed.ToString(CultureInfo.InvariantCulture)));
            }

            if (audit.AreScoresRounded)
            {
                yield return Text.Text("uncertain.rounded", ("grouping", audit.Grouping.Name), ("bits", Number(audit.ScoreBits)));
            }
        }

        yield return Text.Text("uncertain.cause");
    }

    public IEnumerable<string> ToDo()
    {
        if (Report.IsBroken)
        {
            yield return Text.Text("todo.stop");
            yield return Text.Text("todo.why");
            yield return Text.Text("todo.law");
        }
        else if (Report.Crossed.Any())
        {
            yield return Text.Text("todo.more");
        }

        if (Report.Groupings.Any(g => g.Groups.Any(o => o.IsTooFew)))
        {
            yield return Text.Text("todo.few");
        }

        if (Columns.Truth is null)
        {
            yield return Text.Text("todo.truth");
        }

        yield return Text.Text("todo.again");
    }

    public string Sentence(LimitCrossed crossed)
    {
        var (own, other) = (crossed.Group.Counts.Of(crossed.Rate), crossed.Reference.Counts.Of(crossed.Rate));
        var what = Text.Text(crossed.IsRatio ? "crossed.ratio" : "crossed.gap",
            ("grouping", crossed.Grouping.Grouping.Name), ("group", NameOf(crossed.Group)), ("reference", NameOf(crossed.Reference)), ("rate", RateName(crossed.Rate)),
            ("own", Percent(own.Value!.Value)), ("other", Percent(other.Value!.Value)),
            ("value", crossed.IsRatio ? Percent(crossed.Value) : Points(crossed.Value)), ("limit", crossed.IsRatio ? Percent(crossed.Limit, 0) : Points(crossed.Limit)));
        var interval = Text.Text(!crossed.IsBroken ? "crossed.chance" : crossed.StandsAmongAll ? "crossed.certain" : "crossed.among-many",
            ("low", Points(crossed.DifferenceInterval.Low)), ("high", Points(crossed.DifferenceInterval.High)));
        return what + " " + interval;
    }

    /// <summary>The groups that the table lists.</summary>
    public static IReadOnlyList<GroupAudit> Listed(GroupingAudit audit, int most) => audit.Groups.Count <= most ? audit.Groups
        : [.. audit.Compared.OrderBy(g => g.Counts.Of(Rate.Selection).Value).Take(most)];

    public string NameOf(GroupAudit group) => group.Merged > 0 ? Text.Text("group.merged", ("n", Number(group.Merged)))
        : string.Join(" · ", group.Values.Select(v => v ?? Text.Text("group.not-given")));

    public string RateName(Rate rate) => Text.Text(rate switch { Rate.TruePositive => "rate.tpr", Rate.FalsePositive => "rate.fpr", _ => "rate.selection" });

    /// <summary>People of a group, or that they are too few to say.</summary>
    public string People(GroupAudit group) => group.IsTooFew ? Text.Text("too-few", ("least", Number(Report.Plan.MinimumGroupSize))) : Number(group.Counts.Count);

    /// <summary>A share with its interval; "not defined" where nobody is counted, a dash where the group is too small.</summary>
    public string Share(GroupAudit group, Rate rate)
    {
        var share = group.Counts.Of(rate);
        return group.IsTooFew ? "–" : share.Value is { } value && share.Wilson() is { } interval
            ? Text.Text("share", ("value", Percent(value)), ("low", Percent(interval.Low)), ("high", Percent(interval.High)))
            : Text.Text("not-defined");
    }

    /// <summary>The selection rate over the reference group's.</summary>
    public string ImpactRatio(GroupingAudit audit, GroupAudit group)
    {
        if (group.IsTooFew)
        {
            return "–";
        }

        var compared = audit.Comparisons[Rate.Selection].FirstOrDefault(c => audit.Compared[c.Group] == group);
        return compared is null ? Text.Text("reference") : compared.Shares.Ratio is { } ratio ? Percent(ratio) : Text.Text("not-defined");
    }

    public string Mark(GroupingAudit audit, GroupAudit group) =>
        audit.Crossed.Where(c => c.Group == group).ToList() is not { Count: > 0 } crossed ? ""
        : Text.Text(crossed.Exists(c => c.IsBroken) ? "mark.broken" : "mark.unclear");

    public string Number(long n) => n.ToString("N0", culture);

    public string Percent(double share, int digits = 1) => Text.Text("percent", ("n", (share * 100).ToString("F" + digits.ToString(CultureInfo.InvariantCulture), culture)));

    public string Points(double difference) => Text.Text("points", ("n", (difference * 100).ToString("F1", culture)));
}
