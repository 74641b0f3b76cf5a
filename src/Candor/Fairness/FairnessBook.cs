using Candor.Kernel;
using Candor.Reads;
using Candor.Storage;

namespace Candor.Fairness;

/// <summary>What audits counted and found, week by week. There is no customer in it.</summary>
public static class FairnessBook
{
    /// <summary>How long a node has for a week that it counts; after that another one begins anew.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromHours(6);

    private sealed record CountRow(string Purpose, string Outcome, string Attribute, string GroupValue, long Whole, long Part, long IsFew)
    {
        public GroupCount As => new(UseCounts.AboutOf(PurposeId.Parse(Purpose), Outcome), DataPointId.Parse(Attribute), GroupValue.Length == 0 ? null : GroupValue, Whole, Part, IsFew != 0);
    }

    private sealed record FindingRow(long Week, string Purpose, string Outcome, string Attribute, string GroupValue, string Kind, double Value, double Bound, double Low, double High, long IsSure)
    {
        public UseFinding As => new(
            Week, PurposeId.Parse(Purpose), Outcome, DataPointId.Parse(Attribute), GroupValue, Enum.Parse<FindingKind>(Kind), Value, Bound, new Interval(Low, High), IsSure != 0);
    }

    /// <summary>The newest weeks that are counted, the newest first.</summary>
    public static async ValueTask<IReadOnlyList<long>> WeeksAsync(Transaction tx, int most, CancellationToken ct) =>
        await tx.QueryAsync<long>("SELECT week FROM fairness_week WHERE closed_at_us IS NOT NULL ORDER BY week DESC LIMIT @Most", new { Most = (long)most }, ct);

    /// <summary>What was counted in a week, by use, outcome and attribute.</summary>
    public static async ValueTask<IReadOnlyList<UseCounts>> CountsAsync(Transaction tx, long week, CancellationToken ct)
    {
        var rows = await tx.QueryAsync<CountRow>(
            "SELECT purpose AS Purpose, outcome AS Outcome, attribute AS Attribute, group_value AS GroupValue, whole AS Whole, part AS Part, is_few AS IsFew FROM fairness_count WHERE week = @week",
            new { week }, ct);
        return [.. UseCounts.Of(rows.Select(r => r.As)).OrderBy(c => c.Purpose.Value, StringComparer.Ordinal).ThenBy(c => c.Outcome, StringComparer.Ordinal).ThenBy(c => c.Attribute.Value, StringComparer.Ordinal)];
    }

    /// <summary>What was found from a week on, the newest first.</summary>
    public static async ValueTask<IReadOnlyList<UseFinding>> FindingsAsync(Transaction tx, long since, CancellationToken ct) =>
    [
        .. (await tx.QueryAsync<FindingRow>(
            """
            SELECT week AS Week, purpose AS Purpose, outcome AS Outcome, attribute AS Attribute, group_value AS GroupValue, kind AS Kind, value AS Value, bound AS Bound, low AS Low, high AS High, is_sure AS IsSure
            FROM fairness_finding WHERE week >= @since
            """, new { since }, ct)).Select(r => r.As)
            .OrderByDescending(f => f.Week).ThenBy(f => f.Purpose.Value, StringComparer.Ordinal).ThenBy(f => f.Outcome, StringComparer.Ordinal)
            .ThenBy(f => f.Attribute.Value, StringComparer.Ordinal).ThenBy(f => f.Group, StringComparer.Ordinal).ThenBy(f => f.Kind),
    ];

    /// <summary>Takes a week in order to count it.</summary>
    /// <returns>False when it is counted, or another node is at it.</returns>
    internal static async ValueTask<bool> ClaimAsync(Transaction tx, long week, CancellationToken ct) => await tx.RunAsync(
        """
        INSERT INTO fairness_week (week, claimed_until_us) VALUES (@week, @Until)
        ON CONFLICT (week) DO UPDATE SET claimed_until_us = excluded.claimed_until_us WHERE fairness_week.closed_at_us IS NULL AND fairness_week.claimed_until_us <= @NowUs
        """, new { week, Until = Micros.From(tx.Now + Lease), tx.NowUs }, ct) == 1;

    /// <summary>Gives a week back that could not be counted, so that it is tried again.</summary>
    internal static async ValueTask GiveBackAsync(Transaction tx, long week, CancellationToken ct) =>
        await tx.RunAsync("UPDATE fairness_week SET claimed_until_us = 0 WHERE week = @week AND closed_at_us IS NULL", new { week }, ct);

    /// <summary>Keeps what came out of a week, once.</summary>
    /// <returns>False when another node was faster.</returns>
    internal static async ValueTask<bool> CloseAsync(Transaction tx, long week, IReadOnlyList<UseAudit> audits, CancellationToken ct)
    {
        if (await tx.RunAsync("UPDATE fairness_week SET closed_at_us = @NowUs WHERE week = @week AND closed_at_us IS NULL", new { week, tx.NowUs }, ct) == 0)
        {
            return false;
        }

        foreach (var (counts, group) in audits.SelectMany(a => a.Counts.Groups.Select(g => (a.Counts, g))))
        {
            await tx.RunAsync(
                "INSERT INTO fairness_count (week, purpose, outcome, attribute, group_value, whole, part, is_few) VALUES (@week, @Purpose, @Outcome, @Attribute, @Group, @Whole, @Part, @IsFew)",
                new { week, Purpose = counts.Purpose.Value, counts.Outcome, Attribute = counts.Attribute.Value, Group = group.Group ?? "", group.Whole, group.Part, IsFew = group.IsTooFew ? 1L : 0L }, ct);
        }

        foreach (var f in audits.SelectMany(a => a.Findings))
        {
            await tx.RunAsync(
                """
                INSERT INTO fairness_finding (week, purpose, outcome, attribute, group_value, kind, value, bound, low, high, is_sure)
                VALUES (@week, @Purpose, @Outcome, @Attribute, @Group, @Kind, @Value, @Bound, @Low, @High, @IsSure)
                """,
                new
                {
                    week, Purpose = f.Purpose.Value, f.Outcome, Attribute = f.Attribute.Value, f.Group, Kind = f.Kind.ToString(), f.Value, f.Bound, f.Interval.Low, f.Interval.High,
                    IsSure = f.IsSure ? 1L : 0L,
                }, ct);
        }

        return true;
    }
}
