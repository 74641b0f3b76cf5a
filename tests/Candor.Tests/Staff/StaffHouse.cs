using Candor.Audit;
using Candor.Staff;
using Candor.Storage;

namespace Candor.Tests.Staff;

/// <summary>The modules of accounts and sign-in on one database.</summary>
public sealed class StaffHouse
{
    public const string Password = "maple thread violet canoe";

    public required Database Db { get; init; }

    public required AccessRegister Access { get; init; }

    public required StaffInvitations Invitations { get; init; }

    public required StaffFactors Factors { get; init; }

    public required SignInThrottle Throttle { get; init; }

    public required StaffSignIn SignIn { get; init; }

    public required OwnFactors Own { get; init; }

    public required StaffSessions Sessions { get; init; }

    public static async Task<StaffHouse> BuildAsync(Database db, CancellationToken ct, StaffRules? rules = null)
    {
        var log = await AuditLog.OpenAsync(db, "test.example/audit", ct);
        var (access, secrets, hashing) = (new AccessRegister(log), new StaffSecrets(new byte[32]), new PasswordHashing());
        var (factors, throttle) = (new StaffFactors(secrets), new SignInThrottle(secrets));
        var signIn = new StaffSignIn(db, access, log, factors, throttle, hashing, rules ?? new StaffRules());
        return new StaffHouse
        {
            Db = db, Access = access, Invitations = new StaffInvitations(access, log), Factors = factors, Throttle = throttle, SignIn = signIn,
            Own = new OwnFactors(db, signIn, factors, hashing, log), Sessions = new StaffSessions(db, signIn, log),
        };
    }

    /// <summary>Somebody with password and authenticator, in a session with its second factor.</summary>
    public async Task<(string Session, string StaffId, byte[] Secret)> EnrolAsync(string name, string role, CancellationToken ct)
    {
        var invited = await Db.WriteAsync(tx => Invitations.InviteAsync(tx, name + "@shop.example", name, [role], "test", ct), ct);
        var session = (await Db.WriteAsync(tx => Invitations.AcceptAsync(tx, invited, null, null, null, ct), ct))!;
        var secret = await Own.BeginCodesAsync(CallerToken.Parse(session), ct);
        var (kept, trouble) = await Own.KeepCodesAsync(CallerToken.Parse(session), Password, CodeOf(secret), [], ct);
        Assert.Null(trouble);
        return (kept!, (await ActorAsync(kept!, ct))!.Ref, secret);
    }

    public string CodeOf(byte[] secret) => TotpCode.At(secret, TotpCode.StepAt(Db.Clock.GetUtcNow()));

    public Task<ActorState?> ActorAsync(string session, CancellationToken ct) => Db.ReadAsync(tx => Access.FindActorAsync(tx, CallerToken.Parse(session), ct), ct);

    /// <summary>A browser in a network of this number.</summary>
    public static StaffClient Client(int network, string? known = null) => new([(byte)(network >> 8), (byte)(network & 0xff)], null, known);
}
