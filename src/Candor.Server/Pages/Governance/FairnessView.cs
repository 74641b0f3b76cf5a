using Candor.Catalog;
using Candor.Consent;
using Candor.Fairness;
using Candor.Governance;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Reads;
using Candor.Server.Pages.Staff;

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
    private readonly FairnessWords words;
    private readonly LogNames names;

    public FairnessView(StaffView view, FairnessReport report, LogNames names, string reason, string? wrong)
    {
        (View, Report, Reason, Wrong, this.names) = (view, report, reason, wrong, names);
        words = new FairnessWords(view, "alike");
        Uses = [.. report.Audits.GroupBy(a => a.Counts.Purpose).Select(g => new UseSection(g.Key.Value, words.Use(g.Key.Value), RuleOf(g.First().Rule), [.. g.Select(Table)]))];
        Paused = [.. report.Pauses.Where(p => p.EndedAt is null).Select(Of)];
        Ended = [.. report.Pauses.Where(p => p.EndedAt is not null).Select(Of)];
        Lately = [.. report.Lately.Where(f => f.IsSure).Select(f => (f.Week, T("found." + f.Kind.ToString().ToLowerInvariant(),
            ("use", words.Use(f.Purpose.Value)), ("outcome", T("outcome." + f.Outcome)), ("group", $"{words.Attribute(f.Attribute.Value)}: {words.Group(f.Attribute.Value, f.Group)}"),
            ("value", words.Percent(Math.Abs(f.Value))))))];
    }

    public StaffView View { get; }

    public FairnessReport Report { get; }

    public Wording Words => words.Texts;

    /// <summary>What was written into the form; kept when it was not taken.</summary>
    public string Reason { get; }

    public string? Wrong { get; }

    public IReadOnlyList<UseSection> Uses { get; }

    public IReadOnlyList<PauseView> Paused { get; }

    public IReadOnlyList<PauseView> Ended { get; }

    public IReadOnlyList<(long Week, string Sentence)> Lately { get; }

    public bool MayEnd => View.Visit.HasRole(LogPost.Officer);

    public bool HasAudit => View.Catalog.BiasAudit is not null;

    public string T(string name, params ReadOnlySpan<(string Blank, string Value)> values) => words.T(name, values);

    public string WeekName(long week) => T("week", ("from", words.Day(Week.FirstDay(week))), ("to", words.Day(Week.FirstDay(week).AddDays(6))));

    public static string WeekPath(long week) => $"/governance/fairness?week={Week.FirstDay(week):yyyy-MM-dd}";

    public static string FilePath(long week) => $"/governance/fairness/figures.csv?week={Week.FirstDay(week):yyyy-MM-dd}";

    private OutcomeTable Table(UseAudit audit) => new(
        $"{audit.Counts.Purpose}-{audit.Counts.Outcome}-{audit.Counts.Attribute}",
        T("table", ("outcome", T("outcome." + audit.Counts.Outcome)), ("attribute", words.Attribute(audit.Counts.Attribute.Value))),
        [.. audit.Counts.Groups.OrderBy(g => words.Place(audit.Counts.Attribute, g.Group)).Select(g => Row(audit, g))]);

    private GroupRow Row(UseAudit audit, GroupCount group)
    {
        var (share, standing) = (new Proportion(group.Part, group.Whole), audit.StandingOf(group));
        return new GroupRow(
            words.Group(audit.Counts.Attribute.Value, group.Group), group.IsTooFew ? "–" : words.Number(group.Whole), words.Share(share), words.Between(share.Wilson()),
            audit.ComparisonOf(group)?.Shares.Ratio is { } ratio ? words.Ratio(ratio) : "–", words.Standing(standing), FairnessWords.Tone(standing), audit.FellBehind(group));
    }

    private PauseView Of(UsePause pause) => new(
        pause.Id, words.Use(pause.Purpose.Value), T("pause.since", ("time", words.Time(pause.PausedAt)), ("week", WeekName(pause.Week))),
        pause.EndedAt is { } at ? T("pause.ended", ("time", words.Time(at)), ("who", names.Of("staff:" + pause.EndedBy)), ("reason", pause.Reason ?? "")) : null);

    private string RuleOf(FairnessRule rule) => T(rule.OnBreach == OnBreach.Pause ? "rule.pause" : "rule.alert", ("limit", words.Percent(rule.MinImpactRatio)));
}
