using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Candor.Audit;
using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;

namespace Candor.Governance;

/// <summary>Internal audits: by schedule a sample of accesses is drawn from the log since the last, a privacy officer reviews each, and findings are followed until they are closed.</summary>
/// <remarks>INVARIANT: every change holds the lock of audits before it looks. Each is in the log; words stay beside it, and their digest in it shows when they were changed.</remarks>
public sealed class InternalAudits(Database database, AuditLog log, AccessRegister access)
{
    /// <summary>Characters of a note, and of the reason why a finding is closed.</summary>
    public const int MaxSaid = 1_000;

    /// <summary>Days that a finding may be given at most.</summary>
    public const int LongestDays = 366;

    /// <summary>How long there is to review a sample.</summary>
    public static readonly TimeSpan ReviewWithin = TimeSpan.FromDays(14);

    public const string By = "system:internal-audit";
    private const string Job = "internal-audits";
    private const int IdLength = 16;
    private const int Stretch = 10_000;
    private const int MostOdd = 10_000;

    /// <summary>Draws an audit when the plan says so; the first, one period after the log began.</summary>
    /// <returns>1 when one was drawn.</returns>
    public async Task<int> DrawDueAsync(CancellationToken ct)
    {
        var isDue = await database.ReadAsync(async tx => await IsDueAsync(tx, ct), ct);
        return isDue && await DrawAsync(By, null, onlyIfDue: true, ct) is not null ? 1 : 0;
    }

    /// <summary>Draws an audit now, whatever the plan says.</summary>
    /// <exception cref="Fault">Conflict <c>governance/audit-open</c> while one is not reviewed.</exception>
    public async Task<InternalAudit> DrawNowAsync(CallerToken token, CancellationToken ct)
    {
        var actor = await database.ReadAsync(async tx =>
        {
            var officer = await EnterAsync(tx, token, ct);
            return await InternalAuditRows.NewestAsync(tx, 1, ct) is [{ ClosedAt: null } open] ? throw Open(open) : officer;
        }, ct);
        return (await DrawAsync(actor.LogName, actor.Session, onlyIfDue: false, ct))!;
    }

    /// <summary>Sets how often audits are drawn, and how many accesses.</summary>
    /// <exception cref="Fault">Invalid <c>governance/bad-plan</c>.</exception>
    public async ValueTask PlanAsync(Transaction tx, CallerToken token, AuditPlan plan, CancellationToken ct)
    {
        var actor = await EnterLockedAsync(tx, token, ct);
        if (plan.Every is not (AuditPlan.Monthly or AuditPlan.Quarterly) || plan.Sample is < AuditPlan.Fewest or > AuditPlan.Most)
        {
            throw new Fault(FaultKind.Invalid, "governance/bad-plan", $"An audit is drawn `{AuditPlan.Monthly}` or `{AuditPlan.Quarterly}`, with `{AuditPlan.Fewest}` to `{AuditPlan.Most}` accesses; got `{Name.Shown(plan.Every)}`, `{plan.Sample}`.");
        }

        await InternalAuditRows.KeepPlanAsync(tx, plan, ct);
        await LogAsync(tx, actor.LogName, actor.Session, "audit-plan", $"{plan.Every} {plan.Sample}", ct);
    }

    /// <summary>Says of a drawn access how it is. Nobody says so of their own. When the last is reviewed, the audit is closed.</summary>
    /// <param name="note">1 to <see cref="MaxSaid"/> characters; may be empty where it is in order.</param>
    /// <param name="owner">Of a finding: an active member of staff.</param>
    /// <param name="dueOn">Of a finding: the last day, in UTC, on which it is to be closed.</param>
    /// <exception cref="Fault">Conflict <c>governance/own-access</c> or <c>governance/reviewed</c>; Invalid <c>governance/bad-text</c>, <c>governance/no-owner</c> or <c>governance/bad-due-date</c>; NotFound <c>governance/no-such-audit</c>.</exception>
    public async ValueTask ReviewAsync(Transaction tx, CallerToken token, string id, long index, AuditVerdict verdict, string note, string? owner, DateOnly? dueOn, CancellationToken ct)
    {
        var actor = await EnterLockedAsync(tx, token, ct);
        var item = await GetAsync(tx, id, index, ct);
        if (item.IsReviewed)
        {
            throw new Fault(FaultKind.Conflict, "governance/reviewed", "Somebody has said something about this already; reload the page.");
        }

        if (await ActorOfAsync(tx, index, ct) == actor.LogName)
        {
            throw new Fault(FaultKind.Conflict, "governance/own-access", "This access was yours; another privacy officer has to look at it.");
        }

        var said = Said(note, isNeeded: verdict != AuditVerdict.InOrder);
        var isFinding = verdict == AuditVerdict.Finding;
        if (isFinding && (owner is null || await StaffDirectory.FindAsync(tx, owner, ct) is null))
        {
            throw new Fault(FaultKind.Invalid, "governance/no-owner", "A finding has an owner: an active member of staff who sees to it.");
        }

        await InternalAuditRows.KeepItemAsync(tx, item with
        {
            Verdict = verdict, Note = said, ReviewedBy = actor.Ref, ReviewedAt = tx.Now, Owner = isFinding ? owner : null, DueAt = isFinding ? Due(tx.Now, dueOn) : null,
        }, ct);
        await LogAsync(tx, actor.LogName, actor.Session, $"audit-{InitiativeCover.Word(verdict)}:{id}:{index}", said is null ? null : DigestOf(said), ct);
        if ((await InternalAuditRows.ItemsAsync(tx, id, ct)).All(i => i.IsReviewed))
        {
            await InternalAuditRows.CloseAsync(tx, id, ct);
            await LogAsync(tx, actor.LogName, actor.Session, $"audit-closed:{id}", null, ct);
        }
    }

