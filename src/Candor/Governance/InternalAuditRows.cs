using System.Text.Json;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Governance;

/// <summary>The rows of <see cref="InternalAudits"/>.</summary>
public static class InternalAuditRows
{
    /// <summary>Most that a list shows.</summary>
    public const int Most = 100;

    private const string Columns = "SELECT audit_id, number, from_idx, to_idx, seed, sample, populations, drawn_at_us, due_us, closed_at_us FROM internal_audit ";
    private const string ItemColumns = "SELECT audit_id, idx, stratum, verdict, note, reviewed_by, reviewed_at_us, owner, due_us, closed_by, closed_at_us, closed_reason FROM internal_audit_item ";

    private sealed record PlanRow(string Every, long Sample);

    private sealed record Row(string AuditId, long Number, long FromIdx, long ToIdx, string Seed, long Sample, string Populations, long DrawnAtUs, long DueUs, long? ClosedAtUs)
    {
        public InternalAudit As => new(
            AuditId, Number, FromIdx, ToIdx, Seed, (int)Sample, JsonSerializer.Deserialize<Dictionary<AuditStratum, int>>(Populations)!, Micros.ToInstant(DrawnAtUs), Micros.ToInstant(DueUs), Micros.ToInstant(ClosedAtUs));
    }

    private sealed record ItemRow(
        string AuditId, long Idx, string Stratum, string? Verdict, string? Note, string? ReviewedBy, long? ReviewedAtUs, string? Owner, long? DueUs, string? ClosedBy, long? ClosedAtUs, string? ClosedReason)
    {
        public AuditItem As => new(
            AuditId, Idx, Enum.Parse<AuditStratum>(Stratum), Verdict is null ? null : Enum.Parse<AuditVerdict>(Verdict), Note, ReviewedBy, Micros.ToInstant(ReviewedAtUs), Owner, Micros.ToInstant(DueUs),
            ClosedBy, Micros.ToInstant(ClosedAtUs), ClosedReason);
    }

    public static async ValueTask<AuditPlan> PlanAsync(Transaction tx, CancellationToken ct) =>
        await tx.FindAsync<PlanRow>("SELECT every, sample FROM internal_audit_plan WHERE id = 1", null, ct) is { } row ? new AuditPlan(row.Every, (int)row.Sample) : AuditPlan.Usual;

    /// <summary>The newest first.</summary>
    public static async ValueTask<IReadOnlyList<InternalAudit>> NewestAsync(Transaction tx, int most, CancellationToken ct) =>
        [.. (await tx.QueryAsync<Row>(Columns + "ORDER BY number DESC LIMIT @most", new { most = (long)most }, ct)).Select(r => r.As)];

    /// <exception cref="Fault">NotFound <c>governance/no-such-audit</c>.</exception>
    public static async ValueTask<InternalAudit> GetAsync(Transaction tx, string id, CancellationToken ct) =>
        (await tx.FindAsync<Row>(Columns + "WHERE audit_id = @id", new { id }, ct))?.As ?? throw new Fault(FaultKind.NotFound, "governance/no-such-audit", $"There is no internal audit `{Name.Shown(id)}`; the page about audits lists them.");

    /// <summary>In the order of the log.</summary>
    public static async ValueTask<IReadOnlyList<AuditItem>> ItemsAsync(Transaction tx, string id, CancellationToken ct) =>
        [.. (await tx.QueryAsync<ItemRow>(ItemColumns + "WHERE audit_id = @id ORDER BY idx", new { id }, ct)).Select(r => r.As)];

    /// <summary>Findings of all audits that are not closed, the most urgent first.</summary>
    public static async ValueTask<IReadOnlyList<AuditItem>> OpenFindingsAsync(Transaction tx, CancellationToken ct) =>
        [.. (await tx.QueryAsync<ItemRow>(ItemColumns + "WHERE verdict = 'Finding' AND closed_at_us IS NULL ORDER BY due_us, audit_id, idx", null, ct)).Select(r => r.As)];

