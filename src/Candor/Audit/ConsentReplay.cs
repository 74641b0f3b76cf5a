using System.Buffers.Binary;

namespace Candor.Audit;

/// <summary>Follows consents through the log in its order: no read may rest on a choice that an earlier entry ended.</summary>
/// <remarks>Every consent entry carries the version it made and every read the version it used, so that anybody who has the entries
/// can check this, without the database and without knowing who the customers are.</remarks>
public sealed class ConsentReplay
{
    private readonly Dictionary<(UInt128 Customer, string Purpose), (long Version, bool Ended, long Index)> choices = [];
    private readonly Dictionary<UInt128, long> lastVersion = [];

    /// <summary>Reason texts of entries after which a choice no longer carries a read.</summary>
    private static bool Ends(AuditEvent e) =>
        e.Kind == AuditKind.ConsentWithdrawn || (e.Kind == AuditKind.ConsentOther && e.Reason is "expired" or "refused" or "objected");

    /// <summary>Takes the next entry; answers what is wrong with it, or null.</summary>
    public (string What, string Sentence)? Follow(AuditEvent e, long index)
    {
        if (e.CustomerRef is not { Length: 16 } reference)
        {
            return null;
        }

        var customer = BinaryPrimitives.ReadUInt128BigEndian(reference);
        return e.Kind switch
        {
            AuditKind.ConsentGiven or AuditKind.ConsentWithdrawn or AuditKind.ConsentOther when e.ConsentVersion > 0 => FollowChoice(customer, e, index),
            AuditKind.Read when e is { Purpose: { } purpose, ConsentVersion: > 0 } && choices.TryGetValue((customer, purpose), out var choice) => FollowRead(e, choice, index),
            _ => null,
        };
    }

    private (string, string)? FollowChoice(UInt128 customer, AuditEvent e, long index)
    {
        if (e.Purpose is { } purpose)
        {
            choices[(customer, purpose)] = (e.ConsentVersion, Ends(e), index);
        }

        var last = lastVersion.GetValueOrDefault(customer);
        lastVersion[customer] = Math.Max(last, e.ConsentVersion);
        return e.ConsentVersion > last ? null
            : ("choice-out-of-order", $"Entry `{index}` makes choice `{e.ConsentVersion}` of a customer whose choice `{last}` is logged before it.");
    }

    private static (string, string)? FollowRead(AuditEvent e, (long Version, bool Ended, long Index) choice, long index) =>
        e.ConsentVersion < choice.Version || (choice.Ended && e.ConsentVersion == choice.Version)
            ? ("read-after-end", $"Read `{index}` rests on choice `{e.ConsentVersion}`, which entry `{choice.Index}` had ended.")
            : null;
}
