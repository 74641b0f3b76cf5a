using Candor.Audit;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Staff;

/// <summary>Other roles for somebody.</summary>
/// <param name="From">The roles when it was proposed; it is not applied to other ones.</param>
public sealed record RolesWish(string StaffId, IReadOnlyList<string> From, IReadOnlyList<string> To);

/// <summary>A certificate of training that somebody did elsewhere.</summary>
/// <param name="UntilUs">Exclusive end, in microseconds.</param>
public sealed record TrainingWish(string StaffId, string Module, long UntilUs, string Evidence);

/// <summary>Somebody's account: to be opened again, or to be set up anew.</summary>
public sealed record AccountWish(string StaffId);

/// <summary>Somebody new.</summary>
public sealed record InvitationWish(string Email, string Name, IReadOnlyList<string> Roles);

/// <summary>What administrators change about people. What takes rights away counts at once; what gives some needs two people.</summary>
public sealed class StaffChanges(StaffInvitations invitations, TrainingRegister trainings, FourEyes eyes, AuditLog log)
{
    public const string RolesKind = "staff-roles";
    public const string TrainingKind = "staff-training";
    public const string EnableKind = "staff-enable";
    public const string InviteKind = "staff-invite";
    public const string ResetKind = "staff-reset";

    private const string Administrator = StaffInvitations.Administrator;
    private static readonly string[] Deciders = [Administrator];

    /// <summary>One member of staff as administrators see them.</summary>
    /// <param name="HasFactor">They have something to sign in with.</param>
    /// <param name="LastSeenUs">Of their sessions that are known; null for none.</param>
    public sealed record Member(string StaffId, string Name, string? Email, string Roles, long? TrainingUntilUs, long? DisabledAtUs, long CreatedAtUs, bool HasFactor, long? LastSeenUs)
    {
        public IReadOnlyList<string> RoleList => Roles.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>The kinds of proposal that these are.</summary>
    public IEnumerable<ProposalKind> Kinds =>
    [
        new(RolesKind, Deciders, false, ApplyRolesAsync), new(TrainingKind, Deciders, false, ApplyTrainingAsync), new(EnableKind, Deciders, false, ApplyEnablingAsync),
        ProposalKind.Collected(InviteKind, Deciders), ProposalKind.Collected(ResetKind, Deciders),
    ];

    public static async ValueTask<IReadOnlyList<Member>> PeopleAsync(Transaction tx, CancellationToken ct)
    {
        var members = new List<Member>();
        await using var row = await tx.Prepared(
            """
            SELECT f.staff_id, f.name, f.email, f.roles, f.training_until_us, f.disabled_at_us, f.created_at_us,
                (SELECT count(*) FROM staff_passkey p WHERE p.staff_id = f.staff_id)
                    + (SELECT count(*) FROM staff_secret x WHERE x.staff_id = f.staff_id AND x.password_hash IS NOT NULL AND x.totp_sealed IS NOT NULL),
                (SELECT max(s.last_seen_us) FROM session s WHERE s.subject = f.staff_id AND s.kind = 'staff')
            FROM staff f ORDER BY f.created_at_us, f.staff_id
            """).ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
        {
            members.Add(new Member(
                row.GetString(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2), row.GetString(3), Number(4), Number(5), row.GetInt64(6), row.GetInt64(7) > 0, Number(8)));
        }

        return members;

        long? Number(int column) => row.IsDBNull(column) ? null : row.GetInt64(column);
    }

    public static async ValueTask<Member> GetAsync(Transaction tx, string staffId, CancellationToken ct) =>
        (await PeopleAsync(tx, ct)).FirstOrDefault(m => m.StaffId == staffId) ?? throw None(staffId);

    /// <summary>Gives somebody other roles: at once when none is added.</summary>
    /// <returns>The proposal that waits; null when it counts already.</returns>
    /// <exception cref="Fault">Conflict <c>staff/last-administrator</c>, and what <see cref="FourEyes"/> refuses.</exception>
    public async ValueTask<Proposal?> SetRolesAsync(Transaction tx, CallerToken token, string staffId, IReadOnlyList<string> roles, CancellationToken ct)
    {
        var actor = await eyes.EnterAsync(tx, token, Deciders, ct);
        var (member, to) = (await GetAsync(tx, staffId, ct), InOrder(roles));
        if (to.SequenceEqual(InOrder(member.RoleList)))
        {
            throw new Fault(FaultKind.Invalid, "staff/same-roles", "These are the roles that this person has already.");
        }

        if (to.Except(member.RoleList).Any())
        {
            return await eyes.ProposeAsync(tx, token, RolesKind, new RolesWish(staffId, member.RoleList, to), ct);
        }

        await ApplyRolesAsync(tx, member, to, actor.LogName, ct);
        return null;
    }

