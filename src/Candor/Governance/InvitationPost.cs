using System.Globalization;
using Candor.Kernel;
using Candor.Messages;
using Candor.Staff;
using Candor.Storage;

namespace Candor.Governance;

/// <summary>Gets the links of approved invitations to the people they are for.</summary>
/// <remarks>By mail where mail leaves, so that whoever proposed somebody new never holds what makes them that person. Without a relay, or without an address, it is shown to them.</remarks>
/// <param name="hasRelay">Mail leaves this machine.</param>
/// <param name="site">Where the pages of staff are.</param>
public sealed class InvitationPost(StaffChanges changes, StaffInvitations invitations, StaffMail mail, bool hasRelay, Uri site)
{
    /// <summary>Makes the link, and mails it where that can be done.</summary>
    /// <returns>The link to show once; null when it is on its way by mail.</returns>
    public async ValueTask<Uri?> CollectAsync(Transaction tx, CallerToken token, string proposalId, string by, CancellationToken ct)
    {
        var linkToken = await changes.CollectLinkAsync(tx, token, proposalId, ct);
        var link = new Uri(site, StaffInvitations.PathOf(linkToken));
        var staffId = (await invitations.FindAsync(tx, linkToken, ct))!.StaffId!;
        if (!hasRelay || (await StaffDirectory.FindAsync(tx, staffId, ct))?.Email is null)
        {
            return link;
        }

        var facts = new Dictionary<string, string>
        {
            ["by"] = by, ["link"] = link.AbsoluteUri, ["until"] = (tx.Now + StaffInvitations.Life).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture),
        };
        await mail.QueueAsync(tx, StaffReceiver.Person(staffId), "staff-invitation", facts, ct);
        return null;
    }
}
