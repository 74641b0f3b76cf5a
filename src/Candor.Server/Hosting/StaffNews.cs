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

    public OwnFactors OwnFactors => field ??= StaffNews.By(StaffMail, Settings.Site, new OwnFactors(Database, StaffSignIn, StaffFactors, Hashing, Log));

    public StaffSessions StaffSessions => field ??= new StaffSessions(Database, StaffSignIn, Log);
}

/// <summary>Tells members of staff what happens to their accounts.</summary>
internal static class StaffNews
{
    /// <summary>Every change of what somebody signs in with is told to them by mail.</summary>
    public static OwnFactors By(StaffMail mail, Uri site, OwnFactors own)
    {
        var account = new Uri(site, "/staff/account").ToString();
        own.AlsoTell(async (tx, staffId, what, ct) => await mail.QueueAsync(tx, StaffReceiver.Person(staffId), "staff-account", new Dictionary<string, string>
        {
            ["what"] = what, ["at"] = tx.Now.ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture), ["link"] = account,
        }, ct));
        return own;
    }
}
