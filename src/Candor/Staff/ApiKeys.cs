using Candor.Audit;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Staff;

/// <summary>An API key as it is proposed.</summary>
/// <param name="Purposes">None: all that list its service.</param>
/// <param name="May">Abilities besides reading.</param>
/// <param name="Days">How long it lives from the moment it is made.</param>
/// <param name="Networks">None: from anywhere.</param>
/// <param name="Assistant">Of an AI assistant; null for any other program.</param>
public sealed record KeyWish(string Service, IReadOnlyList<string> Purposes, IReadOnlyList<string> May, int Days, IReadOnlyList<string> Networks, AssistantMark? Assistant = null);

/// <summary>API keys as administrators make and end them. A new one needs two people and is made when its proposer collects it, so that its text is nowhere before.</summary>
public sealed class ApiKeys(AccessRegister access, FourEyes eyes)
{
    public const string Kind = "key-create";

    /// <summary>Live keys of one service: one in use, and one to change over to.</summary>
    public const int MostPerService = 2;

    private static readonly string[] Roles = ["administrator"];

    /// <summary>The kind of proposal that these are.</summary>
    public static ProposalKind Proposed => ProposalKind.Collected(Kind, Roles);

    /// <summary>Proposes a key.</summary>
    /// <exception cref="Fault">Invalid for what no key can be; Conflict when the service has two already.</exception>
    public async ValueTask<Proposal> ProposeAsync(Transaction tx, CallerToken token, KeyWish wish, CancellationToken ct)
    {
        AccessRegister.CheckKey(wish.Service, wish.May, TimeSpan.FromDays(wish.Days), wish.Assistant);
        KeyNetworks.Parse(wish.Networks);
        foreach (var purpose in wish.Purposes)
        {
            PurposeId.Parse(purpose);
        }

        await CheckRoomAsync(tx, wish.Service, ct);
        return await eyes.ProposeAsync(tx, token, Kind, wish, ct);
    }

    /// <summary>Makes a key that was approved.</summary>
    /// <returns>Its text, to be shown this once.</returns>
    public async ValueTask<string> CollectAsync(Transaction tx, CallerToken token, string proposalId, CancellationToken ct)
    {
        var (proposal, actor) = await eyes.CollectAsync(tx, token, proposalId, ct);
        Check(proposal);
        var wish = proposal.Read<KeyWish>();
        await CheckRoomAsync(tx, wish.Service, ct);
        return (await access.CreateKeyAsync(
            tx, wish.Service, [.. wish.Purposes.Select(PurposeId.Parse)], wish.May, TimeSpan.FromDays(wish.Days), actor.LogName, ct, wish.Networks, wish.Assistant)).Text;
    }

    /// <summary>Ends a key at once.</summary>
    public async ValueTask RevokeAsync(Transaction tx, CallerToken token, string keyId, CancellationToken ct)
    {
        var actor = await eyes.EnterAsync(tx, token, Roles, ct);
        await access.RevokeKeyAsync(tx, keyId, actor.LogName, ct);
    }

    /// <exception cref="Fault">Conflict <c>staff/two-keys</c>.</exception>
    public async ValueTask CheckRoomAsync(Transaction tx, string service, CancellationToken ct)
    {
        if ((await access.KeysAsync(tx, ct)).Count(k => k.Service == service && k.IsLive(tx.NowUs)) >= MostPerService)
        {
            throw new Fault(FaultKind.Conflict, "staff/two-keys", $"`{Name.Shown(service)}` has {MostPerService} live keys already: the one in use and the one to change over to. Revoke one first.");
        }
    }

    /// <summary>Writes down that a key is in use, once a day. In a transaction of its own: reads hold the key's row.</summary>
    public static async ValueTask MarkUsedAsync(Transaction tx, CallerToken token, CancellationToken ct) => await tx.RunAsync(
        "UPDATE api_key SET last_used_day = @day WHERE key_id = @KeyId AND secret_hash = @Hash AND (last_used_day IS NULL OR last_used_day < @day)",
        new { token.KeyId, token.Hash, day = DayOf(tx.Now) }, ct);

    /// <summary>Days since 1970.</summary>
    public static long DayOf(DateTimeOffset instant) => Micros.From(instant) / (86_400 * Micros.PerSecond);

    private static void Check(Proposal proposal)
    {
        if (proposal.Kind != Kind)
        {
            throw new Fault(FaultKind.Invalid, "staff/other-proposal", $"This proposal is of the kind `{proposal.Kind}`, which gives no key.");
        }
    }
}
