using System.Security.Cryptography;
using System.Text.Json;
using Candor.Audit;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Staff;

/// <summary>Changes that widen what somebody may do: one person proposes, another one decides, and the log has both.</summary>
/// <remarks>Where there is nobody else, a proposal applies by itself after <see cref="AloneWait"/>, and the log says that one person did it.
/// INVARIANT: every decision holds the same lock first and looks at the actor, the proposer and the proposal after.</remarks>
public sealed class FourEyes(AccessRegister access, AuditLog log)
{
    /// <summary>How long a proposal can be decided and collected.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(30);

    /// <summary>How long a proposal waits that nobody else can decide on.</summary>
    public static readonly TimeSpan AloneWait = TimeSpan.FromHours(24);

    /// <summary>Who decided where there was nobody else.</summary>
    public const string SinglePerson = "single-person";

    public const int MaxReason = 500;

    private const string Job = "four-eyes";
    private const int MaxWaiting = 200;
    private const int IdLength = 16;
    private readonly Dictionary<string, ProposalKind> kinds = new(StringComparer.Ordinal);

    private sealed record Member(string StaffId, string Roles);

    /// <summary>Adds a kind; when the modules are put together.</summary>
    public void Add(ProposalKind kind) => kinds.Add(kind.Name, kind);

    /// <summary>Takes the lock that all changes of people, keys and catalog hold, and finds who asks.</summary>
    /// <param name="roles">One of them is needed.</param>
    /// <exception cref="Fault">Conflict <c>staff/not-allowed</c> or <c>staff/step-up</c>.</exception>
    public async ValueTask<ActorState> EnterAsync(Transaction tx, CallerToken token, IReadOnlyList<string> roles, CancellationToken ct)
    {
        await tx.LockJobAsync(Job, ct);
        var actor = await access.FindActorAsync(tx, token, ct);
        if (actor is not { Kind: ActorKind.Staff, IsRevoked: false } || actor.ExpiresAt <= tx.Now || !roles.Any(actor.HasRole))
        {
            throw new Fault(FaultKind.Conflict, "staff/not-allowed", $"This needs a session of somebody with one of the roles {string.Join(", ", roles.Select(r => $"`{r}`"))}; sign in again.");
        }

        return actor.MfaAt is { } mfa && mfa + StaffSignIn.StepUpLasts > tx.Now ? actor
            : throw new Fault(FaultKind.Conflict, "staff/step-up", $"This needs a second factor of the last {StaffSignIn.StepUpLasts.TotalMinutes:0} minutes; confirm that it is you and try again.");
    }

    /// <summary>Proposes a change.</summary>
    /// <param name="parameters">What exactly; becomes JSON and stays as it is.</param>
    /// <exception cref="Fault">Conflict when the proposer may not, or the same is proposed already.</exception>
    public async ValueTask<Proposal> ProposeAsync<T>(Transaction tx, CallerToken token, string kind, T parameters, CancellationToken ct)
    {
        var known = kinds[kind];
        var actor = await EnterAsync(tx, token, known.Roles, ct);
        var json = JsonSerializer.Serialize(parameters);
        var (digest, waiting) = (Proposal.DigestOf(kind, json), await ProposalRows.InStateAsync(tx, ProposalState.Waiting, ct));
        if (waiting.Any(w => w.Digest == digest && w.ExpiresAt > tx.Now))
        {
            throw new Fault(FaultKind.Conflict, "staff/already-proposed", "Exactly this change is proposed already and waits for a decision.");
        }

        if (waiting.Count >= MaxWaiting)
        {
            throw new Fault(FaultKind.Conflict, "staff/too-many-proposals", $"At most `{MaxWaiting}` changes wait at a time; have some of them decided first.");
        }

        DateTimeOffset? alone = await HasOtherAsync(tx, known, actor.Ref, ct) ? null : tx.Now;
        var proposal = new Proposal(
            RandomNumberGenerator.GetHexString(IdLength, lowercase: true), kind, json, digest, actor.Ref, tx.Now, tx.Now + Life, alone, ProposalState.Waiting, null, null, null);
        await ProposalRows.AddAsync(tx, proposal, ct);
        await LogAsync(tx, actor.LogName, actor.Session, "proposed", proposal, digest, ct);
        return proposal;
    }

    /// <summary>Approves a change, which counts from this transaction's commit on; or is ready to be collected.</summary>
    /// <exception cref="Fault">Conflict for the proposer, for somebody who may not, for what is decided or over, and when it cannot be applied any more.</exception>
    public async ValueTask<Proposal> ApproveAsync(Transaction tx, CallerToken token, string id, CancellationToken ct)
    {
        var (proposal, kind, actor) = await EnterDecisionAsync(tx, token, id, ct);
        if (!await MayAsync(tx, kind, proposal.ProposedBy, ct))
        {
            throw new Fault(FaultKind.Conflict, "staff/proposer-gone", "Whoever proposed this may not do so any more, so it cannot be approved; refuse it, and propose it anew if it is still wanted.");
        }

        await LogAsync(tx, actor.LogName, actor.Session, "approved", proposal, proposal.Digest, ct);
        await TakeEffectAsync(tx, proposal, kind, actor.Ref, actor.LogName, ct);
        return proposal;
    }