    /// <summary>Writes down what was done about a finding.</summary>
    /// <exception cref="Fault">Conflict <c>governance/no-open-finding</c>; Invalid <c>governance/bad-text</c>.</exception>
    public async ValueTask FollowAsync(Transaction tx, CallerToken token, string id, long index, string note, CancellationToken ct)
    {
        var (actor, item) = await EnterFindingAsync(tx, token, id, index, ct);
        var said = Said(note, isNeeded: true)!;
        await InternalAuditRows.AddNoteAsync(tx, item, actor.Ref, said, ct);
        await LogAsync(tx, actor.LogName, actor.Session, $"audit-followed:{id}:{index}", DigestOf(said), ct);
    }

    /// <summary>Closes a finding. What is closed stays closed.</summary>
    /// <param name="reason">What was changed, or why nothing has to be; 1 to <see cref="MaxSaid"/> characters.</param>
    public async ValueTask CloseAsync(Transaction tx, CallerToken token, string id, long index, string reason, CancellationToken ct)
    {
        var (actor, item) = await EnterFindingAsync(tx, token, id, index, ct);
        var said = Said(reason, isNeeded: true)!;
        await InternalAuditRows.KeepItemAsync(tx, item with { ClosedBy = actor.Ref, ClosedAt = tx.Now, ClosedReason = said }, ct);
        await LogAsync(tx, actor.LogName, actor.Session, $"audit-finding-closed:{id}:{index}", DigestOf(said), ct);
    }

    /// <summary>The entries that a log's stretch holds of each stratum, by their places. What an audit was drawn from, as it is now.</summary>
    public async Task<IReadOnlyDictionary<AuditStratum, IReadOnlyList<long>>> PlacesAsync(long from, long to, CancellationToken ct)
    {
        var odd = await database.ReadAsync(async tx => (await AnomalyBook.ListAsync(tx, onlyOpen: true, MostOdd, ct)).Concat(await AnomalyBook.ListAsync(tx, onlyOpen: false, MostOdd, ct)).SelectMany(a => a.Entries).ToHashSet(), ct);
        var places = Enum.GetValues<AuditStratum>().ToDictionary(s => s, _ => new List<long>());
        for (var at = from; at < to; at += Stretch)
        {
            // A stretch at a time, beside the writer: a long log must not hold up anybody's read.
            var (low, high) = (at, Math.Min(to, at + Stretch));
            foreach (var (index, entry) in await database.ReadAsync(tx => LogWalks.BetweenAsync(tx, low, high, ct), ct))
            {
                if (AuditDraw.StratumOf(index, entry.Event, odd) is { } stratum)
                {
                    places[stratum].Add(index);
                }
            }
        }

        return places.ToDictionary(p => p.Key, p => (IReadOnlyList<long>)p.Value);
    }

