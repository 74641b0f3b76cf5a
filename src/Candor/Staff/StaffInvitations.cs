using System.Security.Cryptography;
using System.Text;
using Candor.Audit;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Staff;

/// <summary>What an invitation is for.</summary>
/// <param name="StaffId">Null for the first administrator, whose account is made when the link is used.</param>
/// <param name="Name">Null for the first administrator.</param>
public sealed record StaffInvitation(string? StaffId, string? Name);

/// <summary>One-time links with which a member of staff sets up their account: new, or anew after a second factor was lost.</summary>
/// <remarks>A link opens a session without a second factor, which opens nothing but the pages that set one up. 256 random bits, of which the digest is kept.</remarks>
public sealed class StaffInvitations(AccessRegister access, AuditLog log)
{
    /// <summary>How long a link counts.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromHours(72);

    /// <summary>The role that the first link gives.</summary>
    public const string Administrator = "administrator";

    /// <summary>How the session that a link opens says it began.</summary>
    public const string Method = "invitation";

    private const int TokenLength = 43;

    private sealed record UsedRow(string? StaffId, string MadeBy);

    /// <summary>The path of a link below the site's address.</summary>
    public static string PathOf(string token) => "/staff/invite?token=" + token;

    /// <summary>May this be a token of a link?</summary>
    public static bool IsToken(string? text) => text is { Length: TokenLength } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>Adds a member of staff, who sets up their account with the link.</summary>
    /// <param name="by">Who invites, as the log names them.</param>
    /// <returns>The token of the link (<see cref="PathOf"/>), which is not kept and cannot be shown again.</returns>
    /// <exception cref="Fault">Invalid for a malformed name, address or role; Conflict when the address has an account.</exception>
    public async ValueTask<string> InviteAsync(Transaction tx, string email, string name, IReadOnlyList<string> roles, string by, CancellationToken ct)
    {
        var staffId = await access.AddStaffAsync(tx, name, StaffEmail.Parse(email), roles, null, by, ct);
        return await MakeAsync(tx, staffId, by, ct);
    }

    /// <summary>A fresh link for somebody who has not used theirs, or has lost what they sign in with: their factors and sessions end, and older links with them.</summary>
    /// <exception cref="Fault">NotFound for nobody; Conflict for a disabled account.</exception>
    public async ValueTask<string> ResetAsync(Transaction tx, string staffId, string by, CancellationToken ct)
    {
        var disabled = await tx.QueryAsync<long?>("SELECT disabled_at_us FROM staff WHERE staff_id = @staffId", new { staffId }, ct);
        if (disabled.Count == 0)
        {
            throw new Fault(FaultKind.NotFound, "staff/no-such-member", $"There is no member of staff `{Name.Shown(staffId)}`; `candor staff list` shows them.");
        }

        if (disabled[0] is not null)
        {
            throw new Fault(FaultKind.Conflict, "staff/disabled", "This account is disabled; it needs no link.");
        }

        await StaffFactors.ForgetAsync(tx, staffId, ct);
        await SessionRegister.EndAsync(tx, "staff", staffId, null, null, ct);
        await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Admin, Actor = by, Subject = $"staff-reset:{staffId}" }, ct);
        return await MakeAsync(tx, staffId, by, ct);
    }

    /// <summary>A link for the first administrator, while nobody can sign in as one. Earlier links of this kind end.</summary>
    /// <returns>The token; null when there is an administrator with a factor to sign in with.</returns>
    public async ValueTask<string?> InviteFirstAsync(Transaction tx, string by, CancellationToken ct)
    {
        await tx.LockJobAsync("staff-first-administrator", ct);
        if (await HasAdministratorAsync(tx, ct))
        {
            return null;
        }

        await tx.RunAsync("DELETE FROM staff_invitation WHERE staff_id IS NULL", null, ct);
        return await MakeAsync(tx, null, by, ct);
    }

    /// <summary>What a link is for, without using it up: programs that check mails open links too. Null: it is over, or was never there.</summary>
    public async ValueTask<StaffInvitation?> FindAsync(Transaction tx, string token, CancellationToken ct) => await tx.FindAsync<StaffInvitation>(
        """
        SELECT i.staff_id, f.name FROM staff_invitation i LEFT JOIN staff f ON f.staff_id = i.staff_id
        WHERE i.token_hash = @hash AND i.used_at_us IS NULL AND i.expires_at_us > @NowUs AND f.disabled_at_us IS NULL
        """, new { hash = RandomSecret.HashOf(token), tx.NowUs }, ct);

    /// <summary>Uses a link up. Of many at the same moment one succeeds.</summary>
    /// <param name="name">Of the first administrator; else not looked at.</param>
    /// <param name="email">The same.</param>
    /// <returns>The token of a session without a second factor; null when the link is over.</returns>
    public async ValueTask<string?> AcceptAsync(Transaction tx, string token, string? name, string? email, byte[]? client, CancellationToken ct)
    {
        var used = await tx.FindAsync<UsedRow>(
            "UPDATE staff_invitation SET used_at_us = @NowUs WHERE token_hash = @hash AND used_at_us IS NULL AND expires_at_us > @NowUs RETURNING staff_id, made_by",
            new { hash = RandomSecret.HashOf(token), tx.NowUs }, ct);
        if (used is null || await WhoAsync(tx, used, name, email, ct) is not { } staffId)
        {
            return null;
        }

        var (text, session) = await access.OpenStaffSessionAsync(tx, staffId, null, Method, client, ct);
        await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Login, Actor = "staff:" + staffId, Session = session, Subject = "sign-in:" + Method }, ct);
        return text;
    }

    private async ValueTask<string?> WhoAsync(Transaction tx, UsedRow used, string? name, string? email, CancellationToken ct)
    {
        if (used.StaffId is { } known)
        {
            return (await tx.QueryAsync<string>("SELECT staff_id FROM staff WHERE staff_id = @known AND disabled_at_us IS NULL", new { known }, ct)).SingleOrDefault();
        }

        await tx.LockJobAsync("staff-first-administrator", ct);
        return await HasAdministratorAsync(tx, ct) ? null : await access.AddStaffAsync(tx, name ?? "", StaffEmail.Parse(email), [Administrator], null, used.MadeBy, ct);
    }

    private static async ValueTask<bool> HasAdministratorAsync(Transaction tx, CancellationToken ct) => (await tx.QueryAsync<string>(
        """
        SELECT f.roles FROM staff f WHERE f.disabled_at_us IS NULL AND (EXISTS (SELECT 1 FROM staff_passkey p WHERE p.staff_id = f.staff_id)
            OR EXISTS (SELECT 1 FROM staff_secret s WHERE s.staff_id = f.staff_id AND s.password_hash IS NOT NULL AND s.totp_sealed IS NOT NULL))
        """, null, ct)).Any(roles => roles.Split(' ').Contains(Administrator));

    private static async ValueTask<string> MakeAsync(Transaction tx, string? staffId, string by, CancellationToken ct)
    {
        var token = RandomSecret.New();
        await tx.RunAsync("UPDATE staff_invitation SET used_at_us = @NowUs WHERE staff_id = @staffId AND used_at_us IS NULL", new { staffId, tx.NowUs }, ct);
        await tx.RunAsync(
            "INSERT INTO staff_invitation (token_hash, staff_id, made_by, created_at_us, expires_at_us) VALUES (@hash, @staffId, @by, @NowUs, @end)",
            new { hash = RandomSecret.HashOf(token), staffId, by, tx.NowUs, end = Micros.From(tx.Now + Life) }, ct);
        return token;
    }
}
