using System.Security.Cryptography;
using Candor.Audit;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Staff;

/// <summary>A passkey that a device has just made.</summary>
/// <param name="Name">What its owner calls it, 1 to <see cref="OwnFactors.MaxNameLength"/> characters.</param>
public sealed record NewPasskey(byte[] CredentialId, byte[] PublicKey, long SignCount, IReadOnlyList<string> Transports, bool IsBackupEligible, bool IsBackedUp, string Name);

/// <summary>What a member of staff signs in with, as they see it.</summary>
/// <param name="MayUseCodes">Password and authenticator are a way to sign in for them; administrators have passkeys alone.</param>
/// <param name="IsEnrolling">Their session has no second factor yet, and may set one up.</param>
/// <param name="IsRecovering">They came by a recovery code: what they set up takes the place of all they had.</param>
public sealed record FactorsView(
    StaffAccount Account, IReadOnlyList<StaffPasskey> Passkeys, long CodesLeft, bool MayUseCodes, bool IsEnrolling, bool IsRecovering);

/// <summary>A member of staff and their own factors: set up, added, changed, removed. Whoever changes one has just shown one, or has none yet.</summary>
public sealed class OwnFactors(Database database, StaffSignIn signIn, StaffFactors factors, PasswordHashing hashing, AuditLog log)
{
    public const int MaxNameLength = 40;
    public const int MostPasskeys = 20;

    private readonly List<Func<Transaction, string, string, CancellationToken, ValueTask>> tellers = [];

    /// <summary>Somebody is told of each change, in its transaction: staff id, and what happened, such as <c>passkey-added</c>.</summary>
    public void AlsoTell(Func<Transaction, string, string, CancellationToken, ValueTask> tell) => tellers.Add(tell);

    /// <summary>What there is; null when the token is no live session of staff.</summary>
    public Task<FactorsView?> FindAsync(CallerToken token, CancellationToken ct) => database.ReadAsync<FactorsView?>(async tx =>
        await signIn.FindLiveAsync(tx, token, ct) is { } actor ? await ViewAsync(tx, token, actor, ct) : null, ct);

