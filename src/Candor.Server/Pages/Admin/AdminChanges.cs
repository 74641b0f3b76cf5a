using Candor.Catalog;
using Candor.Governance;
using Candor.Kernel;
using Candor.Staff;

namespace Candor.Server.Pages.Admin;

/// <summary>One proposed change in a list.</summary>
/// <param name="Tone"><c>yes</c>, <c>wait</c> or <c>no</c>.</param>
public sealed record ProposalLine(string Id, string Title, string State, string Tone, string By, string When);

/// <summary>What waits, and what was decided.</summary>
public sealed record AdminChanges(AdminView View, IReadOnlyList<ProposalLine> Waiting, IReadOnlyList<ProposalLine> Past);

/// <summary>One proposed change, with what the reader may do about it.</summary>
/// <param name="Catalog">What changes in the catalog; empty for other kinds.</param>
/// <param name="Alone">When it applies by itself because nobody else can decide; null while somebody can, or it is decided.</param>
/// <param name="Collect">Name of the text on the button that collects; null when there is nothing to collect.</param>
public sealed record AdminChange(
    AdminView View, Proposal Proposal, ProposalLine Line, IReadOnlyList<FactView> Facts, IReadOnlyList<CatalogChange> Catalog, string? Alone, bool MayDecide, bool IsOwn, string? Collect);

/// <summary>Something that is shown once: the text of a key, or a link.</summary>
public sealed record ShownOnce(AdminView View, string Title, string Lead, string Secret, string Back);

/// <summary>Puts proposals into words.</summary>
internal static class ProposalWords
{
    public static ProposalLine Line(AdminView view, Proposal p, IReadOnlyDictionary<string, string> names, DateTimeOffset now)
    {
        var state = p.State is ProposalState.Waiting or ProposalState.Ready && p.ExpiresAt <= now ? ProposalState.Expired : p.State;
        var tone = state switch { ProposalState.Applied => "yes", ProposalState.Waiting or ProposalState.Ready => "wait", _ => "no" };
        return new ProposalLine(p.Id, Title(view, p, names), view.T("state." + state), tone, names.GetValueOrDefault(p.ProposedBy, p.ProposedBy), view.Time(p.ProposedAt));
    }

    public static IReadOnlyList<FactView> Facts(AdminView view, Proposal p, IReadOnlyDictionary<string, string> names)
    {
        var facts = new List<FactView> { new(view.T("change.what"), view.T("kind." + p.Kind)) };
        facts.AddRange(Parameters(view, p, names));
        facts.Add(new(view.T("change.by"), names.GetValueOrDefault(p.ProposedBy, p.ProposedBy)));
        facts.Add(new(view.T("change.at"), view.Time(p.ProposedAt)));
        facts.Add(p.DecidedBy is { } by && p.DecidedAt is { } at
            ? new(view.T("change.decided"), $"{(by == FourEyes.SinglePerson ? view.T("change.single-person") : names.GetValueOrDefault(by, by))}, {view.Time(at)}")
            : new(view.T("change.until"), view.Time(p.ExpiresAt)));
        if (p.Reason is { } reason)
        {
            facts.Add(new(view.T("change.reason"), p.State == ProposalState.Failed ? view.TOr("mistake." + reason, reason) : reason));
        }

        return facts;
    }

    private static string Title(AdminView view, Proposal p, IReadOnlyDictionary<string, string> names) => view.T("title." + p.Kind, ("what", p.Kind switch
    {
        StaffChanges.RolesKind => Person(p.Read<RolesWish>().StaffId, names),
        StaffChanges.TrainingKind => Person(p.Read<TrainingWish>().StaffId, names),
        StaffChanges.InviteKind => p.Read<InvitationWish>().Name,
        StaffChanges.EnableKind or StaffChanges.ResetKind => Person(p.Read<AccountWish>().StaffId, names),
        ApiKeys.Kind => p.Read<KeyWish>().Service,
        KeyCare.Kind => view.Number(p.Read<DestructionWish>().Version),
        CommitteeOffice.Kind => view.T("committee.mode." + p.Read<CommitteeWish>().Mode),
        SelfChecks.Kind => p.Read<SelfCheckWish>().Initiative,
        ValueCleaning.Kind => p.Read<CleaningWish>().DataPoint,
        _ => view.Number(p.Read<CatalogWish>().BasedOn + 1),
    }));

