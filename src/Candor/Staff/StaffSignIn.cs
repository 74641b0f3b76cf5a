using System.Text.Json;
using Candor.Audit;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Staff;

/// <summary>Why nobody was signed in.</summary>
public enum StaffTrouble
{
    /// <summary>Address, password, code or passkey: which of them was wrong is not told.</summary>
    Wrong,
    /// <summary>Too many guesses: wait.</summary>
    Wait,
    /// <summary>The account's guesses of this day are used up; a passkey still signs in.</summary>
    Spent,
    /// <summary>Administrators sign in with a passkey.</summary>
    NeedsPasskey,
    /// <summary>It took too long, or was used before: begin again.</summary>
    Over,
}

/// <summary>What came of a step of signing in.</summary>
/// <param name="Session">Token of the new session; null when there is none.</param>
/// <param name="Step">Token of the step that waits for a code; null when none does.</param>
/// <param name="KnownMark">For the browser to keep, so that strangers cannot use up what is its own.</param>
public sealed record StaffOutcome(string? Session = null, StaffTrouble? Trouble = null, string? Step = null, TimeSpan Wait = default, string? KnownMark = null)
{
    public static implicit operator StaffOutcome(StaffTrouble trouble) => new(Trouble: trouble);
}

/// <summary>Rules of the house about signing in.</summary>
/// <param name="AdministratorsMayUseCodes">Off unless set: a code can be typed into a false page, a passkey cannot.</param>
public sealed record StaffRules(bool AdministratorsMayUseCodes = false)
{
    public bool MayUseCodes(StaffAccount account) => AdministratorsMayUseCodes || !account.IsAdministrator;
}