    /// <summary>Keeps a passkey.</summary>
    /// <returns>A new token for the session: a passkey made with the owner's verification is a second factor.</returns>
    public Task<string> AddPasskeyAsync(CallerToken token, NewPasskey made, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var (actor, view) = await DemandAsync(tx, token, ct);
        var name = made.Name.Trim();
        if (name.Length is 0 or > MaxNameLength || name.Any(char.IsControl))
        {
            throw new Fault(FaultKind.Invalid, "staff/bad-passkey-name", $"A passkey's name has 1 to {MaxNameLength} characters, such as `Work laptop`.");
        }

        await ReplaceAsync(tx, actor, view, ct);
        if (!view.IsRecovering && view.Passkeys.Count >= MostPasskeys)
        {
            throw new Fault(FaultKind.Conflict, "staff/too-many-passkeys", $"At most {MostPasskeys} passkeys are kept; remove one that is no longer used.");
        }

        var key = new StaffPasskey(
            made.CredentialId, RandomNumberGenerator.GetHexString(12, lowercase: true), actor.Ref, name, made.PublicKey, made.SignCount,
            string.Join(' ', made.Transports.Where(t => t.Length is > 0 and <= 20 && t.All(c => char.IsAsciiLetter(c) || c == '-')).Take(8)), made.IsBackupEligible ? 1 : 0, made.IsBackedUp ? 1 : 0, tx.NowUs, null);
        if (!await factors.AddPasskeyAsync(tx, key, ct))
        {
            throw new Fault(FaultKind.Conflict, "staff/passkey-known", "This passkey is registered already.");
        }

        await ChangedAsync(tx, actor, "passkey-added", key.PasskeyRef, ct);
        return await SessionRegister.RenewAsync(tx, token, ct);
    }, ct);

    /// <summary>Removes a passkey; never the last way to sign in.</summary>
    public Task RemovePasskeyAsync(CallerToken token, string passkeyRef, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var (actor, view) = await DemandAsync(tx, token, ct);
        if (view.Passkeys.All(k => k.PasskeyRef == passkeyRef) && !(view.Account.HasCodes && view.MayUseCodes))
        {
            throw LastFactor();
        }

        if (!await factors.RemovePasskeyAsync(tx, actor.Ref, passkeyRef, ct))
        {
            throw new Fault(FaultKind.NotFound, "staff/no-such-passkey", "You have no such passkey; reload the page.");
        }

        await ChangedAsync(tx, actor, "passkey-removed", passkeyRef, ct);
    }, ct);

    /// <summary>Begins to set up an authenticator.</summary>
    /// <returns>The secret that it shares with us; the same until it counts, so that the page may be reloaded.</returns>
    public Task<byte[]> BeginCodesAsync(CallerToken token, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var (_, view) = await DemandAsync(tx, token, ct);
        DemandCodes(view);
        return await factors.BeginTotpAsync(tx, view.Account, ct);
    }, ct);

    /// <summary>Password and authenticator count from now on.</summary>
    /// <param name="password">Null: the one there is stays, and only the authenticator is another.</param>
    /// <param name="code">Of the authenticator that is being set up.</param>
    /// <param name="own">Words that a password must not be made of.</param>
    /// <returns>A new token for the session, or why the password is not taken; neither when the code was wrong.</returns>
    public async Task<(string? Session, PasswordTrouble? Trouble)> KeepCodesAsync(CallerToken token, string? password, string code, IReadOnlyList<string> own, CancellationToken ct)
    {
        var before = await database.ReadAsync(tx => DemandAsync(tx, token, ct), ct);
        DemandCodes(before.View);
        if (password is null && before.View is not { Account.PasswordHash: not null, IsRecovering: false })
        {
            return (null, PasswordTrouble.TooShort);
        }

        if (password is not null && PasswordRules.WhyNot(password, [.. own, .. OwnWords(before.View.Account)]) is { } trouble)
        {
            return (null, trouble);
        }

        var hash = password is null ? null : await hashing.MakeAsync(password, ct);
        return await database.WriteAsync<(string?, PasswordTrouble?)>(async tx =>
        {
            var (actor, view) = await DemandAsync(tx, token, ct);
            if (!await factors.KeepTotpAsync(tx, view.Account, code.Replace(" ", "", StringComparison.Ordinal), hash, ct))
            {
                return (null, null);
            }

            await ReplaceAsync(tx, actor, view, ct, keepsCodes: true);
            await ChangedAsync(tx, actor, hash is null ? "authenticator-changed" : "password-and-authenticator-set", null, ct);
            return (await SessionRegister.RenewAsync(tx, token, ct), null);
        }, ct);
    }

    /// <summary>Password and authenticator are a way to sign in no more. Never the last one.</summary>
    public Task RemoveCodesAsync(CallerToken token, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var (actor, view) = await DemandAsync(tx, token, ct);
        if (view.Passkeys.Count == 0)
        {
            throw LastFactor();
        }

        if (await factors.RemoveCodesAsync(tx, actor.Ref, ct))
        {
            await ChangedAsync(tx, actor, "password-and-authenticator-removed", null, ct);
        }
    }, ct);

    /// <summary>Puts a password in the present one's place. Every other session ends.</summary>
    /// <returns>Null when it is done; <c>(null, true)</c> in <c>IsWrong</c> when the present one was not right.</returns>
    public async Task<(PasswordTrouble? Trouble, bool IsWrong)> ChangePasswordAsync(CallerToken token, string present, string next, IReadOnlyList<string> own, CancellationToken ct)
    {
        var (_, before) = await database.ReadAsync(tx => DemandAsync(tx, token, ct), ct);
        if (PasswordRules.WhyNot(next, [.. own, .. OwnWords(before.Account)]) is { } trouble)
        {
            return (trouble, false);
        }

        if (!await hashing.CheckAsync(present.Length > PasswordRules.MaxLength ? "" : present, before.Account.PasswordHash, ct))
        {
            return (null, true);
        }

        var hash = await hashing.MakeAsync(next, ct);
        return await database.WriteAsync<(PasswordTrouble?, bool)>(async tx =>
        {
            var (actor, _) = await DemandAsync(tx, token, ct);
            if (!await factors.ChangePasswordAsync(tx, actor.Ref, before.Account.PasswordHash!, hash, ct))
            {
                return (null, true);
            }

            await SessionRegister.EndAsync(tx, "staff", actor.Ref, null, actor.Session, ct);
            await ChangedAsync(tx, actor, "password-changed", null, ct);
            return (null, false);
        }, ct);
    }

    /// <summary>Fresh recovery codes, told this one time; the old ones count no more.</summary>
    public Task<IReadOnlyList<RecoveryCode>> NewRecoveryCodesAsync(CallerToken token, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var (actor, view) = await DemandAsync(tx, token, ct);
        DemandCodes(view);
        if (view.IsEnrolling)
        {
            throw NotNow();
        }

        var codes = await factors.NewRecoveryCodesAsync(tx, actor.Ref, ct);
        await ChangedAsync(tx, actor, "recovery-codes-made", null, ct);
        return codes;
    }, ct);

    /// <summary>The actor, who has just shown a second factor, or is setting up their first.</summary>
    private async ValueTask<(ActorState Actor, FactorsView View)> DemandAsync(Transaction tx, CallerToken token, CancellationToken ct)
    {
        var actor = await signIn.FindLiveAsync(tx, token, ct) ?? throw new Fault(FaultKind.Conflict, "staff/session-ended", "This session has ended; sign in again.");
        var view = await ViewAsync(tx, token, actor, ct);
        return view.IsEnrolling || actor.MfaAt + StaffSignIn.StepUpLasts > tx.Now ? (actor, view) : throw NotNow();
    }

    private async ValueTask<FactorsView> ViewAsync(Transaction tx, CallerToken token, ActorState actor, CancellationToken ct)
    {
        var account = (await factors.FindAsync(tx, actor.Ref, ct))!;
        var passkeys = await factors.PasskeysAsync(tx, actor.Ref, ct);
        var isRecovering = actor.MfaAt is null && await SessionRegister.MethodAsync(tx, token, ct) == StaffSignIn.ByRecovery;
        return new FactorsView(account, passkeys, await factors.CodesLeftAsync(tx, actor.Ref, ct), signIn.Rules.MayUseCodes(account),
            actor.MfaAt is null && (isRecovering || (passkeys.Count == 0 && !account.HasCodes)), isRecovering);
    }

    /// <summary>After a recovery what was lost counts no more: neither keys nor codes nor sessions.</summary>
    private async ValueTask ReplaceAsync(Transaction tx, ActorState actor, FactorsView view, CancellationToken ct, bool keepsCodes = false)
    {
        if (!view.IsRecovering)
        {
            return;
        }

        foreach (var key in view.Passkeys)
        {
            await factors.RemovePasskeyAsync(tx, actor.Ref, key.PasskeyRef, ct);
        }

        if (!keepsCodes)
        {
            await factors.RemoveCodesAsync(tx, actor.Ref, ct);
        }

        await SessionRegister.EndAsync(tx, "staff", actor.Ref, null, actor.Session, ct);
        await ChangedAsync(tx, actor, "recovered", null, ct);
    }

    private async ValueTask ChangedAsync(Transaction tx, ActorState actor, string what, string? which, CancellationToken ct)
    {
        await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Admin, Actor = actor.LogName, Session = actor.Session, Subject = which is null ? what : $"{what}:{which}" }, ct);
        foreach (var tell in tellers)
        {
            await tell(tx, actor.Ref, what, ct);
        }
    }

    private static IEnumerable<string> OwnWords(StaffAccount account) => [account.Name, account.Email ?? "", "candor"];

    private static void DemandCodes(FactorsView view)
    {
        if (!view.MayUseCodes)
        {
            throw new Fault(FaultKind.Conflict, "staff/needs-passkey", "Administrators sign in with passkeys alone; register a second passkey instead.");
        }
    }

    private static Fault LastFactor() => new(FaultKind.Conflict, "staff/last-factor", "This is the last thing you can sign in with; set up another one first.");

    private static Fault NotNow() => new(FaultKind.Conflict, "staff/confirm-first", "Confirm that it is you first: what you sign in with is changed within five minutes of a second factor.");
}
