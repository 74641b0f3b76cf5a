using Candor.Catalog;
using Candor.Rights;
using Candor.Storage;

namespace Candor.Governance;

/// <summary>Is data used for what somebody decided on, and for nothing else?</summary>
internal static class ChecklistPurposes
{
    public static IReadOnlyList<ChecklistQuestion> All =>
    [
        new("approved", ChecklistArea.PurposeLimitation, "/governance/initiatives", ApprovedAsync),
        new("reviews", ChecklistArea.PurposeLimitation, "/governance/initiatives", ReviewsAsync),
        new("assessed", ChecklistArea.PurposeLimitation, "/governance/dpia", AssessedAsync),
        new("recipients", ChecklistArea.PurposeLimitation, "/governance/records", RecipientsAsync),
    ];

    /// <summary>A purpose by which a program decides or suggests something: what can treat people differently, and what an assessment is due for (GDPR article 35(3)(a)).</summary>
    public static bool IsAutomatic(Purpose purpose) => purpose.Active && (purpose.AutomatedDecision || purpose.MakesSuggestions);

    private static async ValueTask<ChecklistFinding> ApprovedAsync(Transaction tx, ChecklistSources from, CancellationToken ct)
    {
        var active = (await from.Catalogs.GetActiveAsync(tx, ct)).Catalog.Purposes.Values.Where(p => p.Active).ToList();
        var live = (await PurposeApprovals.AllAsync(tx, ct)).Where(a => !(a.UntilUs <= tx.NowUs)).Select(a => a.Purpose).ToHashSet(StringComparer.Ordinal);
        return ChecklistFinding.OfShare(active.Count(p => live.Contains(p.Id.Value)), active.Count);
    }

    private static async ValueTask<ChecklistFinding> ReviewsAsync(Transaction tx, ChecklistSources from, CancellationToken ct)
    {
        var approved = (await InitiativeRows.NewestAsync(tx, ct)).Where(i => i.WasApproved).ToList();
        return approved.Count == 0 ? ChecklistFinding.DoesNotApply()
            : ChecklistFinding.OfShare(approved.Count(i => i.IsLive(tx.Now)), approved.Count);
    }

    private static async ValueTask<ChecklistFinding> AssessedAsync(Transaction tx, ChecklistSources from, CancellationToken ct)
    {
        var (all, signed) = (0, 0);
        foreach (var purpose in (await from.Catalogs.GetActiveAsync(tx, ct)).Catalog.Purposes.Values.Where(IsAutomatic))
        {
            all++;
            signed += await from.Dpias.StandingAsync(tx, new DpiaSubject(DpiaSubject.Purposes, purpose.Id.Value), ct) is (_, { SignedBy: not null }, IsOutdated: false) ? 1 : 0;
        }

        return all == 0 ? ChecklistFinding.DoesNotApply() : ChecklistFinding.OfShare(signed, all);
    }

    private static async ValueTask<ChecklistFinding> RecipientsAsync(Transaction tx, ChecklistSources from, CancellationToken ct)
    {
        var catalog = (await from.Catalogs.GetActiveAsync(tx, ct)).Catalog;
        var named = catalog.NamedRecipients;
        var lacking = RecordGap.OfRecipients(catalog, DateOnly.FromDateTime(tx.Now.UtcDateTime)).Where(g => g.Kind is not (RecordGapKind.UnusedRecipient or RecordGapKind.ContractEnds)).Select(g => g.Name);
        return named.Count == 0 ? ChecklistFinding.DoesNotApply() : ChecklistFinding.OfShare(named.Except(lacking).Count(), named.Count);
    }
}

/// <summary>Do people get what they ask for, in time?</summary>
internal static class ChecklistRights
{
    private const int MostOpen = 1_000;

    /// <summary>Of a hundred answers so many are in time: yes; partial from the second on.</summary>
    private const int Good = 95;
    private const int Fair = 80;
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    public static IReadOnlyList<ChecklistQuestion> All =>
    [
        new("requests-open", ChecklistArea.Rights, "/governance/log?kind=request", OpenAsync),
        new("requests-in-time", ChecklistArea.Rights, "/governance/log?kind=request", InTimeAsync),
    ];

    private static async ValueTask<ChecklistFinding> OpenAsync(Transaction tx, ChecklistSources from, CancellationToken ct)
    {
        var open = await RequestFigures.OpenAsync(tx, MostOpen, ct);
        var late = open.Count(r => Deadlines.EndOf(r.Due) <= tx.Now);
        return ChecklistFinding.Of(late == 0 ? ChecklistAnswer.Yes : ChecklistAnswer.No, "", ("late", late), ("open", open.Count));
    }

    private static async ValueTask<ChecklistFinding> InTimeAsync(Transaction tx, ChecklistSources from, CancellationToken ct)
    {
        var answered = (await RequestFigures.TouchedAsync(tx, tx.Now - Year, tx.Now, ct))
            .Where(r => r.ClosedAt is not null && (r.State == RequestState.Refused || r.Outcome == RightsRequest.Fulfilled)).ToList();
        if (answered.Count == 0)
        {
            return ChecklistFinding.DoesNotApply();
        }

        var inTime = answered.Count(r => r.ClosedAt < Deadlines.EndOf(r.Due));
        var days = answered.Select(r => (r.ClosedAt!.Value - r.ReceivedAt).TotalDays).Order().ToList();
        return ChecklistFinding.Of(
            100 * inTime >= Good * answered.Count ? ChecklistAnswer.Yes : 100 * inTime >= Fair * answered.Count ? ChecklistAnswer.Partial : ChecklistAnswer.No, "",
            ("some", inTime), ("all", answered.Count), ("days", (long)Math.Ceiling(days[(days.Count - 1) / 2])));
    }
}