/// <summary>Signing in as a member of staff, and confirming it later: with a passkey, or with password and code.</summary>
/// <remarks>INVARIANT: for an address that nobody has, the answer and the work are those of a wrong password.</remarks>
public sealed class StaffSignIn(
    Database database, AccessRegister access, AuditLog log, StaffFactors factors, SignInThrottle throttle, PasswordHashing hashing, StaffRules rules)
{
    public const string ByPasskey = "passkey";
    public const string ByCode = "password+code";
    public const string ByRecovery = "recovery";

    /// <summary>How old the second factor may be for what cannot be taken back.</summary>
    public static readonly TimeSpan StepUpLasts = TimeSpan.FromMinutes(5);

    public StaffRules Rules => rules;

    /// <summary>First half: address and password.</summary>
    /// <returns>A step that waits for the code, or a trouble.</returns>
    public async Task<StaffOutcome> CheckPasswordAsync(string email, string password, StaffClient client, CancellationToken ct)
    {
        var (leave, account) = await database.WriteAsync(async tx =>
        {
            var granted = await throttle.AskAsync(tx, email, client, ct);
            return (granted, StaffEmail.TryParse(email, out var parsed) ? await factors.FindByEmailAsync(tx, parsed, ct) : null);
        }, ct);
        if (!leave.IsGranted)
        {
            return Refused(leave);
        }

        var usable = account is { DisabledAtUs: null, HasCodes: true } ? account : null;
        var isRight = await hashing.CheckAsync(password.Length > PasswordRules.MaxLength ? "" : password, usable?.PasswordHash, ct);
        var renewed = isRight && PasswordHash.TryParse(usable!.PasswordHash, out var old) && old.IsOld ? await hashing.MakeAsync(password, ct) : null;
        return await database.WriteAsync(async tx =>
        {
            if (!isRight)
            {
                await RefuseAsync(tx, "password", account, StaffTrouble.Wrong, ct);
                return StaffTrouble.Wrong;
            }

            if (renewed is not null)
            {
                await factors.ChangePasswordAsync(tx, usable!.StaffId, usable.PasswordHash!, renewed, ct);
            }

            return rules.MayUseCodes(usable!)
                ? new StaffOutcome(Step: await StaffSteps.BeginAsync(tx, StaffSteps.Code, usable!.StaffId, ByCode, ct))
                : StaffTrouble.NeedsPasskey;
        }, ct);
    }

    /// <summary>Second half: the code of the authenticator, or a recovery code.</summary>
    public Task<StaffOutcome> CheckCodeAsync(string? step, string code, StaffClient client, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        if (await StaffSteps.FindAsync(tx, StaffSteps.Code, step, ct) is not { StaffId: { } staffId } row || await factors.FindAsync(tx, staffId, ct) is not { DisabledAtUs: null } account)
        {
            return StaffTrouble.Over;
        }

        var leave = await throttle.AskAsync(tx, account.Email!, client, ct);
        if (!leave.IsGranted)
        {
            return Refused(leave);
        }

        if (!await UseCodeAsync(tx, account, code, ct))
        {
            await RefuseAsync(tx, "code", account, StaffTrouble.Wrong, ct);
            return StaffTrouble.Wrong;
        }

        return await StaffSteps.TakeAsync(tx, StaffSteps.Code, step, ct) is null ? StaffTrouble.Over : await OpenAsync(tx, account, row.State, tx.Now, client, ct);
    }, ct);

    /// <summary>Signs in with a passkey whose signature was good.</summary>
    public Task<StaffOutcome> EnterAsync(StaffPasskey used, long signCount, bool isBackedUp, StaffClient client, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var account = await factors.FindAsync(tx, used.StaffId, ct);
        if (account is { DisabledAtUs: null } && await factors.UsePasskeyAsync(tx, used.StaffId, used.CredentialId, signCount, isBackedUp, ct))
        {
            return await OpenAsync(tx, account, ByPasskey, tx.Now, client, ct);
        }

        await RefuseAsync(tx, ByPasskey, account, StaffTrouble.Wrong, ct);
        return StaffTrouble.Wrong;
    }, ct);

    /// <summary>For who lost passkey or telephone: address and recovery code open a session in which new ones are set up, and nothing else.</summary>
    public Task<StaffOutcome> RecoverAsync(string email, string code, StaffClient client, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var leave = await throttle.AskAsync(tx, email, client, ct);
        if (!leave.IsGranted)
        {
            return Refused(leave);
        }

        var account = StaffEmail.TryParse(email, out var parsed) ? await factors.FindByEmailAsync(tx, parsed, ct) : null;
        if (account is { DisabledAtUs: null } && rules.MayUseCodes(account) && await factors.UseRecoveryCodeAsync(tx, account.StaffId, code, ct))
        {
            return await OpenAsync(tx, account, ByRecovery, null, client, ct);
        }

        await RefuseAsync(tx, ByRecovery, account, StaffTrouble.Wrong, ct);
        return StaffTrouble.Wrong;
    }, ct);

    /// <summary>Confirms by a code that it is still the same person.</summary>
    /// <returns>A new token for the same session.</returns>
    public Task<StaffOutcome> ConfirmAsync(CallerToken token, string code, StaffClient client, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        if (await FindLiveAsync(tx, token, ct) is not { MfaAt: not null } actor || await factors.FindAsync(tx, actor.Ref, ct) is not { Email: { } email } account)
        {
            return StaffTrouble.Over;
        }

        if (!rules.MayUseCodes(account))
        {
            return StaffTrouble.NeedsPasskey;
        }

        var leave = await throttle.AskAsync(tx, email, client, ct);
        if (!leave.IsGranted)
        {
            return Refused(leave);
        }

        if (!await factors.UseTotpAsync(tx, account, Digits(code), ct))
        {
            await RefuseAsync(tx, "confirm", account, StaffTrouble.Wrong, ct);
            return StaffTrouble.Wrong;
        }

        await throttle.ForgiveAsync(tx, email, client, ct);
        return await RenewAsync(tx, token, actor, "code", ct);
    }, ct);

    /// <summary>Confirms by a passkey whose signature was good, and which must be one of the same person.</summary>
    public Task<StaffOutcome> ConfirmAsync(CallerToken token, StaffPasskey used, long signCount, bool isBackedUp, CancellationToken ct) => database.WriteAsync(async tx =>
        await FindLiveAsync(tx, token, ct) is { MfaAt: not null } actor && actor.Ref == used.StaffId && await factors.UsePasskeyAsync(tx, actor.Ref, used.CredentialId, signCount, isBackedUp, ct)
            ? await RenewAsync(tx, token, actor, ByPasskey, ct) : StaffTrouble.Wrong, ct);

    /// <summary>Opens a session for an account that the OpenID provider vouches for.</summary>
    /// <param name="hasSecond">The provider saw a second factor that counts here.</param>
    internal async ValueTask<StaffOutcome> EnterAsync(Transaction tx, StaffAccount account, string method, bool hasSecond, StaffClient client, CancellationToken ct)
    {
        if (hasSecond)
        {
            return await OpenAsync(tx, account, method, tx.Now, client, ct);
        }

        // Their own second factor is asked for; who has none sets one up.
        var hasPasskey = (await factors.PasskeysAsync(tx, account.StaffId, ct)).Count > 0;
        return hasPasskey || account.HasCodes
            ? new StaffOutcome(Step: await StaffSteps.BeginAsync(tx, StaffSteps.Code, account.StaffId, method, ct))
            : await OpenAsync(tx, account, method, null, client, ct);
    }

    /// <summary>Writes down that somebody was not signed in.</summary>
    internal async ValueTask RefuseAsync(Transaction tx, string how, StaffAccount? account, StaffTrouble trouble, CancellationToken ct) =>
        await log.AppendAsync(tx, new AuditEvent
        {
            Kind = AuditKind.Login, Actor = account is null ? "system:staff-sign-in" : "staff:" + account.StaffId, Subject = "refused:" + how,
            Reason = JsonNamingPolicy.KebabCaseLower.ConvertName(trouble.ToString()),
        }, ct);

    /// <summary>The member of staff of a live session; null for anybody else.</summary>
    internal async ValueTask<ActorState?> FindLiveAsync(Transaction tx, CallerToken token, CancellationToken ct) =>
        await access.FindActorAsync(tx, token, ct) is { Kind: ActorKind.Staff, IsRevoked: false } actor && actor.ExpiresAt > tx.Now ? actor : null;

    private async ValueTask<bool> UseCodeAsync(Transaction tx, StaffAccount account, string code, CancellationToken ct) =>
        rules.MayUseCodes(account) && (await factors.UseTotpAsync(tx, account, Digits(code), ct) || await factors.UseRecoveryCodeAsync(tx, account.StaffId, code, ct));

    private async ValueTask<StaffOutcome> OpenAsync(Transaction tx, StaffAccount account, string method, DateTimeOffset? mfaAt, StaffClient client, CancellationToken ct)
    {
        if (client.Former is { KeyId: null } former)
        {
            await access.EndSessionAsync(tx, former, ct);
        }

        var mark = account.Email is { } email ? throttle.MarkKnown(email) : null;
        if (mark is not null)
        {
            await throttle.ForgiveAsync(tx, account.Email!, client, ct);
        }

        var (text, session) = await access.OpenStaffSessionAsync(tx, account.StaffId, mfaAt, method, client.Browser, ct);
        await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Login, Actor = "staff:" + account.StaffId, Session = session, Subject = "sign-in:" + method }, ct);
        return new StaffOutcome(text, KnownMark: mark);
    }

    private async ValueTask<StaffOutcome> RenewAsync(Transaction tx, CallerToken token, ActorState actor, string how, CancellationToken ct)
    {
        await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Login, Actor = actor.LogName, Session = actor.Session, Subject = "confirmed:" + how }, ct);
        return new StaffOutcome(await SessionRegister.RenewAsync(tx, token, ct));
    }

    private static StaffOutcome Refused(GuessLeave leave) => leave.IsSpent ? StaffTrouble.Spent : new StaffOutcome(Trouble: StaffTrouble.Wait, Wait: leave.Wait);

    /// <summary>As apps show it: often with a blank in the middle.</summary>
    private static string Digits(string code) => code.Length > 20 ? "" : code.Replace(" ", "", StringComparison.Ordinal);
}
