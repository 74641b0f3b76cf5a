using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Candor.Audit;
using Candor.Catalog;
using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;

namespace Candor.Governance;

/// <summary>Initiatives from the first words to the last review: who proposes, discusses, votes and decides. Every step is kept with who and when, and is in the log.</summary>
/// <remarks>INVARIANT: every change holds the lock of initiatives before it looks, so that a vote and a decision at the same moment stand in one order.</remarks>
public sealed class Initiatives(CatalogRegister catalogs, AccessRegister access, FourEyes eyes, AuditLog log)
{
    /// <summary>Characters of a comment, of the reason of a vote and of the conditions.</summary>
    public const int MaxSaid = 2_000;

    /// <summary>The farthest date of a review.</summary>
    public static readonly TimeSpan LongestApproval = TimeSpan.FromDays(3 * 366);

    private const string Job = "initiatives";
    private const int IdLength = 16;
    private static readonly string[] MemberRole = [CommitteeSetup.MemberRole];

    /// <summary>A member of the committee who may act on an initiative.</summary>
    private sealed record Seated(ActorState Actor, string Seat, Initiative Initiative, IReadOnlyList<InitiativeStep> Steps, VoteCount Count);

    /// <summary>Begins a draft.</summary>
    /// <exception cref="Fault">Invalid <c>governance/bad-initiative</c>, <c>governance/no-such-purpose</c>, <c>governance/nothing-changes</c> or <c>catalog/mistakes</c>.</exception>
    public async ValueTask<Initiative> ProposeAsync(Transaction tx, CallerToken token, InitiativeForm form, CancellationToken ct)
    {
        var actor = await EnterAsync(tx, token, ct);
        var (words, basedOn) = await CheckAsync(tx, form, ct);
        var initiative = new Initiative(
            RandomNumberGenerator.GetHexString(IdLength, lowercase: true), words, basedOn, actor.Ref, tx.Now, InitiativeState.Draft, 1, null, null, null, null);
        await KeepAsync(tx, initiative, StepKind.Proposed, actor, null, DigestOf(words), ct);
        return initiative;
    }

    /// <summary>Writes a draft anew; its proposer alone can.</summary>
    public async ValueTask ReviseAsync(Transaction tx, CallerToken token, string id, InitiativeForm form, CancellationToken ct)
    {
        var (actor, initiative) = await EnterOwnAsync(tx, token, id, ct);
        CheckState(initiative, tx.Now, InitiativeState.Draft);
        var (words, basedOn) = await CheckAsync(tx, form, ct);
        await KeepAsync(tx, initiative with { Form = words, BasedOn = basedOn }, StepKind.Revised, actor, null, DigestOf(words), ct);
    }

    /// <summary>Puts a draft before those who decide; its words do not change from then on.</summary>
    public async ValueTask OpenAsync(Transaction tx, CallerToken token, string id, CancellationToken ct)
    {
        var (actor, initiative) = await EnterOwnAsync(tx, token, id, ct);
        CheckState(initiative, tx.Now, InitiativeState.Draft);
        // The catalog may have moved on since the draft was written: what is voted on is compared with the one that counts.
        var (words, basedOn) = await CheckAsync(tx, initiative.Form, ct);
        await KeepAsync(tx, initiative with { Form = words, BasedOn = basedOn, State = InitiativeState.Open, RoundBegunAt = tx.Now }, StepKind.Opened, actor, null, DigestOf(words), ct);
    }

    /// <summary>Takes an initiative back before it is decided on; its proposer alone can.</summary>
    public async ValueTask WithdrawAsync(Transaction tx, CallerToken token, string id, CancellationToken ct)
    {
        var (actor, initiative) = await EnterOwnAsync(tx, token, id, ct);
        CheckState(initiative, tx.Now, InitiativeState.Draft, InitiativeState.Open);
        await KeepAsync(tx, initiative with { State = InitiativeState.Withdrawn, RoundBegunAt = null }, StepKind.Withdrawn, actor, null, null, ct);
    }

    /// <summary>Says something on an open initiative, or on one under review. Any member of staff can.</summary>
    public async ValueTask CommentAsync(Transaction tx, CallerToken token, string id, string text, CancellationToken ct)
    {
        var actor = await EnterAsync(tx, token, ct);
        var initiative = await InitiativeRows.GetAsync(tx, id, ct);
        CheckVoting(initiative, tx.Now);
        await KeepAsync(tx, initiative, StepKind.Comment, actor, (await CommitteeOffice.FindAsync(tx, ct)).SeatOf(actor.Ref), CheckSaid(text, isNeeded: true), ct);
    }

