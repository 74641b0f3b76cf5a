using Candor.Fairness;

namespace Candor.Governance;

/// <summary>How often audits are drawn, and how many accesses.</summary>
/// <param name="Every"><see cref="Monthly"/> or <see cref="Quarterly"/>.</param>
/// <param name="Sample"><see cref="Fewest"/> to <see cref="Most"/>.</param>
public sealed record AuditPlan(string Every, int Sample)
{
    public const string Monthly = "monthly";
    public const string Quarterly = "quarterly";
    public const int Fewest = 5;
    public const int Most = 200;

    public static readonly AuditPlan Usual = new(Monthly, 20);

    /// <summary>When the next audit after one is drawn.</summary>
    public DateTimeOffset After(DateTimeOffset at) => at.AddMonths(Every == Quarterly ? 3 : 1);
}

/// <summary>What a reviewer says about an access.</summary>
public enum AuditVerdict
{
    InOrder,
    /// <summary>Somebody has to be asked first; it is judged again later.</summary>
    Question,
    Finding,
}

/// <summary>An audit.</summary>
/// <param name="FromIndex">First place of the log that it is about.</param>
/// <param name="ToIndex">Exclusive: the log's size when it was drawn.</param>
/// <param name="Seed">16 hex characters.</param>
/// <param name="Populations">How many accesses there were of each stratum.</param>
/// <param name="DueAt">By when all are to be reviewed.</param>
/// <param name="ClosedAt">When the last was.</param>
public sealed record InternalAudit(
    string Id, long Number, long FromIndex, long ToIndex, string Seed, int Sample, IReadOnlyDictionary<AuditStratum, int> Populations, DateTimeOffset DrawnAt, DateTimeOffset DueAt, DateTimeOffset? ClosedAt)
{
    public bool IsOverdue(DateTimeOffset now) => ClosedAt is null && DueAt <= now;
}

/// <summary>A drawn access and what was found.</summary>
/// <param name="Verdict">Null: nobody has looked yet.</param>
/// <param name="Owner">Staff id of who sees to a finding; null for none.</param>
/// <param name="DueAt">Exclusive, of a finding.</param>
public sealed record AuditItem(
    string AuditId, long Index, AuditStratum Stratum, AuditVerdict? Verdict, string? Note, string? ReviewedBy, DateTimeOffset? ReviewedAt, string? Owner, DateTimeOffset? DueAt,
    string? ClosedBy, DateTimeOffset? ClosedAt, string? ClosedReason)
{
    public bool IsReviewed => Verdict is AuditVerdict.InOrder or AuditVerdict.Finding;

    public bool IsOpenFinding => Verdict == AuditVerdict.Finding && ClosedAt is null;

    public bool IsOverdue(DateTimeOffset now) => IsOpenFinding && DueAt <= now;
}

/// <summary>What was done about a finding.</summary>
/// <param name="By">Staff id.</param>
public sealed record AuditNote(long Index, string By, string Said, DateTimeOffset At);

/// <summary>The figures of a stratum, or of all when <paramref name="Stratum"/> is null.</summary>
/// <param name="Findings">Of those that are reviewed; its Wilson interval tells how far it holds for all of the stratum.</param>
public sealed record AuditFigures(AuditStratum? Stratum, int Population, int Drawn, int InOrder, int Questions, Proportion Findings)
{
    /// <summary>By stratum, then all. The strata are drawn with different chances, so the line of all tells of the sample alone.</summary>
    public static IReadOnlyList<AuditFigures> Of(InternalAudit audit, IReadOnlyList<AuditItem> items) =>
    [
        .. Enum.GetValues<AuditStratum>().Where(s => audit.Populations.GetValueOrDefault(s) > 0).Select(s => Of(s, audit.Populations[s], [.. items.Where(i => i.Stratum == s)])),
        Of(null, audit.Populations.Values.Sum(), items),
    ];

    private static AuditFigures Of(AuditStratum? stratum, int population, IReadOnlyList<AuditItem> items) => new(
        stratum, population, items.Count, items.Count(i => i.Verdict == AuditVerdict.InOrder), items.Count(i => i.Verdict == AuditVerdict.Question),
        new Proportion(items.Count(i => i.Verdict == AuditVerdict.Finding), items.Count(i => i.IsReviewed)));
}
