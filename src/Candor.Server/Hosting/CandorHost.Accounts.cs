using Candor.Staff;
using Candor.Vault;

namespace Candor.Server.Hosting;

/// <summary>The accounts of staff: set up, signed in, and told of what changes.</summary>
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