    /// <summary>Declares a conflict of interest: this member's vote is void in this round, and they do not count for the quorum.</summary>
    public async ValueTask DeclareConflictAsync(Transaction tx, CallerToken token, string id, string reason, CancellationToken ct)
    {
        var member = await EnterSeatAsync(tx, token, id, ct);
        await KeepAsync(tx, member.Initiative, StepKind.Conflict, member.Actor, member.Seat, CheckSaid(reason, isNeeded: true), ct);
    }

    /// <summary>Votes. Until the decision the newest vote of a member counts.</summary>
    /// <param name="vote"><see cref="StepKind.VoteYes"/>, <see cref="StepKind.VoteNo"/> or <see cref="StepKind.VoteAbstain"/>.</param>
    /// <param name="reason">1 to <see cref="MaxSaid"/> characters.</param>
    public async ValueTask VoteAsync(Transaction tx, CallerToken token, string id, StepKind vote, string reason, CancellationToken ct)
    {
        if (vote is not (StepKind.VoteYes or StepKind.VoteNo or StepKind.VoteAbstain))
        {
            throw new Fault(FaultKind.Invalid, "governance/bad-vote", "A vote is `yes`, `no` or `abstain`.");
        }

        var member = await EnterSeatAsync(tx, token, id, ct);
        await KeepAsync(tx, member.Initiative, vote, member.Actor, member.Seat, CheckSaid(reason, isNeeded: true), ct);
    }

    /// <summary>Closes the vote. What was decided follows from the votes; the member who closes it sets conditions and the date of the review.</summary>
    /// <param name="conditions">Empty for none; only a first approval has them.</param>
    /// <param name="reviewOn">First day, in UTC, on which the approval does not count any more; needed for a yes.</param>
    /// <exception cref="Fault">Conflict <c>governance/cannot-decide</c>; Invalid <c>governance/bad-review-date</c>.</exception>
    public async ValueTask<Initiative> DecideAsync(Transaction tx, CallerToken token, string id, string conditions, DateOnly? reviewOn, CancellationToken ct)
    {
        var member = await EnterSeatAsync(tx, token, id, ct);
        if (!member.Count.CanDecide(member.Initiative.VotingSince(tx.Now)!.Value, tx.Now))
        {
            throw new Fault(FaultKind.Conflict, "governance/cannot-decide",
                $"This needs `{member.Count.Quorum}` votes and has `{member.Count.Ballots.Count}`; and everybody who may vote has voted, or the vote has been open for {VoteCount.VotingLasts.TotalHours:0} hours.");
        }

        var words = CheckSaid(conditions, isNeeded: false);
        return member.Count.IsYes
            ? await ApproveAsync(tx, member.Initiative, member.Actor.LogName, member.Seat, words, CheckReview(tx.Now, reviewOn), ct)
            : await RefuseAsync(tx, member.Initiative, member.Actor, member.Seat, ct);
    }

    /// <summary>Takes up an approved initiative again before its date, when something has come up.</summary>
    public async ValueTask BeginReviewAsync(Transaction tx, CallerToken token, string id, string reason, CancellationToken ct)
    {
        var actor = await eyes.EnterAsync(tx, token, [CommitteeSetup.MemberRole, .. CommitteeOffice.Roles], ct);
        await tx.LockJobAsync(Job, ct);
        var initiative = await InitiativeRows.GetAsync(tx, id, ct);
        if (!initiative.WasApproved || initiative.VotingSince(tx.Now) is not null)
        {
            throw Not(initiative, tx.Now);
        }

        await KeepAsync(tx, initiative with { RoundBegunAt = tx.Now }, StepKind.ReviewBegun, actor, (await CommitteeOffice.FindAsync(tx, ct)).SeatOf(actor.Ref), CheckSaid(reason, isNeeded: true), ct);
    }

    /// <summary>The votes of the round that is voted on, or was last.</summary>
    public static async ValueTask<VoteCount> CountAsync(Transaction tx, Initiative initiative, IReadOnlyList<InitiativeStep> steps, CancellationToken ct)
    {
        var able = (await StaffDirectory.WithRoleAsync(tx, MemberRole, ct)).Select(s => s.StaffId).ToHashSet();
        return VoteCount.Of(await CommitteeOffice.FindAsync(tx, ct), able, steps, initiative.VotingSince(tx.Now) is null ? Math.Max(1, initiative.Round - 1) : initiative.Round);
    }