    /// <summary>Proposes that training which somebody did elsewhere counts. Dates are set by nobody: they follow from what was passed and from certificates.</summary>
    /// <param name="until">Exclusive end.</param>
    /// <exception cref="Fault">What <see cref="TrainingRegister.CheckCertificateAsync"/> and <see cref="FourEyes"/> refuse.</exception>
    public async ValueTask<Proposal> ProposeCertificateAsync(Transaction tx, CallerToken token, string staffId, string module, DateTimeOffset until, string evidence, CancellationToken ct)
    {
        var actor = await eyes.EnterAsync(tx, token, Deciders, ct);
        var words = evidence.Trim();
        await trainings.CheckCertificateAsync(tx, staffId, module, until, words, actor.LogName, ct);
        return await eyes.ProposeAsync(tx, token, TrainingKind, new TrainingWish(staffId, module, Micros.From(until), words), ct);
    }

    /// <summary>Disables an account at once and ends its sessions.</summary>
    public async ValueTask DisableAsync(Transaction tx, CallerToken token, string staffId, CancellationToken ct)
    {
        var actor = await eyes.EnterAsync(tx, token, Deciders, ct);
        await CheckNotLastAsync(tx, await GetAsync(tx, staffId, ct), [], ct);
        await tx.RunAsync("UPDATE staff SET disabled_at_us = @NowUs WHERE staff_id = @staffId AND disabled_at_us IS NULL", new { staffId, tx.NowUs }, ct);
        await SessionRegister.EndAsync(tx, "staff", staffId, null, null, ct);
        await LogAsync(tx, actor.LogName, $"staff-disabled:{staffId}", null, ct);
    }

    /// <summary>Proposes to open a disabled account again.</summary>
    public async ValueTask<Proposal> ProposeEnablingAsync(Transaction tx, CallerToken token, string staffId, CancellationToken ct)
    {
        await GetAsync(tx, staffId, ct);
        return await eyes.ProposeAsync(tx, token, EnableKind, new AccountWish(staffId), ct);
    }

    /// <summary>Ends all sessions of somebody at once.</summary>
    public async ValueTask SignOutAsync(Transaction tx, CallerToken token, string staffId, CancellationToken ct)
    {
        var actor = await eyes.EnterAsync(tx, token, Deciders, ct);
        await GetAsync(tx, staffId, ct);
        await SessionRegister.EndAsync(tx, "staff", staffId, null, null, ct);
        await LogAsync(tx, actor.LogName, $"staff-signed-out:{staffId}", null, ct);
    }

    /// <summary>Proposes somebody new, who sets up their account with a link that the proposer collects.</summary>
    public async ValueTask<Proposal> ProposeInvitationAsync(Transaction tx, CallerToken token, string email, string name, IReadOnlyList<string> roles, CancellationToken ct)
    {
        var (address, plain) = (StaffEmail.Parse(email), name.Trim());
        if (plain.Length is 0 or > 100 || plain.Any(char.IsControl))
        {
            throw new Fault(FaultKind.Invalid, "staff/bad-name", "A staff member's name has 1 to 100 characters.");
        }

        if (roles.Count == 0)
        {
            throw new Fault(FaultKind.Invalid, "staff/no-role", "Somebody new has at least one role; without one there is nothing to do here.");
        }

        if ((await PeopleAsync(tx, ct)).Any(m => m.Email == address.Value))
        {
            throw new Fault(FaultKind.Conflict, "staff/email-taken", "Somebody has an account with this address already; the people page shows who.");
        }

        return await eyes.ProposeAsync(tx, token, InviteKind, new InvitationWish(address.Value, plain, InOrder(roles)), ct);
    }