    /// <summary>Refuses a change.</summary>
    /// <param name="reason">Told to the proposer; 1 to <see cref="MaxReason"/> characters.</param>
    public async ValueTask RefuseAsync(Transaction tx, CallerToken token, string id, string reason, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(reason) || reason.Length > MaxReason)
        {
            throw new Fault(FaultKind.Invalid, "staff/bad-reason", $"A refusal has a reason of 1 to `{MaxReason}` characters.");
        }

        var (proposal, _, actor) = await EnterDecisionAsync(tx, token, id, ct);
        await MoveAsync(tx, proposal, ProposalState.Refused, actor.Ref, reason.Trim(), ct);
        await LogAsync(tx, actor.LogName, actor.Session, "refused", proposal, proposal.Digest, ct);
    }

    /// <summary>Takes a proposal back; the proposer alone can.</summary>
    public async ValueTask WithdrawAsync(Transaction tx, CallerToken token, string id, CancellationToken ct)
    {
        var (proposal, actor) = await EnterOwnAsync(tx, token, id, ct);
        CheckOpen(tx, proposal, ProposalState.Waiting, ProposalState.Ready);
        await MoveAsync(tx, proposal, ProposalState.Withdrawn, null, null, ct);
        await LogAsync(tx, actor.LogName, actor.Session, "withdrawn", proposal, proposal.Digest, ct);
    }

    /// <summary>Marks what was approved as collected; what it gives is made by the caller in this transaction. The proposer alone can, once.</summary>
    public async ValueTask<(Proposal Proposal, ActorState Actor)> CollectAsync(Transaction tx, CallerToken token, string id, CancellationToken ct)
    {
        var (proposal, actor) = await EnterOwnAsync(tx, token, id, ct);
        CheckOpen(tx, proposal, ProposalState.Ready);
        await MoveAsync(tx, proposal, ProposalState.Applied, null, null, ct);
        await LogAsync(tx, actor.LogName, actor.Session, "applied", proposal, proposal.Digest, ct);
        return (proposal, actor);
    }

    /// <summary>Applies what nobody else can decide on and has waited long enough, and ends what is over. Each in a transaction of its own.</summary>
    /// <returns>How many were moved on.</returns>
    public async Task<int> RunDueAsync(Database database, CancellationToken ct)
    {
        var open = await database.ReadAsync(async tx =>
            (await ProposalRows.InStateAsync(tx, ProposalState.Waiting, ct)).Concat(await ProposalRows.InStateAsync(tx, ProposalState.Ready, ct)).ToList(), ct);
        var moved = 0;
        foreach (var id in open.Select(p => p.Id))
        {
            try
            {
                moved += await database.WriteAsync(tx => RunDueAsync(tx, id, ct), ct);
            }
            catch (Fault fault)
            {
                // What it was to change has changed: it stands as failed, with the reason, for its proposer to see.
                await database.WriteAsync(tx => FailAsync(tx, id, fault, ct), ct);
            }
        }

        return moved;
    }

    public async ValueTask<Proposal> GetAsync(Transaction tx, string id, CancellationToken ct) => await ProposalRows.FindAsync(tx, id, ct)
        ?? throw new Fault(FaultKind.NotFound, "staff/no-such-proposal", $"There is no proposed change `{Name.Shown(id)}`.");

    public ValueTask<IReadOnlyList<Proposal>> NewestAsync(Transaction tx, int most, CancellationToken ct) => ProposalRows.NewestAsync(tx, most, ct);

    /// <summary>Whether somebody with these roles sees, and decides on, a kind.</summary>
    public bool IsFor(string kind, ActorState actor) => kinds[kind].Roles.Any(actor.HasRole);

    private async ValueTask<int> RunDueAsync(Transaction tx, string id, CancellationToken ct)
    {
        await tx.LockJobAsync(Job, ct);
        if (await ProposalRows.FindAsync(tx, id, ct) is not { State: ProposalState.Waiting or ProposalState.Ready } proposal)
        {
            return 0;
        }

        var kind = kinds[proposal.Kind];
        if (proposal.ExpiresAt <= tx.Now)
        {
            await MoveAsync(tx, proposal, ProposalState.Expired, null, null, ct);
            await LogAsync(tx, "system:four-eyes", null, "expired", proposal, proposal.Digest, ct);
            return 1;
        }

        if (proposal.State == ProposalState.Ready)
        {
            return 0;
        }

        if (await HasOtherAsync(tx, kind, proposal.ProposedBy, ct) || !await MayAsync(tx, kind, proposal.ProposedBy, ct))
        {
            await ProposalRows.SetAloneAsync(tx, proposal, null, ct);
            return 0;
        }

        if (proposal.AloneSince is not { } since)
        {
            await ProposalRows.SetAloneAsync(tx, proposal, tx.NowUs, ct);
            return 0;
        }

        if (since + AloneWait > tx.Now)
        {
            return 0;
        }

        await LogAsync(tx, "system:four-eyes", null, "approved", proposal, SinglePerson, ct);
        await TakeEffectAsync(tx, proposal, kind, SinglePerson, "staff:" + proposal.ProposedBy, ct);
        return 1;
    }

    private async ValueTask FailAsync(Transaction tx, string id, Fault fault, CancellationToken ct)
    {
        await tx.LockJobAsync(Job, ct);
        if (await ProposalRows.FindAsync(tx, id, ct) is { State: ProposalState.Waiting } proposal)
        {
            await MoveAsync(tx, proposal, ProposalState.Failed, null, fault.What, ct);
            await LogAsync(tx, "system:four-eyes", null, "failed", proposal, fault.What, ct);
        }
    }

    private async ValueTask TakeEffectAsync(Transaction tx, Proposal proposal, ProposalKind kind, string by, string logName, CancellationToken ct)
    {
        await MoveAsync(tx, proposal, kind.IsCollected ? ProposalState.Ready : ProposalState.Applied, by, null, ct);
        if (!kind.IsCollected)
        {
            await kind.Apply(tx, proposal, logName, ct);
            await LogAsync(tx, logName, null, "applied", proposal, proposal.Digest, ct);
        }
    }

    private async ValueTask<(Proposal Proposal, ProposalKind Kind, ActorState Actor)> EnterDecisionAsync(Transaction tx, CallerToken token, string id, CancellationToken ct)
    {
        await tx.LockJobAsync(Job, ct);
        var proposal = await GetAsync(tx, id, ct);
        var kind = kinds[proposal.Kind];
        var actor = await EnterAsync(tx, token, kind.Roles, ct);
        CheckOpen(tx, proposal, ProposalState.Waiting);
        return actor.Ref != proposal.ProposedBy ? (proposal, kind, actor)
            : throw new Fault(FaultKind.Conflict, "staff/own-proposal", "Nobody decides on what they proposed themselves; another person has to.");
    }

    private async ValueTask<(Proposal Proposal, ActorState Actor)> EnterOwnAsync(Transaction tx, CallerToken token, string id, CancellationToken ct)
    {
        await tx.LockJobAsync(Job, ct);
        var proposal = await GetAsync(tx, id, ct);
        var actor = await EnterAsync(tx, token, kinds[proposal.Kind].Roles, ct);
        return actor.Ref == proposal.ProposedBy ? (proposal, actor)
            : throw new Fault(FaultKind.Conflict, "staff/not-own-proposal", "Only whoever proposed a change takes it back or collects what it gives.");
    }

    private static void CheckOpen(Transaction tx, Proposal proposal, params ReadOnlySpan<ProposalState> states)
    {
        if (!states.Contains(proposal.State) || proposal.ExpiresAt <= tx.Now)
        {
            throw new Fault(FaultKind.Conflict, "staff/proposal-over", $"This change is `{(proposal.ExpiresAt <= tx.Now ? ProposalState.Expired : proposal.State)}` and cannot be decided or collected any more.");
        }
    }

    private static async ValueTask MoveAsync(Transaction tx, Proposal proposal, ProposalState to, string? by, string? reason, CancellationToken ct)
    {
        if (!await ProposalRows.MoveAsync(tx, proposal, to, by, reason, ct))
        {
            throw new Fault(FaultKind.Conflict, "staff/proposal-over", "This change was decided by somebody else at the same moment.");
        }
    }

    private async ValueTask<bool> HasOtherAsync(Transaction tx, ProposalKind kind, string than, CancellationToken ct) =>
        (await ActiveAsync(tx, ct)).Any(m => m.StaffId != than && kind.IsFor(m.Roles));

    private async ValueTask<bool> MayAsync(Transaction tx, ProposalKind kind, string staffId, CancellationToken ct) =>
        (await ActiveAsync(tx, ct)).Any(m => m.StaffId == staffId && kind.IsFor(m.Roles));

    private static async ValueTask<IReadOnlyList<Member>> ActiveAsync(Transaction tx, CancellationToken ct) =>
        await tx.QueryAsync<Member>("SELECT f.staff_id, f.roles FROM staff f WHERE f.disabled_at_us IS NULL ORDER BY f.staff_id" + tx.ForShare("f"), null, ct);

    private async ValueTask LogAsync(Transaction tx, string actor, string? session, string what, Proposal proposal, string reason, CancellationToken ct) =>
        await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Admin, Actor = actor, Session = session, Subject = $"{proposal.Kind}-{what}:{proposal.Id}", Reason = reason }, ct);
}