    /// <summary>Checks the date of a review.</summary>
    /// <exception cref="Fault">Invalid <c>governance/bad-review-date</c>.</exception>
    internal static DateTimeOffset CheckReview(DateTimeOffset now, DateOnly? on)
    {
        var (first, last) = (DateOnly.FromDateTime(now.UtcDateTime).AddDays(1), DateOnly.FromDateTime((now + LongestApproval).UtcDateTime));
        return on is { } day && day >= first && day <= last ? new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) : throw new Fault(
            FaultKind.Invalid, "governance/bad-review-date",
            string.Create(CultureInfo.InvariantCulture, $"An approval has a date of review from `{first:yyyy-MM-dd}` to `{last:yyyy-MM-dd}`; got `{on?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "none"}`."));
    }

    /// <summary>Approves, or confirms at a review, and gives the purposes that rest on it their date.</summary>
    internal async ValueTask<Initiative> ApproveAsync(Transaction tx, Initiative initiative, string by, string? seat, string? conditions, DateTimeOffset review, CancellationToken ct)
    {
        var isFirst = initiative.State == InitiativeState.Open;
        var approved = initiative with
        {
            State = !isFirst ? initiative.State : conditions is null ? InitiativeState.Approved : InitiativeState.ApprovedWithConditions, Round = initiative.Round + 1, RoundBegunAt = null,
            DecidedAt = tx.Now, Conditions = isFirst ? conditions : initiative.Conditions, ReviewAt = review,
        };
        await InitiativeRows.KeepAsync(tx, approved, ct);
        await StepAsync(tx, initiative, isFirst ? StepKind.Approved : StepKind.Confirmed, by, null, seat, string.Create(CultureInfo.InvariantCulture, $"{review:yyyy-MM-dd}{(conditions is null ? "" : " " + conditions)}"), ct);
        if (isFirst && initiative.Form is { CatalogText: null, Purpose: { } purpose })
        {
            await PurposeApprovals.SetAsync(tx, PurposeId.Parse(purpose), ApprovalGround.Initiative, initiative.Id, review, ct);
        }

        await PurposeApprovals.MoveEndAsync(tx, initiative.Id, review, ct);
        return approved;
    }

    private async ValueTask<Initiative> RefuseAsync(Transaction tx, Initiative initiative, ActorState actor, string seat, CancellationToken ct)
    {
        var isFirst = initiative.State == InitiativeState.Open;
        var refused = initiative with { State = isFirst ? InitiativeState.Rejected : InitiativeState.Ended, Round = initiative.Round + 1, RoundBegunAt = null, DecidedAt = tx.Now, ReviewAt = isFirst ? null : tx.Now };
        await KeepAsync(tx, refused, isFirst ? StepKind.Rejected : StepKind.Ended, actor, seat, null, ct, initiative.Round);
        // A use that was to be decided on as it stands, and got a no, ends; of a proposed one nothing has begun.
        if (isFirst && initiative.Form is { CatalogText: null, Purpose: { } purpose })
        {
            await PurposeApprovals.EndAsync(tx, PurposeId.Parse(purpose), initiative.Id, ct);
        }

        await PurposeApprovals.MoveEndAsync(tx, initiative.Id, tx.Now, ct);
        return refused;
    }

    /// <summary>The rule for catalogs that name a decision: whether it covers them.</summary>
    public async ValueTask<CoveringDecision?> CoverAsync(Transaction tx, ActiveCatalog from, PurposeCatalog to, string decision, string appliedBy, CancellationToken ct)
    {
        await tx.LockJobAsync(Job, ct);
        if (await InitiativeCover.FindAsync(tx, catalogs, from.Catalog, to, decision, ct) is not { } initiative)
        {
            return null;
        }

        await StepAsync(tx, initiative, StepKind.Applied, appliedBy, null, null, (from.Version + 1).ToString(CultureInfo.InvariantCulture), ct);
        return new CoveringDecision(initiative.Id, initiative.ReviewAt!.Value);
    }

    internal static async ValueTask<Initiative> GetLockedAsync(Transaction tx, string id, CancellationToken ct)
    {
        await tx.LockJobAsync(Job, ct);
        return await InitiativeRows.GetAsync(tx, id, ct);
    }

    internal async ValueTask StepAsync(Transaction tx, Initiative initiative, StepKind kind, string by, string? session, string? seat, string? said, CancellationToken ct)
    {
        await InitiativeRows.AddStepAsync(tx, initiative.Id, initiative.Round, kind, by, seat, said, ct);
        // The words themselves stay beside the log; their digest in it shows when they were changed.
        await log.AppendAsync(tx, new AuditEvent
        {
            Kind = AuditKind.Admin, Actor = by, Session = session, Subject = $"initiative-{InitiativeCover.Word(kind)}:{initiative.Id}",
            Reason = said is null ? null : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(said))),
        }, ct);
    }

    internal static string? CheckSaid(string? text, bool isNeeded)
    {
        var said = text?.Trim().ReplaceLineEndings("\n") ?? "";
        return said.Length == 0 && !isNeeded ? null : said.Length is > 0 and <= MaxSaid ? said
            : throw new Fault(FaultKind.Invalid, "governance/bad-text", $"This has 1 to `{MaxSaid}` characters; got `{said.Length}`.");
    }

    internal static void CheckState(Initiative initiative, DateTimeOffset now, params ReadOnlySpan<InitiativeState> states)
    {
        if (!states.Contains(initiative.StateAt(now)))
        {
            throw Not(initiative, now);
        }
    }

    private static void CheckVoting(Initiative initiative, DateTimeOffset now)
    {
        if (initiative.VotingSince(now) is null)
        {
            throw Not(initiative, now);
        }
    }

    private static Fault Not(Initiative initiative, DateTimeOffset now) => new(
        FaultKind.Conflict, "governance/not-in-this-state", $"The initiative is `{InitiativeCover.Word(initiative.StateAt(now))}`, so this cannot be done; after a decision, a review or a new initiative can change it.");

    private async ValueTask<(InitiativeForm Form, long BasedOn)> CheckAsync(Transaction tx, InitiativeForm form, CancellationToken ct)
    {
        var (words, active) = (form.Checked(), await catalogs.GetActiveAsync(tx, ct));
        if (words.CatalogText is { } text && CatalogDiff.Compare(active.Catalog, PurposeCatalog.Read(text, "candor.yaml")).Count == 0)
        {
            throw new Fault(FaultKind.Invalid, "governance/nothing-changes", $"The catalog text means the same as version `{active.Version}`, so there is nothing to decide on; change it, or leave it out.");
        }

        if (words is { CatalogText: null, Purpose: { } purpose } && !active.Catalog.Purposes.Keys.Any(p => p.Value == purpose))
        {
            throw new Fault(FaultKind.Invalid, "governance/no-such-purpose",
                $"The catalog has no purpose `{Name.Shown(purpose)}`; it has {string.Join(", ", active.Catalog.Purposes.Keys.Select(p => p.Value).Order(StringComparer.Ordinal).Select(p => $"`{p}`"))}.");
        }

        return (words, active.Version);
    }

    private async ValueTask<ActorState> EnterAsync(Transaction tx, CallerToken token, CancellationToken ct)
    {
        await tx.LockJobAsync(Job, ct);
        return await access.FindActorAsync(tx, token, ct) is { } actor && actor.IsStaffAt(tx.Now) ? actor
            : throw new Fault(FaultKind.Conflict, "staff/not-allowed", "This needs a session of a member of staff with a second factor; sign in again.");
    }

    private async ValueTask<(ActorState Actor, Initiative Initiative)> EnterOwnAsync(Transaction tx, CallerToken token, string id, CancellationToken ct)
    {
        var actor = await EnterAsync(tx, token, ct);
        var initiative = await InitiativeRows.GetAsync(tx, id, ct);
        return initiative.ProposedBy == actor.Ref ? (actor, initiative)
            : throw new Fault(FaultKind.Conflict, "governance/not-own-initiative", "Only whoever proposed an initiative changes it, opens it or takes it back.");
    }

    private async ValueTask<Seated> EnterSeatAsync(Transaction tx, CallerToken token, string id, CancellationToken ct)
    {
        var actor = await eyes.EnterAsync(tx, token, MemberRole, ct);
        var initiative = await GetLockedAsync(tx, id, ct);
        CheckVoting(initiative, tx.Now);
        var (setup, steps) = (await CommitteeOffice.FindAsync(tx, ct), await InitiativeRows.StepsAsync(tx, id, ct));
        var count = await CountAsync(tx, initiative, steps, ct);
        return setup.SeatOf(actor.Ref) is not { } seat ? throw new Fault(FaultKind.Conflict, "governance/no-seat", "Only who has a seat in the committee votes and decides.")
            : count.Conflicted.Any(c => c.StaffId == actor.Ref) ? throw new Fault(FaultKind.Conflict, "governance/conflict-of-interest", "You declared a conflict of interest, so you neither vote nor decide on this.")
            : new Seated(actor, seat, initiative, steps, count);
    }

    private async ValueTask KeepAsync(Transaction tx, Initiative initiative, StepKind kind, ActorState actor, string? seat, string? said, CancellationToken ct, long? round = null)
    {
        await InitiativeRows.KeepAsync(tx, initiative, ct);
        await StepAsync(tx, round is { } r ? initiative with { Round = r } : initiative, kind, actor.LogName, actor.Session, seat, said, ct);
    }

    private static string DigestOf(InitiativeForm f) => WidenedPart.DigestOf([f.Title, f.What, f.Why, f.Data, f.Helps, f.Harms, f.Purpose ?? "", f.CatalogText ?? ""]);
}