    public static async ValueTask<IReadOnlyList<AuditNote>> NotesAsync(Transaction tx, string id, CancellationToken ct) =>
        [.. (await tx.QueryAsync<(long Idx, string By, string Said, long AtUs)>("SELECT idx, by_name, said, at_us FROM internal_audit_note WHERE audit_id = @id ORDER BY idx, position", new { id }, ct))
            .Select(n => new AuditNote(n.Idx, n.By, n.Said, Micros.ToInstant(n.AtUs)))];

    internal static async ValueTask KeepPlanAsync(Transaction tx, AuditPlan plan, CancellationToken ct) => await tx.RunAsync(
        "INSERT INTO internal_audit_plan (id, every, sample) VALUES (1, @Every, @Sample) ON CONFLICT (id) DO UPDATE SET every = excluded.every, sample = excluded.sample", new { plan.Every, Sample = (long)plan.Sample }, ct);

    internal static async ValueTask AddAsync(Transaction tx, InternalAudit a, IReadOnlyList<DrawnAccess> drawn, CancellationToken ct)
    {
        await tx.RunAsync(
            """
            INSERT INTO internal_audit (audit_id, number, from_idx, to_idx, seed, sample, populations, drawn_at_us, due_us, closed_at_us)
            VALUES (@Id, @Number, @FromIndex, @ToIndex, @Seed, @Sample, @Populations, @Drawn, @Due, @Closed)
            """,
            new
            {
                a.Id, a.Number, a.FromIndex, a.ToIndex, a.Seed, Sample = (long)a.Sample, Populations = JsonSerializer.Serialize(a.Populations), Drawn = Micros.From(a.DrawnAt), Due = Micros.From(a.DueAt),
                Closed = Micros.From(a.ClosedAt),
            }, ct);
        foreach (var access in drawn)
        {
            await tx.RunAsync("INSERT INTO internal_audit_item (audit_id, idx, stratum) VALUES (@Id, @Index, @Stratum)", new { a.Id, access.Index, Stratum = access.Stratum.ToString() }, ct);
        }
    }

    internal static async ValueTask KeepItemAsync(Transaction tx, AuditItem i, CancellationToken ct) => await tx.RunAsync(
        """
        UPDATE internal_audit_item SET verdict = @Verdict, note = @Note, reviewed_by = @ReviewedBy, reviewed_at_us = @Reviewed, owner = @Owner, due_us = @Due,
            closed_by = @ClosedBy, closed_at_us = @Closed, closed_reason = @ClosedReason
        WHERE audit_id = @AuditId AND idx = @Index
        """,
        new
        {
            i.AuditId, i.Index, Verdict = i.Verdict?.ToString(), i.Note, i.ReviewedBy, Reviewed = Micros.From(i.ReviewedAt), i.Owner, Due = Micros.From(i.DueAt), i.ClosedBy, Closed = Micros.From(i.ClosedAt), i.ClosedReason,
        }, ct);

    internal static async ValueTask CloseAsync(Transaction tx, string id, CancellationToken ct) =>
        await tx.RunAsync("UPDATE internal_audit SET closed_at_us = @NowUs WHERE audit_id = @id AND closed_at_us IS NULL", new { tx.NowUs, id }, ct);

    internal static async ValueTask AddNoteAsync(Transaction tx, AuditItem item, string by, string said, CancellationToken ct) => await tx.RunAsync(
        """
        INSERT INTO internal_audit_note (audit_id, idx, position, by_name, said, at_us)
        SELECT @AuditId, @Index, coalesce(max(position), 0) + 1, @by, @said, @NowUs FROM internal_audit_note WHERE audit_id = @AuditId AND idx = @Index
        """, new { item.AuditId, item.Index, by, said, tx.NowUs }, ct);
}
