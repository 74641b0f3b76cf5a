using System.Globalization;
using Candor.Messages;
using Candor.Staff;
using Candor.Vault;

namespace Candor.Server.Hosting;

/// <summary>The accounts of staff: invited, set up, signed in, and told of what changes.</summary>
public sealed partial class CandorHost
{
    public StaffInvitations Invitations => field ??= new StaffInvitations(Access, Log);

    public StaffSecrets StaffSecrets => field ??= new StaffSecrets(Keys.Secret(KeyRing.SessionPepper));

    public StaffFactors StaffFactors => field ??= new StaffFactors(StaffSecrets);

    public PasswordHashing Hashing => field ??= new PasswordHashing();

    public StaffSignIn StaffSignIn => field ??= new StaffSignIn(Database, Access, Log, StaffFactors, new SignInThrottle(StaffSecrets), Hashing, Settings.StaffRules);

    public OwnFactors OwnFactors => field ??= MakeOwnFactors();

    public StaffSessions StaffSessions => field ??= new StaffSessions(Database, StaffSignIn, Log);

    /// <summary>Every change of what somebody signs in with is told to them by mail.</summary>
    private OwnFactors MakeOwnFactors()
    {
        var own = new OwnFactors(Database, StaffSignIn, StaffFactors, Hashing, Log);
        var account = new Uri(Settings.Site, "/staff/account").ToString();
        own.AlsoTell(async (tx, staffId, what, ct) => await StaffMail.QueueAsync(tx, StaffReceiver.Person(staffId), "staff-account", new Dictionary<string, string>
        {
            ["what"] = what, ["at"] = tx.Now.ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture), ["link"] = account,
        }, ct));
        return own;
    }
}
