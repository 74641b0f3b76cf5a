using System.Text;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Staff;

/// <summary>A passkey as it is kept. Which key it is on the device nobody here knows.</summary>
/// <param name="PasskeyRef">Names it in forms and in the log.</param>
/// <param name="Name">What its owner calls it.</param>
/// <param name="SignCount">As the device last counted; 0 on devices that do not count.</param>
/// <param name="Transports">How browsers reach it, separated by blanks.</param>
public sealed record StaffPasskey(
    byte[] CredentialId, string PasskeyRef, string StaffId, string Name, byte[] PublicKey, long SignCount, string Transports,
    long IsBackupEligible, long IsBackedUp, long CreatedAtUs, long? LastUsedUs);

/// <summary>What is needed of an account to sign in.</summary>
/// <param name="TotpSealed">Secret of the authenticator, sealed; null when there is none.</param>
/// <param name="TotpPending">The same of one that is being set up.</param>
public sealed record StaffAccount(string StaffId, string Name, string? Email, string Roles, long? DisabledAtUs, string? PasswordHash, byte[]? TotpSealed, byte[]? TotpPending)
{
    public bool IsAdministrator => Roles.Split(' ').Contains(StaffInvitations.Administrator);

    /// <summary>Password and authenticator are set up: one of the two ways to sign in.</summary>
    public bool HasCodes => PasswordHash is not null && TotpSealed is not null;
}

/// <summary>What members of staff sign in with, as it is stored: passkeys, password and authenticator, recovery codes.</summary>
public sealed class StaffFactors(StaffSecrets secrets)
{
    private const string Account =
        """
        SELECT f.staff_id, f.name, f.email, f.roles, f.disabled_at_us, s.password_hash, s.totp_sealed, s.totp_pending
        FROM staff f LEFT JOIN staff_secret s ON s.staff_id = f.staff_id WHERE
        """;

    private const string Passkey =
        "SELECT credential_id, passkey_ref, staff_id, name, public_key, sign_count, transports, is_backup_eligible, is_backed_up, created_at_us, last_used_us FROM staff_passkey WHERE";

    public async ValueTask<StaffAccount?> FindAsync(Transaction tx, string staffId, CancellationToken ct) =>
        await tx.FindAsync<StaffAccount>(Account + " f.staff_id = @staffId" + tx.ForShare("f"), new { staffId }, ct);

    public async ValueTask<StaffAccount?> FindByEmailAsync(Transaction tx, StaffEmail email, CancellationToken ct) =>
        await tx.FindAsync<StaffAccount>(Account + " f.email = @Value" + tx.ForShare("f"), new { email.Value }, ct);

    /// <summary>The account that an identity at an OpenID provider is joined to. One that is joined to none yet is joined to the account with this address, once.</summary>
    /// <param name="email">As the provider has verified it; null: it has not.</param>
    public async ValueTask<StaffAccount?> FindByIdentityAsync(Transaction tx, string issuer, string subject, StaffEmail? email, CancellationToken ct)
    {
        if (await tx.FindAsync<string>("SELECT staff_id FROM staff_identity WHERE issuer = @issuer AND subject = @subject", new { issuer, subject }, ct) is { } joined)
        {
            return await FindAsync(tx, joined, ct);
        }

        if (email is null || await FindByEmailAsync(tx, email, ct) is not { DisabledAtUs: null } account)
        {
            return null;
        }

        // An account that is joined to one identity of this provider is not joined to a second: the address may have been given to somebody else.
        var joins = await tx.RunAsync(
            """
            INSERT INTO staff_identity (issuer, subject, staff_id, linked_at_us)
            SELECT @issuer, @subject, @StaffId, @NowUs WHERE NOT EXISTS (SELECT 1 FROM staff_identity WHERE issuer = @issuer AND staff_id = @StaffId)
            ON CONFLICT (issuer, subject) DO NOTHING
            """, new { issuer, subject, account.StaffId, tx.NowUs }, ct);
        return joins == 1 ? account : null;
    }