    private static FactView[] Parameters(AdminView view, Proposal p, IReadOnlyDictionary<string, string> names) => p.Kind switch
    {
        StaffChanges.RolesKind when p.Read<RolesWish>() is var w =>
            [new(view.T("change.who"), Person(w.StaffId, names)), new(view.T("change.from"), view.Roles(w.From)), new(view.T("change.to"), view.Roles(w.To))],
        StaffChanges.TrainingKind when p.Read<TrainingWish>() is var w =>
            [new(view.T("change.who"), Person(w.StaffId, names)), new(view.T("certificate.module"), w.Module), new(view.T("certificate.until"), view.Day(PersonView.LastDay(w.UntilUs))), new(view.T("certificate.evidence"), w.Evidence)],
        StaffChanges.InviteKind when p.Read<InvitationWish>() is var w =>
            [new(view.T("invite.name"), w.Name), new(view.T("people.email"), w.Email), new(view.T("people.roles"), view.Roles(w.Roles))],
        StaffChanges.EnableKind or StaffChanges.ResetKind => [new(view.T("change.who"), Person(p.Read<AccountWish>().StaffId, names))],
        ApiKeys.Kind when p.Read<KeyWish>() is var w =>
        [
            new(view.T("keys.service"), w.Service), new(view.T("keys.purposes"), w.Purposes.Count > 0 ? string.Join(", ", w.Purposes) : view.T("keys.purposes.all")),
            new(view.T("keys.may"), w.May.Count > 0 ? string.Join(", ", w.May.Select(m => view.T("ability." + m))) : view.T("keys.may.none")),
            new(view.T("keys.days"), view.T("keys.days.n", ("n", view.Number(w.Days)))), new(view.T("keys.networks"), w.Networks.Count > 0 ? string.Join(", ", w.Networks) : view.T("keys.networks.all")),
            .. w.Assistant is { } assistant ? (FactView[])[new(view.T("keys.assistant"), assistant.Name), new(view.T("keys.customers"), view.Number(assistant.CustomersPerHour))] : [],
        ],
        CommitteeOffice.Kind when p.Read<CommitteeWish>() is var w =>
            [new(view.T("committee.mode"), view.T("committee.mode." + w.Mode)), .. w.Quorum == 0 ? Array.Empty<FactView>() : [new(view.T("committee.quorum"), view.Number(w.Quorum))], .. w.Seats.Select(s => new FactView(view.TOr("seat." + s.Name, s.Name), Person(s.StaffId, names)))],
        SelfChecks.Kind when p.Read<SelfCheckWish>() is var w =>
        [
            new(view.T("committee.initiative"), w.Initiative), .. SelfChecks.Questions.Zip(w.Answers, (q, a) => new FactView(view.T("question." + q), a)),
            new(view.T("committee.review"), view.Day(new DateTimeOffset(w.ReviewOn.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero))),
        ],
        ValueCleaning.Kind when p.Read<CleaningWish>() is var w => [new(view.T("cleaning.point"), w.DataPoint), new(view.T("cleaning.kind"), view.T("cleaning.kind." + w.Kind))],
        KeyCare.Kind => [new(view.T("encryption.version"), view.Number(p.Read<DestructionWish>().Version))],
        _ => [new(view.T("catalog.based-on"), view.Number(p.Read<CatalogWish>().BasedOn)), new(view.T("catalog.decision"), p.Read<CatalogWish>().Decision)],
    };

    private static string Person(string staffId, IReadOnlyDictionary<string, string> names) => names.GetValueOrDefault(staffId, staffId);
}
