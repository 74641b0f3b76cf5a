using System.Globalization;
using Candor.Messages;
using Candor.Staff;

namespace Candor.Server.Hosting;

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