    private async Task<InternalAudit?> DrawAsync(string by, string? session, bool onlyIfDue, CancellationToken ct)
    {
        var (from, to, plan) = await database.ReadAsync(async tx => (
            await InternalAuditRows.NewestAsync(tx, 1, ct) is [var last] ? last.ToIndex : 0, (await log.HeadAsync(tx, ct)).Size, await InternalAuditRows.PlanAsync(tx, ct)), ct);
        var places = await PlacesAsync(from, to, ct);
        var seed = RandomNumberGenerator.GetBytes(sizeof(ulong));
        var drawn = AuditDraw.Draw(places, BitConverter.ToUInt64([.. seed.Reverse()]), plan.Sample);
        return await database.WriteAsync<InternalAudit?>(async tx =>
        {
            await tx.LockJobAsync(Job, ct);
            var last = await InternalAuditRows.NewestAsync(tx, 1, ct) is [var newest] ? newest : null;
            // Another node, or another officer, may have been faster.
            if ((last?.ToIndex ?? 0) != from || (onlyIfDue && !await IsDueAsync(tx, ct)))
            {
                return onlyIfDue ? null : throw Open(last!);
            }

            var audit = new InternalAudit(
                RandomNumberGenerator.GetHexString(IdLength, lowercase: true), (last?.Number ?? 0) + 1, from, to, Convert.ToHexStringLower(seed), plan.Sample, places.ToDictionary(p => p.Key, p => p.Value.Count),
                tx.Now, tx.Now + ReviewWithin, drawn.Count == 0 ? tx.Now : null);
            await InternalAuditRows.AddAsync(tx, audit, drawn, ct);
            await LogAsync(tx, by, session, $"audit-drawn:{audit.Id}", string.Create(CultureInfo.InvariantCulture, $"seed {audit.Seed} entries {from} to {to} drawn {drawn.Count}"), ct);
            return audit;
        }, ct);
    }

    /// <summary>While one is not reviewed, none is drawn: it would be left as well.</summary>
    private static async ValueTask<bool> IsDueAsync(Transaction tx, CancellationToken ct)
    {
        var last = await InternalAuditRows.NewestAsync(tx, 1, ct) is [var newest] ? newest : null;
        return last is not { ClosedAt: null } && (last?.DrawnAt ?? await AuditLog.BeganAtAsync(tx, ct)) is { } since && (await InternalAuditRows.PlanAsync(tx, ct)).After(since) <= tx.Now;
    }

    private async ValueTask<string?> ActorOfAsync(Transaction tx, long index, CancellationToken ct) =>
        await log.FindEntryAsync(tx, index, ct) is { } bytes ? AuditEntry.Decode(bytes).Event.Actor : null;

    private static async ValueTask<AuditItem> GetAsync(Transaction tx, string id, long index, CancellationToken ct) =>
        (await InternalAuditRows.ItemsAsync(tx, id, ct)).FirstOrDefault(i => i.Index == index)
        ?? throw new Fault(FaultKind.NotFound, "governance/no-such-audit", $"No internal audit `{Name.Shown(id)}` has drawn entry `{index}`.");

    private async ValueTask<(ActorState Actor, AuditItem Item)> EnterFindingAsync(Transaction tx, CallerToken token, string id, long index, CancellationToken ct)
    {
        var actor = await EnterLockedAsync(tx, token, ct);
        var item = await GetAsync(tx, id, index, ct);
        return item.IsOpenFinding ? (actor, item) : throw new Fault(FaultKind.Conflict, "governance/no-open-finding", $"Entry `{index}` has no finding that is open; reload the page.");
    }

    private async ValueTask<ActorState> EnterLockedAsync(Transaction tx, CallerToken token, CancellationToken ct)
    {
        await tx.LockJobAsync(Job, ct);
        return await EnterAsync(tx, token, ct);
    }

    private async ValueTask<ActorState> EnterAsync(Transaction tx, CallerToken token, CancellationToken ct) =>
        await access.FindActorAsync(tx, token, ct) is { } actor && actor.IsStaffAt(tx.Now) && actor.HasRole(LogPost.Officer) ? actor
            : throw new Fault(FaultKind.Conflict, "staff/not-allowed", $"This needs a session of somebody with the role `{LogPost.Officer}`; sign in again.");

    private static DateTimeOffset Due(DateTimeOffset now, DateOnly? on)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        return on is { } day && day > today && day <= today.AddDays(LongestDays) ? new DateTimeOffset(day.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) : throw new Fault(
            FaultKind.Invalid, "governance/bad-due-date", string.Create(CultureInfo.InvariantCulture, $"A finding is due from `{today.AddDays(1):yyyy-MM-dd}` to `{today.AddDays(LongestDays):yyyy-MM-dd}`; got `{on?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "none"}`."));
    }

    private static string? Said(string? text, bool isNeeded)
    {
        var said = text?.Trim().ReplaceLineEndings("\n") ?? "";
        return said.Length == 0 && !isNeeded ? null : said.Length is > 0 and <= MaxSaid ? said
            : throw new Fault(FaultKind.Invalid, "governance/bad-text", $"This has 1 to `{MaxSaid}` characters; got `{said.Length}`.");
    }

    private static Fault Open(InternalAudit audit) => new(FaultKind.Conflict, "governance/audit-open", $"Audit `{audit.Number}` is there and not reviewed; review it first.");

    private static string DigestOf(string said) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(said)));

    private async ValueTask LogAsync(Transaction tx, string by, string? session, string subject, string? reason, CancellationToken ct) =>
        await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Admin, Actor = by, Session = session, Subject = subject, Reason = reason }, ct);
}
