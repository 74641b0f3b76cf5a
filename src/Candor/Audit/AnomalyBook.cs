using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Audit;

/// <summary>An anomaly that was found, and what became of it.</summary>
/// <param name="Id">16 hex characters.</param>
/// <param name="State"><c>open</c>, <c>accepted</c> (there was something) or <c>false-alarm</c>.</param>
/// <param name="ReviewedBy">Staff id.</param>
public sealed record FoundAnomaly(
    string Id, string Rule, string Actor, DateTimeOffset From, DateTimeOffset To, long Amount, long Usual, IReadOnlyList<long> Entries,
    DateTimeOffset FoundAt, string State, string? ReviewedBy, DateTimeOffset? ReviewedAt, string? Words);

/// <summary>The anomalies that were found. Each is found once, however often its entries are looked at.</summary>
public static class AnomalyBook
{
    public const string Open = "open";
    public const string Accepted = "accepted";
    public const string FalseAlarm = "false-alarm";
    public const int MaxWords = 1_000;

    private const string Columns = "SELECT finding_id, rule, actor, from_us, to_us, amount, usual, entries, found_at_us, state, reviewed_by, reviewed_at_us, words FROM audit_finding WHERE log = @Log";

    private sealed record Row(
        string FindingId, string Rule, string Actor, long FromUs, long ToUs, long Amount, long Usual, string Entries, long FoundAtUs, string State, string? ReviewedBy, long? ReviewedAtUs, string? Words)
    {
        public FoundAnomaly As => new(FindingId, Rule, Actor, Micros.ToInstant(FromUs), Micros.ToInstant(ToUs), Amount, Usual,
            [.. Entries.Split(',').Select(e => long.Parse(e, CultureInfo.InvariantCulture))], Micros.ToInstant(FoundAtUs), State, ReviewedBy, Micros.ToInstant(ReviewedAtUs), Words);
    }

    /// <summary>Those that nobody has said anything about, newest first, or those that somebody has.</summary>
    public static async ValueTask<IReadOnlyList<FoundAnomaly>> ListAsync(Transaction tx, bool onlyOpen, int most, CancellationToken ct) => [.. (await tx.QueryAsync<Row>(
        Columns + (onlyOpen ? " AND state = 'open'" : " AND state <> 'open'") + " ORDER BY found_at_us DESC, finding_id LIMIT @most", new { AuditLog.Log, most = (long)most }, ct)).Select(r => r.As)];

    /// <summary>Null when there is none of that id.</summary>
    public static async ValueTask<FoundAnomaly?> FindAsync(Transaction tx, string id, CancellationToken ct) =>
        (await tx.FindAsync<Row>(Columns + " AND finding_id = @id", new { AuditLog.Log, id }, ct))?.As;

    /// <summary>Keeps what a privacy officer says about one.</summary>
    /// <returns>False when it is not open any more.</returns>
    public static async ValueTask<bool> ReviewAsync(Transaction tx, string id, bool isFalseAlarm, string words, string staffId, CancellationToken ct) => await tx.RunAsync(
        "UPDATE audit_finding SET state = @State, words = @words, reviewed_by = @staffId, reviewed_at_us = @NowUs WHERE log = @Log AND finding_id = @id AND state = 'open'",
        new { State = isFalseAlarm ? FalseAlarm : Accepted, words, staffId, tx.NowUs, AuditLog.Log, id }, ct) == 1;

    /// <summary>Takes those that nobody was told of, when the last telling is long enough ago, and marks them told.</summary>
    public static async ValueTask<IReadOnlyList<FoundAnomaly>> TakeUntoldAsync(Transaction tx, TimeSpan every, CancellationToken ct)
    {
        await tx.LockJobAsync("audit-findings", ct);
        var last = await tx.FindAsync<long?>("SELECT max(mailed_at_us) FROM audit_finding WHERE log = @Log", new { AuditLog.Log }, ct);
        if (Micros.ToInstant(last) is { } told && told + every > tx.Now)
        {
            return [];
        }

        var rows = await tx.QueryAsync<Row>(Columns + " AND mailed_at_us IS NULL ORDER BY found_at_us, finding_id", new { AuditLog.Log }, ct);
        if (rows.Count > 0)
        {
            await tx.RunAsync("UPDATE audit_finding SET mailed_at_us = @NowUs WHERE log = @Log AND mailed_at_us IS NULL", new { tx.NowUs, AuditLog.Log }, ct);
        }

        return [.. rows.Select(r => r.As)];
    }

    /// <summary>Keeps what was found; one that is there and open is told more exactly, one that was reviewed stays as it was.</summary>
    internal static async ValueTask KeepAsync(Transaction tx, IReadOnlyList<Anomaly> found, CancellationToken ct)
    {
        foreach (var a in found)
        {
            await tx.RunAsync(
                """
                INSERT INTO audit_finding (finding_id, log, rule, actor, from_us, to_us, amount, usual, entries, found_at_us, state)
                VALUES (@Id, @Log, @Rule, @Actor, @FromUs, @ToUs, @Amount, @Usual, @Entries, @NowUs, 'open')
                ON CONFLICT (finding_id) DO UPDATE SET to_us = excluded.to_us, amount = excluded.amount, usual = excluded.usual, entries = excluded.entries
                WHERE audit_finding.state = 'open' AND audit_finding.amount < excluded.amount
                """,
                new { Id = IdOf(a), AuditLog.Log, a.Rule, a.Actor, a.FromUs, a.ToUs, a.Amount, a.Usual, Entries = string.Join(',', a.Entries.Select(e => e.ToString(CultureInfo.InvariantCulture))), tx.NowUs }, ct);
        }
    }

    private static string IdOf(Anomaly a) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{a.Rule}\n{a.Actor}\n{a.Window}")).AsSpan(0, 8));
}