    public async ValueTask<IReadOnlyList<StaffPasskey>> PasskeysAsync(Transaction tx, string staffId, CancellationToken ct) =>
        await tx.QueryAsync<StaffPasskey>(Passkey + " staff_id = @staffId ORDER BY created_at_us, passkey_ref", new { staffId }, ct);

    public async ValueTask<StaffPasskey?> FindPasskeyAsync(Transaction tx, byte[] credentialId, CancellationToken ct) =>
        await tx.FindAsync<StaffPasskey>(Passkey + " credential_id = @credentialId", new { credentialId }, ct);

    /// <summary>How many recovery codes are left.</summary>
    public async ValueTask<long> CodesLeftAsync(Transaction tx, string staffId, CancellationToken ct) =>
        await tx.FindAsync<long>("SELECT count(*) FROM staff_recovery_code WHERE staff_id = @staffId AND used_at_us IS NULL", new { staffId }, ct);

    /// <summary>Uses a code of the authenticator. Of many at the same moment one succeeds, and no older code after it.</summary>
    public async ValueTask<bool> UseTotpAsync(Transaction tx, StaffAccount account, string code, CancellationToken ct) =>
        account.TotpSealed is { } kept && TotpCode.Match(secrets.Open(account.StaffId, kept), code, tx.Now) is { } step
        && await tx.RunAsync("UPDATE staff_secret SET totp_last_step = @step WHERE staff_id = @StaffId AND totp_last_step < @step", new { step, account.StaffId }, ct) == 1;

    /// <summary>Uses a recovery code. Of many at the same moment one succeeds.</summary>
    public async ValueTask<bool> UseRecoveryCodeAsync(Transaction tx, string staffId, string typed, CancellationToken ct) =>
        RecoveryCode.TryParse(typed, out var code)
        && await tx.RunAsync(
            "UPDATE staff_recovery_code SET used_at_us = @NowUs WHERE code_mark = @mark AND staff_id = @staffId AND used_at_us IS NULL",
            new { mark = MarkOf(staffId, code), staffId, tx.NowUs }, ct) == 1;

    /// <summary>Notes the use of a passkey. False when it is gone, or its counter did not go on: then it was copied.</summary>
    public async ValueTask<bool> UsePasskeyAsync(Transaction tx, string staffId, byte[] credentialId, long signCount, bool isBackedUp, CancellationToken ct) =>
        await tx.RunAsync(
            """
            UPDATE staff_passkey SET sign_count = @signCount, is_backed_up = @backedUp, last_used_us = @NowUs
            WHERE credential_id = @credentialId AND staff_id = @staffId AND (sign_count < @signCount OR (sign_count = 0 AND @signCount = 0))
            """, new { staffId, credentialId, signCount, backedUp = isBackedUp ? 1L : 0L, tx.NowUs }, ct) == 1;

    /// <summary>Keeps a passkey. False when this key is known already.</summary>
    internal async ValueTask<bool> AddPasskeyAsync(Transaction tx, StaffPasskey key, CancellationToken ct) => await tx.RunAsync(
        """
        INSERT INTO staff_passkey (credential_id, passkey_ref, staff_id, name, public_key, sign_count, transports, is_backup_eligible, is_backed_up, created_at_us)
        VALUES (@CredentialId, @PasskeyRef, @StaffId, @Name, @PublicKey, @SignCount, @Transports, @IsBackupEligible, @IsBackedUp, @CreatedAtUs)
        ON CONFLICT (credential_id) DO NOTHING
        """, key, ct) == 1;

    internal async ValueTask<bool> RemovePasskeyAsync(Transaction tx, string staffId, string passkeyRef, CancellationToken ct) =>
        await tx.RunAsync("DELETE FROM staff_passkey WHERE staff_id = @staffId AND passkey_ref = @passkeyRef", new { staffId, passkeyRef }, ct) == 1;

