using Candor.Gate;
using Candor.Kernel;
using Candor.Rights;
using Candor.Staff;
using Candor.Storage;

namespace Candor.Desk;

/// <summary>Rights requests that an agent files for the customer of a visit. No choice of the customer's stands against their own rights, so the gate is not asked.</summary>
public sealed class DeskRequests(Database database, AccessRegister access, DeskVisits visits, RightsRequests requests)
{
    /// <summary>Characters of how the customer proved who they are.</summary>
    public const int MaxIdentity = 300;

    /// <summary>Files a request. How the customer proved who they are goes with it, for the privacy officer who confirms it.</summary>
    /// <param name="identityLabel">What stands before <paramref name="identity"/> in the note, in the language of whoever files it.</param>
    /// <exception cref="Fault">Invalid for a bad text; Conflict when the same is open; NotFound <c>desk/no-such-visit</c>.</exception>
    public async Task<RightsRequests.Outcome> FileAsync(CallerToken token, string visitId, RequestType type, string identityLabel, string identity, string? note, CancellationToken ct)
    {
        var how = DeskRules.CheckText(identity, 1, MaxIdentity, "bad-identity");
        var visit = await database.ReadAsync(async tx => await access.FindActorAsync(tx, token, ct) is { Kind: ActorKind.Staff } agent && DeskRules.WhyNot(agent, DeskRules.Role, tx.Now) is null
            ? await visits.FindAsync(tx, visitId, agent.Ref, ct)
            : null, ct) ?? throw new Fault(FaultKind.NotFound, "desk/no-such-visit", $"There is no customer's page `{Name.Shown(visitId)}` of yours; find the customer again.");
        return await requests.FileForAsync(token, visit.Customer, new NewRequest(type, null, $"{identityLabel} {how}\n{note}".Trim()), ct);
    }
}
