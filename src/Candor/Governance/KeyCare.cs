using System.Globalization;
using Candor.Audit;
using Candor.Backup;
using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Governance;

/// <summary>An old version of the key-encryption key that is to be destroyed.</summary>
public sealed record DestructionWish(long Version);

/// <summary>The key-encryption keys as administrators look after them: rotating takes nothing away and is done at once, destroying cannot be taken back and needs two people.</summary>
public sealed class KeyCare(Database database, KeyRotation rotation, BackupStore backups, FourEyes eyes, AuditLog log)
{
    public const string Kind = "kek-destroy";

    private static readonly string[] Roles = ["administrator"];

    public static ProposalKind Proposed => ProposalKind.Collected(Kind, Roles);

    /// <summary>Checks that somebody may rotate, and logs that they have it done.</summary>
    public async ValueTask StartRotationAsync(Transaction tx, CallerToken token, CancellationToken ct)
    {
        var actor = await eyes.EnterAsync(tx, token, Roles, ct);
        await LogAsync(tx, actor.LogName, "kek-rotation", ct);
    }

    /// <summary>Rotates, or goes on with a rotation that was stopped.</summary>
    public async Task RotateAsync(CancellationToken ct)
    {
        var version = await rotation.RotateAsync(null, ct);
        await database.WriteAsync(tx => LogAsync(tx, "system:rotation", $"kek-active:{version}", ct), ct);
    }

    public async ValueTask<Proposal> ProposeDestructionAsync(Transaction tx, CallerToken token, long version, CancellationToken ct)
    {
        await KeyRotation.CheckUnusedAsync(tx, version, ct);
        await CheckNotNeededAsync(tx, version, ct);
        return await eyes.ProposeAsync(tx, token, Kind, new DestructionWish(version), ct);
    }

    /// <summary>Destroys what two people agreed to destroy.</summary>
    /// <exception cref="Fault">Conflict while something still needs it.</exception>
    public async Task<long> DestroyAsync(CallerToken token, string proposalId, CancellationToken ct)
    {
        var version = await database.WriteAsync(async tx =>
        {
            var (proposal, actor) = await eyes.CollectAsync(tx, token, proposalId, ct);
            if (proposal.Kind != Kind)
            {
                throw new Fault(FaultKind.Invalid, "staff/other-proposal", $"This proposal is of the kind `{proposal.Kind}`, which destroys nothing.");
            }

            var destroyed = proposal.Read<DestructionWish>().Version;
            await CheckNotNeededAsync(tx, destroyed, ct);
            await KeyRotation.DestroyAsync(tx, destroyed, ct);
            await LogAsync(tx, actor.LogName, $"kek-destroyed:{destroyed}", ct);
            return destroyed;
        }, ct);
        await rotation.ReloadAsync(ct);
        return version;
    }

    /// <summary>Refuses a version that a backup needs which may still have to be put back.</summary>
    private async ValueTask CheckNotNeededAsync(Transaction tx, long version, CancellationToken ct)
    {
        if (await backups.NeedingAsync(tx, version, ct) is { Count: > 0 } needing)
        {
            throw new Fault(FaultKind.Conflict, "backup/key-needed", string.Create(CultureInfo.InvariantCulture,
                $"`{needing.Count}` backups still need version `{version}`, the newest of {needing[0].BeganAt:yyyy-MM-dd}; it can be destroyed when the last of them is past `backupsKept`."));
        }
    }

    private async ValueTask LogAsync(Transaction tx, string by, string subject, CancellationToken ct) =>
        await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.KeyRotation, Actor = by, Subject = subject }, ct);
}