    /// <summary>The secret of the authenticator that is being set up: the one begun before, so that a page may be reloaded, or a fresh one.</summary>
    internal async ValueTask<byte[]> BeginTotpAsync(Transaction tx, StaffAccount account, CancellationToken ct)
    {
        if (account.TotpPending is { } begun)
        {
            return secrets.Open(account.StaffId, begun);
        }

        var secret = TotpCode.NewSecret();
        await tx.RunAsync(
            """
            INSERT INTO staff_secret (staff_id, totp_pending, totp_last_step, changed_at_us) VALUES (@StaffId, @pending, 0, @NowUs)
            ON CONFLICT (staff_id) DO UPDATE SET totp_pending = excluded.totp_pending
            """, new { account.StaffId, pending = secrets.Seal(account.StaffId, secret), tx.NowUs }, ct);
        return secret;
    }

    /// <summary>The pending authenticator counts from now on, if the code is one of its own.</summary>
    /// <param name="password">Kept with it; null: the password stays.</param>
    internal async ValueTask<bool> KeepTotpAsync(Transaction tx, StaffAccount account, string code, PasswordHash? password, CancellationToken ct) =>
        account.TotpPending is { } pending && TotpCode.Match(secrets.Open(account.StaffId, pending), code, tx.Now) is { } step
        && await tx.RunAsync(
            """
            UPDATE staff_secret SET totp_sealed = @pending, totp_pending = NULL, totp_last_step = @step, password_hash = COALESCE(@password, password_hash), changed_at_us = @NowUs
            WHERE staff_id = @StaffId AND totp_pending = @pending
            """, new { account.StaffId, pending, step, password = password?.ToString(), tx.NowUs }, ct) == 1;

    /// <summary>Puts one password in another's place. False when it was changed in between.</summary>
    internal async ValueTask<bool> ChangePasswordAsync(Transaction tx, string staffId, string from, PasswordHash to, CancellationToken ct) => await tx.RunAsync(
        "UPDATE staff_secret SET password_hash = @to, changed_at_us = @NowUs WHERE staff_id = @staffId AND password_hash = @from", new { staffId, from, to = to.ToString(), tx.NowUs }, ct) == 1;

    /// <summary>Password and authenticator count no more.</summary>
    internal async ValueTask<bool> RemoveCodesAsync(Transaction tx, string staffId, CancellationToken ct) =>
        await tx.RunAsync("DELETE FROM staff_secret WHERE staff_id = @staffId AND password_hash IS NOT NULL", new { staffId }, ct) == 1;

    /// <summary>Fresh recovery codes in place of the old ones. They are told this one time.</summary>
    internal async ValueTask<IReadOnlyList<RecoveryCode>> NewRecoveryCodesAsync(Transaction tx, string staffId, CancellationToken ct)
    {
        await tx.RunAsync("DELETE FROM staff_recovery_code WHERE staff_id = @staffId", new { staffId }, ct);
        var codes = Enumerable.Range(0, RecoveryCode.Count).Select(_ => RecoveryCode.New()).ToList();
        foreach (var code in codes)
        {
            await tx.RunAsync("INSERT INTO staff_recovery_code (code_mark, staff_id, created_at_us) VALUES (@mark, @staffId, @NowUs)", new { mark = MarkOf(staffId, code), staffId, tx.NowUs }, ct);
        }

        return codes;
    }

    /// <summary>Forgets everything that somebody signs in with.</summary>
    internal static async ValueTask ForgetAsync(Transaction tx, string staffId, CancellationToken ct)
    {
        await tx.RunAsync("DELETE FROM staff_passkey WHERE staff_id = @staffId", new { staffId }, ct);
        await tx.RunAsync("DELETE FROM staff_secret WHERE staff_id = @staffId", new { staffId }, ct);
        await tx.RunAsync("DELETE FROM staff_recovery_code WHERE staff_id = @staffId", new { staffId }, ct);
        await tx.RunAsync("DELETE FROM staff_identity WHERE staff_id = @staffId", new { staffId }, ct);
    }

    private byte[] MarkOf(string staffId, RecoveryCode code) => secrets.Mark("recovery", Encoding.ASCII.GetBytes($"{staffId}|{code.Value}"));
}