    /// <summary>Proposes that somebody sets up what they sign in with anew, by a link that the proposer collects. Whoever has that link is that person, so two look at it.</summary>
    public async ValueTask<Proposal> ProposeResetAsync(Transaction tx, CallerToken token, string staffId, CancellationToken ct)
    {
        await GetAsync(tx, staffId, ct);
        return await eyes.ProposeAsync(tx, token, ResetKind, new AccountWish(staffId), ct);
    }

    /// <summary>Makes the link of an approved invitation or reset.</summary>
    /// <returns>Its token (<see cref="StaffInvitations.PathOf"/>), to be shown this once.</returns>
    public async ValueTask<string> CollectLinkAsync(Transaction tx, CallerToken token, string proposalId, CancellationToken ct)
    {
        var (proposal, actor) = await eyes.CollectAsync(tx, token, proposalId, ct);
        return proposal.Kind switch
        {
            InviteKind when proposal.Read<InvitationWish>() is var who => await invitations.InviteAsync(tx, who.Email, who.Name, who.Roles, actor.LogName, ct),
            ResetKind => await invitations.ResetAsync(tx, proposal.Read<AccountWish>().StaffId, actor.LogName, ct),
            _ => throw new Fault(FaultKind.Invalid, "staff/other-proposal", $"This proposal is of the kind `{proposal.Kind}`, which gives no link."),
        };
    }

    private async ValueTask ApplyRolesAsync(Transaction tx, Proposal proposal, string by, CancellationToken ct)
    {
        var wish = proposal.Read<RolesWish>();
        var member = await GetAsync(tx, wish.StaffId, ct);
        if (!InOrder(member.RoleList).SequenceEqual(InOrder(wish.From)))
        {
            throw Moved();
        }

        await ApplyRolesAsync(tx, member, wish.To, by, ct);
    }

    private async ValueTask ApplyRolesAsync(Transaction tx, Member member, IReadOnlyList<string> to, string by, CancellationToken ct)
    {
        await CheckNotLastAsync(tx, member, to, ct);
        await AccessRegister.SetRolesAsync(tx, member.StaffId, to, ct);
        await LogAsync(tx, by, $"staff-roles:{member.StaffId}", to.Count > 0 ? string.Join(' ', to) : "none", ct);
    }

    private async ValueTask ApplyTrainingAsync(Transaction tx, Proposal proposal, string by, CancellationToken ct)
    {
        var wish = proposal.Read<TrainingWish>();
        await trainings.RecordCertificateAsync(tx, wish.StaffId, wish.Module, Micros.ToInstant(wish.UntilUs), wish.Evidence, by, ct);
    }

    private async ValueTask ApplyEnablingAsync(Transaction tx, Proposal proposal, string by, CancellationToken ct)
    {
        var staffId = proposal.Read<AccountWish>().StaffId;
        await tx.RunAsync("UPDATE staff SET disabled_at_us = NULL WHERE staff_id = @staffId", new { staffId }, ct);
        await LogAsync(tx, by, $"staff-enabled:{staffId}", null, ct);
    }

    /// <summary>Somebody has to be left who can give roles.</summary>
    private static async ValueTask CheckNotLastAsync(Transaction tx, Member member, IReadOnlyList<string> to, CancellationToken ct)
    {
        if (member.DisabledAtUs is null && member.RoleList.Contains(Administrator) && !to.Contains(Administrator)
            && !(await PeopleAsync(tx, ct)).Any(m => m.StaffId != member.StaffId && m.DisabledAtUs is null && m.RoleList.Contains(Administrator)))
        {
            throw new Fault(FaultKind.Conflict, "staff/last-administrator", "This is the last active administrator; make somebody else one first.");
        }
    }

    private static IReadOnlyList<string> InOrder(IReadOnlyList<string> roles)
    {
        AccessRegister.CheckKnown(roles, AccessRegister.KnownRoles, "role");
        return [.. AccessRegister.KnownRoles.Where(roles.Contains)];
    }

    private async ValueTask LogAsync(Transaction tx, string by, string subject, string? reason, CancellationToken ct) =>
        await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Admin, Actor = by, Subject = subject, Reason = reason }, ct);

    private static Fault Moved() => new(FaultKind.Conflict, "staff/moved-on", "What this was to change has changed since it was proposed; propose it anew.");

    private static Fault None(string staffId) => new(FaultKind.NotFound, "staff/no-such-member", $"There is no member of staff `{Name.Shown(staffId)}`; the people page shows them.");
}
