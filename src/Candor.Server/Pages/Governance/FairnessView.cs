using System.Globalization;
using Candor.Catalog;
using Candor.Consent;
using Candor.Fairness;
using Candor.Governance;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Reads;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;

namespace Candor.Server.Pages.Governance;

/// <summary>One group in a table.</summary>
/// <param name="Tone"><c>yes</c>, <c>no</c>, <c>wait</c> or empty.</param>
public sealed record GroupRow(string Label, string People, string Share, string Interval, string Ratio, string Standing, string Tone, bool FellBehind);

/// <summary>One outcome of a use by one attribute.</summary>
public sealed record OutcomeTable(string Id, string Title, IReadOnlyList<GroupRow> Rows);

/// <summary>A use with what was counted of it.</summary>
/// <param name="Rule">Its limit and what follows, in words.</param>
public sealed record UseSection(string Id, string Label, string Rule, IReadOnlyList<OutcomeTable> Tables);

/// <summary>A pause in words.</summary>
public sealed record PauseView(string Id, string Use, string Since, string? Ended);

/// <summary>Whether groups of customers are served alike, in words.</summary>
public sealed class FairnessView
{
    private readonly Wording texts;
    private readonly CultureInfo culture;
    private readonly LogNames names;

    public FairnessView(StaffView view, FairnessReport report, LogNames names, string reason, string? wrong)
    {
        (View, Report, Reason, Wrong, this.names) = (view, report, reason, wrong, names);
        texts = PageText.In("alike", view.Frame.Language);
        culture = CultureInfo.GetCultureInfo(view.Frame.Language);
        Uses = [.. report.Audits.GroupBy(a => a.Counts.Purpose).Select(g => new UseSection(g.Key.Value, Label(g.Key), RuleOf(g.First().Rule), [.. g.Select(Table)]))];
        Paused = [.. report.Pauses.Where(p => p.EndedAt is null).Select(Of)];
        Ended = [.. report.Pauses.Where(p => p.EndedAt is not null).Select(Of)];
        Lately = [.. report.Lately.Where(f => f.IsSure).Select(f => (f.Week, T("found." + f.Kind.ToString().ToLowerInvariant(),
            ("use", Label(f.Purpose)), ("outcome", T("outcome." + f.Outcome)), ("group", $"{AttributeOf(f.Attribute)}: {GroupOf(f.Attribute, f.Group)}"), ("value", Percent(Math.Abs(f.Value))))))];
    }

    public StaffView View { get; }

    public FairnessReport Report { get; }

    public Wording Words => texts;

    /// <summary>What was written into the form; kept when it was not taken.</summary>
    public string Reason { get; }

    public string? Wrong { get; }

    public IReadOnlyList<UseSection> Uses { get; }

    public IReadOnlyList<PauseView> Paused { get; }

    public IReadOnlyList<PauseView> Ended { get; }

    public IReadOnlyList<(long Week, string Sentence)> Lately { get; }

    public bool MayEnd => View.Visit.HasRole(LogPost.Officer);

    public bool HasAudit => View.Catalog.BiasAudit is not null;

    public string T(string name, params ReadOnlySpan<(string Blank, string Value)> values) => texts.Text(name, values);

    public string WeekName(long week) => T("week", ("from", Day(Week.FirstDay(week))), ("to", Day(Week.FirstDay(week).AddDays(6))));

    public static string WeekPath(long week) => $"/governance/fairness?week={Week.FirstDay(week):yyyy-MM-dd}";

    public static string FilePath(long week) => $"/governance/fairness/figures.csv?week={Week.FirstDay(week):yyyy-MM-dd}";

    private OutcomeTable Table(UseAudit audit) => new(
        $"{audit.Counts.Purpose}-{audit.Counts.Outcome}-{audit.Counts.Attribute}",
        T("table", ("outcome", T("outcome." + audit.Counts.Outcome)), ("attribute", AttributeOf(audit.Counts.Attribute))), [.. audit.Counts.Groups.OrderBy(g => Place(audit.Counts.Attribute, g.Group)).Select(g => Row(audit, g))]);

    /// <summary>As the catalog has them; those without a group, and values that it has no more, come last.</summary>
    private int Place(DataPointId attribute, string? group) =>
        View.Catalog.DataPoints.GetValueOrDefault(attribute)?.Values.Select((v, i) => (v.Value, Index: i)).Where(v => v.Value == group).Select(v => (int?)v.Index).FirstOrDefault() ?? int.MaxValue;

    private GroupRow Row(UseAudit audit, GroupCount group)
    {
        var (share, standing) = (new Proportion(group.Part, group.Whole), audit.StandingOf(group));
        var tone = standing switch { GroupStanding.FarBelow => "no", GroupStanding.Below => "wait", GroupStanding.Alike or GroupStanding.Largest => "yes", _ => "" };
        return new GroupRow(
            group.Group is null ? T("group.none") : GroupOf(audit.Counts.Attribute, group.Group), group.IsTooFew ? "–" : group.Whole.ToString("N0", culture),
            share.Value is { } value ? Percent(value) : "–", share.Wilson() is { } i ? T("interval", ("low", Percent(i.Low)), ("high", Percent(i.High))) : "–",
            audit.ComparisonOf(group)?.Shares.Ratio is { } ratio ? ratio.ToString("0.00", culture) : "–", T("standing." + standing.ToString().ToLowerInvariant()), tone, audit.FellBehind(group));
    }

    private PauseView Of(UsePause pause) => new(
        pause.Id, Label(pause.Purpose), T("pause.since", ("time", Time(pause.PausedAt)), ("week", WeekName(pause.Week))),
        pause.EndedAt is { } at ? T("pause.ended", ("time", Time(at)), ("who", names.Of("staff:" + pause.EndedBy)), ("reason", pause.Reason ?? "")) : null);

    private string RuleOf(FairnessRule rule) => T(rule.OnBreach == OnBreach.Pause ? "rule.pause" : "rule.alert", ("limit", Percent(rule.MinImpactRatio)));

    private string Label(PurposeId purpose) => View.Catalog.Purposes.TryGetValue(purpose, out var found) ? found.Label.In(View.Frame.Language) : purpose.Value;

    private string AttributeOf(DataPointId attribute) => View.Catalog.DataPoints.TryGetValue(attribute, out var found) ? found.Label.In(View.Frame.Language) : attribute.Value;

    private string GroupOf(DataPointId attribute, string group) =>
        View.Catalog.DataPoints.GetValueOrDefault(attribute)?.Values.FirstOrDefault(v => v.Value == group)?.Label.In(View.Frame.Language) ?? group;

    private string Percent(double share) => (share * 100).ToString("0.0", culture) + T("percent");

    private string Day(DateOnly day) => day.ToString(T("date.day"), culture);

    private string Time(DateTimeOffset at) => at.UtcDateTime.ToString(T("date.time"), culture);
}
