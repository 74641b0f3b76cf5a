using System.Data.Common;
using System.Security.Cryptography;
using Candor.Audit;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Staff;

/// <summary>Who may call: staff members, their sessions, customers' sessions, API keys.</summary>
public sealed class AccessRegister(AuditLog log)
{
    /// <summary>Longest life of an API key.</summary>
    public static readonly TimeSpan MaxKeyLife = TimeSpan.FromDays(366);

    /// <summary>How long a visitor's browser remembers the choices made in it, without asking again.</summary>
    public static readonly TimeSpan VisitLife = TimeSpan.FromDays(366);

    /// <summary>Roles that a staff member can have (design: least privilege).</summary>
    public static readonly IReadOnlyList<string> KnownRoles =
        ["agent", "marketing", "analyst", "privacy-officer", "committee-member", "auditor", "administrator"];

    /// <summary>What an API key may do besides reading.</summary>
    public static readonly IReadOnlyList<string> KnownAbilities = ["collect", "consents", "requests", Metrics];

    /// <summary>The ability to fetch counts and the reasons behind the server's health; it reads nothing about anybody.</summary>
    public const string Metrics = "metrics";

    /// <summary>One key as an administrator sees it.</summary>
    /// <param name="Networks">From where it may be used, separated by blanks; null for anywhere.</param>
    /// <param name="LastUsedDay">In days since 1970; null while it was never used.</param>
    /// <param name="Assistant">Name of the AI assistant that it is; null for other programs.</param>
    /// <param name="CustomersPerHour">Of an AI assistant; null for other programs.</param>
    public sealed record KeyRow(
        string KeyId, string Service, string Purposes, string May, long CreatedAtUs, long ExpiresAtUs, long? RevokedAtUs, string? Networks, long? LastUsedDay, string? Assistant, long? CustomersPerHour)
    {
        public bool IsLive(long nowUs) => RevokedAtUs is null && ExpiresAtUs > nowUs;
    }

    /// <summary>One staff member as an administrator sees them.</summary>
    public sealed record StaffRow(string StaffId, string Name, string? Email, string Roles, long? TrainingUntilUs, long? DisabledAtUs);

