using Candor.Audit;
using Candor.Fairness;
using Candor.Reads;

namespace Candor.Governance;

/// <summary>Kinds of accesses of which each is drawn from by itself, so that the rare ones are in every sample. An access is of the first that fits.</summary>
public enum AuditStratum
{
    /// <summary>In an emergency, allowed or refused.</summary>
    Emergency,
    Refused,
    /// <summary>Named by an anomaly that was found.</summary>
    Odd,
    Ordinary,
}

/// <summary>A drawn access.</summary>
/// <param name="Index">Its place in the log.</param>
public sealed record DrawnAccess(long Index, AuditStratum Stratum);

/// <summary>Draws a sample of accesses that anybody can draw again from the same log with the same seed.</summary>
/// <remarks>The rule: emergencies, refusals and odd accesses get a fifth of the sample each, or all of them where there are fewer; the ordinary ones get the rest; what these do not fill goes to emergencies, refusals and odd ones,
/// in this order. Within a stratum: its places in the order of the log, then a Fisher-Yates shuffle (Durstenfeld 1964) with <see cref="SplitMix64"/> seeded by the seed plus the stratum's number, of which the first are taken.
/// So each is drawn with the same chance, up to one part in 2³² of rounding, and none twice.</remarks>
public static class AuditDraw
{
    /// <summary>Part of a sample that is kept for each of the three rare strata.</summary>
    private const int Parts = 5;

    /// <summary>What kind of access an entry is; null for what is none: a customer's own, Candor's, or no access at all.</summary>
    public static AuditStratum? StratumOf(long index, AuditEvent e, IReadOnlySet<long> odd) =>
        !e.Actor.StartsWith("staff:", StringComparison.Ordinal) && !e.Actor.StartsWith("key:", StringComparison.Ordinal) ? null
        : e.Kind is not (AuditKind.Read or AuditKind.Export or AuditKind.Deny) || (e.Kind != AuditKind.Deny && e.CustomerRef is null) ? null
        : e.Subject == ReadDetail.EmergencySubject ? AuditStratum.Emergency
        : e.Kind == AuditKind.Deny ? AuditStratum.Refused
        : odd.Contains(index) ? AuditStratum.Odd
        : AuditStratum.Ordinary;

    /// <summary>How many are taken of each stratum.</summary>
    /// <param name="populations">How many there are of each.</param>
    public static IReadOnlyDictionary<AuditStratum, int> Quotas(IReadOnlyDictionary<AuditStratum, int> populations, int size)
    {
        var all = Enum.GetValues<AuditStratum>();
        var taken = all.ToDictionary(s => s, s => s == AuditStratum.Ordinary ? 0 : Math.Min(populations.GetValueOrDefault(s), Math.Max(1, size / Parts)));
        // What is left, the ordinary ones first.
        foreach (var stratum in all.OrderByDescending(s => s == AuditStratum.Ordinary).ThenBy(s => s))
        {
            taken[stratum] += Math.Clamp(size - taken.Values.Sum(), 0, populations.GetValueOrDefault(stratum) - taken[stratum]);
        }

        return taken;
    }

    /// <summary>The sample, in the order of the log.</summary>
    /// <param name="places">Of each stratum, in the order of the log.</param>
    /// <param name="size">At least 4.</param>
    public static IReadOnlyList<DrawnAccess> Draw(IReadOnlyDictionary<AuditStratum, IReadOnlyList<long>> places, ulong seed, int size)
    {
        var quotas = Quotas(places.ToDictionary(p => p.Key, p => p.Value.Count), size);
        return [.. places.SelectMany(p => Take(p.Value, unchecked(seed + (ulong)p.Key), quotas[p.Key]).Select(i => new DrawnAccess(i, p.Key))).OrderBy(d => d.Index)];
    }

    private static IEnumerable<long> Take(IReadOnlyList<long> places, ulong seed, int count)
    {
        var (random, left) = (new SplitMix64(seed), places.ToArray());
        for (var i = 0; i < count; i++)
        {
            var at = i + random.NextBelow(left.Length - i);
            (left[i], left[at]) = (left[at], left[i]);
        }

        return left.Take(count);
    }
}
