using System.Globalization;
using Candor.Audit;
using Candor.Catalog;
using Candor.Governance;
using Candor.Kernel;
using Candor.Server.Pages.Admin;

namespace Candor.Server.Pages.Governance;

/// <summary>Puts initiatives into words.</summary>
internal sealed class InitiativeWords(AdminView view, LogNames names, DateTimeOffset now)
{
    public AdminView View { get; } = view;

    public InitiativeLine Line(Initiative i)
    {
        var state = i.StateAt(now);
        var tone = state switch
        {
            InitiativeState.Approved or InitiativeState.ApprovedWithConditions => "yes",
            InitiativeState.Draft or InitiativeState.Open => "wait",
            _ => "no",
        };
        return new InitiativeLine(i.Id, i.Form.Title, View.T("state." + state), tone, names.Of("staff:" + i.ProposedBy), View.Day(i.CreatedAt));
    }

    public IReadOnlyList<FactView> Facts(Initiative i, PurposeCatalog catalog)
    {
        var facts = new List<FactView> { new(View.T("initiative.id"), i.Id), new(View.T("initiative.by"), $"{names.Of("staff:" + i.ProposedBy)}, {View.Day(i.CreatedAt)}") };
        if (i.Form is { Purpose: { } purpose, CatalogText: null })
        {
            facts.Add(new(View.T("initiative.purpose"), PurposeId.TryParse(purpose, null, out var id) && catalog.Purposes.TryGetValue(id, out var known) ? $"{known.Label.In(View.Language)} ({purpose})" : purpose));
        }

        if (i.DecidedAt is { } decided)
        {
            facts.Add(new(View.T("initiative.decided"), View.Time(decided)));
        }

        if (i is { WasApproved: true, ReviewAt: { } review })
        {
            facts.Add(new(View.T("initiative.review"), View.Day(review)));
        }

        if (i.Conditions is { } conditions)
        {
            facts.Add(new(View.T("initiative.conditions"), conditions));
        }

        return facts;
    }

    /// <summary>The purposes that an initiative makes new or wider, as its text has them.</summary>
    public IReadOnlyList<UseView> Uses(InitiativeText text) =>
    [
        .. text.WiderPurposes.Select(p => new UseView(p.Label.In(View.Language),
        [
            new(View.T("use.why"), p.Why.In(View.Language)), new(View.T("use.basis"), View.T("basis." + InitiativeCover.Word(p.Basis))),
            new(View.T("use.data"), string.Join(", ", text.To.DataPointsOf(p).Select(d => $"{d.Label.In(View.Language)} ({View.T("necessity." + InitiativeCover.Word(p.Uses[d.Id]))})"))),
            new(View.T("use.who"), string.Join(", ", p.Roles.Order(StringComparer.Ordinal).Concat(p.Services.Order(StringComparer.Ordinal)).Concat(p.Recipients.Order(StringComparer.Ordinal)))),
        ])),
    ];

    public VoteView Votes(VoteCount count) => new(
        View.T("votes.summary", ("yes", View.Number(count.Yes)), ("no", View.Number(count.No)), ("abstain", View.Number(count.Abstained)), ("quorum", View.Number(count.Quorum))),
        [.. count.Ballots.Select(b => new StepView(View.T("step." + b.Vote), Who("staff:" + b.Member.StaffId, b.Member.Name), View.Time(b.At), b.Reason))],
        [.. count.Entitled.Where(m => count.Ballots.All(b => b.Member != m)).Select(m => Who("staff:" + m.StaffId, m.Name))],
        [.. count.Conflicted.Select(m => Who("staff:" + m.StaffId, m.Name))]);

    public StepView Step(InitiativeStep s) => new(
        View.T("step." + s.Kind, ("version", s.Said ?? "")), Who(s.By, s.Seat), View.Time(s.At),
        s.Kind is StepKind.Proposed or StepKind.Revised or StepKind.Opened or StepKind.Applied ? null
        : s.Kind is StepKind.Approved or StepKind.Confirmed ? View.T("step.until", ("day", DayOf(s.Said!))) + (s.Said!.Length > DateLength ? " " + s.Said[DateLength..].Trim() : "") : s.Said);

    private const int DateLength = 10;

    private string DayOf(string said) => View.Day(new DateTimeOffset(DateOnly.ParseExact(said[..DateLength], "yyyy-MM-dd", CultureInfo.InvariantCulture).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero));

    public GroundView Ground(Purpose purpose, PurposeApproval? approval)
    {
        var isLive = approval is not null && (approval.UntilUs is not { } until || until > Micros.From(now));
        return new GroundView(
            purpose.Label.In(View.Language), View.T("ground." + (approval?.Ground ?? "none")), approval?.Initiative,
            approval is null ? "–" : isLive ? approval.UntilUs is { } end ? View.T("ground.until", ("day", View.Day(Micros.ToInstant(end)))) : View.T("ground.no-end") : View.T("ground.over"), isLive);
    }

    public string Seat(string seat) => View.TOr("seat." + seat, seat);

    private string Who(string by, string? seat) => seat is null ? By(by) : $"{By(by)} ({Seat(seat)})";

    private string By(string by) => by.StartsWith("staff:", StringComparison.Ordinal) ? names.Of(by) : View.TOr("who." + by, by);
}