    /// <summary>Makes an API key.</summary>
    /// <param name="networks">From where it may be used (<see cref="KeyNetworks"/>); none: from anywhere.</param>
    /// <param name="assistant">What makes it the key of an AI assistant, for good; null for any other program.</param>
    /// <returns>The key's text, which is not kept and cannot be shown again, and its id.</returns>
    public async ValueTask<(string Text, string KeyId)> CreateKeyAsync(
        Transaction tx, string service, IReadOnlyList<PurposeId> purposes, IReadOnlyList<string> may, TimeSpan life, string by, CancellationToken ct, IReadOnlyList<string>? networks = null,
        AssistantMark? assistant = null)
    {
        CheckKey(service, may, life, assistant);
        var (text, token) = CallerToken.NewKey("live");
        var scope = purposes.Count == 0 ? "*" : string.Join(' ', purposes);
        await tx.RunAsync(
            """
            INSERT INTO api_key (key_id, secret_hash, service, purposes, may, created_at_us, expires_at_us, networks, assistant, customers_per_hour)
            VALUES (@KeyId, @Hash, @service, @scope, @abilities, @NowUs, @end, @from, @name, @customers)
            """,
            new
            {
                token.KeyId, token.Hash, service, scope, abilities = string.Join(' ', may), tx.NowUs, end = Micros.From(tx.Now + life), from = KeyNetworks.Parse(networks ?? []),
                name = assistant?.Name, customers = (long?)assistant?.CustomersPerHour,
            }, ct);
        await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Admin, Actor = by, Subject = $"key-created:{token.KeyId}", Reason = assistant is null ? service : service + " ai-assistant" }, ct);
        return (text, token.KeyId!);
    }

    /// <summary>Refuses what no key can be.</summary>
    internal static void CheckKey(string service, IReadOnlyList<string> may, TimeSpan life, AssistantMark? assistant)
    {
        if (!Name.IsValid(service))
        {
            throw new Fault(FaultKind.Invalid, "staff/bad-service", $"A service name is {Name.Allowed}; got `{Name.Shown(service)}`.");
        }

        if (life <= TimeSpan.Zero || life > MaxKeyLife)
        {
            throw new Fault(FaultKind.Invalid, "staff/bad-key-life", $"An API key lives 1 to {MaxKeyLife.TotalDays:0} days; got `{life.TotalDays:0.#}`.");
        }

        CheckKnown(may, KnownAbilities, "ability");
        assistant?.Check(may);
    }

    public async ValueTask RevokeKeyAsync(Transaction tx, string keyId, string by, CancellationToken ct)
    {
        var changed = await tx.RunAsync("UPDATE api_key SET revoked_at_us = @NowUs WHERE key_id = @keyId AND revoked_at_us IS NULL", new { tx.NowUs, keyId }, ct);
        if (changed == 0)
        {
            throw new Fault(FaultKind.NotFound, "staff/no-such-key", $"No live API key has the id `{Name.Shown(keyId)}`; `candor key list` shows them.");
        }

        await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Admin, Actor = by, Subject = $"key-revoked:{keyId}" }, ct);
    }

    public async ValueTask<IReadOnlyList<KeyRow>> KeysAsync(Transaction tx, CancellationToken ct) =>
        await tx.QueryAsync<KeyRow>("SELECT key_id, service, purposes, may, created_at_us, expires_at_us, revoked_at_us, networks, last_used_day, assistant, customers_per_hour FROM api_key ORDER BY created_at_us", null, ct);

    /// <summary>Adds a staff member without an address, who cannot sign in: without a second factor no read succeeds.</summary>
    /// <param name="trainingUntil">Exclusive end of training for everything that was done elsewhere; null for none, which is what invitations and commands say.</param>
    public ValueTask<string> AddStaffAsync(Transaction tx, string name, IReadOnlyList<string> roles, DateTimeOffset? trainingUntil, string by, CancellationToken ct) =>
        AddStaffAsync(tx, name, null, roles, trainingUntil, by, ct);

    /// <summary>Adds a staff member. What they sign in with comes later, by <see cref="StaffInvitations"/>.</summary>
    /// <exception cref="Fault">Conflict when the address has an account.</exception>
    internal async ValueTask<string> AddStaffAsync(
        Transaction tx, string name, StaffEmail? email, IReadOnlyList<string> roles, DateTimeOffset? trainingUntil, string by, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > 100)
        {
            throw new Fault(FaultKind.Invalid, "staff/bad-name", "A staff member's name has 1 to 100 characters.");
        }

        CheckKnown(roles, KnownRoles, "role");
        await TrainingRegister.LockAsync(tx, ct);
        var staffId = RandomNumberGenerator.GetHexString(16, lowercase: true);
        var added = await tx.RunAsync(
            "INSERT INTO staff (staff_id, name, email, roles, created_at_us) VALUES (@staffId, @name, @email, @roles, @NowUs) ON CONFLICT (email) DO NOTHING",
            new { staffId, name, email = email?.Value, roles = string.Join(' ', roles), tx.NowUs }, ct);
        if (added == 0)
        {
            throw new Fault(FaultKind.Conflict, "staff/email-taken", "Somebody has an account with this address already; `candor staff list` and the people page show who.");
        }

        if (trainingUntil is { } until)
        {
            await TrainingRegister.AddCertificateAsync(tx, staffId, TrainingEdition.Everybody, Micros.From(until), "Set when the account was made.", by, ct);
        }

        await TrainingRegister.RecomputeAsync(tx, staffId, ct);
        await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Admin, Actor = by, Subject = $"staff-added:{staffId}", Reason = string.Join(' ', roles) }, ct);
        return staffId;
    }

    /// <summary>Sets what somebody may do. Until when their training counts follows from it, at once.</summary>
    internal static async ValueTask SetRolesAsync(Transaction tx, string staffId, IReadOnlyList<string> roles, CancellationToken ct)
    {
        CheckKnown(roles, KnownRoles, "role");
        await TrainingRegister.LockAsync(tx, ct);
        await tx.RunAsync("UPDATE staff SET roles = @roles WHERE staff_id = @staffId", new { staffId, roles = string.Join(' ', roles) }, ct);
        await TrainingRegister.RecomputeAsync(tx, staffId, ct);
    }

    /// <summary>Disables an account: its sessions end now, and it opens no other.</summary>
    /// <exception cref="Fault">NotFound when nobody has an account of this id that is not disabled.</exception>
    public async ValueTask DisableStaffAsync(Transaction tx, string staffId, string by, CancellationToken ct)
    {
        if (await tx.RunAsync("UPDATE staff SET disabled_at_us = @NowUs WHERE staff_id = @staffId AND disabled_at_us IS NULL", new { staffId, tx.NowUs }, ct) == 0)
        {
            throw new Fault(FaultKind.NotFound, "staff/no-such-member", $"There is no account `{Name.Shown(staffId)}` that could be disabled; `candor staff list` shows them.");
        }

        await SessionRegister.EndAsync(tx, "staff", staffId, null, null, ct);
        await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Admin, Actor = by, Subject = $"staff-disabled:{staffId}" }, ct);
    }

    /// <summary>The name of a staff member, to be shown.</summary>
    public async ValueTask<string> NameOfAsync(Transaction tx, string staffId, CancellationToken ct) =>
        (await tx.QueryAsync<string>("SELECT name FROM staff WHERE staff_id = @staffId", new { staffId }, ct)).Single();

    public async ValueTask<IReadOnlyList<StaffRow>> StaffAsync(Transaction tx, CancellationToken ct) =>
        await tx.QueryAsync<StaffRow>("SELECT staff_id, name, email, roles, training_until_us, disabled_at_us FROM staff ORDER BY created_at_us", null, ct);

    /// <summary>Opens a session for a staff member who has signed in, with the time of the second factor if there was one.</summary>
    public async ValueTask<string> OpenStaffSessionAsync(Transaction tx, string staffId, DateTimeOffset? mfaAt, CancellationToken ct) =>
        (await OpenStaffSessionAsync(tx, staffId, mfaAt, null, null, ct)).Text;

    /// <summary>Opens a session for a staff member, with how they signed in and the digest of their browser.</summary>
    internal ValueTask<(string Text, string SessionRef)> OpenStaffSessionAsync(Transaction tx, string staffId, DateTimeOffset? mfaAt, string? method, byte[]? client, CancellationToken ct) =>
        SessionRegister.OpenAsync(tx, CallerToken.NewSession(),
            new NewSession("staff", staffId, SessionRegister.StaffLife, SessionRegister.StaffIdle) { MfaAt = mfaAt, Method = method, Client = client }, ct);

    /// <summary>Opens a session for a customer who has proven who they are.</summary>
    public async ValueTask<string> OpenCustomerSessionAsync(Transaction tx, CustomerId customer, CancellationToken ct) =>
        (await OpenCustomerSessionAsync(tx, customer, null, null, ct)).Text;

    /// <summary>Opens a session for a customer, with how they signed in and the digest of their browser.</summary>
    public ValueTask<(string Text, string SessionRef)> OpenCustomerSessionAsync(Transaction tx, CustomerId customer, string? method, byte[]? client, CancellationToken ct) =>
        SessionRegister.OpenAsync(tx, CallerToken.NewSession(),
            new NewSession("customer", customer.Value, SessionRegister.CustomerLife, SessionRegister.CustomerIdle) { Method = method, Client = client }, ct);

    /// <summary>Opens a session for a visitor's browser on the business's own site; it counts for the browser interface alone.</summary>
    public async ValueTask<string> OpenVisitAsync(Transaction tx, CustomerId customer, CancellationToken ct) =>
        (await SessionRegister.OpenAsync(tx, CallerToken.NewVisit(), new NewSession("customer", customer.Value, VisitLife, null) { Method = "visit" }, ct)).Text;

    /// <summary>Opens a session for a visitor's browser of whom the business's own site has said who they are.</summary>
    public ValueTask<(string Text, string SessionRef)> OpenKnownVisitAsync(Transaction tx, CustomerId customer, string method, CancellationToken ct) =>
        SessionRegister.OpenAsync(tx, CallerToken.NewVisit(), new NewSession("customer", customer.Value, SessionRegister.CustomerLife, SessionRegister.CustomerIdle) { Method = method }, ct);

    public async ValueTask EndSessionAsync(Transaction tx, CallerToken token, CancellationToken ct) =>
        await tx.RunAsync("UPDATE session SET revoked_at_us = @NowUs WHERE token_hash = @Hash AND revoked_at_us IS NULL", new { tx.NowUs, token.Hash }, ct);

    /// <summary>Ends every session of a customer; part of erasure.</summary>
    public async ValueTask EraseSessionsAsync(Transaction tx, CustomerId customer, CancellationToken ct) =>
        await tx.RunAsync("DELETE FROM session WHERE kind = 'customer' AND subject = @Value", new { customer.Value }, ct);

    /// <summary>The actor behind a token as of this transaction; null when the token belongs to nobody.</summary>
    public async ValueTask<ActorState?> FindActorAsync(Transaction tx, CallerToken token, CancellationToken ct)
    {
        var command = tx.Prepared(ActorStatement.For(tx, token));
        ActorStatement.Fill(command, token);
        await using var row = await command.ExecuteReaderAsync(ct);
        return await row.ReadAsync(ct) ? ActorStatement.Read(row, token) : null;
    }

    internal static void CheckKnown(IReadOnlyList<string> given, IReadOnlyList<string> known, string what)
    {
        if (given.FirstOrDefault(g => !known.Contains(g)) is { } wrong)
        {
            throw new Fault(FaultKind.Invalid, $"staff/unknown-{what}", $"There is no {what} `{Name.Shown(wrong)}`; allowed are {string.Join(", ", known.Select(k => $"`{k}`"))}.");
        }
    }
}
